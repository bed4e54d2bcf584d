// SignWithLabel (RFC 9420, section 5.1.2) by the host's cryptography: Ed25519 takes 25 µs there and 64 µs in WebAssembly
// (Node 20, the same machine), and a hub signs each message that it franks.

import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { encoder, type Writer } from '../../wire/index.ts';
import type { SigningKey } from '../records/account_rows.ts';

/** PrivateKeyInfo of an Ed25519 key (RFC 8410, section 7) up to its 32 bytes. */
const ED25519_HEADER = '302e020100300506032b657004220420';
const ED25519_BYTES = 32;

const encodeSignContent = encoder(
  (writer: Writer, { label, content }: { label: string; content: Uint8Array }) => {
    writer.text(`MLS 1.0 ${label}`, 'label');
    writer.opaque(content, 'content');
  },
);

/** Signs with a key pair as the core makes them. */
export function hostSigner(
  kind: 'ed25519' | 'p256',
  key: SigningKey,
): (label: string, content: Uint8Array) => Uint8Array {
  const privateKey = kind === 'ed25519' ? ed25519Key(key) : p256Key(key);
  const algorithm = kind === 'ed25519' ? null : 'sha256';
  return (label, content) => {
    const signature = sign(algorithm, encodeSignContent({ label, content }), privateKey);
    return new Uint8Array(signature.buffer, signature.byteOffset, signature.length);
  };
}

function ed25519Key({ privateKey }: SigningKey): KeyObject {
  const seed = Buffer.from(privateKey.subarray(0, ED25519_BYTES));
  const key = Buffer.concat([Buffer.from(ED25519_HEADER, 'hex'), seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

/** The public key is an uncompressed point: an octet, then both coordinates. */
function p256Key({ publicKey, privateKey }: SigningKey): KeyObject {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const [x, y, d] = [publicKey.subarray(1, 33), publicKey.subarray(33), privateKey].map(text);
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d } as never, format: 'jwk' });
}
