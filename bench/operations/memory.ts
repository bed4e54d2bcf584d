// Memory of a group that a process holds: the hub's view, and a member's with its store.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quantile } from '../../ts/evidence/overhead/statistics.ts';
import type { Crowd } from '../support/crowd.ts';
import { plain, type Result } from '../support/result.ts';
import { inFreshProcess } from './cold_load.ts';

const program = fileURLToPath(new URL('../children/memory.ts', import.meta.url));
/** Enough copies for the growth to be far above what else a process does with memory. */
const leavesHeld = 40_000;

export function memory({ members, ours }: Crowd, runs: number): Result[] {
  const folder = mkdtempSync(join(tmpdir(), 'exedra-bench-'));
  const copies = String(Math.max(20, Math.min(1000, Math.round(leavesHeld / members))));
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('base64');
  try {
    const paths = { hub: join(folder, 'hub'), member: join(folder, 'member') };
    writeFileSync(paths.hub, ours.hub.snapshot());
    const rows = ours.secondParty.store.rows().map(({ key, value }) => [text(key), text(value)]);
    writeFileSync(paths.member, JSON.stringify({ groupId: text(ours.second.groupId), rows }));
    return (['hub', 'member'] as const).map((kind) => {
      const sizes = Array.from(
        { length: runs },
        () => inFreshProcess(program, [kind, paths[kind], copies]) as number,
      );
      return plain(`memory of a group, ${kind}`, members, 'KiB', {
        median: quantile(sizes, 0.5),
        p75: quantile(sizes, 0.75),
      });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
