// What the decisions on an update share: what they are made with, and the answer of one that is accepted.

import {
  decodeInner,
  NEWCOMER,
  provenContent,
  provenLeaf,
  type Submission,
} from '../../privacy/index.ts';
import {
  decodeHandshakePayload,
  type HubPart,
  hubPartOf,
  type SlotWrite,
  type UpdateRoomResponse,
} from '../../wire/index.ts';
import type { Origin } from '../origin.ts';
import type { Turn } from '../shard.ts';
import type { HubContext } from './context.ts';
import type { FollowedGroup, HubRoom } from './hub_room.ts';
import type { SlotTable } from './slots.ts';
import type { WelcomeRoutes } from './welcome.ts';

/** What the decision on an update is made with. */
export interface UpdateInput {
  readonly context: HubContext;
  readonly origin: Origin;
  readonly room: HubRoom;
  readonly turn: Turn;
  readonly requestId: Uint8Array;
  readonly submission: Submission;
  readonly opened: OpenedUpdate;
  readonly slots: SlotTable;
  readonly routes: WelcomeRoutes | undefined;
  /** Whether the room has state at hand for the link whose token the sender shows. */
  readonly joinable: boolean;
}

/** An update as far as the hub can open it. */
export interface OpenedUpdate {
  /** MLSMessages; of a mode whose hub only orders, whatever it has in their place. */
  readonly handshakes: readonly Uint8Array[];
  readonly slots: readonly SlotWrite[];
  readonly part: HubPart;
}

/**
 * Opens an update with the hub's keys.
 * @throws PrivacyError when something does not open; WireError never: the submission has been decoded.
 */
export function openUpdate(
  { keys }: HubContext,
  room: HubRoom,
  submission: Submission,
): OpenedUpdate {
  const { mode } = room;
  const { groupId, epoch, kind } = submission;
  const address = { suite: room.sight.group.suite, groupId, epoch, kind };
  const payloads = submission.payloads.map((payload) =>
    submission.draft === undefined
      ? mode.handshakes.openAsHub(payload, address, keys.sealing)
      : decodeInner(decodeHandshakePayload, payload),
  );
  const part =
    submission.draft === undefined
      ? openPart(submission, () => mode.hubParts.open(submission.hubPart, address, keys.sealing))
      : draftPart(submission.draft);
  return {
    handshakes: payloads.map(({ handshake }) => handshake).filter(({ length }) => length > 0),
    slots: [...payloads.flatMap(({ slots }) => slots), ...part.slots],
    part,
  };
}

function openPart({ hubPart }: Submission, open: () => HubPart): HubPart {
  return hubPart.length === 0 ? hubPartOf({}) : open();
}

/** What the draft's own struct says to the hub. */
function draftPart(draft: NonNullable<Submission['draft']>): HubPart {
  if (draft.kind !== 'commit' || draft.groupInfo.representation !== 'full') return hubPartOf({});
  return hubPartOf({ groupInfo: draft.groupInfo.groupInfo });
}

/**
 * Whether an update is, as a whole, by the leaf of this index, or by a newcomer of this key. In the draft's own structs
 * there is no room for that: the sender's provider answers for it.
 */
export function isBy(
  { submission, opened: { part } }: UpdateInput,
  { group }: FollowedGroup,
  sender: number | { readonly signatureKey: Uint8Array },
): boolean {
  if (submission.draft !== undefined) return true;
  const leaves =
    typeof sender === 'number'
      ? group.members().filter(({ leafIndex }) => leafIndex === sender)
      : [{ leafIndex: NEWCOMER, ...sender }];
  const content = provenContent(submission, part);
  return provenLeaf('update proof', leaves, group.suite, content, part.proof) !== undefined;
}

/** The answer to an update that was accepted. */
export function success(acceptedAt: number): UpdateRoomResponse {
  return { code: 'success', errorDescription: '', acceptedTimestamp: BigInt(acceptedAt) };
}
