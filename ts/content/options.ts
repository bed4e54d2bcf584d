// What a decoder is told beside the bytes.

import type { Profile } from './profile.ts';
import type { ContentError } from './rules.ts';

export interface DecodeOptions {
  /** Which version of the format the room uses. */
  readonly profile: Profile;
  /** The clock, in milliseconds since the epoch; without it no absolute expiry is judged (rule C6). */
  readonly now?: number | undefined;
  /** Whether a suspicious expiry is refused, or told to `onWarning`. Default `error`. */
  readonly expiry?: 'error' | 'warn' | undefined;
  readonly onWarning?: ((warning: ContentError) => void) | undefined;
  /** The largest message, in bytes. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** The URIs of the authenticated context; a message that names others is refused (rule C10). */
  readonly sender?: string | undefined;
  readonly room?: string | undefined;
}
