// One process at a time for a store directory: a listening Unix socket that dies with its process.
// LMDB itself lets many processes write; the engine's group commit needs to be the only one.
//
// Why a socket and not a file with a process id: the kernel closes it at the moment of death, kill -9
// included, so nothing can be stale that looks alive; process ids come again (in containers nearly always:
// two of them sharing a volume both have process 1), a socket's inode does not. Connecting needs no answer
// from the owner, so a stopped or busy owner still counts as alive.
//
// A dead owner's socket is never replaced but outnumbered: names are `owner-<n>.sock`, and the highest one
// decides. It appears by link(2) from a private name, hence atomically and already listening; whoever links
// n + 1 and then sees a still higher name has lost. The highest name is never deleted, not even on close:
// so a starter that was asleep cannot take a number that was already outnumbered.

import { randomBytes } from 'node:crypto';
import { closeSync, constants, linkSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { StoreError } from '../errors.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

/** How long a living owner has to say its process id, for the message only. */
const INTRODUCTION_MS = 200;
/** sockaddr_un has 104 bytes on macOS and 108 on Linux, with a closing zero. */
const MAX_SOCKET_PATH = 103;
const OWNER_NAME = /^owner-(\d{1,15})\.sock$/;

/**
 * Takes the directory for this process until `release` or the process's end.
 * Throws `locked` when a living process has it, `notWritable` where no socket can be made.
 */
export async function lockDirectory(path: string): Promise<DirectoryLock> {
  const directory = openSocketDirectory(path);
  try {
    const privateName = `claim-${randomBytes(8).toString('hex')}.sock`;
    const server = await listen(join(directory.socketPath, privateName), path);
    try {
      await claim(path, directory.socketPath, privateName);
    } catch (error) {
      await stop(server);
      throw error;
    }
    return { release: () => stop(server) };
  } finally {
    directory.close();
  }
}

/** Links the listening socket under the next number, or throws `locked`. */
async function claim(path: string, socketPath: string, privateName: string): Promise<void> {
  for (;;) {
    const highest = Math.max(0, ...ownerNumbers(path));
    if (highest > 0) await refuseIfAlive(path, join(socketPath, ownerName(highest)));
    const own = highest + 1;
    try {
      linkSync(join(path, privateName), join(path, ownerName(own)));
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      throw notLockable(path, error);
    }
    const numbers = ownerNumbers(path);
    if (numbers.some((number) => number > own)) {
      removeQuietly(join(path, ownerName(own)));
      continue;
    }
    for (const number of numbers) if (number < own) removeQuietly(join(path, ownerName(number)));
    removeQuietly(join(path, privateName));
    return;
  }
}

function ownerName(number: number): string {
  return `owner-${number}.sock`;
}

function ownerNumbers(path: string): number[] {
  return readdirSync(path).flatMap((name) => {
    const match = OWNER_NAME.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

function refuseIfAlive(path: string, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = connect(socket);
    let processId = '';
    const refuse = (): void => {
      probe.destroy();
      const who = /^\d+$/.test(processId) ? `process ${processId}` : 'another process';
      reject(
        new StoreError(
          'locked',
          `The store in ${path} is already open in ${who}: stop that one, or choose another directory.`,
          { details: { path } },
        ),
      );
    };
    probe.on('data', (chunk) => {
      processId += chunk.toString('latin1');
    });
    probe.on('connect', () => probe.setTimeout(INTRODUCTION_MS, refuse));
    probe.on('end', refuse);
    probe.on('error', (error) => {
      const code = codeOf(error);
      // ECONNREFUSED: nobody listens any more. ENOENT: a newer owner has cleaned up; look again.
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve();
      // Connected, then cut off: it lived, and may still.
      else if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'EAGAIN') refuse();
      else reject(notLockable(path, error));
    });
  });
}

function listen(socket: string, path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => {
      connection.on('error', () => {});
      connection.end(String(process.pid));
    });
    server.on('error', (error) => reject(notLockable(path, error)));
    // `exclusive`: inside a cluster the socket must belong to this worker, not to the primary.
    server.listen({ path: socket, exclusive: true }, () => resolve(server));
    // Holding a store must not keep an otherwise finished process alive.
    server.unref();
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** The directory by a name short enough for a socket address. */
function openSocketDirectory(path: string): { socketPath: string; close: () => void } {
  const longest = join(path, `claim-${'0'.repeat(16)}.sock`);
  if (Buffer.byteLength(longest) <= MAX_SOCKET_PATH) {
    return { socketPath: path, close: () => {} };
  }
  if (process.platform !== 'linux') {
    throw new StoreError(
      'notWritable',
      `The path ${path} is too long for a socket in it: choose one under ${MAX_SOCKET_PATH - 30} bytes.`,
      { details: { path } },
    );
  }
  const handle = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  return { socketPath: `/proc/self/fd/${handle}`, close: () => closeSync(handle) };
}

function notLockable(path: string, cause: unknown): StoreError {
  return new StoreError(
    'notWritable',
    `The directory ${path} cannot be locked (${codeOf(cause)}): choose one on a local disk that this user may write to.`,
    { cause, details: { path } },
  );
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another starter was quicker.
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? error);
}
