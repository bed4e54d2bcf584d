// Prints how much memory a restored group takes, in KiB: the growth of this process over many copies.
// Arguments: `hub` and a file with a snapshot, or `member` and a file with rows as JSON; how many copies.

import { readFileSync } from 'node:fs';
import { memoryUsage } from 'node:process';
import { Group, HubGroup, MemberStore } from '../../ts/mls/index.ts';

const [kind, path = '', copies = '0'] = process.argv.slice(2);

function restorer(): () => unknown {
  if (kind === 'hub') {
    const snapshot = new Uint8Array(readFileSync(path));
    return () => HubGroup.restore(snapshot);
  }
  const { groupId, rows: saved } = JSON.parse(readFileSync(path, 'utf8')) as {
    groupId: string;
    rows: [string, string][];
  };
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  const rows = saved.map(([key, value]) => ({ key: bytes(key), value: bytes(value) }));
  return () => {
    const store = MemberStore.restore(rows);
    const group = Group.load(store, bytes(groupId));
    if (group === undefined) throw new Error('The rows have no group.');
    return [store, group];
  };
}

const restore = restorer();
// The first ones leave behind what the allocator needs for working.
const kept = [restore(), restore()];
global.gc?.();
const before = memoryUsage().rss;
for (let made = 0; made < Number(copies); made++) kept.push(restore());
global.gc?.();
console.log((memoryUsage().rss - before) / 1024 / Number(copies));
if (kept.length === 0) throw new Error('Nothing was kept.');
