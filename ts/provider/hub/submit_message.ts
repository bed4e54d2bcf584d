// The hub takes an application message: draft-ietf-mimi-protocol-06, "Submit a Message".

import { hash } from '../../mls/index.ts';
import { PrivacyError, verifyWriteMac } from '../../privacy/index.ts';
import { decideSend } from '../../room/index.ts';
import {
  asProviderUri,
  asUserUri,
  decodeFanoutMessage,
  domainOf,
  encodeFanoutMessage,
  encodeModeMessageBody,
  type Frank,
  groupIdOf,
  type RoomUri,
  type SubmitMessageResponse,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { type Origin, originDomain, requireSpeaksFor } from '../origin.ts';
import type { Decision, Input, ShardReader, Turn } from '../shard.ts';
import { acceptanceTime, acceptEntry } from './accept.ts';
import { type HubContext, recordBefore } from './context.ts';
import { frankOf, planFrank, type Submitted } from './franks.ts';
import type { HubRoom } from './hub_room.ts';
import { stateToCome } from './mandates.ts';

/** What the hub says of a message that it has taken. */
interface Accepted {
  readonly acceptedAt: number;
  readonly frank: Frank | undefined;
}

/**
 * The input for a submitted message, whose proof shows that the sender may write, or who it is. A message that was
 * accepted before is answered as the first time.
 * @throws ProviderError `badRequest`, `wrongDevice`, `wrongPeer`, `unknownRoom`, `notFrankable` (details: rule).
 */
export function submitMessage(
  context: HubContext,
  origin: Origin,
  uri: RoomUri,
  submitted: Submitted,
): Input<SubmitMessageResponse> {
  const { request } = submitted;
  const message = request.appMessage;
  if (message.wireFormat !== 'privateMessage' || message.contentType !== 'application') {
    throw new ProviderError('badRequest', 'submitMessage takes an application PrivateMessage.', {
      details: { path: '/appMessage' },
    });
  }
  if (message.bytes.length > context.limits.messageBytes) {
    throw new ProviderError('tooLarge', undefined, {
      details: { limit: context.limits.messageBytes },
    });
  }
  const requestId = hash(1, message.bytes);
  let room: HubRoom;
  let before: Accepted | undefined;
  return {
    owner: uri,
    prepare: async (reader) => {
      room = await context.directory.hubRoom(uri);
      requireSender(context, origin, room, request.sendingUri);
      before = await acceptedEarlier(reader, room, requestId);
    },
    decide: (turn: Turn): Decision<SubmitMessageResponse> => {
      if (before !== undefined) return { answer: accepted(before) };
      if (!sameBytes(message.groupId, groupIdOf(uri))) {
        throw new ProviderError('badRequest', 'The message is of another group than the room.', {
          details: { path: '/appMessage/group_id' },
        });
      }
      if (message.epoch < room.epoch) {
        return mayHaveSent(room, request.sendingUri)
          ? { answer: { code: 'epochTooOld', currentEpoch: room.epoch } }
          : { answer: { code: 'notAllowed' } };
      }
      if (message.epoch > room.epoch || !maySend(room, submitted)) {
        return { answer: { code: 'notAllowed' } };
      }
      const plan = planFrank(context, room, submitted);
      if (typeof plan === 'object' && 'refusal' in plan) {
        const from = originDomain(context, origin);
        context.report({ type: 'refused', room: uri, rule: plan.refusal, from });
        throw new ProviderError('notFrankable', undefined, { details: { rule: plan.refusal } });
      }
      const acceptedAt = acceptanceTime(room, turn);
      const frank =
        plan === 'unfranked' ? undefined : frankOf(plan, room, request.sendingUri, acceptedAt);
      const fanout = encodeFanoutMessage({
        kind: 'application',
        timestamp: BigInt(acceptedAt),
        message,
        frank,
      });
      const { record, rows } = acceptEntry(room, turn, {
        kind: 'application',
        acceptedAt,
        from: request.sendingUri,
        fanout,
        followers: context.othersOf(room.domains),
        requestId,
      });
      context.report({
        type: 'accepted',
        room: uri,
        kind: 'application',
        seq: room.seq,
        from: domainOf(request.sendingUri),
        bytes: message.bytes.length,
      });
      return { answer: accepted({ acceptedAt, frank }), records: [record], rows };
    },
  };
}

/** The sender is who it says: the device's user, a pseudonym of the origin's provider, or the provider alone. */
function requireSender(
  context: HubContext,
  origin: Origin,
  { mode, sight }: HubRoom,
  sender: string,
): void {
  if (sight.kind === 'followed' && !mode.credentials.hidesIdentities) {
    requireSpeaksFor(origin, decodeBody(asUserUri, sender));
    return;
  }
  const named: string = decodeBody<string, string>(
    sight.kind === 'hidden' ? asProviderUri : asUserUri,
    sender,
  );
  if (domainOf(named) === originDomain(context, origin)) return;
  throw new ProviderError(origin.kind === 'device' ? 'wrongDevice' : 'wrongPeer');
}

/** Whether the sender is one of the room's; the present epoch is not told to anybody else. */
function mayHaveSent(room: HubRoom, sender: string): boolean {
  const { view, domains } = room;
  if (view === undefined) return domains.has(domainOf(sender));
  return decideSend({ ...view, state: stateToCome(room, view.state) }, sender).allowed;
}

function maySend(room: HubRoom, { request, frank, proof }: Submitted): boolean {
  if (!mayHaveSent(room, request.sendingUri)) return false;
  // Where the hub follows the group, the proof is of who sends, and goes with what is franked.
  if (room.sight.kind === 'followed') return (proof === undefined) === (frank === undefined);
  const { groupId, epoch } = request.appMessage;
  const body = encodeModeMessageBody({ request, frank });
  try {
    const { writeKey } = room.sight.group;
    verifyWriteMac(writeKey, { endpoint: 'submitMessage', groupId, epoch, body }, proof ?? NONE);
    return true;
  } catch (error) {
    if (error instanceof PrivacyError) return false;
    throw error;
  }
}

const NONE = new Uint8Array();

/** What was said of a message that was taken before. */
async function acceptedEarlier(
  reader: ShardReader,
  room: HubRoom,
  requestId: Uint8Array,
): Promise<Accepted | undefined> {
  const record = await recordBefore(reader, room, requestId);
  if (record === undefined) return undefined;
  const fanout = decodeFanoutMessage(record.fanout);
  const frank = fanout.kind === 'application' ? fanout.frank : undefined;
  return { acceptedAt: record.acceptedAt, frank };
}

function accepted({ acceptedAt, frank }: Accepted): SubmitMessageResponse {
  return { code: 'accepted', acceptedTimestamp: BigInt(acceptedAt), frank };
}
