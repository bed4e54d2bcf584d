// A tree in which every member has committed: each joins, and adds the next one by a commit with its own path. That
// costs a check of the whole tree a member, so the last member's rows are kept for the sizes that are asked for.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Group, MemberStore, type Row } from '../../ts/mls/index.ts';
import { groupIdOf } from '../../ts/wire/index.ts';
import { benchRoom, inviteBy, keyPackageOf, newParty } from './pairs.ts';

const folder = fileURLToPath(new URL('../.cache/', import.meta.url));
const wasm = new URL('../../rust-core/pkg/exedra_core_bg.wasm', import.meta.url);
/** Of the rows; well within the lifetime of a key package. */
const daysKept = 20;

/** Rows are of use only to the build that wrote them. */
function pathOf(members: number): string {
  const build = createHash('sha256').update(readFileSync(wasm)).digest('hex').slice(0, 12);
  const period = Math.floor(Date.now() / (daysKept * 86_400_000));
  return `${folder}chain-${members}-${build}-${period}.json`;
}

/** Makes what `lastOfChain` will give for these numbers of members, if it is not there yet. */
export function prepareChains(sizes: readonly number[], note: (text: string) => void): void {
  const missing = sizes.filter((size) => !existsSync(pathOf(size)));
  if (missing.length === 0) return;
  const longest = Math.max(...missing);
  mkdirSync(folder, { recursive: true });
  const founder = newParty('silent-1');
  let { store } = founder;
  let last = Group.create(store, founder.identity, groupIdOf(benchRoom));
  for (let members = 1; ; members++) {
    if (missing.includes(members)) save(members, store);
    if (members === longest) break;
    if (members % 100 === 0) note(`populated tree: ${members} of ${longest} members`);
    const next = newParty(`silent-${members + 1}`);
    const { invitation } = inviteBy(last, [keyPackageOf(next)], true);
    const joined = Group.join(next.store, invitation.welcome, invitation.tree);
    last[Symbol.dispose]();
    store[Symbol.dispose]();
    ({ store } = next);
    last = joined;
  }
}

/** The newest member of such a group, to add who acts; the caller disposes of it. */
export function lastOfChain(members: number): Group {
  const saved: [string, string][] = JSON.parse(readFileSync(pathOf(members), 'utf8'));
  const rows: Row[] = saved.map(([key, value]) => ({
    key: new Uint8Array(Buffer.from(key, 'base64')),
    value: new Uint8Array(Buffer.from(value, 'base64')),
  }));
  const group = Group.load(MemberStore.restore(rows), groupIdOf(benchRoom));
  if (group === undefined) throw new Error('The saved chain has no group.');
  return group;
}

function save(members: number, store: MemberStore): void {
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('base64');
  const rows = store.rows().map(({ key, value }) => [text(key), text(value)]);
  writeFileSync(pathOf(members), JSON.stringify(rows));
}
