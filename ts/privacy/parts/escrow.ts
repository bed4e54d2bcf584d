// Escrow of identity links: k is split in two halves, each sealed to one party of the room by an ephemeral key that follows
// from k. Who has k, as every member does, makes the same bytes again and compares; who has not learns nothing by one half.
// spec/privacy-modes.md, "Deployments"; docs/modes/deployments.md, "Escrow".
//   struct { opaque group_id<V>; opaque client<V>; opaque link_key_hash[32]; opaque party_key<V>; } EscrowContext;
//   struct { HPKECiphertext halves<V>; } EscrowedKey;                         in the order of the room's parties

import { type CipherSuite, type HpkeCiphertext, hash } from '../../mls/index.ts';
import type { EscrowParty } from '../../room/index.ts';
import {
  decoder,
  type EscrowCase,
  type EscrowShare,
  encodeEscrowCase,
  encoder,
  groupIdOf,
  type Reader,
  type Writer,
} from '../../wire/index.ts';
import { PrivacyError, refused } from '../errors.ts';
import { decodePseudonymCredential } from './credential_struct.ts';
import { openWith, sealDerived } from './hpke.ts';
import { linkKeyHash, openLink } from './identity_link.ts';
import { readPseudonymCredential } from './pseudonym_credential.ts';
import type { RealIdentity } from './real_identity.ts';
import { child } from './seal.ts';
import { decoding, KEY_BYTES, readHpke, sameBytes, writeHpke } from './structs.ts';

/** Parties' keys are of this suite, whatever the suite of the room. */
const PARTY_SUITE: CipherSuite = 1;
const LABEL = 'escrow half';
const HALF = 'escrow half';
const EPHEMERAL = 'escrow ephemeral key';

/** Whose key it is. */
export interface EscrowPlace {
  readonly groupId: Uint8Array;
  /** The client pseudonym. */
  readonly client: string;
}

interface Context extends EscrowPlace {
  readonly linkKeyHash: Uint8Array;
  readonly partyKey: Uint8Array;
}

const encodeContext = encoder((writer: Writer, value: Context) => {
  writer.opaque(value.groupId, 'group_id');
  writer.text(value.client, 'client');
  writer.fixed(value.linkKeyHash, KEY_BYTES, 'link_key_hash');
  writer.opaque(value.partyKey, 'party_key');
});

const encodeEscrowed = encoder((writer: Writer, halves: readonly HpkeCiphertext[]) =>
  writer.list(halves, 'halves', writeHpke),
);
const decodeEscrowed = decoder((reader: Reader) => reader.list('halves', readHpke));

const xor = (one: Uint8Array, other: Uint8Array): Uint8Array =>
  one.map((octet, at) => octet ^ (other[at] as number));

/**
 * The escrow of a link key: always the same bytes for the same key, place and parties.
 * Throws PrivacyError `badKey` for a party's key that is none.
 */
export function escrowLinkKey(
  parties: readonly EscrowParty[],
  place: EscrowPlace,
  linkKey: Uint8Array,
): Uint8Array {
  const hashOfKey = linkKeyHash(linkKey);
  const first = child(
    linkKey,
    HALF,
    encodeContext({ ...place, linkKeyHash: hashOfKey, partyKey: NONE }),
  );
  const halves = [first, xor(linkKey, first)];
  return encodeEscrowed(
    parties.map(({ publicKey }, at) => {
      const context = encodeContext({ ...place, linkKeyHash: hashOfKey, partyKey: publicKey });
      const ephemeral = child(linkKey, EPHEMERAL, context);
      return sealDerived(
        PARTY_SUITE,
        ephemeral,
        publicKey,
        LABEL,
        context,
        halves[at] as Uint8Array,
      );
    }),
  );
}

const NONE = new Uint8Array();

/** A party with its private key. */
export interface EscrowKeys extends EscrowParty {
  readonly privateKey: Uint8Array;
}

/** What a party gives of one leaf: of no other one it follows. Nothing in it says whom. */
export function openEscrowShare(escrowCase: EscrowCase, party: EscrowKeys): EscrowShare {
  const { linkKeyHash: hashOfKey } = decodePseudonymCredential(escrowCase.credential);
  const { client, room } = escrowCase;
  const context = encodeContext({
    groupId: groupIdOf(room),
    client,
    linkKeyHash: hashOfKey,
    partyKey: party.publicKey,
  });
  const halves = escrowCase.versions.map((version) => openHalf(party, context, version));
  return { party: party.name, caseHash: caseHash(escrowCase), halves };
}

const caseHash = (escrowCase: EscrowCase): Uint8Array => hash(1, encodeEscrowCase(escrowCase));

function openHalf(
  { privateKey }: EscrowKeys,
  context: Uint8Array,
  version: Uint8Array,
): Uint8Array {
  for (const sealed of attempt(() => decoding('EscrowedKey', () => decodeEscrowed(version))) ??
    []) {
    const half = attempt(() => openWith(PARTY_SUITE, privateKey, LABEL, context, sealed));
    if (half?.length === KEY_BYTES) return half;
  }
  return NONE;
}

function attempt<Value>(open: () => Value): Value | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof PrivacyError && error.kind !== 'bug') return undefined;
    throw error;
  }
}

/**
 * Who is behind the one leaf of a case, by the shares of both parties. Throws PrivacyError `wrongContext` (rule: `case` for
 * a share of another case, `parties` for two of one party, `pseudonym` where the case names another user than its leaf),
 * `wrongLinkKey` where they make no key of this leaf, and as `openLink`.
 */
export function joinEscrowShares(
  escrowCase: EscrowCase,
  shares: readonly EscrowShare[],
): RealIdentity {
  const [one, other, ...more] = shares;
  if (one === undefined || other === undefined || more.length > 0 || one.party === other.party) {
    throw refused('wrongContext', 'parties');
  }
  const of = caseHash(escrowCase);
  if (shares.some((share) => !sameBytes(share.caseHash, of))) throw refused('wrongContext', 'case');
  const { credential, signatureKey } = escrowCase;
  const suite = escrowCase.suite as CipherSuite;
  const named = readPseudonymCredential(credential, signatureKey, suite);
  if (named.user !== escrowCase.pseudonym || named.client !== escrowCase.client) {
    throw refused('wrongContext', 'pseudonym');
  }
  for (const [at, half] of one.halves.entries()) {
    const second = other.halves[at];
    if (half.length !== KEY_BYTES || second?.length !== KEY_BYTES) continue;
    const linkKey = xor(half, second);
    if (!sameBytes(linkKeyHash(linkKey), named.linkKeyHash)) continue;
    return openLink({ suite, credential, leafSignatureKey: signatureKey, linkKey });
  }
  throw refused('wrongLinkKey', 'shares');
}
