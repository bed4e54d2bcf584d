// escrow: the two parties to whom the keys of identity links are sealed, each a half, in rooms that want it. Set when the
// room is made, for good: members check each leaf's escrow against it. Ours. docs/modes/deployments.md, "Escrow".
// struct { opaque name<V>; opaque hpke_public_key<V>; } EscrowParty;  EscrowParty EscrowData<V>;      two of them

import { decoder, encoder } from '../../wire/index.ts';
import { RoomError } from '../errors.ts';
import type { Component } from './component.ts';
import { ESCROW } from './ids.ts';

const PARTIES = 2;

export interface EscrowParty {
  readonly name: string;
  /** HPKE, of cipher suite 1. */
  readonly publicKey: Uint8Array;
}

export const encodeEscrow = encoder((writer, parties: readonly EscrowParty[]) =>
  writer.list(parties, 'parties', (inner, { name, publicKey }) => {
    inner.text(name, 'name');
    inner.opaque(publicKey, 'hpke_public_key');
  }),
);
export const decodeEscrow = decoder<readonly EscrowParty[]>((reader) => {
  const parties = reader.list('parties', (inner) => ({
    name: inner.text('name'),
    publicKey: inner.opaque('hpke_public_key'),
  }));
  const keys = new Set(parties.map(({ publicKey }) => publicKey.join()));
  if (parties.length !== PARTIES || keys.size !== PARTIES) {
    throw reader.error('wrongContent', 'An escrow has two different parties.', 'parties', 0);
  }
  return parties;
});

export const escrow: Component<readonly EscrowParty[], readonly EscrowParty[]> = {
  id: ESCROW,
  name: 'escrow',
  encode: encodeEscrow,
  decode: decodeEscrow,
  decodeUpdate: decodeEscrow,
  apply: () => {
    throw new RoomError('escrowPinned');
  },
};
