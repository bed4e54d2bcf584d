// The hub takes a report of abuse: from a member, of messages that it has franked itself.
// draft-ietf-mimi-protocol-06, "Report Abuse"; what our form of the frank proves is in docs/franking.md.

import { frankingFieldsOf } from '../../content/index.ts';
import { hash } from '../../mls/index.ts';
import {
  blindedSender,
  blindOf,
  type FrankingKey,
  frankingTag,
  integrityOf,
  isOwnFrank,
  type OpenedReport,
  openReport,
  PrivacyError,
} from '../../privacy/index.ts';
import { decideReport, type FrankingForm } from '../../room/index.ts';
import {
  type AbuseReport,
  type AbusiveMessage,
  asUserUri,
  decodeAbuseReport,
  decodeModeReport,
  isModeReport,
  type RoomUri,
  Writer,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { fromHex, toHex } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { type Origin, originDomain, requireSpeaksFor } from '../origin.ts';
import {
  decodeReportRow,
  encodeReportRow,
  type KeptReport,
  type ReportedMessage,
} from '../records/report_row.ts';
import { decodeSeq, encodeSeq } from '../records/room_rows.ts';
import { prefixes, rangeOf, roomRows } from '../rows.ts';
import type { Input, ShardReader, Turn } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import type { HubContext } from './context.ts';
import { type HubRoom, readersOf } from './hub_room.ts';

/** A report, and who makes it as far as the room shows that. */
interface Received {
  readonly report: AbuseReport;
  readonly reporter: string;
}

/**
 * The input for a report. One that was taken before changes nothing.
 * @throws ProviderError `badRequest`, `wrongDevice`, `wrongPeer`, `unknownRoom`, `notMember`, `badReport` (details: rule,
 * message), `tooLarge`, `tooManyReports`.
 */
export function takeReport(
  context: HubContext,
  origin: Origin,
  uri: RoomUri,
  body: Uint8Array,
): Input<void> {
  const { reportsPerRoom, reportsPerReporter } = context.limits;
  let room: HubRoom;
  let received: Received;
  let id: Uint8Array;
  let known = false;
  let counts: Counts;
  return {
    owner: uri,
    prepare: async (reader) => {
      room = await context.directory.hubRoom(uri);
      // Nothing is read for who does not show that it may report.
      received = openReceived(context, origin, room, body);
      id = idOf(received);
      const rows = [roomRows.report(uri, id), roomRows.settledReport(uri, id)];
      known = (await Promise.all(rows.map((key) => reader.get(key)))).some(
        (row) => row !== undefined,
      );
      counts = await countsFor(reader, uri, received.reporter || originDomain(context, origin));
    },
    decide: (turn: Turn) => {
      const { report, reporter } = received;
      const from = originDomain(context, origin);
      const messages = judge(context, room, report, turn.now);
      if (known) return { answer: undefined };
      const { ofRoom, ofReporter } = counts;
      if (ofRoom.count >= reportsPerRoom) throw tooMany('room');
      if (ofReporter.count >= reportsPerReporter) throw tooMany('reporter');
      const row = encodeReportRow({
        room: uri,
        receivedAt: turn.now,
        reporter,
        from,
        allegedAbuser: report.allegedAbuserUri,
        senderChecked: room.view?.state.franking?.form === 'exedra',
        reasonCode: report.reasonCode,
        note: report.note,
        messages,
      });
      context.report({ type: 'reported', room: uri, messages: messages.length, from });
      return {
        answer: undefined,
        rows: [{ key: roomRows.report(uri, id), value: row }, ...counted(counts, 1)],
      };
    },
  };
}

/** The reports of a room, in no order. @throws ProviderError `corruptRecord`. */
export async function listReports(
  { store, directory }: HubContext,
  uri: RoomUri,
): Promise<KeptReport[]> {
  const prefix = prefixes.reports(uri);
  const rows = await store.range(directory.shardOf(uri).name, rangeOf(prefix));
  return rows.map(({ key, value }) => ({
    id: toHex(key.subarray(prefix.length)),
    ...decodeReportRow(value, { maxBytes: value.length }),
  }));
}

/**
 * The input by which an operator is done with a report: it is deleted, and makes room for another.
 * @throws ProviderError `unknownReport`.
 */
export function settleReport(uri: RoomUri, named: string): Input<void> {
  const id = fromHex(named);
  let counts: Counts;
  return {
    owner: uri,
    prepare: async (reader) => {
      const row = await reader.get(roomRows.report(uri, id));
      if (row === undefined) throw new ProviderError('unknownReport');
      const { reporter, from } = decodeReportRow(row, { maxBytes: row.length });
      counts = await countsFor(reader, uri, reporter || from);
    },
    decide: ({ now }) => ({
      answer: undefined,
      rows: [
        { key: roomRows.report(uri, id), value: undefined },
        // What was dealt with does not come again.
        { key: roomRows.settledReport(uri, id), value: encodeSeq(now) },
        ...counted(counts, -1),
      ],
    }),
  };
}

/** A row that counts, and what it says. */
interface Count {
  readonly key: Uint8Array;
  readonly count: number;
}

interface Counts {
  readonly ofRoom: Count;
  readonly ofReporter: Count;
}

async function countsFor(reader: ShardReader, uri: RoomUri, reporter: string): Promise<Counts> {
  const read = async (key: Uint8Array): Promise<Count> => {
    const value = await reader.get(key);
    return { key, count: value === undefined ? 0 : decodeSeq(value) };
  };
  return {
    ofRoom: await read(roomRows.reportCount(uri)),
    ofReporter: await read(roomRows.reporterCount(uri, reporter)),
  };
}

const counted = ({ ofRoom, ofReporter }: Counts, change: 1 | -1): StoreRow[] =>
  [ofRoom, ofReporter].map(({ key, count }) => ({
    key,
    value: count + change > 0 ? encodeSeq(count + change) : undefined,
  }));

const tooMany = (rule: 'room' | 'reporter') =>
  new ProviderError('tooManyReports', undefined, { details: { rule } });

/** A report is one of somebody, as far as that shows, of certain messages: said again, in whatever words and order, it is the same. */
function idOf({ report, reporter }: Received): Uint8Array {
  const writer = new Writer();
  writer.text(reporter, 'reporter');
  writer.text(report.allegedAbuserUri, 'allegedAbuserUri');
  const franks = report.messages.map(({ frank }) => frank.serverFrank);
  writer.opaqueList(
    franks.sort((one, other) => Buffer.compare(one, other)),
    'messages',
  );
  return hash(1, writer.finish());
}

function openReceived(
  context: HubContext,
  origin: Origin,
  room: HubRoom,
  body: Uint8Array,
): Received {
  const limits = { maxBytes: context.limits.requestBytes };
  if (room.mode.framing === 'draft') {
    const report = decodeBody((input) => decodeAbuseReport(input, limits), body);
    const user = decodeBody(asUserUri, report.reportingUser);
    requireSpeaksFor(origin, user);
    requireReporter(room, user);
    checkNote(report);
    return { report, reporter: user };
  }
  if (!isModeReport(body)) {
    throw new ProviderError('badRequest', 'A report of this room is sealed to its hub.');
  }
  const { report, leafIndex } = openProven(
    context,
    room,
    decodeBody((input) => decodeModeReport(input, limits), body),
  );
  checkNote(report);
  if (leafIndex === undefined) return { report, reporter: '' };
  const reporter = room.roster.get(leafIndex)?.user ?? '';
  requireReporter(room, reporter);
  return { report, reporter };
}

function openProven({ keys }: HubContext, room: HubRoom, sealed: Uint8Array): OpenedReport {
  try {
    return openReport(readersOf(room), room.uri, keys.sealing, sealed);
  } catch (error) {
    if (!(error instanceof PrivacyError) || error.kind === 'bug') throw error;
    const unproven = ['badSignature', 'badMac', 'wrongContext'].includes(error.code);
    if (unproven) throw new ProviderError('notMember', undefined, { cause: error });
    throw new ProviderError('badRequest', 'The report does not open.', { cause: error });
  }
}

/** Longest note of a report, in characters. */
const MAX_NOTE = 4096;

function checkNote({ note }: AbuseReport): void {
  if (note.length <= MAX_NOTE) return;
  throw new ProviderError('tooLarge', 'The note is too long.', { details: { limit: MAX_NOTE } });
}

function requireReporter(room: HubRoom, user: string): void {
  if (room.view === undefined) return;
  const verdict = decideReport(room.view, user);
  if (verdict.allowed) return;
  throw new ProviderError('notMember', undefined, { details: { rule: verdict.rule } });
}

/** Recognizes every message of a report, or refuses it. */
function judge(
  context: HubContext,
  room: HubRoom,
  { allegedAbuserUri, messages }: AbuseReport,
  now: number,
): ReportedMessage[] {
  const { reportMessages: limit, reportWindowMs } = context.limits;
  if (messages.length > limit)
    throw new ProviderError('tooLarge', undefined, { details: { limit } });
  const franks = messages.map(({ frank }) => toHex(frank.serverFrank));
  const twice = franks.findIndex((frank, index) => franks.indexOf(frank) < index);
  if (twice !== -1) {
    throw new ProviderError('badReport', undefined, { details: { rule: 'twice', message: twice } });
  }
  return messages.map((message, index) => {
    const fault =
      now - Number(message.acceptedTimestamp) > reportWindowMs
        ? 'window'
        : faultOf(context, room, allegedAbuserUri, message);
    if (fault !== undefined) {
      throw new ProviderError('badReport', undefined, { details: { rule: fault, message: index } });
    }
    const form = formIn(room);
    return {
      content: message.messageContent,
      acceptedAt: Number(message.acceptedTimestamp),
      position: form === 'exedra' ? Number(integrityOf(message.frank).position) : 0,
    };
  });
}

/** The form of a room's franks; where the hub sees no state, it has franked in ours only. */
const formIn = ({ view }: HubRoom): FrankingForm | undefined =>
  view === undefined ? 'exedra' : view.state.franking?.form;

/** Why a message is not one that this hub has franked for the alleged sender in this room. */
function faultOf(
  { franking }: HubContext,
  room: HubRoom,
  alleged: string,
  { messageContent, frank, acceptedTimestamp }: AbusiveMessage,
): string | undefined {
  const form = formIn(room);
  if (form === undefined) return 'notFranked';
  const fields = frankingFieldsOf(messageContent);
  if (fields === undefined) return 'content';
  if (fields.room !== room.uri) return 'room';
  if (fields.sender !== alleged) return 'sender';
  let keys: readonly (FrankingKey | undefined)[];
  try {
    keys = form === 'exedra' ? [franking.find(integrityOf(frank).keyId)] : franking.all();
  } catch (error) {
    if (error instanceof PrivacyError) return 'form';
    throw error;
  }
  const serving = keys.filter((key) => key !== undefined);
  if (serving.length === 0) return 'key';
  const franked = {
    tag: frankingTag(fields.salt, messageContent),
    sender: fields.sender,
    blindedSender: blindedSender(blindOf(fields.salt), fields.sender),
    room: room.uri,
    acceptedAt: acceptedTimestamp,
  };
  const own = serving.some(({ hubKey }) => isOwnFrank(form, hubKey, frank, franked));
  return own ? undefined : 'frank';
}
