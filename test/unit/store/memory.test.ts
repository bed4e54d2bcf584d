// The memory engine against the rules of the Store interface.

import { expect, it } from 'vitest';
import { openMemoryStore } from '../../../ts/store/memory.ts';
import { describeStore } from '../../support/store_conformance.ts';

describeStore('memory', async (options) => openMemoryStore(options));

it('a memory store refuses snapshots with a reason', async () => {
  await expect(openMemoryStore().snapshot('copy')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('LMDB'),
  });
});
