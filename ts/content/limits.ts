// The numbers of the content format: draft-ietf-mimi-content-08, "Security Considerations" and "Depth restrictions".

/** A whole message, in bytes; local policy, which a receiver may set otherwise. */
export const DEFAULT_MAX_BYTES = 1 << 20;
/** Levels of NestedPart, the root being level 1; and of tags, maps and arrays, the extensions map being level 1. */
export const MAX_DEPTH = 4;
/** Every NestedPart counts. */
export const MAX_PARTS = 1024;
export const MAX_TOPIC_BYTES = 4096;
/** draft-ietf-mimi-content-04. */
export const MAX_LAST_SEEN = 65_535;
export const MAX_EXTENSION_BYTES_04 = 4095;
export const MAX_KEY_BYTES = 255;
export const ID_BYTES = 32;
export const SALT_BYTES = 16;
/** "More than a year": 366 days, so that a leap year is one. In seconds. */
export const MAX_EXPIRY_SECONDS = 366 * 86_400;
export const MAX_U8 = 0xff;
export const MAX_U16 = 0xffff;
export const MAX_U32 = 0xffff_ffff;
