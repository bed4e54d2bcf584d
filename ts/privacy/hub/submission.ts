// An update of a room as it reaches the hub, whatever the structs of its mode.

import {
  decodeModeUpdate,
  decodeUpdateRequest,
  encodeHandshakePayload,
  encodeModeUpdateBody,
  isModeUpdate,
  type ModeUpdate,
  type UpdateRequest,
} from '../../wire/index.ts';

/** What a hub reads of an update before it knows the room. */
export interface Submission {
  /** The mode that the sender says the room has. */
  readonly mode: string;
  readonly kind: ModeUpdate['kind'];
  readonly groupId: Uint8Array;
  /** Of the group before the update. */
  readonly epoch: bigint;
  readonly joins: boolean;
  /** HandshakePayloads in the form of the mode: what members and followers get, and what repeats are known by. */
  readonly payloads: readonly Uint8Array[];
  readonly hubPart: Uint8Array;
  readonly welcomes: ModeUpdate['welcomes'];
  readonly proof: Uint8Array;
  /** What `proof` is made over. */
  readonly proven: Uint8Array;
  /** The draft's own struct, where the update came as that. */
  readonly draft: UpdateRequest | undefined;
}

const NONE = new Uint8Array();

/** The mode of rooms whose updates come in the draft's own structs. */
export const DRAFT_MODE = 'open';

/** Reads the body of an `update`. Throws WireError. */
export function readSubmission(body: Uint8Array): Submission {
  if (isModeUpdate(body)) {
    const update = decodeModeUpdate(body);
    return { ...update, proven: encodeModeUpdateBody(update), draft: undefined };
  }
  const request = decodeUpdateRequest(body);
  const { message } = request;
  const messages =
    request.kind === 'proposal' ? [message, ...request.moreProposals] : [request.message];
  return {
    mode: DRAFT_MODE,
    kind: request.kind,
    groupId: message.groupId,
    epoch: message.epoch,
    joins: message.wireFormat === 'publicMessage' && message.sender.type === 'newMemberCommit',
    payloads: messages.map(({ bytes }) => encodeHandshakePayload({ handshake: bytes, slots: [] })),
    hubPart: NONE,
    welcomes: [],
    proof: NONE,
    proven: NONE,
    draft: request,
  };
}
