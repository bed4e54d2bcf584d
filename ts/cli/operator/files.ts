// The files of the operator's commands: JSON, those with a private key readable by their owner only.
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { generateSignatureKeyPair } from '../../mls/index.ts';
import { OperatorError } from './error.ts';

const PRIVATE = 0o600;
const PUBLIC = 0o644;

const officerKey = z.strictObject({
  name: z.string().min(1),
  publicKey: z.string().min(1),
  privateKey: z.string().min(1),
});

/** An officer's key, bytes in base64url. */
export type OfficerKey = z.output<typeof officerKey>;

const toBase64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** A new key of an officer: Ed25519. */
export function newOfficerKey(name: string): OfficerKey {
  const { publicKey, privateKey } = generateSignatureKeyPair(1);
  return { name, publicKey: toBase64Url(publicKey), privateKey: toBase64Url(privateKey) };
}

/** Throws OperatorError `badFile`. */
export async function readOfficerKey(path: string): Promise<OfficerKey> {
  const parsed = officerKey.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  throw new OperatorError('badFile', `${path} is not the key of an officer.`);
}

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
