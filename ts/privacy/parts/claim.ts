// Claims of key packages that the hub of a room passes on and cannot read: docs/modes, "Key packages". The
// claim is sealed to the target's provider, the answer to a key of the claim; beside a key package stands the key of
// its identity link, sealed for those who are connected with its user.
//   struct { opaque token[32]; opaque response_key<V>; uint64 expiry; SetKind kind; uint16 cipher_suite; } Claim;
//   struct { opaque key_package<V>; opaque sealed_key<V>; } ClaimedKeyPackage;
//   struct { ClaimedKeyPackage key_packages<V>; } ClaimAnswer;

import { type CipherSuite, generateHpkeKeyPair, keyPackageRef, MlsError } from '../../mls/index.ts';
import {
  decodeHpkeCiphertext,
  decoder,
  encodeHpkeCiphertext,
  encoder,
  type Reader,
  type SetKind,
  setKinds,
  type Writer,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { openWith, sealTo } from './hpke.ts';
import { pad, unpad } from './padding.ts';
import { linkKeySeal } from './pseudonym.ts';
import { checkSecret, openSecret, sealUnder } from './seal.ts';
import {
  decoding,
  KEY_BYTES,
  labelled,
  labelledHash,
  readSuite,
  readTime,
  STRUCT_LIMITS,
} from './structs.ts';

const CLAIM = 'key package claim';
const ANSWER = 'key package claim answer';
const LINK_KEY = 'claimed link key';

export interface Claim {
  /** `claimToken` of the connection, 32 bytes. */
  readonly token: Uint8Array;
  /** An HPKE public key of the room's suite, made for this claim. */
  readonly responseKey: Uint8Array;
  /** In milliseconds since the epoch; afterwards the claim is void. */
  readonly expiry: number;
  readonly kind: SetKind;
  /** The suite of the room, which the key packages must be of. */
  readonly suite: CipherSuite;
}

const encodeClaim = encoder((writer: Writer, value: Claim) => {
  writer.fixed(value.token, KEY_BYTES, 'token');
  writer.opaque(value.responseKey, 'responseKey');
  writer.u64(BigInt(value.expiry), 'expiry');
  writer.enum8(setKinds, value.kind, 'kind');
  writer.u16(value.suite, 'suite');
});

const decodeClaim = decoder(
  (reader: Reader): Claim => ({
    token: reader.fixed(KEY_BYTES, 'token'),
    responseKey: reader.opaque('responseKey'),
    expiry: readTime(reader, 'expiry'),
    kind: reader.enum8(setKinds, 'kind'),
    suite: readSuite(reader),
  }),
);

/** A provider, and the HPKE key to which what only it shall read is sealed. */
export interface ClaimTarget {
  /** The suite of the provider's key, whatever that of the room. */
  readonly suite: CipherSuite;
  readonly domain: string;
  readonly publicKey: Uint8Array;
}

const targetContext = (domain: string): Uint8Array =>
  labelled(CLAIM, (writer) => writer.text(domain, 'domain'));

/** Names a claim in its answer; of its sealed bytes, 32 bytes. */
const digestOf = (sealed: Uint8Array): Uint8Array =>
  labelledHash(CLAIM, (writer) => writer.opaque(sealed, 'sealed'));

/** What the one who claims keeps until the answer comes; the private key is secret. */
export interface PendingClaim {
  readonly suite: CipherSuite;
  readonly privateKey: Uint8Array;
  /** Of the claim. */
  readonly digest: Uint8Array;
}

/** Throws PrivacyError `badKey`, WireError `unencodable`. */
export function sealClaim(
  target: ClaimTarget,
  claim: Omit<Claim, 'responseKey'>,
): { readonly sealed: Uint8Array; readonly pending: PendingClaim } {
  const { publicKey, privateKey } = generateHpkeKeyPair(claim.suite);
  const plaintext = pad(encodeClaim({ ...claim, responseKey: publicKey }));
  const context = targetContext(target.domain);
  const sealed = encodeHpkeCiphertext(
    sealTo(target.suite, target.publicKey, CLAIM, context, plaintext),
  );
  return { sealed, pending: { suite: claim.suite, privateKey, digest: digestOf(sealed) } };
}

/** A provider that opens claims made for it. */
export interface ClaimReader {
  readonly suite: CipherSuite;
  readonly domain: string;
  readonly privateKey: Uint8Array;
  /** The time, in milliseconds since the epoch. */
  readonly now: number;
}

/** A claim as its provider sees it, with what its answer is bound to. */
export interface OpenedClaim extends Claim {
  readonly digest: Uint8Array;
}

/** Throws PrivacyError `malformed`, `undecryptable`, `badPadding`, `expired`. Tokens and quota are the caller's. */
export function openClaim(by: ClaimReader, sealed: Uint8Array): OpenedClaim {
  const ciphertext = decoding('SealedClaim', () => decodeHpkeCiphertext(sealed, STRUCT_LIMITS));
  const padded = openWith(by.suite, by.privateKey, CLAIM, targetContext(by.domain), ciphertext);
  const claim = decoding('Claim', () => decodeClaim(unpad(padded)));
  if (claim.expiry < by.now) throw refused('expired', 'expiry');
  return { ...claim, digest: digestOf(sealed) };
}

export interface ClaimedKeyPackage {
  /** A KeyPackage, without the header of an MLSMessage. */
  readonly keyPackage: Uint8Array;
  /** As `sealClaimedLinkKey` made it; empty where there is no identity link. */
  readonly sealedKey: Uint8Array;
}

const encodeAnswer = encoder((writer: Writer, keyPackages: readonly ClaimedKeyPackage[]) => {
  writer.list(keyPackages, 'keyPackages', (to, { keyPackage, sealedKey }) => {
    to.opaque(keyPackage, 'keyPackage');
    to.opaque(sealedKey, 'sealedKey');
  });
});

const decodeAnswer = decoder((reader: Reader): ClaimedKeyPackage[] =>
  reader.list('keyPackages', (item) => ({
    keyPackage: item.opaque('keyPackage'),
    sealedKey: item.opaque('sealedKey'),
  })),
);

const answerContext = (digest: Uint8Array): Uint8Array =>
  labelled(ANSWER, (writer) => writer.fixed(digest, KEY_BYTES, 'digest'));

/** Seals the answer to the key of the claim; an empty list says that nothing was to be had. Throws `badKey`. */
export function sealClaimAnswer(
  claim: OpenedClaim,
  keyPackages: readonly ClaimedKeyPackage[],
): Uint8Array {
  const plaintext = pad(encodeAnswer(keyPackages));
  const context = answerContext(claim.digest);
  return encodeHpkeCiphertext(sealTo(claim.suite, claim.responseKey, ANSWER, context, plaintext));
}

/** Throws PrivacyError `malformed`, `undecryptable` (also an answer to another claim), `badPadding`. */
export function openClaimAnswer(pending: PendingClaim, sealed: Uint8Array): ClaimedKeyPackage[] {
  const ciphertext = decoding('ClaimAnswer', () => decodeHpkeCiphertext(sealed, STRUCT_LIMITS));
  const context = answerContext(pending.digest);
  const padded = openWith(pending.suite, pending.privateKey, ANSWER, context, ciphertext);
  return decoding('ClaimAnswer', () => decodeAnswer(unpad(padded), STRUCT_LIMITS));
}

function refContext(keyPackage: Uint8Array): Uint8Array {
  try {
    const ref = keyPackageRef(keyPackage);
    return labelled(LINK_KEY, (writer) => writer.opaque(ref, 'ref'));
  } catch (error) {
    if (error instanceof MlsError && error.kind === 'payload') {
      throw refused('malformed', 'keyPackage', error);
    }
    throw error;
  }
}

/** Seals k for whoever is connected with the user of the key package. Throws `invalidArgument`, `malformed`. */
export function sealClaimedLinkKey(
  connectionKey: Uint8Array,
  keyPackage: Uint8Array,
  linkKey: Uint8Array,
): Uint8Array {
  checkSecret(linkKey, 'linkKey');
  const key = linkKeySeal(connectionKey);
  return sealUnder(key, LINK_KEY, refContext(keyPackage), linkKey);
}

/** The k of a claimed key package. Throws PrivacyError `malformed`, `undecryptable`. */
export function openClaimedLinkKey(
  connectionKey: Uint8Array,
  claimed: ClaimedKeyPackage,
): Uint8Array {
  const context = refContext(claimed.keyPackage);
  return openSecret(linkKeySeal(connectionKey), LINK_KEY, context, claimed.sealedKey);
}
