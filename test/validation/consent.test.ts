// Consent, whoever gives it to whom.

import { expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import { asUserUri, encodeLocalConsent, roomUri, userUri } from '../../ts/wire/index.ts';
import { MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

/** The longest domain and the longest id. */
const domain = (letter: string) =>
  [63, 63, 63, 61].map((length) => letter.repeat(length)).join('.');
const id = 'x'.repeat(128);

test('a user consents to a room whose URIs are as long as URIs may be', async () => {
  await init();
  const network = new Network(domain('a'));
  const provider = await network.open(domain('a'), openMemoryStore());
  const device = new MlsMember(network.call, domain('a'), id);
  await device.register();
  const requester = asUserUri(userUri(domain('b'), id));
  const consent = { operation: 'grant', roomUri: roomUri(domain('c'), id) } as const;
  const answer = await device.call('consent', requester, encodeLocalConsent(consent));
  expect(answer).toHaveLength(0);
  await provider.close();
});
