// Claims of key package sets: who gets what by a token, and what those between learn of it.
// spec/privacy-modes.md, "Key packages".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { init, keyPackageRef } from '../../ts/mls/index.ts';
import { sealTo } from '../../ts/privacy/parts/hpke.ts';
import { pad } from '../../ts/privacy/parts/padding.ts';
import { labelled } from '../../ts/privacy/parts/structs.ts';
import { clientOfRef } from '../../ts/provider/accounts/set_claims.ts';
import { ACCOUNTS_SHARD } from '../../ts/provider/directory.ts';
import type { Store } from '../../ts/provider/index.ts';
import { prefixes, rangeOf } from '../../ts/provider/rows.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  decodeSealedRequest,
  encodeHpkeCiphertext,
  encodeSealedRequest,
  providerUri,
  roomUri,
  setKinds,
  Writer,
} from '../../ts/wire/index.ts';
import { type AppendFault, withFaults } from '../support/faulty_store.ts';
import { HiddenAccount, HiddenDevice, setId } from '../support/hidden_account.ts';
import { convene, MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

const HUB = 'hub.example';
const ASKER = 'alice.example';
const TARGET = 'bob.example';
const QUOTA = 5;
const EXPIRY_MS = 600_000;
const club = roomUri(HUB, 'club');

let network: Network;
let store: Store;
let alice: HiddenDevice;
let bob: HiddenDevice;
let bobsTablet: HiddenDevice;
let token: Uint8Array;

beforeEach(async () => {
  await init();
  network = new Network(HUB, ASKER, TARGET);
  store = openMemoryStore();
  await network.open(HUB, openMemoryStore());
  await network.open(ASKER, openMemoryStore());
  await network.open(TARGET, store, { claimsPerTokenHourly: QUOTA });
  const account = new HiddenAccount();
  bob = new HiddenDevice(network.call, TARGET, 'bob-1', account);
  bobsTablet = new HiddenDevice(network.call, TARGET, 'bob-2', account);
  alice = new HiddenDevice(network.call, ASKER, 'alice-1', new HiddenAccount());
  for (const device of [alice, bob, bobsTablet]) await device.register(0);
  token = account.token;
});

afterEach(async () => {
  for (const domain of [HUB, ASKER, TARGET]) await network.provider(domain).close();
});

const wrongToken = new Uint8Array(32).fill(7);
const claim = (options = {}) => alice.claimSet(TARGET, token, { expiry: soon(), ...options });
const soon = () => network.now + 60_000;
const packages = (claimed: readonly { readonly keyPackage: Uint8Array }[]) =>
  claimed.map(({ keyPackage }) => Buffer.from(keyPackage).toString('hex')).sort();

const rowsUnder = async (prefix: Uint8Array) =>
  (await store.range(ACCOUNTS_SHARD, rangeOf(prefix))).length;

describe('a claim', () => {
  test('gets all parts of one set, which nobody gets again', async () => {
    const parts = [bob.part('one'), bobsTablet.part('one')];
    await bob.uploadSets(parts.slice(0, 1));
    await bobsTablet.uploadSets(parts.slice(1));
    const claimed = await claim();
    expect(packages(claimed)).toEqual(packages(parts));
    const sealed = claimed.map(({ sealedKey }) => sealedKey);
    for (const { sealedKey } of parts) expect(sealed).toContainEqual(sealedKey);
    expect(await claim()).toEqual([]);
    expect(await bob.openSets()).toEqual([]);
  });

  test('is not answered by a part that comes late, nor by one that comes again', async () => {
    const part = bob.part('one');
    await bob.uploadSets([part]);
    await claim();
    expect(await bobsTablet.uploadSets([bobsTablet.part('one')])).toEqual([]);
    expect(await bob.uploadSets([part])).toEqual([]);
    expect(await bob.uploadSets([bob.part('one')])).toEqual([]);
    expect(await claim()).toEqual([]);
  });

  test('gets a set of the kind that it wants, and of its suite', async () => {
    const real = bob.part('real', { kind: 'real' });
    await bob.uploadSets([bob.part('hidden'), real]);
    expect(await claim({ suite: 2 })).toEqual([]);
    expect(packages(await claim({ kind: 'real' }))).toEqual(packages([real]));
    expect(await claim({ kind: 'real' })).toEqual([]);
    expect(await claim()).toHaveLength(1);
  });

  test('gets the set in which most of the devices take part', async () => {
    await bob.uploadSets([bob.part('1'), bob.part('2'), bob.part('3')]);
    await bobsTablet.uploadSets([bobsTablet.part('2')]);
    expect(await claim()).toHaveLength(2);
    expect(await claim()).toHaveLength(1);
  });

  test('gets no key package that has expired', async () => {
    await bob.uploadSets([bob.part('1', { lifetimeSeconds: 60 }), bob.part('2')]);
    await bobsTablet.uploadSets([bobsTablet.part('1')]);
    network.now += 3_600_000;
    expect(await claim()).toHaveLength(1);
    expect(await claim()).toHaveLength(1);
    expect(await claim()).toEqual([]);
  });

  test('gets the last resort when there is no other set, more than once', async () => {
    const last = bob.part('last', { lastResort: true });
    await bob.uploadSets([last, bob.part('zero')]);
    expect(packages(await claim())).not.toEqual(packages([last]));
    expect(await bob.openSets()).toEqual(['last']);
    expect(packages(await claim())).toEqual(packages([last]));
    expect(packages(await claim())).toEqual(packages([last]));
  });

  test('shows that a last resort was used, so that its user replaces it', async () => {
    const first = bob.part('last1', { lastResort: true });
    const second = bob.part('last2', { lastResort: true });
    await bob.uploadSets([first]);
    await claim();
    expect(await bob.openSets()).toEqual([]);
    const late = bobsTablet.part('last1', { lastResort: true });
    expect(await bobsTablet.uploadSets([late])).toEqual([]);
    expect(packages(await claim())).toEqual(packages([first]));
    await bob.uploadSets([second]);
    expect(await bob.openSets()).toEqual(['last2']);
    expect(await rowsUnder(prefixes.setEntries(bob.device.user))).toBe(1);
    expect(packages(await claim())).toEqual(packages([second]));
    await bob.uploadSets([first]);
    await bobsTablet.uploadSets([late]);
    expect(await bob.openSets()).toEqual([]);
  });

  test('gets a last resort that was not used before one that was', async () => {
    await bob.uploadSets(['1', '2'].map((set) => bob.part(set, { lastResort: true })));
    expect(packages(await claim())).not.toEqual(packages(await claim()));
  });

  test('ends a last resort that was used, under any name', async () => {
    const options = { kind: 'real', lastResort: true } as const;
    const first = bob.part('last1', options);
    await bob.uploadSets([first]);
    await claim({ kind: 'real' });
    await bob.uploadSets([bob.part('last2', options)]);
    await bob.uploadSets([{ ...first, id: setId('last3') }]);
    expect(await bob.openSets()).toEqual(['last2']);
  });

  test('lets its provider find the client by the ref of the key package', async () => {
    const part = bob.part('one');
    const ref = keyPackageRef(part.keyPackage);
    await bob.uploadSets([part]);
    expect(await clientOfRef(store, ref)).toBeUndefined();
    await claim();
    expect(await clientOfRef(store, ref)).toBe(bob.device.client);
  });

  test('made at once with others never gets what another gets', async () => {
    await bob.uploadSets([bob.part('1'), bob.part('2')]);
    const claims = await Promise.all(Array.from({ length: 4 }, () => claim()));
    const given = claims.flatMap(packages);
    expect(given).toHaveLength(2);
    expect(new Set(given).size).toBe(2);
  });

  test('finds after a restart what was there before it, and only that', async () => {
    await bob.uploadSets([bob.part('1'), bob.part('2'), bob.part('3', { lastResort: true })]);
    const { sealed, open } = await alice.makeClaim(TARGET, token);
    const given = packages(open(await alice.postClaim(TARGET, sealed)));
    const keys = await bob.providerKeys(TARGET);
    await network.provider(TARGET).close();
    await network.open(TARGET, store, { claimsPerTokenHourly: QUOTA });
    expect(await bob.providerKeys(TARGET)).toEqual(keys);
    expect(open(await alice.postClaim(TARGET, sealed))).toEqual([]);
    expect(await bob.openSets()).toEqual(['2', '3']);
    expect(packages(await claim())).not.toEqual(given);
  });
});

describe('the answer', () => {
  test('is alike for a wrong token, a repeated claim, an empty stock and a used-up quota', async () => {
    await bob.uploadSets([bob.part('1')]);
    const first = await alice.makeClaim(TARGET, token);
    await alice.postClaim(TARGET, first.sealed);
    const wrong = await alice.makeClaim(TARGET, wrongToken);
    const empty = await alice.makeClaim(TARGET, token);
    const answers = [];
    for (const { sealed, open } of [first, wrong, empty]) {
      const answer = await alice.postClaim(TARGET, sealed);
      expect(open(answer)).toEqual([]);
      answers.push(answer.length);
    }
    for (let used = 2; used < QUOTA; used++) await claim();
    const late = await alice.makeClaim(TARGET, token);
    answers.push((await alice.postClaim(TARGET, late.sealed)).length);
    expect(new Set(answers).size).toBe(1);
  });

  test('is for who made the claim: it opens no other claim', async () => {
    const [one, other] = [
      await alice.makeClaim(TARGET, token),
      await alice.makeClaim(TARGET, token),
    ];
    const answer = await alice.postClaim(TARGET, one.sealed);
    expect(() => other.open(answer)).toThrow();
  });
});

test('a set is handed out only once that is durable', async () => {
  const faults: AppendFault[] = [];
  await network.provider(TARGET).close();
  await network.open(TARGET, withFaults(openMemoryStore(), faults).store);
  await bob.register(0);
  await bob.uploadSets([bob.part('one')]);
  const { sealed, open } = await alice.makeClaim(TARGET, token);
  faults.push('unavailable');
  await expect(bob.postClaim(TARGET, sealed)).rejects.toMatchObject({ code: 'storeUnavailable' });
  expect(open(await bob.postClaim(TARGET, sealed))).toHaveLength(1);
});

describe('a token', () => {
  test('leaves nothing of its claims behind when another takes its place', async () => {
    const claims = prefixes.claims(bob.account.tokenHash);
    await bob.uploadSets([bob.part('one')]);
    await claim();
    expect(await rowsUnder(claims)).toBe(1);
    bob.account.generation++;
    await bob.uploadSets([bob.part('two')]);
    expect(await rowsUnder(claims)).toBe(0);
  });

  test('gets so many claims an hour, of which wrong tokens use up none', async () => {
    await bob.uploadSets([bob.part('last', { lastResort: true })]);
    for (let other = 0; other <= QUOTA; other++) {
      expect(await alice.claimSet(TARGET, wrongToken)).toEqual([]);
    }
    for (let used = 0; used < QUOTA; used++) expect(await claim()).toHaveLength(1);
    expect(await claim()).toEqual([]);
    network.now += 3_600_000;
    expect(await claim()).toHaveLength(1);
  });

  test('gets its quota also by claims that come at once', async () => {
    await bob.uploadSets([bob.part('last', { lastResort: true })]);
    const claims = await Promise.all(Array.from({ length: QUOTA + 3 }, () => claim()));
    expect(claims.filter(({ length }) => length > 0)).toHaveLength(QUOTA);
  });
});

describe('a claim is refused', () => {
  const refused = (sealed: Uint8Array, code: string) =>
    expect(alice.postClaim(TARGET, sealed)).rejects.toMatchObject({ code });

  test('when it has expired, or expires too far ahead', async () => {
    for (const expiry of [network.now - 1, network.now, network.now + EXPIRY_MS + 1]) {
      const { sealed } = await alice.makeClaim(TARGET, token, { expiry });
      await refused(sealed, 'claimExpired');
    }
    const { sealed, open } = await alice.makeClaim(TARGET, token, {
      expiry: network.now + EXPIRY_MS,
    });
    expect(open(await alice.postClaim(TARGET, sealed))).toEqual([]);
  });

  test('when it is not sealed to the provider that it comes to', async () => {
    const { sealed } = await alice.makeClaim(HUB, token);
    await refused(sealed, 'claimUnreadable');
    await refused(new Uint8Array(), 'claimUnreadable');
  });

  test('when a bit of it is changed', async () => {
    await bob.uploadSets([bob.part('last', { lastResort: true })]);
    const { sealed } = await alice.makeClaim(TARGET, token);
    for (let at = 0; at < sealed.length; at += 23) {
      await refused(
        sealed.map((octet, index) => (index === at ? octet ^ 1 : octet)),
        'claimUnreadable',
      );
    }
    expect(await bob.openSets()).toEqual(['last']);
  });

  test('when its answer cannot be sealed, and costs the user no set', async () => {
    await bob.uploadSets([bob.part('one')]);
    const { sealingKey } = await bob.providerKeys(TARGET);
    const claimed = new Writer();
    claimed.fixed(token, 32, 'token');
    claimed.opaque(new Uint8Array(31), 'responseKey');
    claimed.u64(BigInt(soon()), 'expiry');
    claimed.enum8(setKinds, 'pseudonymous', 'kind');
    claimed.u16(1, 'suite');
    const label = 'key package claim';
    const context = labelled(label, (writer) => writer.text(TARGET, 'domain'));
    const sealed = sealTo(1, sealingKey, label, context, pad(claimed.finish()));
    await refused(encodeHpkeCiphertext(sealed), 'claimUnreadable');
    expect(await bob.openSets()).toEqual(['one']);
  });

  test('when it is larger than a claim can be', async () => {
    await refused(new Uint8Array((16 << 10) + 1), 'tooLarge');
  });
});

describe('on its way', () => {
  const bodies = () => network.posts.filter(({ endpoint }) => endpoint === 'claimKeyPackages');

  /** The hub passes claims on for providers that take part in the room. */
  async function intoClub(): Promise<void> {
    const host = new MlsMember(network.call, HUB, 'host-1');
    await host.register(0);
    await alice.register(1);
    await convene(club, [host, alice]);
  }

  test('a claim goes through the hub of the room, which does not tell the room', async () => {
    await intoClub();
    await bob.uploadSets([bob.part('one')]);
    expect(await claim({ room: club })).toHaveLength(1);
    const [toHub, toTarget, ...more] = bodies();
    expect(more).toEqual([]);
    expect([toHub?.source, toHub?.target]).toEqual([ASKER, HUB]);
    expect([toTarget?.source, toTarget?.target]).toEqual([HUB, TARGET]);
    expect(decodeSealedRequest(toHub?.body as Uint8Array).roomUri).toBe(club);
    expect(decodeSealedRequest(toTarget?.body as Uint8Array).roomUri).toBeUndefined();
    const text = Buffer.from(toTarget?.body as Uint8Array).toString('latin1') + toTarget?.id;
    for (const secret of ['club', 'alice']) expect(text).not.toContain(secret);
  });

  test('a claim for no room goes straight to the provider of the user', async () => {
    await bob.uploadSets([bob.part('one')]);
    expect(await claim()).toHaveLength(1);
    expect(bodies().map(({ source, target }) => [source, target])).toEqual([[ASKER, TARGET]]);
  });

  test('neither user nor token shows to the hub', async () => {
    await intoClub();
    await bob.uploadSets([bob.part('one')]);
    await claim({ room: club });
    const seen = bodies().map(({ id, body }) => id + Buffer.from(body).toString('latin1'));
    for (const text of seen) {
      expect(text).not.toContain('/u/bob');
      expect(text).not.toContain(Buffer.from(token).toString('latin1'));
    }
  });

  test('the user of the same provider is reached without a request', async () => {
    await bob.uploadSets([bob.part('one')]);
    const claimed = await bobsTablet.claimSet(TARGET, token);
    expect(claimed).toHaveLength(1);
    expect(network.posts).toEqual([]);
  });

  const fromPeer = (at: string, source: string, target: string, room?: typeof club) => {
    const body = encodeSealedRequest({ roomUri: room, sealed: new Uint8Array(1) });
    return network.provider(at).fromPeer(source, 'claimKeyPackages', providerUri(target), body);
  };

  test('a provider passes claims on for its own rooms only', async () => {
    await expect(fromPeer(HUB, ASKER, TARGET)).rejects.toMatchObject({ code: 'notTarget' });
    await expect(fromPeer(TARGET, ASKER, TARGET, club)).rejects.toMatchObject({ code: 'notHub' });
  });

  test('a provider that nobody knows is not asked', async () => {
    const post = alice.postClaim('nobody.example', new Uint8Array(1));
    await expect(post).rejects.toMatchObject({ code: 'unknownPeer' });
  });

  test('a refusal of the last provider is told through the hub, by its status', async () => {
    await intoClub();
    const { sealed } = await alice.makeClaim(TARGET, token, { expiry: network.now - 1 });
    await expect(alice.postClaim(TARGET, sealed, club)).rejects.toMatchObject({
      code: 'claimExpired',
    });
    network.interfere = ({ target }) =>
      target === TARGET ? { status: 403, body: new Uint8Array() } : undefined;
    await expect(alice.postClaim(TARGET, sealed, club)).rejects.toMatchObject({
      code: 'peerRefused',
    });
  });
});
