// A follower that rewrites what it passes on, and a sender that shows hub and members different things: whoever gets the
// wrong bytes says so, nobody else is harmed, and comes back. spec/privacy-modes.md, "hub-visible".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modeNamed, modeNames } from '../../ts/privacy/index.ts';
import { handshakeTypes, headerOf } from '../../ts/privacy/parts/committed_seal.ts';
import { decodeEnvelope, type Envelope } from '../../ts/privacy/parts/envelope.ts';
import { sealTo } from '../../ts/privacy/parts/hpke.ts';
import { randomSecret } from '../../ts/privacy/parts/seal.ts';
import { writeHpke } from '../../ts/privacy/parts/structs.ts';
import { type FanoutMessage, Writer } from '../../ts/wire/index.ts';
import { World } from '../support/in_process_connection.ts';
import { lying } from '../support/lying_sender.ts';
import { damaged, hubKeyOf, reaches, three } from '../support/mode_tampering.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

/** The follower's version of a commit. */
function rewritten(event: FanoutMessage): FanoutMessage {
  if (event.kind === 'modeHandshake' && event.handshake === 'commit') {
    return { ...event, payloads: event.payloads.map(damaged) };
  }
  if (event.kind !== 'commit') return event;
  // Its membership tag: what does not decode would be no commit.
  const bytes = event.message.bytes.slice();
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return { ...event, message: { ...event.message, bytes } };
}

describe.each(modeNames())('in mode %s', (mode) => {
  test('a follower that rewrites a commit cuts off its own users, who say so and come back', async () => {
    const { bob, room, bobs, carols, between, problems, settle } = await three(world, mode);
    between.bob.event = rewritten;
    await room.selfUpdate();
    await settle();
    expect(problems).toEqual({ alice: [], carol: [], bob: [expect.any(String)] });
    expect(bobs.status).toBe('stale');
    expect(await reaches(room, carols, settle)).toBe(true);

    between.bob.event = undefined;
    if (modeNamed(mode).hub === 'orders') await bob.joinByLink(await room.createJoinLink());
    else await bob.joinExternally(room.uri);
    await settle();
    expect(room.members()).toHaveLength(3);
    expect(bobs.epoch).toBe(room.epoch);
    expect(await reaches(room, bobs, settle)).toBe(true);
    expect(await reaches(bobs, carols, settle)).toBe(true);
  });
});

describe('an envelope that holds one thing for the hub and another for the members', () => {
  const SUITE = 1;

  function encode(envelope: Envelope): Uint8Array {
    const writer = new Writer();
    writer.opaque(envelope.groupId, 'groupId');
    writer.u64(envelope.epoch, 'epoch');
    writer.enum8(handshakeTypes, envelope.contentType, 'contentType');
    writer.opaque(envelope.keyId, 'hubKeyId');
    writer.fixed(envelope.commitment, 32, 'commitment');
    writeHpke(writer, envelope.wrapHub);
    writer.list(envelope.wrapsMembers, 'wrapsMembers', writeHpke);
    writer.opaque(envelope.ciphertext, 'ciphertext');
    return writer.finish();
  }

  /** Another k, rightly sealed to a key. */
  const otherKey = (envelope: Envelope, info: string, publicKey: Uint8Array) =>
    sealTo(SUITE, publicKey, info, headerOf('envelope', envelope), randomSecret());

  const mode = 'hub-visible';
  const inEnvelope = (change: (envelope: Envelope) => Envelope) => (payload: Uint8Array) =>
    encode(change(decodeEnvelope(payload)));

  test('is refused by the hub that gets the wrong key, and the room goes on', async () => {
    const { room, bobs, settle } = await three(world, mode);
    const { publicKey } = await hubKeyOf(world, 'a.example');
    const wrapped = inEnvelope((envelope) => ({
      ...envelope,
      wrapHub: otherKey(envelope, 'hub', publicKey),
    }));
    const { epoch } = room;
    await expect(lying(mode, { wrapped }, () => bobs.selfUpdate())).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'badCommitment' },
    });
    await settle();
    expect(room.epoch).toBe(epoch);
    expect(await reaches(bobs, room, settle)).toBe(true);
  });

  const wrongForMembers = inEnvelope((envelope) => ({
    ...envelope,
    wrapsMembers: envelope.wrapsMembers.map(({ kemOutput, ciphertext }) => ({
      kemOutput,
      ciphertext: damaged(ciphertext),
    })),
  }));

  test('is not followed by members that get the wrong key, who say so and come back', async () => {
    const { alice, carol, room, bobs, carols, problems, settle } = await three(world, mode);
    await lying(mode, { wrapped: wrongForMembers }, () => bobs.selfUpdate());
    await settle();
    expect(problems).toEqual({ alice: ['undecryptable'], bob: [], carol: ['undecryptable'] });
    expect([room.status, carols.status]).toEqual(['stale', 'stale']);
    // The hub has checked the commit, so that it is as good as any: what lacks is its bytes.
    await alice.joinExternally(room.uri);
    await carol.joinExternally(room.uri);
    await settle();
    expect(await reaches(room, carols, settle)).toBe(true);
    expect(await reaches(carols, bobs, settle)).toBe(true);
    expect(room.members()).toHaveLength(3);
  });

  test('is refused by the hub where the sender has not made it so, and the room goes on', async () => {
    const { room, bobs, between, problems, settle } = await three(world, mode);
    between.bob.update = (update) => ({
      ...update,
      payloads: update.payloads.map(wrongForMembers),
    });
    const { epoch } = room;
    await expect(bobs.selfUpdate()).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'leafProof' },
    });
    between.bob.update = undefined;
    await settle();
    expect(room.epoch).toBe(epoch);
    expect(problems).toEqual({ alice: [], bob: [], carol: [] });
    expect(await reaches(bobs, room, settle)).toBe(true);
  });
});
