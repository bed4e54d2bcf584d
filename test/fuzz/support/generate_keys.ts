// Inputs for the entries that take keys alone: the primitives, and what is imported with its private keys.

import { mkdirSync, writeFileSync } from 'node:fs';
import {
  aeadSeal,
  type CipherSuite,
  decryptWithLabel,
  encryptWithLabel,
  generateHpkeKeyPair,
  generateSignatureKeyPair,
  type Row,
  signWithLabel,
} from '../../../ts/mls/index.ts';
import { bytes } from '../../unit/mls/devices.ts';
import { Fields, vector } from './insider.ts';
import { joinParts } from './parts.ts';
import { corpusFolder, suites } from './prepared.ts';

export const concat = (...items: Uint8Array[]): Uint8Array => Buffer.concat(items);

/** Writes an input of the corpus. */
export function put(target: string, name: string, input: Uint8Array): void {
  mkdirSync(`${corpusFolder}${target}`, { recursive: true });
  writeFileSync(`${corpusFolder}${target}/${name}.bin`, input);
}

const keyBytes = 32;
/** Labels of rows are in rust-core/src/storage.rs. */
const [keyPackageRow, identityRow] = [66, 68];

/** The private key lies somewhere in the rows; it is the one that opens what is sealed to the public key. */
function privateKeyOf(suite: CipherSuite, rows: readonly Row[], publicKey: Uint8Array): Uint8Array {
  const sealed = encryptWithLabel(suite, publicKey, '', new Uint8Array(), new Uint8Array());
  for (const { key, value } of rows) {
    if (key[0] !== keyPackageRow || value === undefined) continue;
    for (let at = 0; at + keyBytes <= value.length; at++) {
      const candidate = value.slice(at, at + keyBytes);
      try {
        decryptWithLabel(suite, candidate, '', new Uint8Array(), sealed);
        return candidate;
      } catch {
        // Another one.
      }
    }
  }
  throw new Error('no private key found');
}

/** A key package of the device whose rows these are, to be imported elsewhere. */
export function importInputs(suite: CipherSuite, rows: readonly Row[], keyPackage: Uint8Array) {
  const initEnd = new Fields(keyPackage).skip(4).skipVector().at;
  const encryptionEnd = new Fields(keyPackage, initEnd).skipVector().at;
  const publicBytes = suite === 2 ? 65 : 32;
  const keyBefore = (end: number) =>
    privateKeyOf(suite, rows, keyPackage.slice(end - publicBytes, end));
  // The private key is the last field of the identity's row.
  const signatureKey = rows.find(({ key }) => key[0] === identityRow)?.value?.slice(-keyBytes);
  const parts = [keyPackage, keyBefore(initEnd), keyBefore(encryptionEnd)];
  const psk = [bytes('psk id'), bytes('pre-shared')];
  const select = Uint8Array.of(suites.indexOf(suite));
  put(
    'import',
    `key-package-${suite}`,
    concat(select, joinParts([...parts, signatureKey ?? new Uint8Array(), ...psk])),
  );
}

export function primitiveInputs(suite: CipherSuite): void {
  const signing = generateSignatureKeyPair(suite);
  const sealing = generateHpkeKeyPair(suite);
  const [label, content] = [bytes('Label'), bytes('content')];
  const signature = signWithLabel(suite, signing.privateKey, 'Label', content);
  const sealed = encryptWithLabel(suite, sealing.publicKey, 'Label', content, bytes('secret'));
  const select = Uint8Array.of(suites.indexOf(suite));
  const of = (name: string, operation: number, ...parts: Uint8Array[]): void =>
    put(
      'primitives',
      `${name}-${suite}`,
      concat(select, Uint8Array.of(operation), joinParts(parts)),
    );
  of('sign', 0, signing.privateKey, label, content);
  of('verify', 1, signing.publicKey, label, content, signature);
  of('seal', 2, sealing.publicKey, label, content, bytes('secret'));
  of('open', 3, sealing.privateKey, label, content, sealed.kemOutput, sealed.ciphertext);
  of('id', 4, bytes('mimi://a.example/u/a'), label, content, vector(content));
  hashInputs(of, suite);
}

function hashInputs(
  of: (name: string, operation: number, ...parts: Uint8Array[]) => void,
  suite: CipherSuite,
): void {
  const none = new Uint8Array();
  const secret = new Uint8Array(32).fill(7);
  const key = secret.slice(0, suite === 3 ? 32 : 16);
  const [nonce, aad, plaintext] = [new Uint8Array(12), bytes('aad'), bytes('plaintext')];
  of('extract', 5, secret, none, bytes('ikm'));
  of('expand', 6, secret, none, bytes('info'), none, Uint8Array.of(1));
  of('hmac', 7, secret, none, bytes('message'));
  of('aead-seal', 8, key, none, nonce, aad, plaintext);
  of('aead-open', 9, key, none, nonce, aad, aeadSeal(suite, { key, nonce, aad }, plaintext));
  const [algorithm, keyBytes] = suite === 1 ? [1, 16] : suite === 2 ? [2, 32] : [29, 32];
  const named = Uint8Array.of(algorithm);
  of('attachment', 10, secret.slice(0, keyBytes), named, nonce, aad, plaintext);
}
