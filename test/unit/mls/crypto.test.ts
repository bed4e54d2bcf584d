// The MLS primitives and message ids, against Node's own cryptography where it has the same.

import {
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  aeadOpen,
  aeadSeal,
  type CipherSuite,
  decryptWithLabel,
  encryptWithLabel,
  generateHpkeKeyPair,
  generateSignatureKeyPair,
  hash,
  hkdfExpand,
  hkdfExtract,
  hmac,
  messageIdDraft04,
  messageIdDraft08,
  signWithLabel,
  verifyWithLabel,
} from '../../../ts/mls/index.ts';
import { bytes, codeOf, device, hex, suites } from './devices.ts';

const sha256 = (...parts: Uint8Array[]): string =>
  parts.reduce((state, part) => state.update(part), createHash('sha256')).digest('hex');

const labelled = (label: string, content: Uint8Array): Uint8Array => {
  const prefixed = bytes(`MLS 1.0 ${label}`);
  return Uint8Array.from([prefixed.length, ...prefixed, content.length, ...content]);
};

describe.each(suites)('cipher suite %i', (suite) => {
  test('a signature holds for its key, label and content only', () => {
    const { publicKey, privateKey } = generateSignatureKeyPair(suite);
    const signature = signWithLabel(suite, privateKey, 'Label', bytes('content'));
    const holds = (key: Uint8Array, label: string, content: string, by: Uint8Array): boolean =>
      verifyWithLabel(suite, key, label, bytes(content), by);
    expect(holds(publicKey, 'Label', 'content', signature)).toBe(true);
    expect(holds(publicKey, 'Other', 'content', signature)).toBe(false);
    expect(holds(publicKey, 'Label', 'other', signature)).toBe(false);
    expect(holds(generateSignatureKeyPair(suite).publicKey, 'Label', 'content', signature)).toBe(
      false,
    );
    expect(holds(publicKey, 'Label', 'content', signature.subarray(1))).toBe(false);
    expect(holds(bytes('no key'), 'Label', 'content', signature)).toBe(false);
    expect(codeOf(() => signWithLabel(suite, bytes('no key'), 'Label', bytes('')))).toBe(
      'invalidArgument',
    );
  });

  test('extract, expand and HMAC are those of RFC 5869 and RFC 2104', () => {
    const [salt, ikm, info] = [bytes('salt'), bytes('input'), bytes('info')];
    const prk = hkdfExtract(suite, salt, ikm);
    expect(hex(prk)).toBe(createHmac('sha256', salt).update(ikm).digest('hex'));
    expect(hex(hkdfExpand(suite, prk, info, 100))).toBe(
      Buffer.from(hkdfSync('sha256', ikm, salt, info, 100)).toString('hex'),
    );
    expect(hex(hmac(suite, salt, ikm))).toBe(hex(prk));
    expect(codeOf(() => hkdfExpand(suite, prk, info, 255 * 32 + 1))).toBe('invalidArgument');
    expect(codeOf(() => hkdfExpand(suite, bytes('short'), info, 32))).toBe('invalidArgument');
  });

  test('what the AEAD seals is what Node seals, and opens with the same key, nonce and data only', () => {
    const key = Uint8Array.from(randomBytes(suite === 3 ? 32 : 16));
    const [nonce, aad, plaintext] = [Uint8Array.from(randomBytes(12)), bytes('aad'), bytes('text')];
    const sealed = aeadSeal(suite, { key, nonce, aad }, plaintext);
    const name = suite === 3 ? 'chacha20-poly1305' : 'aes-128-gcm';
    const cipher = createCipheriv(name as 'aes-128-gcm', key, nonce, {
      authTagLength: 16,
    } as object);
    cipher.setAAD(aad);
    const expected = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    expect(hex(sealed)).toBe(expected.toString('hex'));
    expect(aeadOpen(suite, { key, nonce, aad }, sealed)).toEqual(plaintext);
    const other = Uint8Array.from(nonce, (byte) => byte ^ 1);
    for (const wrong of [
      { key, nonce: other, aad },
      { key, nonce },
    ]) {
      expect(codeOf(() => aeadOpen(suite, wrong, sealed))).toBe('undecryptable');
    }
    expect(codeOf(() => aeadOpen(suite, { key, nonce, aad }, sealed.subarray(1)))).toBe(
      'undecryptable',
    );
    for (const input of [
      { key: bytes('short'), nonce },
      { key, nonce: bytes('short') },
    ]) {
      expect(codeOf(() => aeadSeal(suite, input, plaintext))).toBe('invalidArgument');
      expect(codeOf(() => aeadOpen(suite, input, sealed))).toBe('invalidArgument');
    }
  });

  test('an identity signs with its own key', () => {
    const { identity } = device(suite, 'alice');
    const signature = identity.sign('Label', bytes('content'));
    expect(
      verifyWithLabel(suite, identity.signatureKey, 'Label', bytes('content'), signature),
    ).toBe(true);
  });

  test('what is sealed opens for its key, label and context only', () => {
    const { publicKey, privateKey } = generateHpkeKeyPair(suite);
    const sealed = encryptWithLabel(suite, publicKey, 'Label', bytes('context'), bytes('secret'));
    const open = (key: Uint8Array, label: string, context: string): Uint8Array =>
      decryptWithLabel(suite, key, label, bytes(context), sealed);
    expect(open(privateKey, 'Label', 'context')).toEqual(bytes('secret'));
    expect(codeOf(() => open(privateKey, 'Other', 'context'))).toBe('undecryptable');
    expect(codeOf(() => open(privateKey, 'Label', 'other'))).toBe('undecryptable');
    expect(codeOf(() => open(generateHpkeKeyPair(suite).privateKey, 'Label', 'context'))).toBe(
      'undecryptable',
    );
    const damaged = { kemOutput: sealed.kemOutput.subarray(1), ciphertext: sealed.ciphertext };
    expect(codeOf(() => decryptWithLabel(suite, privateKey, 'Label', bytes(''), damaged))).toBe(
      'undecryptable',
    );
    expect(codeOf(() => encryptWithLabel(suite, bytes('x'), 'L', bytes(''), bytes('')))).toBe(
      'invalidArgument',
    );
  });

  test('the hash and the draft04 message id are SHA-256', () => {
    for (const length of [0, 1, 63, 64, 1000]) {
      const message = randomBytes(length);
      expect(hex(hash(suite, message))).toBe(sha256(message));
      expect(hex(messageIdDraft04(suite, message))).toBe(sha256(message));
    }
  });
});

test('Ed25519 signatures are those of Node’s cryptography', () => {
  const { publicKey, privateKey } = generateSignatureKeyPair(1);
  const signature = signWithLabel(1, privateKey, 'Label', bytes('content'));
  const x = Buffer.from(publicKey).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  expect(verify(null, labelled('Label', bytes('content')), key, signature)).toBe(true);
});

test('a draft08 message id hashes URIs with their lengths, container and salt', () => {
  const senderUri = 'mimi://a.example/u/älice';
  const roomUri = 'mimi://a.example/r/clubhouse';
  const container = randomBytes(100);
  const salt = randomBytes(16);
  const framed = [senderUri, roomUri].flatMap((uri) => {
    const encoded = bytes(uri);
    return [Uint8Array.from([encoded.length >> 8, encoded.length & 0xff]), encoded];
  });
  const id = messageIdDraft08({ senderUri, roomUri, container, salt });
  expect(hex(id)).toBe(`01${sha256(...framed, container, salt).slice(0, 62)}`);
});

test('a URI of more than 65,535 bytes and a salt of another length are refused', () => {
  const input = { senderUri: 'a', roomUri: 'b', container: bytes(''), salt: new Uint8Array(16) };
  const longest = 'ä'.repeat(32_767);
  expect(codeOf(() => messageIdDraft08({ ...input, senderUri: `${longest}b` }))).toBe(
    'nothing thrown',
  );
  for (const wrong of [
    { senderUri: `${longest}bb` },
    { roomUri: `${longest}bb` },
    { salt: new Uint8Array(15) },
    { salt: new Uint8Array(17) },
  ]) {
    expect(codeOf(() => messageIdDraft08({ ...input, ...wrong }))).toBe('invalidArgument');
  }
});

test('a cipher suite that the core does not have is refused everywhere', () => {
  for (const suite of [0, 4, 5, 6, 7, 65_535] as number[] as CipherSuite[]) {
    expect(codeOf(() => hash(suite, bytes('')))).toBe('wrongSuite');
    expect(codeOf(() => generateSignatureKeyPair(suite))).toBe('wrongSuite');
    expect(codeOf(() => generateHpkeKeyPair(suite))).toBe('wrongSuite');
    expect(codeOf(() => messageIdDraft04(suite, bytes('')))).toBe('wrongSuite');
  }
});
