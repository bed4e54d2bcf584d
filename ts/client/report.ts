// Reports abuse to the hub of a room: messages with the hub's own stamps, sealed so that only the hub learns what is
// reported. draft-ietf-mimi-protocol-06, "Report Abuse"; docs/franking.md, "Reports".

import { sealReport } from '../privacy/index.ts';
import { decodeFrank, encodeAbuseReport, type RoomUri } from '../wire/index.ts';
import { ClientError } from './errors.ts';
import { readHistory } from './history.ts';
import { memberOf, ownUser, senderIn } from './member_room.ts';
import type { DeviceParts } from './parts.ts';
import type { DeviceState } from './state/device_state.ts';
import type { ReceivedMessage } from './state/history_row.ts';

export interface ReportOptions {
  /** AbuseType: an octet, of which the draft has assigned none but 0. */
  readonly reason?: number | undefined;
  /** Words for whoever reads the report. */
  readonly note?: string | undefined;
}

/** Reports messages of one sender, by their ids. See `Room.report`. */
export async function reportAbuse(
  { connection, vault }: DeviceParts,
  uri: RoomUri,
  ids: readonly string[],
  { reason = 0, note = '' }: ReportOptions,
): Promise<void> {
  const rows = await readHistory(vault.storage, uri);
  const reported = rows.flatMap((row) =>
    row.kind === 'message' && ids.includes(row.message.id) ? [row.message] : [],
  );
  const senders = new Set(reported.map(({ sender }) => sender));
  const [allegedAbuserUri, ...others] = senders;
  if (
    reported.length !== new Set(ids).size ||
    allegedAbuserUri === undefined ||
    others.length > 0
  ) {
    throw new ClientError('refused', 'A report names messages of the room, all by one sender.', {
      details: { rule: 'oneSender' },
    });
  }
  const content = { allegedAbuserUri, reasonCode: reason, note, messages: reported.map(evidence) };
  const body = await vault.exclusive((state) => bodyOf(state, uri, content));
  await connection.call('reportAbuse', uri, body);
}

function evidence({ content, acceptedAt, frank }: ReceivedMessage) {
  if (frank === undefined) throw new ClientError('notFranked');
  const acceptedTimestamp = BigInt(acceptedAt);
  return { messageContent: content, frank: decodeFrank(frank), acceptedTimestamp };
}

interface Content {
  readonly allegedAbuserUri: string;
  readonly reasonCode: number;
  readonly note: string;
  readonly messages: readonly ReturnType<typeof evidence>[];
}

function bodyOf(state: DeviceState, uri: RoomUri, content: Content): Uint8Array {
  const room = state.room(uri);
  const { mode } = memberOf(room).membership;
  const named = mode.hub === 'verifies' ? ownUser(room) : undefined;
  const report = { ...content, reportingUser: named ?? '', extensions: [] };
  if (mode.framing === 'draft') return encodeAbuseReport(report);
  const sender = senderIn(state, room);
  if (sender.hub === undefined) throw new ClientError('notFranked');
  return sealReport(sender, uri, sender.hub.publicKey, report);
}
