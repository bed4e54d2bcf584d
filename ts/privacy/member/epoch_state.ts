// What a member holds of an epoch beside the group itself: keys from the epoch's root, the wrapper key, the keys of
// identity links, the secrets of join links. All of it is secret; it is stored with the device's own rows.
//   struct { opaque client<V>; opaque key[32]; } LinkKey;  struct { opaque id<V>; opaque secret[32]; } LinkSecret;
//   struct { optional<opaque<V>> keys; optional<opaque[32]> former_write_key; optional<opaque<V>> wrapper; LinkKey link_keys<V>; LinkSecret secrets<V>;
//     uint8 rotate; } EpochState;

import type { ClientUri, Reader, Writer } from '../../wire/index.ts';
import {
  decodeEpochKeys,
  type EpochKeys,
  encodeEpochKeys,
  eraseEpochKeys,
} from '../parts/epoch_root.ts';
import { fromHex, hex, KEY_BYTES } from '../parts/structs.ts';

export interface EpochState {
  /** From the epoch's root; absent in modes that need none. */
  readonly keys: EpochKeys | undefined;
  /** The write key of the epoch before, under which a member may bring the present one to the hub. */
  readonly formerWriteKey: Uint8Array | undefined;
  /** W, 32 bytes, where identities are hidden and this member has learnt it. */
  readonly wrapper: Uint8Array | undefined;
  /** k by client pseudonym. */
  readonly linkKeys: ReadonlyMap<ClientUri, Uint8Array>;
  /** s by the link's id, in hexadecimal. */
  readonly joinSecrets: ReadonlyMap<string, Uint8Array>;
  /** Whether somebody who knows W has left and W is still the same: the next commit changes it. */
  readonly mustRotate: boolean;
}

/** Before anything is known. */
export const EMPTY_EPOCH: EpochState = {
  keys: undefined,
  formerWriteKey: undefined,
  wrapper: undefined,
  linkKeys: new Map(),
  joinSecrets: new Map(),
  mustRotate: false,
};

/** Overwrites what only this epoch had. */
export function eraseEpoch({ keys }: EpochState): void {
  if (keys !== undefined) eraseEpochKeys(keys);
}

export function writeEpochState(writer: Writer, state: EpochState): void {
  writer.optional(state.keys, (to, keys) => to.opaque(encodeEpochKeys(keys), 'keys'));
  writer.optional(state.formerWriteKey, (to, key) => to.fixed(key, KEY_BYTES, 'formerWriteKey'));
  writer.optional(state.wrapper, (to, wrapper) => to.opaque(wrapper, 'wrapper'));
  writer.list([...state.linkKeys], 'linkKeys', (to, [client, key]) => {
    to.text(client, 'client');
    to.fixed(key, KEY_BYTES, 'key');
  });
  writer.list([...state.joinSecrets], 'secrets', (to, [id, secret]) => {
    to.opaque(fromHex(id), 'id');
    to.fixed(secret, KEY_BYTES, 'secret');
  });
  writer.presence(state.mustRotate);
}

export function readEpochState(reader: Reader): EpochState {
  const keys = reader.optional('keys', (item) => decodeEpochKeys(item.opaque('keys')));
  const formerWriteKey = reader.optional('formerWriteKey', (item) =>
    item.fixed(KEY_BYTES, 'formerWriteKey').slice(),
  );
  const wrapper = reader.optional('wrapper', (item) => item.opaque('wrapper').slice());
  const linkKeys = reader.list('linkKeys', (item): [ClientUri, Uint8Array] => [
    item.text('client') as ClientUri,
    item.fixed(KEY_BYTES, 'key').slice(),
  ]);
  const secrets = reader.list('secrets', (item): [string, Uint8Array] => [
    hex(item.opaque('id')),
    item.fixed(KEY_BYTES, 'secret').slice(),
  ]);
  return {
    keys,
    formerWriteKey,
    wrapper,
    linkKeys: new Map(linkKeys),
    joinSecrets: new Map(secrets),
    mustRotate: reader.presence('mustRotate'),
  };
}
