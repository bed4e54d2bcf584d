// Why a room that hides identities cannot cost what an open one does when somebody is added: docs/overhead.md, "Bars".

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { person, pseudonymous } from './support/people.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const MEMBERS = 200;
/** From the hub to the follower and from there to who is added, each counted where it is sent and where it is received. */
const TIMES = 4;

test('the credentials alone that a newcomer needs are more than the bar of an add allows', async () => {
  const page = await readFile(join(root, 'docs', 'overhead.md'), 'utf8');
  const bytes = page.slice(page.indexOf('### Bytes'), page.indexOf('### Processor time'));
  const rows = bytes.slice(bytes.indexOf('\n| add | 2 |')).split('\n');
  const open = rows.find((row) => row.startsWith('|  | 200 |'))?.split('|')[3] ?? '';
  const allowed = 1.2 * Number(open.replaceAll(/[^\d]/g, '')) * 1_000;
  expect(allowed).toBeGreaterThan(100_000);

  const names = Array.from({ length: MEMBERS }, (_, index) => `user-${index}`);
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
  const real = sum(names.map((name) => person(name).credential.bytes.length));
  const hidden = sum(names.map((name) => pseudonymous(name).credential.bytes.length));
  expect(hidden).toBeGreaterThan(7 * real);
  expect(TIMES * hidden).toBeGreaterThan(1.5 * allowed);
});
