// Rows and snapshots that a release has written are read by every later one (test/vectors/state), or are refused by
// their version byte: never read as something else.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Group, HubGroup, MemberStore } from '../../ts/mls/index.ts';
import { codeOf, hex } from '../unit/mls/devices.ts';
import { type GoldenState, goldenFile, hubOf, memberOf, suites } from './support/golden_state.ts';

const of = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

describe.each(suites)('version 1, cipher suite %i', (suite) => {
  const golden: GoldenState = JSON.parse(readFileSync(goldenFile(suite), 'utf8'));
  const rows = golden.rows.map(([key, value]) => ({ key: of(key), value: of(value) }));

  test('a member goes on from its rows: it says the same, reads on and follows the next commit', () => {
    const store = MemberStore.restore(rows);
    const group = Group.load(store, of(golden.groupId)) as Group;
    expect(memberOf(group)).toEqual(golden.member);
    expect(group.process(of(golden.message))).toMatchObject({
      kind: 'application',
      plaintext: new TextEncoder().encode(golden.plaintext),
    });
    const processed = group.process(of(golden.commit));
    if (processed.kind !== 'commit') throw new Error('A commit was expected.');
    group.accept(processed.staged);
    expect(hex(group.epochAuthenticator())).toBe(golden.authenticatorAfter);
  });

  test('a hub goes on from its snapshot, and writes the same bytes', () => {
    const hub = HubGroup.restore(of(golden.snapshot));
    expect(hubOf(hub)).toEqual(golden.hub);
    expect(hex(hub.snapshot())).toBe(golden.snapshot);
    hub.apply(hub.process(of(golden.commit)));
    expect(Number(hub.epoch)).toBe(golden.hub.epoch + 1);
  });

  test('of another version, a row or a snapshot is refused', () => {
    const later = rows.map(({ key, value }) => ({ key, value: Uint8Array.from(value) }));
    for (const { value } of later) value[0] = 2;
    expect(codeOf(() => Group.load(MemberStore.restore(later), of(golden.groupId)))).toBe(
      'damagedStore',
    );
    const snapshot = of(golden.snapshot);
    snapshot[0] = 2;
    expect(codeOf(() => HubGroup.restore(snapshot))).toBe('damagedStore');
  });
});
