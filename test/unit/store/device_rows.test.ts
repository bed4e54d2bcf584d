// A device's rows on LMDB: loading by prefix, all-or-nothing writes, reopening.

import { expect, it } from 'vitest';
import { openLmdbKeyValue } from '../../../ts/store/device_rows.ts';
import { openLmdbStore } from '../../../ts/store/lmdb/store.ts';
import { bytes, text } from '../../support/store_batches.ts';
import { freshPath } from '../../support/store_directory.ts';

const keys = [
  bytes(),
  bytes(0),
  bytes(1, 2),
  bytes(1, 0xff),
  bytes(1, 0xff, 3),
  bytes(2),
  bytes(0xff),
  bytes(0xff, 0xff),
];

it('rows written by a device are there after reopening, in bytewise key order', async () => {
  const path = freshPath();
  const rows = await openLmdbKeyValue({ path });
  await rows.write([...keys].reverse().map((key) => ({ key, value: key })));
  await rows.close();
  const again = await openLmdbKeyValue({ path });
  expect(await again.load()).toEqual(keys.map((key) => ({ key, value: key })));
  await again.close();
});

it('a prefix selects the rows that begin with it', async () => {
  const rows = await openLmdbKeyValue({ path: freshPath() });
  await rows.write(keys.map((key) => ({ key, value: key })));
  const under = async (...prefix: number[]): Promise<Uint8Array[]> =>
    (await rows.load(bytes(...prefix))).map(({ key }) => key);
  expect(await under(1)).toEqual([bytes(1, 2), bytes(1, 0xff), bytes(1, 0xff, 3)]);
  expect(await under(1, 0xff)).toEqual([bytes(1, 0xff), bytes(1, 0xff, 3)]);
  expect(await under(0xff)).toEqual([bytes(0xff), bytes(0xff, 0xff)]);
  expect(await under(3)).toEqual([]);
  await rows.close();
});

it('an undefined value deletes its row, and writes apply in the order of the calls', async () => {
  const rows = await openLmdbKeyValue({ path: freshPath() });
  const key = text('k');
  await Promise.all([
    rows.write([{ key, value: text('1') }]),
    rows.write([{ key, value: undefined }]),
    rows.write([
      { key, value: text('3') },
      { key: text('l'), value: undefined },
    ]),
  ]);
  expect(await rows.load()).toEqual([{ key, value: text('3') }]);
  await rows.close();
});

it('a write with a part over the limit writes nothing', async () => {
  const rows = await openLmdbKeyValue({ path: freshPath() });
  await expect(
    rows.write([
      { key: text('k'), value: text('1') },
      { key: new Uint8Array(1025), value: text('2') },
    ]),
  ).rejects.toMatchObject({ code: 'tooLarge' });
  expect(await rows.load()).toEqual([]);
  await rows.close();
});

it('closed rows refuse use, and their directory is not one of a provider', async () => {
  const path = freshPath();
  const rows = await openLmdbKeyValue({ path });
  await expect(openLmdbKeyValue({ path })).rejects.toMatchObject({ code: 'locked' });
  await rows.close();
  await expect(rows.load()).rejects.toMatchObject({ code: 'unavailable' });
  await expect(rows.write([])).rejects.toMatchObject({ code: 'unavailable' });
  await expect(openLmdbStore({ path })).rejects.toMatchObject({ code: 'wrongVersion' });
});
