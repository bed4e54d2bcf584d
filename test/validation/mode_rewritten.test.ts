// A follower that rewrites what it passes on, and a sender that shows hub and members different things: whoever gets the
// wrong bytes says so, nobody else is harmed, and comes back. spec/privacy-modes.md, "hub-visible".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Device } from '../../ts/client/index.ts';
import { modeNamed, modeNames } from '../../ts/privacy/index.ts';
import { handshakeTypes, headerOf } from '../../ts/privacy/parts/committed_seal.ts';
import { decodeEnvelope, type Envelope } from '../../ts/privacy/parts/envelope.ts';
import { sealTo } from '../../ts/privacy/parts/hpke.ts';
import { randomSecret } from '../../ts/privacy/parts/seal.ts';
import { writeHpke } from '../../ts/privacy/parts/structs.ts';
import {
  decodeProviderKeys,
  type FanoutMessage,
  type ModeUpdate,
  providerUri,
  Writer,
} from '../../ts/wire/index.ts';
import { World } from '../support/in_process_connection.ts';
import { damaged, reaches, three } from '../support/mode_tampering.ts';

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

  /** The update with its envelopes wrapped anew; the proofs of this mode are in the handshake, not around it. */
  const withEnvelope = (
    update: ModeUpdate,
    change: (envelope: Envelope) => Envelope,
  ): ModeUpdate => ({
    ...update,
    payloads: update.payloads.map((payload) => encode(change(decodeEnvelope(payload)))),
  });

  /** Another k, rightly sealed to a key. */
  const otherKey = (envelope: Envelope, info: string, publicKey: Uint8Array) =>
    sealTo(SUITE, publicKey, info, headerOf('envelope', envelope), randomSecret());

  test('is refused by the hub that gets the wrong key, and the room goes on', async () => {
    const { alice, room, bobs, between, settle } = await three(world, 'hub-visible');
    const { sealingKey } = await keysOf(alice);
    between.bob.update = (update) =>
      withEnvelope(update, (envelope) => ({
        ...envelope,
        wrapHub: otherKey(envelope, 'hub', sealingKey),
      }));
    const { epoch } = room;
    await expect(bobs.selfUpdate()).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'badCommitment' },
    });
    between.bob.update = undefined;
    await settle();
    expect(room.epoch).toBe(epoch);
    expect(await reaches(bobs, room, settle)).toBe(true);
  });

  async function keysOf({ account: { domain } }: Device) {
    const reply = await world
      .provider(domain)
      .fromPeer('b.example', 'providerKeys', providerUri(domain), new Uint8Array());
    return decodeProviderKeys(reply.body);
  }

  test('is not followed by members that get the wrong key, who say so and come back', async () => {
    const { alice, carol, room, bobs, carols, between, problems, settle } = await three(
      world,
      'hub-visible',
    );
    between.bob.update = (update) =>
      withEnvelope(update, (envelope) => ({
        ...envelope,
        wrapsMembers: envelope.wrapsMembers.map(({ kemOutput, ciphertext }) => ({
          kemOutput,
          ciphertext: damaged(ciphertext),
        })),
      }));
    await bobs.selfUpdate();
    between.bob.update = undefined;
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
});
