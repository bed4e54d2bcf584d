// What a member holds of an epoch beside the group itself: keys from the epoch's root, the wrapper key, the keys of
// identity links. All of it is secret; it is stored with the device's own rows.
//   struct { opaque client<V>; opaque key[32]; } LinkKey;
//   struct { optional<opaque<V>> keys; optional<opaque<V>> wrapper; LinkKey link_keys<V>; uint8 rotate; } EpochState;

import type { ClientUri, Reader, Writer } from '../../wire/index.ts';
import {
  decodeEpochKeys,
  type EpochKeys,
  encodeEpochKeys,
  eraseEpochKeys,
} from '../parts/epoch_root.ts';
import { KEY_BYTES } from '../parts/structs.ts';

export interface EpochState {
  /** From the epoch's root; absent in modes that need none. */
  readonly keys: EpochKeys | undefined;
  /** W, 32 bytes, where identities are hidden and this member has learnt it. */
  readonly wrapper: Uint8Array | undefined;
  /** k by client pseudonym. */
  readonly linkKeys: ReadonlyMap<ClientUri, Uint8Array>;
  /** Whether somebody who knows W has left and W is still the same: the next commit changes it. */
  readonly mustRotate: boolean;
}

/** Before anything is known. */
export const EMPTY_EPOCH: EpochState = {
  keys: undefined,
  wrapper: undefined,
  linkKeys: new Map(),
  mustRotate: false,
};

/** Overwrites what only this epoch had. */
export function eraseEpoch({ keys }: EpochState): void {
  if (keys !== undefined) eraseEpochKeys(keys);
}

export function writeEpochState(writer: Writer, state: EpochState): void {
  writer.optional(state.keys, (to, keys) => to.opaque(encodeEpochKeys(keys), 'keys'));
  writer.optional(state.wrapper, (to, wrapper) => to.opaque(wrapper, 'wrapper'));
  writer.list([...state.linkKeys], 'linkKeys', (to, [client, key]) => {
    to.text(client, 'client');
    to.fixed(key, KEY_BYTES, 'key');
  });
  writer.presence(state.mustRotate);
}

export function readEpochState(reader: Reader): EpochState {
  const keys = reader.optional('keys', (item) => decodeEpochKeys(item.opaque('keys')));
  const wrapper = reader.optional('wrapper', (item) => item.opaque('wrapper').slice());
  const linkKeys = reader.list('linkKeys', (item): [ClientUri, Uint8Array] => [
    item.text('client') as ClientUri,
    item.fixed(KEY_BYTES, 'key').slice(),
  ]);
  return {
    keys,
    wrapper,
    linkKeys: new Map(linkKeys),
    mustRotate: reader.presence('mustRotate'),
  };
}
