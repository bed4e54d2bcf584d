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
  groupIdOf,
  isModeReport,
  type RoomUri,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { ProviderError } from '../errors.ts';
import { type Origin, originDomain, requireSpeaksFor } from '../origin.ts';
import { encodeReportRow, type ReportedMessage } from '../records/report_row.ts';
import { prefixes, roomRows } from '../rows.ts';
import type { Input, Turn } from '../shard.ts';
import type { HubContext } from './context.ts';
import type { HubRoom } from './hub_room.ts';

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
  const id = hash(1, body);
  const { reportsPerRoom } = context.limits;
  let room: HubRoom;
  let known = false;
  let count = 0;
  return {
    owner: uri,
    prepare: async (reader) => {
      room = await context.directory.hubRoom(uri);
      known = (await reader.get(roomRows.report(uri, id))) !== undefined;
      count = (await reader.under(prefixes.reports(uri))).length;
    },
    decide: (turn: Turn) => {
      const { report, reporter } = openReceived(context, origin, room, body);
      const from = originDomain(context, origin);
      const messages = judge(context, room, report, turn.now);
      if (known) return { answer: undefined };
      if (count >= reportsPerRoom) throw new ProviderError('tooManyReports');
      const row = encodeReportRow({
        room: uri,
        receivedAt: turn.now,
        reporter,
        from,
        allegedAbuser: report.allegedAbuserUri,
        senderChecked: room.sight.kind === 'followed',
        reasonCode: report.reasonCode,
        note: report.note,
        messages,
      });
      context.report({ type: 'reported', room: uri, messages: messages.length, from });
      return { answer: undefined, rows: [{ key: roomRows.report(uri, id), value: row }] };
    },
  };
}

function openReceived(
  context: HubContext,
  origin: Origin,
  room: HubRoom,
  body: Uint8Array,
): Received {
  if (room.mode.framing === 'draft') {
    const report = decodeBody(decodeAbuseReport, body);
    const user = decodeBody(asUserUri, report.reportingUser);
    requireSpeaksFor(origin, user);
    requireReporter(room, user);
    return { report, reporter: user };
  }
  if (!isModeReport(body)) {
    throw new ProviderError('badRequest', 'A report of this room is sealed to its hub.');
  }
  const { report, leafIndex } = openProven(context, room, decodeBody(decodeModeReport, body));
  if (leafIndex === undefined) return { report, reporter: '' };
  const reporter = room.roster.get(leafIndex)?.user ?? '';
  requireReporter(room, reporter);
  return { report, reporter };
}

function openProven({ keys }: HubContext, room: HubRoom, sealed: Uint8Array): OpenedReport {
  const { sight, uri } = room;
  const { suite, epoch } = sight.group;
  const readers =
    sight.kind === 'followed'
      ? { members: sight.group.members(), suite }
      : { groupId: groupIdOf(uri), epoch, writeKey: sight.group.writeKey };
  try {
    return openReport(readers, uri, keys.sealing, sealed);
  } catch (error) {
    if (!(error instanceof PrivacyError) || error.kind === 'bug') throw error;
    const unproven = ['badSignature', 'badMac', 'wrongContext'].includes(error.code);
    if (unproven) throw new ProviderError('notMember', undefined, { cause: error });
    throw new ProviderError('badRequest', 'The report does not open.', { cause: error });
  }
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
