// What a member's own provider changes in an update on its way to a hub that follows the group, what it takes out and what
// it puts in: reviews found that it could. The hub refuses all of it, since the member has signed the whole.
// spec/privacy-modes.md, "pseudonymous", "hub-visible".

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Device } from '../../ts/client/index.ts';
import { generateHpkeKeyPair, generateSignatureKeyPair, Identity } from '../../ts/mls/index.ts';
import { modeNamed, NEWCOMER, provenContent, signerOf } from '../../ts/privacy/index.ts';
import { leafProof } from '../../ts/privacy/leaf_proof.ts';
import {
  decodeHandshakePayload,
  decodeHubPart,
  decodeModeUpdate,
  decodeUpdateRoomResponse,
  encodeHandshakePayload,
  encodeHubPart,
  type HandshakePayload,
  type HubPart,
  hubPartOf,
  type ModeUpdate,
  type SlotWrite,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { connect } from '../support/meeting.ts';
import {
  add,
  Between,
  damaged,
  hubKeyOf,
  reaches,
  type Three,
  three,
} from '../support/mode_tampering.ts';

const NONE = new Uint8Array();

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world[Symbol.asyncDispose]();
});

type Change = (update: ModeUpdate) => ModeUpdate;

const refusedBy = (rule: string) => ({ code: 'refused', details: { rule } });

async function goesOn({ room, bobs, carols, problems, settle: rest }: Three, epoch: bigint) {
  await rest();
  expect([room.epoch, bobs.epoch, carols.epoch]).toEqual([epoch, epoch, epoch]);
  expect(await reaches(bobs, carols, rest)).toBe(true);
  expect(problems).toEqual({ alice: [], bob: [], carol: [] });
}

/** Slots of a provider's own. */
const strays: readonly SlotWrite[] = [
  { lifetime: 'room', name: new Uint8Array([7]), value: new Uint8Array(8) },
];

describe.each(['pseudonymous', 'hub-visible'])('in mode %s', (mode) => {
  const { handshakes, hubParts } = modeNamed(mode);

  const welcomeChanges: readonly (readonly [string, Change])[] = [
    ['changes', inWelcomes((welcome) => [{ ...welcome, sealed: damaged(welcome.sealed) }])],
    ['sends elsewhere', inWelcomes((welcome) => [{ ...welcome, domain: 'b.example' }])],
    ['takes out', inWelcomes(() => [])],
    ['doubles', inWelcomes((welcome) => [welcome, welcome])],
    [
      'adds another to',
      inWelcomes((welcome) => [welcome, { ...welcome, ref: damaged(welcome.ref) }]),
    ],
  ];

  test.each(welcomeChanges)(
    'an own provider that %s the Welcome is found out by the hub, and the other is added all the same',
    async (_, change) => {
      const people = await three(world, mode);
      const { alice, bob, carol, room, between } = people;
      const dora = await world.device('c.example', 'dora-1');
      await dora.connections.publish(2);
      await connect(alice, dora);
      const { epoch } = room;
      between.alice.update = (update) => (update.kind === 'commit' ? change(update) : update);
      await expect(room.invite(dora.account.user)).rejects.toMatchObject(refusedBy('leafProof'));
      between.alice.update = undefined;
      await goesOn(people, epoch);
      const doras = await add(alice, room, dora, bob, carol);
      expect(await reaches(doras, room, () => settle(alice, bob, carol, dora))).toBe(true);
    },
  );

  test('an own provider that takes one of two proposals out is found out by the hub', async () => {
    const people = await three(world, mode);
    const { alice, bob, carol, room, bobs, between } = people;
    await withSecond(bob, people);
    const rest = () => settle(alice, bob, carol, ...seconds);
    await rest();
    between.bob.update = ({ payloads, ...update }) => ({ ...update, payloads: payloads.slice(1) });
    await expect(bobs.leave()).rejects.toMatchObject(refusedBy('leafProof'));
    between.bob.update = undefined;
    await rest();
    expect([room.pendingProposals, bobs.status]).toEqual([0, 'active']);
    await bobs.leave();
    await rest();
    expect(room.pendingProposals).toBe(2);
  });

  const seconds: Device[] = [];

  /** A further device of Bob's comes into the room. */
  async function withSecond(bob: Device, { room, settle: rest }: Three) {
    const second = await world.device('b.example', 'bob-2');
    seconds.splice(0, seconds.length, second);
    await second.joinExternally(room.uri, { mode });
    await rest();
    await settle(second, bob);
  }

  test('what an own provider puts into slots that a member leaves is found out by the hub', async () => {
    const people = await three(world, mode);
    const { room, bobs, between } = people;
    const { epoch } = room;
    const answers: string[] = [];
    between.bob.reply = (operation, answer) => {
      if (operation === 'update') answers.push(decodeUpdateRoomResponse(answer).errorDescription);
      return answer;
    };
    between.bob.update = await withStrays();
    await bobs.shareWrapper();
    between.bob.update = undefined;
    await bobs.shareWrapper();
    expect(answers).toEqual([expect.stringMatching(/^R9-sender-participates:/), '']);
    between.bob.reply = undefined;
    await goesOn(people, epoch);
  });

  /** Adds a payload with slots only, which the hub opens as it opens those of members. */
  async function withStrays(): Promise<Change> {
    const hub = await hubKeyOf(world, 'a.example');
    const memberKeys = [generateHpkeKeyPair(1).publicKey];
    return (update) => {
      const { groupId, epoch, kind } = update;
      const address = { suite: 1, groupId, epoch, kind } as const;
      const payload = { handshake: NONE, slots: strays };
      const stray = handshakes.wrap(payload, address, { memberKeys, hub, joins: false });
      return { ...update, payloads: [...update.payloads, stray] };
    };
  }

  test('the part for the hub is not made up by an own provider, nor taken away', async () => {
    const people = await three(world, mode);
    const { room, bobs, between } = people;
    const { epoch } = room;
    const hub = await hubKeyOf(world, 'a.example');
    const own = signerOf(1, generateSignatureKeyPair(1).privateKey);
    const replaced =
      (make: (update: ModeUpdate) => HubPart): Change =>
      (update) => {
        const { groupId, kind } = update;
        const address = { suite: 1, groupId, epoch: update.epoch, kind } as const;
        return { ...update, hubPart: hubParts.seal(make(update), address, hub) };
      };
    const given = hubPartOf({ groupInfo: await groupInfoOf(people), announcement: NONE });
    const changes: readonly (readonly [string, Change])[] = [
      ['fullGroupInfo', (update) => ({ ...update, hubPart: NONE })],
      ['fullGroupInfo', replaced(() => hubPartOf({}))],
      ['leafProof', replaced(() => given)],
      ...[0, 1, NEWCOMER].map(
        (leaf) =>
          [
            'leafProof',
            replaced((update) => ({
              ...given,
              proof: leafProof('update proof', leaf, own, provenContent(update, given)),
            })),
          ] as const,
      ),
    ];
    for (const [rule, change] of changes) {
      between.bob.update = change;
      await expect(bobs.selfUpdate()).rejects.toMatchObject(refusedBy(rule));
    }
    between.bob.update = undefined;
    await goesOn(people, epoch);
  });

  /** The GroupInfo of a commit that Bob makes, and nobody gets. */
  async function groupInfoOf({ bobs, between }: Three): Promise<Uint8Array> {
    let groupInfo: Uint8Array = NONE;
    const { seal } = hubParts;
    const spy = vi.spyOn(hubParts, 'seal').mockImplementation((part, ...to) => {
      groupInfo = part.groupInfo;
      return seal(part, ...to);
    });
    between.bob.update = (update) => ({ ...update, hubPart: NONE });
    await expect(bobs.selfUpdate()).rejects.toMatchObject(refusedBy('fullGroupInfo'));
    between.bob.update = undefined;
    spy.mockRestore();
    expect(groupInfo.length).toBeGreaterThan(0);
    return groupInfo;
  }
});

function inWelcomes(
  change: (welcome: ModeUpdate['welcomes'][number]) => ModeUpdate['welcomes'],
): Change {
  return (update) => ({ ...update, welcomes: update.welcomes.flatMap(change) });
}

describe('in mode pseudonymous, where it can read what the hub gets,', () => {
  const mode = 'pseudonymous';

  const inPart =
    (change: (part: HubPart) => Partial<HubPart>): Change =>
    (update) => {
      const part = decodeHubPart(update.hubPart);
      return { ...update, hubPart: encodeHubPart({ ...part, ...change(part) }) };
    };
  const inPayload =
    (change: (payload: HandshakePayload) => Partial<HandshakePayload>): Change =>
    (update) => ({
      ...update,
      payloads: update.payloads.map((bytes) => {
        const payload = decodeHandshakePayload(bytes);
        return encodeHandshakePayload({ ...payload, ...change(payload) });
      }),
    });

  const changes: readonly (readonly [string, Change])[] = [
    ['takes the announcement out', inPart(() => ({ announcement: NONE }))],
    ['takes the context hash out', inPart(() => ({ contextHash: NONE }))],
    ['takes the proof out', inPart(() => ({ proof: NONE }))],
    ['puts slots into the part for the hub', inPart(() => ({ slots: strays }))],
    [
      'puts a write key into the part for the hub',
      inPart(() => ({ nextWriteKey: new Uint8Array(32) })),
    ],
    ['takes all slots out', inPayload(() => ({ slots: [] }))],
    [
      'takes the wrapper key out',
      inPayload(({ slots }) => ({ slots: slots.filter(({ lifetime }) => lifetime !== 'epoch') })),
    ],
    ['puts slots in', inPayload(({ slots }) => ({ slots: [...slots, ...strays] }))],
    [
      'changes what members leave for each other',
      inPayload(({ slots }) => ({
        slots: slots.map((slot) => ({ ...slot, value: damaged(slot.value) })),
      })),
    ],
  ];

  test.each(changes)(
    'an own provider that %s is found out by the hub, and the room goes on',
    async (_, change) => {
      const people = await three(world, mode);
      const { room, bobs, between } = people;
      const { epoch } = room;
      between.bob.update = change;
      await expect(bobs.selfUpdate()).rejects.toMatchObject(refusedBy('leafProof'));
      between.bob.update = undefined;
      await goesOn(people, epoch);
    },
  );

  test.each(changes)(
    "a newcomer's provider that %s is found out by the hub, and the newcomer comes in after all",
    async (_, change) => {
      const people = await three(world, mode);
      const { alice, bob, carol, room, bobs } = people;
      const link = await room.createJoinLink();
      await people.settle();
      const { epoch } = room;
      const between = new Between();
      const dora = await world.device('c.example', 'dora-1', { wrap: between.wrap });
      between.update = change;
      await expect(dora.joinByLink(link)).rejects.toMatchObject(refusedBy('leafProof'));
      between.update = undefined;
      await goesOn(people, epoch);
      const doras = await dora.joinByLink(link);
      const all = () => settle(alice, bob, carol, dora);
      await all();
      expect(await reaches(doras, bobs, all)).toBe(true);
    },
  );

  test('what an own provider puts beside proposals is found out by the hub', async () => {
    const people = await three(world, mode);
    const { room, bobs, between, settle: rest } = people;
    const stray = encodeHandshakePayload({ handshake: NONE, slots: strays });
    between.bob.update = ({ payloads, ...update }) => ({
      ...update,
      payloads: [...payloads, stray],
    });
    await expect(bobs.leave()).rejects.toMatchObject(refusedBy('leafProof'));
    between.bob.update = undefined;
    await rest();
    expect(room.pendingProposals).toBe(0);
    expect(await reaches(bobs, room, rest)).toBe(true);
  });

  test('the proof of an update is of no use for another one', async () => {
    const people = await three(world, mode);
    const { bobs, between } = people;
    await bobs.selfUpdate();
    await people.settle();
    const { epoch } = bobs;
    const { hubPart } = decodeModeUpdate(between.bob.updates.at(-1) as Uint8Array);
    const { proof } = decodeHubPart(hubPart);
    expect(proof.length).toBeGreaterThan(0);
    between.bob.update = inPart(() => ({ proof }));
    await expect(bobs.selfUpdate()).rejects.toMatchObject(refusedBy('leafProof'));
    between.bob.update = undefined;
    await goesOn(people, epoch);
  });

  test('the proof of another member does not stand for that of the committer', async () => {
    const people = await three(world, mode);
    const { room, bobs, carols, between } = people;
    let carol: Identity | undefined;
    const { sign } = Identity.prototype;
    const spy = vi.spyOn(Identity.prototype, 'sign').mockImplementation(function (
      this: Identity,
      ...signed
    ) {
      carol = this;
      return sign.apply(this, signed);
    });
    await carols.selfUpdate();
    spy.mockRestore();
    await people.settle();
    const { epoch } = room;
    const leaves = room.members().map(({ leafIndex }) => leafIndex);
    for (const leaf of leaves) {
      between.bob.update = (update) => {
        const { proof: _, ...part } = decodeHubPart(update.hubPart);
        const changed = hubPartOf(part);
        const signer = (label: string, content: Uint8Array) =>
          (carol as Identity).sign(label, content);
        const proof = leafProof('update proof', leaf, signer, provenContent(update, changed));
        return { ...update, hubPart: encodeHubPart({ ...changed, proof }) };
      };
      await expect(bobs.selfUpdate()).rejects.toMatchObject(refusedBy('leafProof'));
    }
    between.bob.update = undefined;
    await goesOn(people, epoch);
  });
});
