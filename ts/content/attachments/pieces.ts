// Bytes that come from anywhere in chunks of any length, cut into pieces of one length: what the core is given at a
// time, and what the second reading of an attachment is compared with the first by.

import { ContentError } from '../rules.ts';

/** Where bytes come from: a file, a request, a list of arrays. `Response.body` and `Blob.stream()` are such. */
export type ByteSource =
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | ReadableStream<Uint8Array>;

/** Two milliseconds of AES in WebAssembly, so that a browser's page stays alive; longer pieces are not quicker. */
export const PIECE_BYTES = 1 << 18;

/**
 * The source's bytes in pieces of `PIECE_BYTES` and a shorter last one. A piece is valid until the next is asked for.
 * A source that is not read to its end is told so (`return`, `cancel`). Throws ContentError `invalidArgument` for a
 * chunk that is no Uint8Array, and what the source throws.
 */
export async function* inPieces(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  let kept: Uint8Array | undefined;
  let filled = 0;
  for await (const chunk of chunksOf(source)) {
    let rest = checkedChunk(chunk);
    while (filled + rest.length >= PIECE_BYTES) {
      const taken = rest.subarray(0, PIECE_BYTES - filled);
      rest = rest.subarray(taken.length);
      if (filled === 0 || kept === undefined) yield taken;
      else {
        kept.set(taken, filled);
        filled = 0;
        yield kept;
      }
    }
    if (rest.length === 0) continue;
    kept ??= new Uint8Array(PIECE_BYTES);
    kept.set(rest, filled);
    filled += rest.length;
  }
  if (kept !== undefined && filled > 0) yield kept.subarray(0, filled);
}

/** An array's bytes in such pieces. */
export function* piecesOf(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < checkedChunk(bytes).length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

function checkedChunk(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new ContentError(
    'invalidArgument',
    'An attachment is read in chunks that are Uint8Arrays; one array by itself goes to the function for bytes.',
  );
}

function chunksOf(source: ByteSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  // Some browsers' streams are not iterable.
  const iterable = Symbol.iterator in source || source[Symbol.asyncIterator] !== undefined;
  return iterable ? source : readChunks(source as ReadableStream<Uint8Array>);
}

async function* readChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
  }
}
