// The hub's part in a claim of key packages: only for those who take part in the room, and without telling the room.

import { expect, test } from 'vitest';
import { ClaimRelay } from '../../../ts/provider/accounts/claim_relay.ts';
import type { HiddenAccountsContext } from '../../../ts/provider/accounts/context.ts';
import { SetClaims } from '../../../ts/provider/accounts/set_claims.ts';
import { defaultLimits } from '../../../ts/provider/limits.ts';
import { decodeSealedRequest, providerUri, roomUri } from '../../../ts/wire/index.ts';

const HUB = 'hub.example';
const TARGET = 'b.example';
const club = roomUri(HUB, 'club');
const request = { roomUri: club, sealed: new Uint8Array([1, 2, 3]) };

function hub(mayRelay: boolean) {
  const asked: unknown[] = [];
  const posted: { target: string; id: string; body: Uint8Array }[] = [];
  const context = {
    domain: HUB,
    limits: defaultLimits,
    peers: {
      domains: [TARGET],
      post: async (target: string, _endpoint: string, id: string, body: Uint8Array) => {
        posted.push({ target, id, body });
        return { status: 200, body: new Uint8Array([9]) };
      },
    },
  } as unknown as HiddenAccountsContext;
  const relay = new ClaimRelay(context, new SetClaims(context), async (room, domain) => {
    asked.push([room, domain]);
    return mayRelay;
  });
  return { relay, asked, posted };
}

test('a claim of a domain that takes part in the room goes on without the room', async () => {
  const { relay, asked, posted } = hub(true);
  expect(await relay.forPeer('a.example', providerUri(TARGET), request)).toEqual(
    new Uint8Array([9]),
  );
  expect(asked).toEqual([[club, 'a.example']]);
  expect(posted).toHaveLength(1);
  expect(posted[0]).toMatchObject({ target: TARGET, id: providerUri(TARGET) });
  expect(decodeSealedRequest(posted[0]?.body as Uint8Array)).toEqual({
    roomUri: undefined,
    sealed: request.sealed,
  });
});

test('a claim of a domain that takes no part in the room stops at the hub', async () => {
  const { relay, posted } = hub(false);
  for (const claim of [
    relay.forPeer('a.example', providerUri(TARGET), request),
    relay.forDevice(providerUri(TARGET), request),
  ]) {
    await expect(claim).rejects.toMatchObject({ code: 'unknownRoom' });
  }
  expect(posted).toEqual([]);
});
