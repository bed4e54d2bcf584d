// The files of the operator's commands: JSON, those with a private key readable by their owner only.
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { generateHpkeKeyPair, generateSignatureKeyPair, type KeyPair } from '../../mls/index.ts';
import { WireError } from '../../wire/index.ts';
import { OperatorError } from './error.ts';

const PRIVATE = 0o600;
const PUBLIC = 0o644;

const keyFile = z.strictObject({
  name: z.string().min(1),
  publicKey: z.string().min(1),
  privateKey: z.string().min(1),
});

/** The key of an officer, or of an escrow party; bytes in base64url. */
export type KeyFile = z.output<typeof keyFile>;

const toBase64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** A new key of an officer: Ed25519. */
export function newOfficerKey(name: string): KeyFile {
  return written(name, generateSignatureKeyPair(1));
}

/** A new key of an escrow party: HPKE of cipher suite 1. */
export function newEscrowKey(name: string): KeyFile {
  return written(name, generateHpkeKeyPair(1));
}

function written(name: string, { publicKey, privateKey }: KeyPair): KeyFile {
  return { name, publicKey: toBase64Url(publicKey), privateKey: toBase64Url(privateKey) };
}

/** Throws OperatorError `badFile`. */
export async function readKey(path: string): Promise<KeyFile> {
  const parsed = keyFile.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  throw new OperatorError('badFile', `${path} is not a key.`);
}

const struct = z.strictObject({ bytes: z.string().regex(/^[A-Za-z0-9_-]+$/) });

/** The struct that a file holds. Throws OperatorError `badFile`. */
export async function readStruct<Value>(
  path: string,
  decode: (bytes: Uint8Array) => Value,
): Promise<Value> {
  const parsed = struct.safeParse(await readJson(path));
  try {
    if (parsed.success) return decode(fromBase64Url(parsed.data.bytes));
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
  }
  throw new OperatorError('badFile', `${path} is not what belongs here.`);
}

/** A struct as it is written to a file. */
export const structJson = (bytes: Uint8Array) => ({ bytes: toBase64Url(bytes) });

export const fromBase64Url = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text, 'base64url'));

/** Throws OperatorError `badFile`. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new OperatorError('badFile', `${path} ${why}.`, cause);
  }
}

/** Writes a new file, or, with `replace`, one in the place of another. Throws OperatorError `badFile`. */
export async function writeJson(
  path: string,
  value: unknown,
  { secret = false, replace = false } = {},
): Promise<void> {
  const mode = secret ? PRIVATE : PUBLIC;
  try {
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    await writeFile(path, text, { mode, flag: replace ? 'w' : 'wx' });
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const why = exists ? 'exists already' : 'cannot be written';
    throw new OperatorError('badFile', `${path} ${why}.`, cause);
  }
}
