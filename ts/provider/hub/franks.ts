// The hub franks a message that it takes, and checks before whom it names: docs/franking.md; the form `draft06` as
// draft-ietf-mimi-protocol-06, "Hub processing", has it.

import {
  blindedSender,
  type Franked,
  type FrankingKey,
  frankingKeyId,
  frankingTagIn,
  makeFrank,
  PrivacyError,
  provenLeaf,
} from '../../privacy/index.ts';
import type { FrankingForm } from '../../room/index.ts';
import { encodeModeMessageBody, type Frank, type ModeMessage } from '../../wire/index.ts';
import { sameBytes } from '../bytes.ts';
import type { HubContext } from './context.ts';
import type { HubRoom } from './hub_room.ts';

/** A message as it was submitted: in our struct, or in the draft's. */
export type Submitted = Omit<ModeMessage, 'proof'> & { readonly proof: Uint8Array | undefined };

/** How a message will be franked; nothing of it depends on when it is accepted. */
export interface FrankPlan {
  readonly form: FrankingForm;
  readonly key: FrankingKey;
  readonly tag: Uint8Array;
  readonly blindedSender: Uint8Array;
}

/** `unfranked`: the room has no franking, and the message asks for none. */
export type FrankDecision = FrankPlan | 'unfranked' | { readonly refusal: string };

/** What is franked, and by which key; or why the message is not taken. */
export function planFrank(context: HubContext, room: HubRoom, message: Submitted): FrankDecision {
  return room.sight.kind === 'hidden'
    ? planHidden(context, message)
    : planFollowed(context, room, message);
}

/** Who sends is not known: what the sender says of itself is franked as it is. */
function planHidden({ franking }: HubContext, { request, frank }: Submitted): FrankDecision {
  if (frank === undefined) return 'unfranked';
  const key = franking.signer(frank.keyId);
  if (key === undefined) return { refusal: 'frankingKey' };
  const tag = tagOf(request.appMessage.authenticatedData);
  if (tag === undefined) return { refusal: 'frankingTag' };
  return { form: 'exedra', key, tag, blindedSender: frank.blind };
}

function planFollowed({ franking }: HubContext, room: HubRoom, message: Submitted): FrankDecision {
  const { request, frank } = message;
  const agreed = room.view?.state.franking;
  if (agreed === undefined) return frank === undefined ? 'unfranked' : { refusal: 'notFranked' };
  const keyId = frankingKeyId(agreed.agent.signatureKey);
  const key = franking.signer(keyId);
  if (key === undefined) return { refusal: 'frankingKey' };
  const tag = tagOf(request.appMessage.authenticatedData);
  if (tag === undefined) return { refusal: 'frankingTag' };
  const { form } = agreed;
  if (form === 'draft06') {
    if (room.mode.framing !== 'draft') return { refusal: 'frankingForm' };
    return frank === undefined
      ? { form, key, tag, blindedSender: NONE }
      : { refusal: 'frankingForm' };
  }
  if (frank === undefined) return { refusal: 'frankingForm' };
  if (!sameBytes(frank.keyId, keyId)) return { refusal: 'frankingKey' };
  if (!isBySender(room, message)) return { refusal: 'leafProof' };
  return { form, key, tag, blindedSender: blindedSender(frank.blind, request.sendingUri) };
}

/** Whether a leaf of the user that is named has signed the submission. */
function isBySender(room: HubRoom, { request, frank, proof }: Submitted): boolean {
  if (proof === undefined) return false;
  const { members, roster, sight } = room;
  const content = encodeModeMessageBody({ request, frank });
  const leaf = provenLeaf('message proof', members, sight.group.suite, content, proof);
  return leaf !== undefined && roster.get(leaf.leafIndex)?.user === request.sendingUri;
}

const NONE = new Uint8Array();

function tagOf(authenticatedData: Uint8Array): Uint8Array | undefined {
  try {
    return frankingTagIn(authenticatedData);
  } catch (error) {
    if (error instanceof PrivacyError) return undefined;
    throw error;
  }
}

/** The frank of a message that takes its place in the log now. */
export function frankOf(
  { form, key, tag, blindedSender: blinded }: FrankPlan,
  room: HubRoom,
  sender: string,
  acceptedAt: number,
): Frank {
  const franked: Franked = {
    tag,
    sender,
    blindedSender: blinded,
    room: room.uri,
    acceptedAt: BigInt(acceptedAt),
    position: BigInt(room.seq + 1),
  };
  return makeFrank(form, room.sight.group.suite, key, franked);
}
