// The admin token: given by the operator, or made on first start and kept in a file only its owner can read.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerConfig } from '../config.ts';
import { ServerError } from '../errors.ts';

export interface AdminToken {
  readonly token: string;
  /** The file that was written now, when the token was made on this start. */
  readonly createdAt?: string | undefined;
}

/** Shortest admin token taken from a file, in characters; the ones made here have 43. */
const MIN_TOKEN_LENGTH = 16;

/**
 * The admin token of a server: `admin.token`, else the content of `admin.tokenFile`, else
 * `<storePath>/admin.token`, made with mode 0600 when it does not exist yet.
 * Throws `badConfig` for an unreadable or too short one, `storeNotWritable` when it cannot be kept.
 */
export async function adminToken(config: ServerConfig): Promise<AdminToken> {
  if (config.admin.token !== undefined) return { token: config.admin.token };
  if (config.admin.tokenFile !== undefined) {
    return { token: await readToken(config.admin.tokenFile, 'admin.tokenFile') };
  }
  const path = join(config.storePath, 'admin.token');
  const token = randomBytes(32).toString('base64url');
  try {
    await mkdir(config.storePath, { recursive: true, mode: 0o700 });
    await writeFile(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      return { token: await readToken(path, 'admin') };
    }
    throw new ServerError(
      'storeNotWritable',
      `The store path ${config.storePath} cannot be written. Choose a directory that this user may create and write.`,
      { cause },
    );
  }
  return { token, createdAt: path };
}

async function readToken(path: string, key: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ServerError(
      'badConfig',
      `The setting ${key} is not usable: ${path} cannot be read. Check the path and its permissions.`,
      { cause, details: { path: key } },
    );
  }
  const token = text.trim();
  if (token.length < MIN_TOKEN_LENGTH) {
    throw new ServerError(
      'badConfig',
      `The setting ${key} is not usable: ${path} holds fewer than ${MIN_TOKEN_LENGTH} characters. Put a longer token there, or delete the file.`,
      { details: { path: key } },
    );
  }
  return token;
}
