// sealed_bans: who is banned in a room that hides identities, for members to read: what is sealed is the real user behind
// the pseudonym of the participant list, so that the same person does not come in under another. Ours; servers see only that
// there is an entry. docs/modes/deployments.md, "Sealed ban entries".
// struct { opaque user<V>; opaque generation[32]; opaque sealed<V>; } SealedBan;  SealedBan SealedBansData<V>;
// struct { opaque removed_users<V><V>; SealedBan added<V>; } SealedBansUpdate;

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import type { Component } from './component.ts';
import { SEALED_BANS } from './ids.ts';
import { type ListUpdate, listUpdate } from './list_update.ts';

const GENERATION_BYTES = 32;
/** Every entry is padded to one length well below this. */
const MAX_SEALED_BYTES = 1024;

export interface SealedBan {
  /** As the participant list names the banned user. */
  readonly user: string;
  /** The id of the wrapper generation by whose key it is sealed. */
  readonly generation: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Taken out by user. */
export type SealedBansUpdate = ListUpdate<SealedBan, string>;

function readBan(reader: Reader): SealedBan {
  const user = reader.text('user');
  const generation = reader.fixed(GENERATION_BYTES, 'generation');
  const at = reader.offset;
  const sealed = reader.opaque('sealed');
  if (sealed.length > MAX_SEALED_BYTES) {
    throw reader.error(
      'wrongContent',
      `An entry has ${MAX_SEALED_BYTES} bytes at most.`,
      'sealed',
      at,
    );
  }
  return { user, generation, sealed };
}

function writeBan(writer: Writer, { user, generation, sealed }: SealedBan): void {
  writer.text(user, 'user');
  writer.fixed(generation, GENERATION_BYTES, 'generation');
  writer.opaque(sealed, 'sealed');
}

export const encodeSealedBans = encoder((writer, bans: readonly SealedBan[]) =>
  writer.list(bans, 'bans', writeBan),
);
export const decodeSealedBans = decoder<readonly SealedBan[]>((reader) =>
  reader.list('bans', readBan),
);
export const encodeSealedBansUpdate = encoder((writer, value: SealedBansUpdate) => {
  writer.list(value.removed, 'removed_users', (inner, user) => inner.text(user, 'user'));
  writer.list(value.added, 'added', writeBan);
});
export const decodeSealedBansUpdate = decoder<SealedBansUpdate>((reader) => ({
  removed: reader.list('removed_users', (item) => item.text('user')),
  added: reader.list('added', readBan),
}));

const applyUpdate = listUpdate<SealedBan, string>({
  keyOf: ({ user }) => user,
  same: (one, other) => one === other,
  twice: 'banTwice',
  unknown: 'unknownBan',
});

export const sealedBans: Component<readonly SealedBan[], SealedBansUpdate> = {
  id: SEALED_BANS,
  name: 'sealed_bans',
  encode: encodeSealedBans,
  decode: decodeSealedBans,
  decodeUpdate: decodeSealedBansUpdate,
  apply: (current = [], updates) => updates.reduce(applyUpdate, current),
};
