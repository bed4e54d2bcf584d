// hub_keys: the keys under which handshakes are sealed to the hub in rooms that hide them from followers. Ours, in the
// place of the component of draft-mahy-mls-semiprivatemessage-07. An update has the form of the value, and replaces it.
// struct { opaque id<V>; opaque hpke_public_key<V>; } HubKey; HubKey HubKeysData<V>;

import { decoder, encoder } from '../../wire/index.ts';
import type { Component } from './component.ts';
import { HUB_KEYS } from './ids.ts';

export interface HubKey {
  readonly id: Uint8Array;
  /** Of the HPKE of the room's cipher suite. */
  readonly publicKey: Uint8Array;
}

export const encodeHubKeys = encoder((writer, keys: readonly HubKey[]) =>
  writer.list(keys, 'keys', (inner, { id, publicKey }) => {
    inner.opaque(id, 'id');
    inner.opaque(publicKey, 'hpke_public_key');
  }),
);
export const decodeHubKeys = decoder<readonly HubKey[]>((reader) =>
  reader.list('keys', (inner) => ({
    id: inner.opaque('id'),
    publicKey: inner.opaque('hpke_public_key'),
  })),
);

export const hubKeys: Component<readonly HubKey[], readonly HubKey[]> = {
  id: HUB_KEYS,
  name: 'hub_keys',
  encode: encodeHubKeys,
  decode: decodeHubKeys,
  decodeUpdate: decodeHubKeys,
  apply: (current = [], updates) => updates.at(-1) ?? current,
};
