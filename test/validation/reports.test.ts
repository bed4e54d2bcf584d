// Reports of abuse: what an operator gets and is done with, and what cannot be reported. docs/franking.md, "Reports".

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Room } from '../../ts/client/index.ts';
import {
  attachmentMatches,
  decodeContent,
  encryptAttachmentBytes,
} from '../../ts/content/index.ts';
import {
  type AbuseReport,
  decodeAbuseReport,
  decodeFrank,
  encodeAbuseReport,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { Between, lastOf, three } from '../support/mode_tampering.ts';

const HUB = 'a.example';

let world: World;
beforeEach(async () => {
  world = await World.open(HUB, 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

test('of a reported attachment the operator tells by the hash over the ciphertext whether a file is the one that was sent', async () => {
  const {
    bobs,
    carols,
    room,
    settle: rest,
  } = await three(world, 'hub-visible', {}, { franking: 'exedra' });
  const { ciphertext, fields } = encryptAttachmentBytes(new TextEncoder().encode('a picture'));
  await bobs.send(
    bobs
      .composer()
      .attachment({ url: 'https://files.example/1', contentType: 'image/png', ...fields }),
  );
  await rest();
  await carols.report([(await lastOf(carols)).id]);
  const [report] = await world.provider(HUB).reports(room.uri);
  const { body } = decodeContent(report?.messages[0]?.content ?? new Uint8Array(), {
    profile: 'draft08',
  });
  if (body.kind !== 'external') throw new Error('an attachment was sent');
  expect(attachmentMatches(body, ciphertext)).toBe(true);
  expect(
    attachmentMatches(
      body,
      ciphertext.map((octet) => octet ^ 1),
    ),
  ).toBe(false);
  expect(() => attachmentMatches({ ...body, hashAlg: 0 }, ciphertext)).toThrow(
    expect.objectContaining({ code: 'unknownHash' }),
  );
});

test('messages of a room without franking cannot be reported, whatever stamp the hub puts on them', async () => {
  const franked = await three(world, 'open', {}, { franking: 'exedra' });
  await franked.bobs.send(franked.bobs.composer().text('franked'));
  await franked.settle();
  const { frank } = await lastOf(franked.carols);
  const between = new Between();
  const dora = await world.device('c.example', 'dora-1', { wrap: between.wrap });
  await dora.publishKeyPackages(1);
  const room = await franked.alice.createRoom(undefined, { mode: 'open' });
  await dora.allow(franked.alice.account.user);
  await room.invite(dora.account.user);
  await settle(franked.alice, dora);
  const doras = await dora.invitations()[0]?.accept();
  between.event = (event) =>
    event.kind === 'application'
      ? { ...event, frank: decodeFrank(frank ?? new Uint8Array()) }
      : event;
  await room.send(new TextEncoder().encode('anything'));
  await settle(franked.alice, dora);
  const heard = await lastOf(doras as Room);
  expect(heard.frank).toBeUndefined();
  await expect(doras?.report([heard.id])).rejects.toMatchObject({ code: 'notFranked' });
});

test('one member does not use up the reports of a room, and who deals with some makes place for others', async () => {
  const limits = { reportsPerReporter: 2, reportsPerRoom: 3 };
  await using small = await World.with({ limits }, HUB, 'b.example', 'c.example');
  const {
    alice,
    room,
    bobs,
    carols,
    settle: rest,
  } = await three(small, 'hub-visible', {}, { franking: 'exedra' });
  for (const text of ['one', 'two', 'three']) await bobs.send(bobs.composer().text(text));
  await rest();
  const ids = (await carols.messages()).map(({ id }) => id) as [string, string, string];
  const tooMany = (rule: string) => ({
    code: 'refused',
    details: { code: 'tooManyReports', rule },
  });
  await carols.report([ids[0]]);
  await carols.report([ids[1]]);
  await expect(carols.report([ids[2]])).rejects.toMatchObject(tooMany('reporter'));
  // The same again is no further report, and others still get theirs in.
  await carols.report([ids[0]]);
  await room.report([ids[0]]);
  await expect(room.report([ids[1]])).rejects.toMatchObject(tooMany('room'));
  const hub = small.provider(HUB);
  const kept = await hub.reports(room.uri);
  expect(new Set(kept.map(({ id }) => id)).size).toBe(3);
  const [, , carol] = room.members();
  const ofCarol = kept.find(({ reporter }) => reporter === carol?.user);
  await hub.settleReport(room.uri, ofCarol?.id ?? '');
  await expect(hub.settleReport(room.uri, ofCarol?.id ?? '')).rejects.toMatchObject({
    code: 'unknownReport',
  });
  await carols.report([ids[2]]);
  expect(await hub.reports(room.uri)).toHaveLength(3);
  await alice.close();
});

test('messages of a room without franking have nothing to report them by', async () => {
  const { bobs, carols, settle: rest } = await three(world, 'open');
  await bobs.send(new TextEncoder().encode('anything'));
  await rest();
  await expect(carols.report([(await lastOf(carols)).id])).rejects.toMatchObject({
    code: 'notFranked',
  });
});

test('a report is of each message once, is the same in any order, and does not come again once it was dealt with', async () => {
  const {
    bobs,
    carols,
    room,
    between,
    settle: rest,
  } = await three(world, 'open', {}, { franking: 'exedra' });
  for (const text of ['one', 'two']) await bobs.send(bobs.composer().text(text));
  await rest();
  const ids = (await carols.messages()).map(({ id }) => id);
  const sendAs = (change: (report: AbuseReport) => AbuseReport) => {
    between.carol.request = (operation, body) =>
      operation === 'reportAbuse' ? encodeAbuseReport(change(decodeAbuseReport(body))) : body;
    return carols.report(ids);
  };
  const hub = world.provider(HUB);
  const twice = sendAs((report) => ({
    ...report,
    messages: [...report.messages, ...report.messages],
  }));
  await expect(twice).rejects.toMatchObject({ details: { code: 'badReport', rule: 'twice' } });
  await sendAs((report) => report);
  await sendAs((report) => ({ ...report, messages: [...report.messages].reverse() }));
  const [kept, ...others] = await hub.reports(room.uri);
  expect(others).toEqual([]);
  await hub.settleReport(room.uri, kept?.id ?? '');
  await sendAs((report) => report);
  expect(await hub.reports(room.uri)).toEqual([]);
});
