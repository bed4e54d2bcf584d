// The example messages of draft-ietf-mimi-content-08, as published, and who of the demo sends which.

import { readFileSync } from 'node:fs';

/** The people of the demo; the draft's alice-smith, bob-jones and cathy-washington. */
export type Who = 'Alice' | 'Bob' | 'Carol';

/** An example message: its name in the draft's repository, its sender, its bytes. */
export interface PublishedMessage {
  readonly name: string;
  readonly sender: Who;
  readonly bytes: Uint8Array;
}

const SENDERS: readonly (readonly [name: string, sender: Who])[] = [
  ['original', 'Alice'],
  ['reply', 'Bob'],
  ['reaction', 'Carol'],
  ['mention', 'Carol'],
  ['mention-html', 'Carol'],
  ['edit', 'Bob'],
  ['delete', 'Bob'],
  ['unlike', 'Carol'],
  ['expiring', 'Alice'],
  ['attachment', 'Bob'],
  ['conferencing', 'Alice'],
  ['multipart-1', 'Alice'],
  ['multipart-2', 'Alice'],
  ['multipart-3', 'Alice'],
];

/** Reads the messages; they stand beside the program under test/vectors/. */
export function publishedMessages(): PublishedMessage[] {
  const folder = new URL('../../../test/vectors/content-08/', import.meta.url);
  return SENDERS.map(([name, sender]) => ({
    name,
    sender,
    bytes: new Uint8Array(readFileSync(new URL(`${name}.cbor`, folder))),
  }));
}
