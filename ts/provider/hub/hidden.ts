// A hub that sees nothing of the group puts its handshakes in order: one commit an epoch, from whoever shows that it
// may write. What a commit does, and whether it is one, is for the members. spec/privacy-modes.md, "members-only".

import { openNextWriteKey, PrivacyError, verifyWriteMac } from '../../privacy/index.ts';
import type { UpdateRoomResponse } from '../../wire/index.ts';
import { originDomain } from '../origin.ts';
import type { Decision } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import { subscribeRows, welcomeRows } from '../subscription.ts';
import { acceptanceTime, acceptEntry, acceptHandshake, snapshotRow } from './accept.ts';
import { handshakeFanout, welcomeFanout } from './events.ts';
import type { HiddenGroup } from './hub_room.ts';
import { notAllowed } from './refusal.ts';
import { endedSlotRows, slotRows } from './slots.ts';
import { success, type UpdateInput } from './update_input.ts';

/** Decides on an update of the current epoch, or on a late word on its write key. */
export function decideHiddenUpdate(
  input: UpdateInput,
  sight: HiddenGroup,
): Decision<UpdateRoomResponse> {
  const { submission, room, origin, context, routes } = input;
  const late = submission.epoch !== room.epoch;
  const keys = late ? sight.group.formerWriteKeys : sight.group.writeKeys;
  const proven = submission.joins ? input.joinable : proof(input, keys);
  if (!proven) return notAllowed(input, 'writeKey', 'nothing shows that the sender may write');
  const domain = originDomain(context, origin);
  if (!submission.joins && !room.domains.has(domain)) {
    return notAllowed(input, 'R9-sender-participates', 'the provider does not take part');
  }
  if (routes !== undefined && routes.unknown.length > 0) {
    return notAllowed(input, 'claimedHere', 'a key package was handed out by nobody known here');
  }
  if (submission.kind === 'slots') return decideSlots(input, sight, keys);
  if (input.opened.handshakes.length === 0) {
    return notAllowed(input, 'invalidCommit', 'there is no handshake');
  }
  return accept(input, sight, domain);
}

function proof({ submission }: UpdateInput, keys: readonly Uint8Array[]): boolean {
  const { groupId, epoch, proven } = submission;
  try {
    verifyWriteMac(keys, { endpoint: 'update', groupId, epoch, body: proven }, submission.proof);
    return true;
  } catch (error) {
    if (error instanceof PrivacyError) return false;
    throw error;
  }
}

function accept(
  input: UpdateInput,
  { group }: HiddenGroup,
  domain: string,
): Decision<UpdateRoomResponse> {
  const { context, room, turn, origin, submission, opened, slots, routes } = input;
  const commit = submission.kind === 'commit';
  // Before the epoch ends: the next key comes under the present one.
  const nextKey = commit ? nextWriteKey(input, group.writeKeys) : undefined;
  if (submission.joins) group.join(domain);
  const audience = room.domains;
  for (const welcomed of routes?.domains ?? []) group.join(welcomed);
  if (routes !== undefined && routes.mail.length > 0) group.join(context.domain);
  if (commit) group.advance(nextKey);
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
  return (routes?.mail ?? []).flatMap(({ client, ref }) =>
    welcomeRows(client, room.uri, room.seq, turn.position, ref),
  );
}

/** A newcomer holds no write key yet: what it says of the next one goes in the clear to the hub. */
function nextWriteKey(
  { opened, submission }: UpdateInput,
  keys: readonly Uint8Array[],
): Uint8Array | undefined {
  const sealed = opened.part.nextWriteKey;
  if (sealed.length === 0) return undefined;
  const { groupId, epoch, joins } = submission;
  if (joins) return sealed;
  for (const key of keys) {
    try {
      return openNextWriteKey(key, { groupId, epoch: epoch + 1n }, sealed);
    } catch (error) {
      if (!(error instanceof PrivacyError)) throw error;
    }
  }
  return undefined;
}

/** Members leave something for each other, or one brings its word on the present write key. */
function decideSlots(
  input: UpdateInput,
  { group }: HiddenGroup,
  keys: readonly Uint8Array[],
): Decision<UpdateRoomResponse> {
  const { room, turn, opened, slots, submission } = input;
  const late = submission.epoch !== room.epoch;
  const rows = late ? [] : slotRows(room.uri, slots, opened.slots, room.epoch);
  const key = late ? nextWriteKey(input, keys) : undefined;
  if (key !== undefined && group.addWriteKey(key)) rows.push(snapshotRow(room));
  return { answer: success(turn.now), rows };
}
