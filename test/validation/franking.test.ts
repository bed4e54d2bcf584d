// Franked rooms: who may have a message stamped, what receivers drop, which reports the hub believes.
// docs/franking.md; draft-ietf-mimi-protocol-06, "Message Franking" and "Report Abuse".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hex } from '../../ts/client/bytes.ts';
import { type KeyValue, memoryKeyValue } from '../../ts/client/index.ts';
import { historyRows, type ReceivedMessage } from '../../ts/client/state/history_row.ts';
import { roomKey } from '../../ts/client/state/keys.ts';
import { Composer, encodeContent } from '../../ts/content/index.ts';
import { checkRoomFranking, integrityOf, modeNamed, modeNames } from '../../ts/privacy/index.ts';
import {
  decodeFrank,
  decodeModeMessage,
  decodeProviderKeys,
  encodeFrank,
  encodeModeMessage,
  encodeProviderKeys,
  type FanoutMessage,
  isModeMessage,
  roomUri,
  type UserUri,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { add, Between, lastOf, type Three, three } from '../support/mode_tampering.ts';

const HUB = 'a.example';
const DAY = 86_400_000;

let world: World;
beforeEach(async () => {
  world = await World.open(HUB, 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

/** Every mode with our franks, and the draft's in the only mode that can have them. */
const rooms = [
  ...modeNames().map((mode) => [mode, 'exedra'] as const),
  ['open', 'draft06'] as const,
];

describe.each(rooms)('in mode %s, in form %s', (mode, franking) => {
  let storage: KeyValue;
  let cast: Three;
  beforeEach(async () => {
    storage = memoryKeyValue();
    cast = await three(world, mode, { carol: { storage } }, { franking });
  });

  /** Bob says something; Carol has heard it. */
  async function say(text: string): Promise<ReceivedMessage> {
    const { bobs, carols, settle: rest } = cast;
    await bobs.send(bobs.composer().text(text));
    await rest();
    return lastOf(carols);
  }

  /** Carol claims to have heard something else. */
  async function claim(message: ReceivedMessage, room = cast.carols.uri): Promise<void> {
    const row = historyRows.encode({ kind: 'message', message });
    await storage.write([{ key: roomKey('history', room, message.seq), value: row }]);
  }

  const reports = () => world.provider(HUB).reports(cast.room.uri);

  test('a message is heard with its stamp, and its report tells the hub what was said, by whom and where in the log', async () => {
    const { carols, bobs, problems } = cast;
    const heard = await say('a threat');
    expect(heard.frank).toBeInstanceOf(Uint8Array);
    await carols.report([heard.id], { reason: 0, note: 'please look' });
    const [report, ...others] = await reports();
    expect(others).toEqual([]);
    expect(report).toMatchObject({
      allegedAbuser: heard.sender,
      note: 'please look',
      from: 'c.example',
      senderChecked: modeNamed(mode).hub === 'verifies' && franking === 'exedra',
      messages: [{ content: heard.content, acceptedAt: heard.acceptedAt }],
    });
    if (modeNamed(mode).hub === 'verifies') {
      const [, , carol] = cast.room.members();
      expect(report?.reporter).toBe(carol?.user);
      expect(bobs.members().some(({ user }) => user === report?.allegedAbuser)).toBe(true);
    } else {
      expect(report?.reporter).toBe('');
    }
    if (franking === 'exedra') expect(report?.messages[0]?.position).toBeGreaterThan(0);
    // The same report again changes nothing, in whatever words.
    await carols.report([heard.id], { reason: 0, note: 'please, again' });
    expect(await reports()).toHaveLength(1);
    expect(problems).toEqual({ alice: [], bob: [], carol: [] });
  });

  test('a report with another content, time, frank or sender is refused, and the hub keeps nothing', async () => {
    const early = await say('good morning');
    const heard = await say('a threat');
    const { carols, bobs, room } = cast;
    const other = bobs.composer().text('a worse threat');
    const alice = room.members()[0]?.user ?? '';
    const framed = new Composer({ profile: 'draft08', sender: alice, room: room.uri });
    const stamped = decodeFrank(heard.frank ?? new Uint8Array());
    const flipped = { ...stamped, serverFrank: stamped.serverFrank.map((octet) => octet ^ 1) };
    const lies: [string, Partial<ReceivedMessage>][] = [
      ['frank', { content: encodeContent(other) }],
      ['frank', { acceptedAt: heard.acceptedAt - 1 }],
      ['frank', { frank: early.frank }],
      ['frank', { frank: encodeFrank(flipped) }],
      ['frank', { content: encodeContent(framed.text('by Alice')), sender: alice as never }],
      ['sender', { sender: alice as never }],
      ['content', { content: new TextEncoder().encode('no MIMI message') }],
    ];
    for (const [rule, lie] of lies) {
      await claim({ ...heard, ...lie });
      await expect(carols.report([heard.id])).rejects.toMatchObject({
        code: 'refused',
        details: { code: 'badReport', rule },
      });
    }
    expect(await reports()).toEqual([]);
  });

  test('whatever receivers take can be reported, several large messages at once, too', async () => {
    const { bobs, carols, settle: rest } = cast;
    const heard = [await say('x'.repeat(900_000))];
    for (const letter of ['a', 'b', 'c']) heard.push(await say(letter.repeat(350_000)));
    await carols.report(heard.map(({ id }) => id));
    const [report] = await reports();
    const reported = report?.messages.map(({ content }) => Buffer.from(content)) ?? [];
    expect(reported).toHaveLength(heard.length);
    for (const [at, { content }] of heard.entries())
      expect(reported[at]?.equals(content)).toBe(true);
    await expect(
      carols.report([heard[0]?.id ?? ''], { note: 'n'.repeat(5_000) }),
    ).rejects.toMatchObject({ details: { code: 'tooLarge' } });
    await rest();
    expect(bobs.status).toBe('active');
  });

  test('who sends keeps its own message, whatever becomes of the stamp on the way back', async () => {
    const { bobs, between, problems, settle: rest } = cast;
    between.bob.event = (event) =>
      event.kind === 'application' ? { ...event, frank: undefined } : event;
    await bobs.send(bobs.composer().text('mine'));
    await rest();
    expect(await bobs.messages()).toHaveLength(1);
    expect(await bobs.gaps()).toEqual([]);
    expect(problems.bob.splice(0)).toEqual(['badFrank']);
  });

  test('a message of one room is no evidence in another', async () => {
    const heard = await say('a threat');
    const { alice, carol, settle: rest } = cast;
    const second = await alice.createRoom(roomUri(HUB, 'annex'), { mode, franking });
    const seat = await add(alice, second, carol);
    await rest();
    await claim(heard, second.uri);
    await expect(seat.report([heard.id])).rejects.toMatchObject({
      details: { code: 'badReport', rule: 'room' },
    });
  });

  test('what was stamped by a retired key is recognized for as long as it may be reported, and no longer', async () => {
    const heard = await say('a threat');
    await world.provider(HUB).rotateFrankingKeys();
    await world.restart(HUB);
    const after = await say('another one');
    await cast.carols.report([heard.id, after.id]);
    expect(await reports()).toHaveLength(1);
    world.aheadMs = 91 * DAY;
    await expect(cast.carols.report([heard.id], { note: 'late' })).rejects.toMatchObject({
      details: { code: 'badReport', rule: 'window' },
    });
  });

  test('a stamp by a key that the hub does not know is refused', async () => {
    const heard = await say('a threat');
    const frank = decodeFrank(heard.frank ?? new Uint8Array());
    const integritySignature = frank.integritySignature.slice();
    integritySignature[0] = (integritySignature[0] ?? 0) ^ 1;
    await claim({ ...heard, frank: encodeFrank({ ...frank, integritySignature }) });
    const refusal = cast.carols.report([heard.id]);
    // In the draft's form a stamp names no key: the hub recognizes it by its own secret alone.
    if (franking === 'draft06') await refusal;
    else await expect(refusal).rejects.toMatchObject({ details: { rule: 'key' } });
  });

  test('who has left the room reports nothing any more', async () => {
    const heard = await say('a threat');
    const { room, carols, carol } = cast;
    // Carol's device has not learnt yet that it is out.
    await room.remove(carol.account.user);
    await expect(carols.report([heard.id])).rejects.toMatchObject({
      code: 'refused',
      details: { code: 'notMember' },
    });
    expect(await reports()).toEqual([]);
  });

  test('receivers drop a message without stamp, with another time, or with the stamp of another message', async () => {
    const { between, problems, carols } = cast;
    const first = await say('kept');
    const changes: ((event: Application) => FanoutMessage)[] = [
      (event) => ({ ...event, frank: undefined }),
      (event) => ({ ...event, timestamp: event.timestamp + 1n }),
      (event) => ({ ...event, frank: decodeFrank(first.frank ?? new Uint8Array()) }),
    ];
    for (const change of changes) {
      between.carol.event = (event) => (event.kind === 'application' ? change(event) : event);
      await say('lost');
      between.carol.event = undefined;
    }
    expect(problems.carol.splice(0)).toEqual(['badFrank', 'badFrank', 'badFrank']);
    expect((await carols.gaps()).map(({ code }) => code)).toEqual(problemsOf(3));
    expect((await carols.messages()).map(({ id }) => id)).toEqual([first.id]);
    expect((await cast.room.messages()).length).toBe(4);
  });

  test('a message that does not say who sends it, and where, is not sent', async () => {
    const { bobs, room } = cast;
    const alice = room.members()[0]?.user ?? '';
    await expect(bobs.send(new TextEncoder().encode('raw'))).rejects.toMatchObject({
      code: 'notFrankable',
      details: { rule: 'content' },
    });
    const asAlice = new Composer({ profile: 'draft08', sender: alice, room: bobs.uri });
    await expect(bobs.send(asAlice.text('by Alice'))).rejects.toMatchObject({
      details: { rule: 'sender' },
    });
    const elsewhere = new Composer({
      profile: 'draft08',
      sender: bobs.members()[1]?.user,
      room: 'mimi://a.example/r/other',
    });
    await expect(bobs.send(elsewhere.text('there'))).rejects.toMatchObject({
      details: { rule: 'room' },
    });
  });

  test('a message of the older content format carries salt, sender and room as extensions', async () => {
    const { bobs, carols, settle: rest } = cast;
    await bobs.send(bobs.composer('draft04').text('as before'));
    await rest();
    await carols.report([(await lastOf(carols)).id]);
    expect(await reports()).toHaveLength(1);
  });
});

type Application = Extract<FanoutMessage, { kind: 'application' }>;
const problemsOf = (count: number) => Array.from({ length: count }, () => 'badFrank');

describe.each(modeNames().filter((mode) => modeNamed(mode).hub === 'verifies'))(
  'in mode %s',
  (mode) => {
    test('the hub takes no message whose sender names another member, even one of its own provider', async () => {
      const { alice, room, settle: rest } = await three(world, mode, {}, { franking: 'exedra' });
      const between = new Between();
      const anna = await world.device(HUB, 'anna-1', { wrap: between.wrap });
      await anna.connections.publish(2);
      await alice.connections.connect(anna.account.user);
      await anna.connections.check();
      await anna.connections.accept(alice.account.user);
      await alice.connections.check();
      const annas = await add(alice, room, anna);
      const named = room.members()[0]?.user ?? '';
      between.request = (operation, body) => {
        if (operation !== 'submitMessage' || !isModeMessage(body)) return body;
        const message = decodeModeMessage(body);
        return encodeModeMessage({
          ...message,
          request: { ...message.request, sendingUri: named },
        });
      };
      await expect(annas.send(annas.composer().text('in her name'))).rejects.toMatchObject({
        code: 'refused',
      });
      between.request = undefined;
      await annas.send(annas.composer().text('in mine'));
      await settle(anna);
      await rest();
      expect(await room.messages()).toHaveLength(1);
    });

    test('the operator bans a member of a franked room, whom another member takes out', async () => {
      const {
        bob,
        bobs,
        carols,
        room,
        settle: rest,
      } = await three(world, mode, {}, { franking: 'exedra' });
      const banned = bobs.members()[1]?.user as UserUri;
      await world.provider(HUB).mandate(room.uri, { ban: banned });
      await rest();
      await carols.commitPending();
      await rest();
      expect(bob.room(room.uri)?.status ?? 'removed').toBe('removed');
      expect(room.members()).toHaveLength(2);
      await room.send(room.composer().text('after'));
      await rest();
      expect(await carols.messages()).toHaveLength(1);
    });

    test('a hub creates no room that is franked by a key which it does not have', async () => {
      const between = new Between();
      const anna = await world.device(HUB, 'anna-1', { wrap: between.wrap });
      between.reply = (operation, answer) =>
        operation === 'providerKeys'
          ? encodeProviderKeys({
              ...decodeProviderKeys(answer),
              frankingEd25519: new Uint8Array(32).fill(7),
            })
          : answer;
      await expect(anna.createRoom(undefined, { mode, franking: 'exedra' })).rejects.toMatchObject({
        details: { code: 'invalidGroup' },
      });
    });

    test('the operator has a room franked by a new key, also while somebody leaves it', async () => {
      const {
        carols,
        room,
        bobs,
        settle: rest,
      } = await three(world, mode, {}, { franking: 'exedra' });
      const hub = world.provider(HUB);
      await expect(hub.mandate(room.uri, { frankingKey: 'current' })).rejects.toMatchObject({
        code: 'wrongMandate',
      });
      await bobs.send(bobs.composer().text('by the old key'));
      await rest();
      const old = await lastOf(carols);
      await hub.rotateFrankingKeys();
      await carols.leave();
      await hub.mandate(room.uri, { frankingKey: 'current' });
      await rest();
      await room.commitPending();
      await rest();
      expect(room.members()).toHaveLength(2);
      await room.send(room.composer().text('by the new key'));
      await rest();
      const fresh = await lastOf(bobs);
      const keyOf = ({ frank }: ReceivedMessage) =>
        hex(integrityOf(decodeFrank(frank ?? new Uint8Array())).keyId);
      expect(keyOf(fresh)).not.toBe(keyOf(old));
      await bobs.report([fresh.id]);
      await room.report([old.id]);
      expect(await hub.reports(room.uri)).toHaveLength(2);
      await expect(hub.mandate(room.uri, { frankingKey: 'current' })).rejects.toMatchObject({
        code: 'wrongMandate',
      });
    });

    test('the hub takes no message without a tag, or by another key than the room names', async () => {
      const {
        bobs,
        between,
        room,
        settle: rest,
      } = await three(world, mode, {}, { franking: 'exedra' });
      for (const change of [
        (frank: { keyId: Uint8Array }) => ({
          ...frank,
          keyId: frank.keyId.map((octet) => octet ^ 1),
        }),
        () => undefined,
      ]) {
        between.bob.request = (operation, body) => {
          if (operation !== 'submitMessage') return body;
          const message = decodeModeMessage(body);
          return encodeModeMessage({ ...message, frank: change(message.frank as never) as never });
        };
        await expect(bobs.send(bobs.composer().text('hm'))).rejects.toMatchObject({
          code: 'refused',
        });
      }
      await rest();
      expect(await room.messages()).toEqual([]);
    });
  },
);

test('a frank of the draft, which shows followers who sends, is for open rooms only', async () => {
  const alice = await world.device(HUB, 'alice-1');
  for (const mode of modeNames().filter((name) => name !== 'open')) {
    await expect(alice.createRoom(undefined, { mode, franking: 'draft06' })).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'draft06' },
    });
  }
});

test.each(modeNames().filter((mode) => mode !== 'open'))(
  'neither hub nor members take a room of mode %s whose franks would show followers who sends',
  (mode) => {
    const uri = roomUri(HUB, 'club');
    const bytes = new TextEncoder().encode(`mimi://${HUB}`);
    const agent = { signatureKey: new Uint8Array(32), credential: { type: 1, bytes } };
    const check =
      (form: 'draft06' | 'exedra', of = agent) =>
      () =>
        checkRoomFranking(modeNamed(mode), uri, { form, agent: of });
    expect(check('exedra')).not.toThrow();
    const refused = (rule: string) => expect.objectContaining({ details: { rule } });
    expect(check('draft06')).toThrow(refused('form'));
    const other = new TextEncoder().encode('mimi://b.example');
    const foreign = { ...agent, credential: { type: 1, bytes: other } };
    expect(check('exedra', foreign)).toThrow(refused('agent'));
  },
);
