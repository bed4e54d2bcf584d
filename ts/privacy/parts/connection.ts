// How two users connect: docs/modes, "Connections". The request is sealed to the contact card's key, the
// response to a key of the request; each is signed by a real device over whom and which key it is meant for, so that
// nobody can pass it on as meant for somebody else.
//   struct { opaque target<V>; opaque target_key<V>; opaque response_key<V>; uint64 time;
//     opaque connection_key[32]; Credential credential; opaque signature_key<V>; opaque signature<V>; } Request;
//   struct { opaque request_digest[32]; opaque target<V>; opaque target_key<V>; uint64 time;
//     optional<opaque<V>> connection_key; Credential credential; opaque signature_key<V>; opaque signature<V>; } Response;

import {
  type CipherSuite,
  type Credential,
  generateHpkeKeyPair,
  type KeyPair,
} from '../../mls/index.ts';
import {
  asUserUri,
  decodeHpkeCiphertext,
  decoder,
  encodeHpkeCiphertext,
  encoder,
  type Reader,
  type UserUri,
  type Writer,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';
import type { ContactCard } from './contact_card.ts';
import { checkSignature, fullLabel, openWith, sealTo } from './hpke.ts';
import type { RealSigner } from './identity_link.ts';
import { pad, unpad } from './padding.ts';
import { type RealIdentity, realIdentity } from './real_identity.ts';
import { checkSecret } from './seal.ts';
import {
  decoding,
  KEY_BYTES,
  labelled,
  labelledHash,
  readCredential,
  readSuite,
  readTime,
  readUri,
  STRUCT_LIMITS,
  sameBytes,
  writeCredential,
} from './structs.ts';

const REQUEST = 'connection request';
const RESPONSE = 'connection response';

/** How far another's clock may be ahead, in milliseconds. */
const MAX_AHEAD = 5 * 60_000;

/** The time and how old a message may be, in milliseconds. */
export interface Freshness {
  readonly now: number;
  readonly maxAge: number;
}

interface SignedFields {
  readonly target: UserUri;
  readonly targetKey: Uint8Array;
  readonly time: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}

interface Request extends SignedFields {
  readonly responseKey: Uint8Array;
  readonly connectionKey: Uint8Array;
}

interface Response extends SignedFields {
  readonly digest: Uint8Array;
  /** Absent: declined. */
  readonly connectionKey: Uint8Array | undefined;
}

function writeRequest(writer: Writer, value: Request): void {
  writer.text(value.target, 'target');
  writer.opaque(value.targetKey, 'targetKey');
  writer.opaque(value.responseKey, 'responseKey');
  writer.u64(BigInt(value.time), 'time');
  writer.fixed(value.connectionKey, KEY_BYTES, 'connectionKey');
  writeCredential(writer, value.credential);
  writer.opaque(value.signatureKey, 'signatureKey');
}

function writeResponse(writer: Writer, value: Response): void {
  writer.fixed(value.digest, KEY_BYTES, 'digest');
  writer.text(value.target, 'target');
  writer.opaque(value.targetKey, 'targetKey');
  writer.u64(BigInt(value.time), 'time');
  writer.optional(value.connectionKey, (to, key) => to.fixed(key, KEY_BYTES, 'connectionKey'));
  writeCredential(writer, value.credential);
  writer.opaque(value.signatureKey, 'signatureKey');
}

const decodeRequest = decoder((reader: Reader): Request & { signature: Uint8Array } => ({
  target: readUri(reader, 'target', asUserUri),
  targetKey: reader.opaque('targetKey'),
  responseKey: reader.opaque('responseKey'),
  time: readTime(reader, 'time'),
  connectionKey: reader.fixed(KEY_BYTES, 'connectionKey'),
  credential: reader.struct('credential', readCredential),
  signatureKey: reader.opaque('signatureKey'),
  signature: reader.opaque('signature'),
}));

const decodeResponse = decoder((reader: Reader): Response & { signature: Uint8Array } => ({
  digest: reader.fixed(KEY_BYTES, 'digest'),
  target: readUri(reader, 'target', asUserUri),
  targetKey: reader.opaque('targetKey'),
  time: readTime(reader, 'time'),
  connectionKey: reader.optional('connectionKey', (item) => item.fixed(KEY_BYTES, 'key')),
  credential: reader.struct('credential', readCredential),
  signatureKey: reader.opaque('signatureKey'),
  signature: reader.opaque('signature'),
}));

/** A struct of its own under its own label; the signature stands behind what it is over. */
function signed<Value>(
  label: string,
  value: Value,
  write: (writer: Writer, value: Value) => void,
  signer: RealSigner,
): Uint8Array {
  const content = labelled(label, (writer) => write(writer, value));
  const signature = signer.sign(fullLabel(label), content);
  return encoder((writer: Writer, fields: Value) => {
    write(writer, fields);
    writer.opaque(signature, 'signature');
  })(value);
}

const requestContext = (target: UserUri, key: Uint8Array): Uint8Array =>
  labelled(REQUEST, (writer) => {
    writer.text(target, 'target');
    writer.opaque(key, 'key');
  });

const responseContext = (digest: Uint8Array): Uint8Array =>
  labelled(RESPONSE, (writer) => writer.fixed(digest, KEY_BYTES, 'digest'));

/** Names a request: for its response, and for whoever must tell a repetition. */
const digestOf = (sealed: Uint8Array): Uint8Array =>
  labelledHash(REQUEST, (writer) => writer.opaque(sealed, 'sealed'));

/** What the requester keeps until the response comes; `keys` is secret. */
export interface PendingRequest {
  /** Suite of the response key: that of the card. */
  readonly suite: CipherSuite;
  readonly keys: KeyPair;
  readonly digest: Uint8Array;
  /** Who was asked. */
  readonly target: UserUri;
}

const encodePending = encoder((writer: Writer, value: PendingRequest) => {
  writer.u16(value.suite, 'suite');
  writer.opaque(value.keys.publicKey, 'publicKey');
  writer.opaque(value.keys.privateKey, 'privateKey');
  writer.fixed(value.digest, KEY_BYTES, 'digest');
  writer.text(value.target, 'target');
});

const decodePending = decoder((reader: Reader): PendingRequest => {
  const suite = readSuite(reader);
  const keys = { publicKey: reader.opaque('publicKey'), privateKey: reader.opaque('privateKey') };
  const digest = reader.fixed(KEY_BYTES, 'digest');
  return { suite, keys, digest, target: readUri(reader, 'target', asUserUri) };
});

/** For the device's own storage; the bytes are secret. `decodePendingRequest` throws PrivacyError `malformed`. */
export const encodePendingRequest: (value: PendingRequest) => Uint8Array = encodePending;
export function decodePendingRequest(bytes: Uint8Array): PendingRequest {
  return decoding('PendingRequest', () => decodePending(bytes));
}

export interface RequestInput {
  readonly card: ContactCard;
  /** The requester's device. */
  readonly signer: RealSigner;
  /** The requester's own connection key, 32 bytes: it takes effect when the other accepts. */
  readonly connectionKey: Uint8Array;
  /** In milliseconds since the epoch. */
  readonly time: number;
}

/** Throws PrivacyError `invalidArgument`, `badKey`, `badRealCredential`. */
export function sealRequest(input: RequestInput): {
  readonly sealed: Uint8Array;
  readonly pending: PendingRequest;
} {
  const { card, signer, connectionKey, time } = input;
  checkSecret(connectionKey, 'connectionKey');
  const { credential, signatureKey } = signer;
  realIdentity(credential, signatureKey);
  const keys = generateHpkeKeyPair(card.suite);
  const request: Request = {
    target: card.user,
    targetKey: card.publicKey,
    responseKey: keys.publicKey,
    time,
    connectionKey,
    credential,
    signatureKey,
  };
  const plaintext = pad(signed(REQUEST, request, writeRequest, signer));
  const context = requestContext(card.user, card.publicKey);
  const sealed = encodeHpkeCiphertext(
    sealTo(card.suite, card.publicKey, REQUEST, context, plaintext),
  );
  return {
    sealed,
    pending: { suite: card.suite, keys, digest: digestOf(sealed), target: card.user },
  };
}

/** The user who is asked, and its contact key. */
export interface RequestReader extends Freshness {
  readonly suite: CipherSuite;
  readonly user: UserUri;
  readonly keys: KeyPair;
}

export interface OpenedRequest {
  readonly suite: CipherSuite;
  /** Who asks; that the key is that user's is for the reader to find out. */
  readonly requester: RealIdentity;
  readonly connectionKey: Uint8Array;
  readonly responseKey: Uint8Array;
  readonly time: number;
  /** 32 bytes: a request that was seen before has the same, or the same `responseKey`. */
  readonly digest: Uint8Array;
}

/**
 * Throws PrivacyError `malformed`, `undecryptable`, `badPadding`, `wrongTarget` (rule: user, key), `badRealCredential`,
 * `badSignature`, `expired` (rule: age, ahead). Repetitions are the caller's to refuse.
 */
export function openRequest(by: RequestReader, sealed: Uint8Array): OpenedRequest {
  const { suite, user, keys } = by;
  const context = requestContext(user, keys.publicKey);
  const plaintext = open(suite, keys.privateKey, REQUEST, context, sealed);
  const { signature, ...request } = decoding('ConnectionRequest', () => decodeRequest(plaintext));
  checkTarget(request, user, keys.publicKey);
  const requester = realIdentity(request.credential, request.signatureKey);
  const content = labelled(REQUEST, (writer) => writeRequest(writer, request));
  checkSignature(suite, request.signatureKey, REQUEST, content, signature);
  checkTime(request.time, by);
  const { connectionKey, responseKey, time } = request;
  return { suite, requester, connectionKey, responseKey, time, digest: digestOf(sealed) };
}

export interface ResponseInput {
  readonly request: OpenedRequest;
  /** The responder's device. */
  readonly signer: RealSigner;
  /** The responder's own connection key, 32 bytes; absent declines. */
  readonly connectionKey?: Uint8Array | undefined;
  readonly time: number;
}

/** Throws PrivacyError `invalidArgument`, `badKey`, `badRealCredential`. */
export function sealResponse(input: ResponseInput): Uint8Array {
  const { request, signer, connectionKey, time } = input;
  if (connectionKey !== undefined) checkSecret(connectionKey, 'connectionKey');
  const { credential, signatureKey } = signer;
  realIdentity(credential, signatureKey);
  const response: Response = {
    digest: request.digest,
    target: request.requester.user,
    targetKey: request.responseKey,
    time,
    connectionKey,
    credential,
    signatureKey,
  };
  const plaintext = pad(signed(RESPONSE, response, writeResponse, signer));
  const context = responseContext(request.digest);
  const { suite, responseKey } = request;
  return encodeHpkeCiphertext(sealTo(suite, responseKey, RESPONSE, context, plaintext));
}

export interface OpenedResponse {
  readonly responder: RealIdentity;
  /** Absent: declined. */
  readonly connectionKey: Uint8Array | undefined;
  readonly time: number;
}

/**
 * Opens the response to an own request; `user` is the requester. Throws as `openRequest` does, with `wrongTarget` also
 * for rule `request` (answers another one) and `responder` (of another user than was asked).
 */
export function openResponse(
  pending: PendingRequest,
  by: Freshness & { readonly user: UserUri },
  sealed: Uint8Array,
): OpenedResponse {
  const { suite, keys, digest } = pending;
  const plaintext = open(suite, keys.privateKey, RESPONSE, responseContext(digest), sealed);
  const { signature, ...response } = decoding('ConnectionResponse', () =>
    decodeResponse(plaintext),
  );
  if (!sameBytes(response.digest, digest)) throw refused('wrongTarget', 'request');
  checkTarget(response, by.user, keys.publicKey);
  const responder = realIdentity(response.credential, response.signatureKey);
  if (responder.user !== pending.target) throw refused('wrongTarget', 'responder');
  const content = labelled(RESPONSE, (writer) => writeResponse(writer, response));
  checkSignature(suite, response.signatureKey, RESPONSE, content, signature);
  checkTime(response.time, by);
  return { responder, connectionKey: response.connectionKey, time: response.time };
}

function open(
  suite: CipherSuite,
  privateKey: Uint8Array,
  label: string,
  context: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  const ciphertext = decoding(label, () => decodeHpkeCiphertext(sealed, STRUCT_LIMITS));
  return unpad(openWith(suite, privateKey, label, context, ciphertext));
}

function checkTarget(value: SignedFields, user: UserUri, key: Uint8Array): void {
  if (value.target !== user) throw refused('wrongTarget', 'user');
  if (!sameBytes(value.targetKey, key)) throw refused('wrongTarget', 'key');
}

function checkTime(time: number, { now, maxAge }: Freshness): void {
  if (now - time > maxAge) throw refused('expired', 'age');
  if (time - now > MAX_AHEAD) throw refused('expired', 'ahead');
}
