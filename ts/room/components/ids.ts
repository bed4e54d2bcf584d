// Numbers of the room's application components: draft-ietf-mimi-protocol-06 and draft-ietf-mimi-room-policy-03,
// "IANA Considerations"; from 0xF000 on the private-use range, where ours are.

/** `safe_aad` of draft-ietf-mls-extensions. */
export const SAFE_AAD = 0x0002;
/** `frank_aad` of draft-ietf-mimi-protocol-06: not a component of the room, but of a message's authenticated data. */
export const FRANK_AAD = 0x0020;
/** `franking_agent` of draft-ietf-mimi-protocol-06. */
export const FRANKING_AGENT = 0x0021;
/** `participant_list` of draft-ietf-mimi-protocol-06. */
export const PARTICIPANT_LIST = 0x0022;
/** `roles_list` of draft-ietf-mimi-room-policy-03. */
export const ROLES_LIST = 0x0025;
/** `join_links`: the number of draft-ietf-mimi-room-policy-03, the content is ours (join_links.ts says why). */
export const JOIN_LINKS = 0x002a;
/** The mode of the room. */
export const MODE = 0xf0e0;
/** The number of the last mandate of the hub. */
export const MANDATES = 0xf0e2;
/** That the room goes on in another group. */
export const CLOSING = 0xf0e3;
/** The keys under which handshakes are sealed to the hub. */
export const HUB_KEYS = 0xf0e4;
/** Who is banned, sealed for members. 0xF0E6 is the component of the safe exporter (ts/privacy). */
export const SEALED_BANS = 0xf0e7;
/** To whom link keys are in escrow. */
export const ESCROW = 0xf0e8;
/** Reserved for the wrapper of identity links; no room has it yet. */
export const WRAPPER = 0xf0e5;
/** Which form the room's franks have. */
export const FRANKING_FORM = 0xf0e9;
