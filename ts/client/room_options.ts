// What operations on a room are told, and what they answer.

import type { ClientUri } from '../wire/index.ts';

export interface InviteOptions {
  /** What a user who does not take part yet becomes. Default: a member. */
  readonly role?: number | undefined;
}

export interface JoinLinkOptions {
  /** What who joins becomes. Default: a member. */
  readonly role?: number | undefined;
  /** Milliseconds since the epoch. Default: never. */
  readonly expiry?: number | undefined;
}

/** What an invitation did. */
export interface Invited {
  /** Clients that were added; none when all were in the room already. */
  readonly added: readonly ClientUri[];
  /** Clients of the user that had no key package. */
  readonly missing: readonly string[];
}
