// Reports and franks that are damaged, cut off, sent again, or sent where they are not of: nothing is kept of them, and nobody
// is told anything. docs/franking.md.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExedraError } from '../../ts/errors.ts';
import { modeNames } from '../../ts/privacy/index.ts';
import type { DeviceIdentity } from '../../ts/provider/index.ts';
import { decodeFrank, type FanoutMessage, type RoomUri, roomUri } from '../../ts/wire/index.ts';
import { World } from '../support/in_process_connection.ts';
import { lastOf, type Three, three } from '../support/mode_tampering.ts';

const HUB = 'a.example';
/** What a report can be refused as. */
const REFUSALS = ['badRequest', 'badReport', 'notMember', 'tooLarge', 'wrongPeer', 'wrongDevice'];
/** Prefixes of a report that are tried, beside the shortest ones. */
const CUTS = 40;

let world: World;
beforeEach(async () => {
  world = await World.open(HUB, 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

/** Carol has heard Bob and reported it; the body of the report, as it was sent. */
async function reported(mode: string): Promise<{ cast: Three; body: Uint8Array }> {
  const cast = await three(world, mode, {}, { franking: 'exedra' });
  const { bobs, carols, between } = cast;
  await bobs.send(bobs.composer().text('a threat'));
  await cast.settle();
  let body = new Uint8Array();
  between.carol.request = (operation, sent) => {
    if (operation === 'reportAbuse') body = new Uint8Array(sent);
    return sent;
  };
  await carols.report([(await lastOf(carols)).id]);
  between.carol.request = undefined;
  return { cast, body };
}

const identityOf = ({ carol }: Three): DeviceIdentity => ({
  user: carol.account.user,
  client: carol.client,
});

/** Sends a report as Carol's device, and gives how it is refused: `undefined` where it is taken. */
async function codeOf(cast: Three, room: RoomUri, body: Uint8Array): Promise<string | undefined> {
  try {
    const provider = world.provider('c.example');
    const { status } = await provider.fromDevice(identityOf(cast), 'reportAbuse', room, body);
    return status < 300 ? undefined : `status ${status}`;
  } catch (error) {
    if (!(error instanceof ExedraError) || error.kind === 'bug') throw error;
    const { code } = error.details as { code?: string };
    return code ?? error.code;
  }
}

const kept = async (room: RoomUri) => (await world.provider(HUB).reports(room)).length;

describe.each(modeNames())('in mode %s', (mode) => {
  test('a report that is cut off, or has one bit changed, is refused, and nothing is kept of it', async () => {
    const { cast, body } = await reported(mode);
    const { uri } = cast.room;
    const step = Math.ceil(body.length / CUTS);
    const lengths = [0, 1, 2, 3, ...Array.from({ length: CUTS }, (_, at) => at * step)];
    for (const length of lengths.filter((one) => one < body.length)) {
      expect(REFUSALS).toContain(await codeOf(cast, uri, body.slice(0, length)));
    }
    for (let at = 0; at < body.length; at += step) {
      const damaged = body.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      // In the clear, a word of the note or of the reason may be another: it is the reporter's own.
      const code = await codeOf(cast, uri, damaged);
      if (code !== undefined) expect(REFUSALS).toContain(code);
      else expect(mode).toBe('open');
    }
    expect(await kept(uri)).toBe(1);
  });

  test('a report is kept once, however often it comes, and is none of another room or mode', async () => {
    const { cast, body } = await reported(mode);
    const { uri } = cast.room;
    expect(await codeOf(cast, uri, body)).toBeUndefined();
    expect(await kept(uri)).toBe(1);
    for (const other of modeNames()) {
      const elsewhere = roomUri(HUB, `other-${other}`);
      await cast.alice.createRoom(elsewhere, { mode: other, franking: 'exedra' });
      expect(REFUSALS).toContain(await codeOf(cast, elsewhere, body));
      expect(await kept(elsewhere)).toBe(0);
    }
    expect(REFUSALS.concat('unknownRoom')).toContain(
      await codeOf(cast, roomUri(HUB, 'nowhere'), body),
    );
  });

  test('a message whose frank is cut off, or of the form of another room, is dropped', async () => {
    const cast = await three(world, mode, {}, { franking: 'exedra' });
    const draft = await cast.alice.createRoom(roomUri(HUB, 'draft'), {
      mode: 'open',
      franking: 'draft06',
    });
    await draft.send(draft.composer().text('of the draft'));
    await cast.settle();
    const foreign = decodeFrank((await lastOf(draft)).frank ?? new Uint8Array());
    type Frank = NonNullable<Extract<FanoutMessage, { kind: 'application' }>['frank']>;
    const cut = (frank: Frank, length: number): Frank => ({
      ...frank,
      integritySignature: frank.integritySignature.slice(0, length),
    });
    const changes: ((frank: Frank) => Frank)[] = [
      ...[0, 1, 7, 8, 16, 17, 40].map((length) => (frank: Frank) => cut(frank, length)),
      () => foreign,
      (frank) => ({ ...frank, cipherSuite: 2 }),
    ];
    for (const change of changes) {
      cast.between.carol.event = (event) =>
        event.kind === 'application' && event.frank !== undefined
          ? { ...event, frank: change(event.frank) }
          : event;
      await cast.bobs.send(cast.bobs.composer().text('lost'));
      await cast.settle();
    }
    expect(await cast.carols.messages()).toEqual([]);
    expect(cast.problems.carol.splice(0)).toEqual(changes.map(() => 'badFrank'));
  });
});
