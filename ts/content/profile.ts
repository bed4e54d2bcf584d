// The versions of draft-ietf-mimi-content that a room may use.

/** Which version of the format a room uses; never guessed from bytes. */
export type Profile = 'draft04' | 'draft08';
