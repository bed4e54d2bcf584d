// Looks at the head of an LMDB data file before LMDB does: the lmdb package ends the process (SIGSEGV,
// SIGBUS) when it maps a file that is no database or lost its end, where we owe the operator a sentence.
// The layout is that of MDB_page_header and MDB_meta in the package's mdb.c, data version 2, 64-bit.

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

const META_OFFSET = 24;
const META_BYTES = 160;
const MAGIC = 0xbeefc0de;
const PAGE_FLAG_META = 0x08;
const DATA_VERSION = 2;
/** A tree without pages has this as its root. */
const NO_PAGE = 0xffffffffffffffffn;

export type DataFile = 'usable' | 'damaged' | 'otherVersion';

/**
 * Whether LMDB may open the file: no file and an empty one are usable. A file may end before its last page
 * when the missing ones are free, so only the roots of its trees are looked for.
 */
export function inspectDataFile(path: string): DataFile {
  // The layout differs elsewhere; there the file is taken on trust.
  if (process.arch !== 'x64' && process.arch !== 'arm64') return 'usable';
  if (!existsSync(path)) return 'usable';
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    if (size === 0) return 'usable';
    const first = readMeta(handle, 0);
    if (first === undefined) return 'damaged';
    if (first.version !== DATA_VERSION) return 'otherVersion';
    const second = readMeta(handle, first.pageSize);
    if (second === undefined) return 'damaged';
    const { roots } = first.transaction >= second.transaction ? first : second;
    const pages = BigInt(Math.floor(size / first.pageSize));
    return roots.every((root) => root === NO_PAGE || root < pages) ? 'usable' : 'damaged';
  } finally {
    closeSync(handle);
  }
}

interface Meta {
  readonly version: number;
  readonly pageSize: number;
  readonly roots: readonly bigint[];
  readonly transaction: bigint;
}

function readMeta(handle: number, offset: number): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(handle, bytes, 0, META_BYTES, offset) < META_BYTES) return undefined;
  if ((bytes.readUInt16LE(18) & PAGE_FLAG_META) === 0) return undefined;
  if (bytes.readUInt32LE(META_OFFSET) !== MAGIC) return undefined;
  const pageSize = bytes.readUInt32LE(META_OFFSET + 24);
  const isPowerOfTwo = (pageSize & (pageSize - 1)) === 0;
  if (pageSize < 256 || pageSize > 65536 || !isPowerOfTwo) return undefined;
  return {
    version: bytes.readUInt32LE(META_OFFSET + 4) & 0xffff,
    pageSize,
    roots: [bytes.readBigUInt64LE(META_OFFSET + 64), bytes.readBigUInt64LE(META_OFFSET + 112)],
    transaction: bytes.readBigUInt64LE(META_OFFSET + 128),
  };
}
