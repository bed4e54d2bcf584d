// The MLS working group's messages.json through the boundary of the WASM core: each struct is read to its end, so that
// it is refused for what it says (its keys and signatures are random), never as malformed; a byte less or more is.
// EXEDRA_MLS_VECTORS names a folder with the whole files (`npm run test:vectors`); else the committed slice is read.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  createKeyPackage,
  Group,
  HubGroup,
  Identity,
  inspectKeyPackage,
  MemberStore,
  MlsError,
} from '../../ts/mls/index.ts';

const folder = process.env.EXEDRA_MLS_VECTORS ?? fileURLToPath(new URL('mls/', import.meta.url));
const path = join(folder, 'messages.json');

type Entry = Readonly<Record<string, string>>;
const entries: readonly Entry[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];

const bytesOf = (entry: Entry, field: string): Uint8Array =>
  new Uint8Array(Buffer.from(entry[field] ?? '', 'hex'));

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof MlsError) return error.code;
    throw error;
  }
  return 'accepted';
}

const store = MemberStore.create();
const identity = Identity.create(store, 1, { type: 1, bytes: new TextEncoder().encode('reader') });
const group = Group.create(store, identity, new TextEncoder().encode('room'));
const hub = HubGroup.track(group.groupInfo(), group.ratchetTree());
const tree = group.ratchetTree();

/** Who reads a field, and what it may answer to one that it has read to its end. */
const readers: Readonly<Record<string, [(bytes: Uint8Array) => unknown, readonly string[]]>> = {
  mls_key_package: [
    inspectKeyPackage,
    ['invalidSignature', 'wrongSuite', 'invalidKeyPackage', 'expired'],
  ],
  mls_welcome: [(bytes) => Group.join(store, bytes, tree), ['noKeyPackage', 'wrongSuite']],
  mls_group_info: [
    (bytes) => HubGroup.track(bytes, tree),
    ['invalidGroupInfo', 'invalidTree', 'wrongSuite', 'invalidSignature'],
  ],
  ratchet_tree: [
    (bytes) => HubGroup.track(group.groupInfo(), bytes),
    ['invalidTree', 'invalidGroupInfo', 'invalidSignature', 'expired'],
  ],
  public_message_application: [(bytes) => group.process(bytes), ['wrongGroup', 'wrongWireFormat']],
  public_message_proposal: [(bytes) => hub.process(bytes), ['wrongGroup']],
  public_message_commit: [(bytes) => hub.process(bytes), ['wrongGroup']],
  private_message: [(bytes) => group.process(bytes), ['wrongGroup']],
};

test('there are vectors to read', () => {
  expect(entries.length).toBeGreaterThanOrEqual(3);
  expect(createKeyPackage(store, identity).keyPackage.length).toBeGreaterThan(0);
});

describe.each(Object.entries(readers))('%s', (field, [read, answers]) => {
  test('each one is read to its end, and refused for what it says', () => {
    const codes = new Set(entries.map((entry) => codeOf(() => read(bytesOf(entry, field)))));
    expect([...codes].filter((code) => !answers.includes(code))).toEqual([]);
  });

  test('one that is a byte short or long is malformed', () => {
    const codes = entries.flatMap((entry) => {
      const bytes = bytesOf(entry, field);
      return [bytes.subarray(0, -1), Uint8Array.from([...bytes, 0])].map((damaged) =>
        codeOf(() => read(damaged)),
      );
    });
    expect([...new Set(codes)].filter((code) => code !== 'wrongSuite')).toEqual(['malformed']);
  });
});
