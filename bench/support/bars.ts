// What must hold, as ratios within one run (docs/performance.md, "Bars"); the names are those of the results.

/** How many times as fast as a rival an operation must be. */
export interface Bar {
  /** A result, or what is common to several: "content decoded" stands for each "content decoded: …". */
  readonly name: string;
  readonly members: number;
  readonly rival: string;
  /** The least ratio: their duration by ours, or our rate by theirs. */
  readonly least: number;
}

const tsMls = 'ts-mls';
const native = 'native OpenMLS';

const bar = (name: string, members: number, rival: string, least: number): Bar => ({
  name,
  members,
  rival,
  least,
});

/** The operation whose growth with the group is bounded. */
export const hubOperation = 'commit processed and applied by the hub';

export const bars: readonly Bar[] = [
  bar('self-update, made and merged', 200, tsMls, 20),
  bar('self-update, made and merged', 200, native, 1 / 3),
  bar('commit processed by a member', 200, tsMls, 20),
  bar('commit processed by a member', 200, native, 1 / 3),
  bar('send 1 KiB', 200, tsMls, 12),
  bar('send 1 KiB', 200, native, 1 / 3),
  bar('receive 1 KiB', 200, tsMls, 7),
  bar('receive 1 KiB', 200, native, 1 / 3),
  bar('join from a Welcome', 200, tsMls, 10),
  bar('join from a Welcome', 200, native, 1 / 3),
  bar('key package', 0, tsMls, 10),
  bar('key package', 0, native, 1 / 3.7),
  bar(hubOperation, 200, native, 1 / 1.3),
  bar(hubOperation, 1000, native, 1 / 0.5),
  bar('ids of 16 messages of 256 bytes', 0, 'crypto.hash', 0.95),
  bar('ids of 16 messages of 1,024 bytes', 0, 'crypto.hash', 0.95),
  bar('ids of 16 messages of 4,096 bytes', 0, 'crypto.hash', 0.95),
  bar('ids of 16 messages of 256 bytes, WASM alone', 0, 'crypto.hash', 1.3),
  bar('ids of 16 messages of 1,024 bytes, WASM alone', 0, 'crypto.hash', 0.7),
  bar('content decoded', 0, 'cbor-x', 1),
  bar('content decoded', 0, 'cborg', 1.1),
  bar('content encoded', 0, 'cbor-x', 1.1),
  bar('durable 1 KiB messages, provider on LMDB', 1, 'raw LMDB appends', 0.5),
];

/** How much longer a hub may take for a commit at 1,000 members than at 200. */
export const mostGrowth = 2;

/** Whether a bar is about this result. */
export const concerns = (bar: Bar, name: string, members: number): boolean =>
  bar.members === members && (bar.name === name || name.startsWith(`${bar.name}: `));

export function barsOf(name: string, members: number): Bar[] {
  return bars.filter((bar) => concerns(bar, name, members));
}

export function meets({ least }: Bar, ratio: number): boolean {
  return ratio >= least;
}
