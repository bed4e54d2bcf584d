// A hub that sees nothing of the group puts its handshakes in order: one commit an epoch, from whoever shows that it
// may write. What a commit does, and whether it is one, is for the members. docs/modes/members-only.md.

import {
  openNextWriteKey,
  PrivacyError,
  verifyWriteMac,
  WRITE_KEY_BYTES,
} from '../../privacy/index.ts';
import type { UpdateRoomResponse } from '../../wire/index.ts';
import { originDomain } from '../origin.ts';
import type { Decision } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import { subscribeRows, welcomeRows } from '../subscription.ts';
import { acceptanceTime, acceptEntry, acceptHandshake } from './accept.ts';
import { handshakeFanout, welcomeFanout } from './events.ts';
import type { HiddenGroup } from './hub_room.ts';
import { notAllowed } from './refusal.ts';
import { endedSlotRows, foreignSlot, slotRows } from './slots.ts';
import { success, type UpdateInput } from './update_input.ts';

/** Decides on an update of the current epoch. */
export function decideHiddenUpdate(
  input: UpdateInput,
  sight: HiddenGroup,
): Decision<UpdateRoomResponse> {
  const { submission, room, origin, context, routes, opened } = input;
  const { kind, joins } = submission;
  const proven = joins ? input.joinable : proof(input, sight);
  if (!proven) return notAllowed(input, 'writeKey', 'nothing shows that the sender may write');
  const domain = originDomain(context, origin);
  if (!joins && !room.domains.has(domain)) {
    return notAllowed(input, 'R9-sender-participates', 'the provider does not take part');
  }
  if (kind !== 'commit' && (joins || submission.welcomes.length > 0)) {
    return notAllowed(input, 'invalidCommit', 'only a commit lets somebody in');
  }
  if (routes !== undefined && routes.unknown.length > 0) {
    return notAllowed(input, 'claimedHere', 'a key package was handed out by nobody known here');
  }
  const foreign = foreignSlot(opened.slots, []);
  if (foreign !== undefined) return notAllowed(input, 'slots', foreign);
  if (kind === 'slots') return decideSlots(input);
  if (opened.handshakes.length === 0) {
    return notAllowed(input, 'invalidCommit', 'there is no handshake');
  }
  if (kind === 'proposal') return accept(input, sight, domain, undefined);
  if (opened.handshakes.length > 1) {
    return notAllowed(input, 'invalidCommit', 'a commit is one handshake');
  }
  // Members refuse a commit that leaves out who wants to leave: one that crossed such a proposal is made anew.
  if (!joins && opened.part.seen < sight.group.proposals) {
    return notAllowed(input, 'R6-queued-proposals', 'a proposal came before the commit');
  }
  const nextKey = nextWriteKey(input, sight);
  return nextKey === undefined
    ? notAllowed(input, 'nextWriteKey', 'the write key of the next epoch is missing or wrong')
    : accept(input, sight, domain, nextKey);
}

function proof({ submission }: UpdateInput, { group }: HiddenGroup): boolean {
  const { groupId, epoch, proven } = submission;
  const request = { endpoint: 'update', groupId, epoch, body: proven };
  const shown = succeeds(() => {
    verifyWriteMac(group.writeKey, request, submission.proof);
    return true;
  });
  return shown ?? false;
}

function accept(
  input: UpdateInput,
  { group }: HiddenGroup,
  domain: string,
  nextKey: Uint8Array | undefined,
): Decision<UpdateRoomResponse> {
  const { context, room, turn, origin, submission, opened, slots, routes } = input;
  const commit = nextKey !== undefined;
  if (submission.joins) group.join(domain);
  const audience = room.domains;
  for (const welcomed of routes?.domains ?? []) group.join(welcomed);
  if (routes !== undefined && routes.mail.length > 0) group.join(context.domain);
  if (nextKey !== undefined) group.advance(nextKey);
  else group.propose(opened.handshakes.length);
  const acceptedAt = acceptanceTime(room, turn);
  const snapshotRows = acceptHandshake(context, room, turn);
  const { record, rows } = acceptEntry(room, turn, {
    kind: commit ? 'commit' : 'proposals',
    acceptedAt,
    from: domain,
    fanout: handshakeFanout(submission, acceptedAt),
    welcome: welcomeFanout(undefined, submission, acceptedAt),
    followers: context.othersOf(audience),
    welcomed: routes?.domains ?? [],
    requestId: input.requestId,
  });
  rows.push(
    ...snapshotRows,
    ...slotRows(room.uri, slots, opened.slots, room.epoch),
    ...(commit ? endedSlotRows(room.uri, slots, []) : []),
    ...mailRows(input),
  );
  if (submission.joins && origin.kind === 'device') {
    rows.push(...subscribeRows(origin.device.client, room.uri, room.seq));
  }
  context.report({
    type: 'accepted',
    room: room.uri,
    kind: commit ? 'commit' : 'proposals',
    seq: room.seq,
    from: domain,
    bytes: submission.payloads[0]?.length ?? 0,
  });
  return { answer: success(acceptedAt), records: [record], rows };
}

function mailRows({ room, turn, routes }: UpdateInput): StoreRow[] {
  return (routes?.mail ?? []).flatMap(({ client, ref, service }) =>
    welcomeRows(client, room.uri, room.seq, turn.position, ref, service),
  );
}

/** The next key comes under the present one; a newcomer, who does not hold that, says it to the hub. */
function nextWriteKey(
  { opened, submission }: UpdateInput,
  { group }: HiddenGroup,
): Uint8Array | undefined {
  const { nextWriteKey: given } = opened.part;
  const { groupId, epoch, joins } = submission;
  if (joins) return given.length === WRITE_KEY_BYTES ? given : undefined;
  return succeeds(() => openNextWriteKey(group.writeKey, { groupId, epoch: epoch + 1n }, given));
}

function succeeds<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof PrivacyError) return undefined;
    throw error;
  }
}

/** Members leave something for each other. */
function decideSlots({ room, turn, opened, slots }: UpdateInput): Decision<UpdateRoomResponse> {
  return { answer: success(turn.now), rows: slotRows(room.uri, slots, opened.slots, room.epoch) };
}
