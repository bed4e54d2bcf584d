// Instances of the structs of tokens and queues, with the bytes of their grammar.

import * as wire from '../../../../ts/wire/index.ts';
import { hex } from './bytes.ts';
import { device, deviceHex, sample } from './sample.ts';

const nonce = '0a'.repeat(32);
const challenge = '0b'.repeat(32);
const keyId = '0c'.repeat(32);
const authenticator = '0d'.repeat(256);
const secretHash = '0e'.repeat(32);
const token = {
  nonce: hex(nonce),
  challengeDigest: hex(challenge),
  keyId: hex(keyId),
  authenticator: hex(authenticator),
};
const tokenHex = `0002 ${nonce} ${challenge} ${keyId} ${authenticator}`;

sample('Token', wire.encodeToken, wire.decodeToken, token, tokenHex);
sample(
  'OpenQueue',
  wire.encodeOpenQueue,
  wire.decodeOpenQueue,
  { token, secretHash: hex(secretHash) },
  `${tokenHex} ${secretHash}`,
);
sample('QueueOpened', wire.encodeQueueOpened, wire.decodeQueueOpened, device, deviceHex);
sample(
  'a batch of blinded messages',
  wire.encodeBlindedBatch,
  wire.decodeBlindedBatch,
  [hex(authenticator), hex('11'.repeat(256))],
  `4200 ${authenticator} ${'11'.repeat(256)}`,
);
const providerKeys = {
  sealingKey: hex('a1'),
  ed25519: hex('a2'),
  p256: hex('a3'),
  frankingEd25519: hex('a5'),
  frankingP256: hex('a6'),
};
sample(
  'ProviderKeys',
  wire.encodeProviderKeys,
  wire.decodeProviderKeys,
  { ...providerKeys, tokenKey: undefined },
  '01a1 01a2 01a3 01a5 01a6 00',
);
sample(
  'ProviderKeys with a key of tokens',
  wire.encodeProviderKeys,
  wire.decodeProviderKeys,
  { ...providerKeys, tokenKey: hex('a4') },
  '01a1 01a2 01a3 01a5 01a6 01 01a4',
);
