// Messages on their way: each is stored, encrypted, before it is sent, and stays until the stream shows it.
// The same bytes are sent again until the hub answers; only a new epoch makes them void, and the stream tells which.
// draft-ietf-mimi-protocol-06, "Submit a Message".

import { messageIdDraft04 } from '../mls/index.ts';
import {
  frankedAad,
  frankingTag,
  frankRequest,
  memberProof,
  messageClass,
} from '../privacy/index.ts';
import {
  decodeMlsMessage,
  decodeSubmitMessageResponse,
  encodeModeMessage,
  encodeModeMessageBody,
  encodeSubmitMessageRequest,
  type PrivateMessageView,
  type RoomUri,
  type SubmitMessageRequest,
  type SubmitMessageResponse,
  WireError,
} from '../wire/index.ts';
import { hex } from './bytes.ts';
import type { Changes } from './changes.ts';
import type { Connection } from './connection.ts';
import { ClientError, isClientError } from './errors.ts';
import { stayBehind, WRITE_KEY_FAULT } from './events/settle.ts';
import { type Frankable, frankableIn } from './franking.ts';
import { awaitsRemoval } from './mandates.ts';
import { memberOf, senderIn, sendingUri } from './member_room.ts';
import type { Notices } from './notices.ts';
import { Queues } from './queue.ts';
import { activeGroup, commitFlight } from './requests.ts';
import type { DeviceState, RoomState } from './state/device_state.ts';
import type { OutboxRow } from './state/outbox_row.ts';
import type { Vault } from './state/vault.ts';
import type { Stream } from './stream.ts';

/** How often the stream is asked for the commit that the hub has and this device has not. */
const MAX_EPOCH_PULLS = 30;
const EPOCH_WAIT_MS = 1_000;
const LOCAL_ID_BYTES = 16;
/** What the core takes as one message, 1 MiB, less room for the framing around the content. */
const MAX_CONTENT_BYTES = (1 << 20) - 1024;

/** A message after `send`. */
export interface SentMessage {
  /** Stays the same, whatever becomes of the message; the history names it. */
  readonly localId: string;
  /** Draft-04 message id in hexadecimal, once the hub has the message. */
  readonly id?: string | undefined;
  /**
   * When the hub accepted it, in milliseconds since the epoch. Absent while the provider cannot be reached: the
   * message is stored and goes out with a later `sync`.
   */
  readonly acceptedAt?: number | undefined;
}

/** A message that is ready to be submitted. */
interface Prepared {
  readonly localId: string;
  readonly id: string;
  readonly request: Uint8Array;
}

type Sent = { readonly id: string; readonly acceptedAt: number } | ClientError;

export interface OutboxParts {
  readonly vault: Vault;
  readonly connection: Connection;
  readonly stream: Stream;
  readonly changes: Changes;
  readonly notices: Notices;
  readonly random: (length: number) => Uint8Array;
}

export class Outbox {
  readonly #parts: OutboxParts;
  /** One submission of a room at a time, so that messages keep their order. */
  readonly #queues = new Queues<RoomUri>();
  /** Callers of `send` that wait for their message. */
  readonly #awaited = new Map<string, Sent | undefined>();
  /** Local ids that the hub has acknowledged in this run: they wait for the stream only. */
  readonly #acknowledged = new Set<string>();

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    parts.notices.on('message', ({ message }) => {
      if (message.localId === undefined) return;
      this.#acknowledged.delete(message.localId);
      this.#note(message.localId, { id: message.id, acceptedAt: message.acceptedAt });
    });
  }

  /** Stores a message and sends it. Throws ClientError `notActive`, `refused`, `noSuchRoom`, `notFrankable`. */
  async send(room: RoomUri, content: Uint8Array): Promise<SentMessage> {
    if (content.length > MAX_CONTENT_BYTES) {
      throw new ClientError('refused', `A message has at most ${MAX_CONTENT_BYTES} bytes.`, {
        details: { code: 'tooLarge', limit: MAX_CONTENT_BYTES },
      });
    }
    const localIdBytes = this.#parts.random(LOCAL_ID_BYTES);
    const localId = hex(localIdBytes);
    this.#awaited.set(localId, undefined);
    try {
      await this.#parts.vault.exclusive((state) => {
        const target = state.room(room);
        const { epoch } = activeGroup(target);
        const franked = frankableIn(target, content);
        // Keys serve in the order of the log: behind messages that must be encrypted anew, this one waits its turn.
        const inOrder = target.outbox.every(({ sealed }) => sealed?.epoch === epoch);
        const row: OutboxRow = {
          number: target.row.nextNumber,
          localId: localIdBytes,
          content: content.slice(),
          sealed: undefined,
        };
        target.row.nextNumber += 1n;
        state.touch(target);
        if (inOrder && target.row.queued.length === 0) seal(target, row, franked);
        state.putOutbox(target, row);
      });
      await this.flush(room);
      const sent = this.#awaited.get(localId);
      if (sent instanceof ClientError) throw sent;
      return { localId, ...sent };
    } finally {
      this.#awaited.delete(localId);
    }
  }

  /** Sends what waits, in order, as far as the provider can be reached. */
  flush(room: RoomUri): Promise<void> {
    return this.#queues.run(room, async () => {
      try {
        while (await this.#submitNext(room)) {
          // Until nothing is left.
        }
      } catch (error) {
        if (!isClientError(error, 'unavailable', 'unknown', 'contended')) throw error;
      }
    });
  }

  /** Submits the first message that the hub has not acknowledged; false when there is none. */
  async #submitNext(room: RoomUri): Promise<boolean> {
    const { vault, connection, changes } = this.#parts;
    const next = await vault.exclusive((state) => this.#prepare(state, room));
    if (next === undefined) return false;
    if (next === 'commitFirst') {
      await changes.make(room, (state, target) => {
        if (target === undefined || target.row.status !== 'active') return undefined;
        return target.row.queued.length === 0 ? undefined : commitFlight(state, target, {});
      });
      return true;
    }
    if ('fault' in next) {
      await this.#reject(room, next.localId, next.fault);
      return true;
    }
    let answer: SubmitMessageResponse;
    try {
      answer = readAnswer(await connection.call('submitMessage', room, next.request));
    } catch (error) {
      // Too large, for instance: it would never pass, and must not hold up those behind it.
      if (!isClientError(error, 'refused')) throw error;
      await this.#reject(room, next.localId, error);
      return true;
    }
    switch (answer.code) {
      case 'accepted': {
        this.#acknowledged.add(next.localId);
        this.#note(next.localId, { id: next.id, acceptedAt: Number(answer.acceptedTimestamp) });
        return true;
      }
      case 'notAllowed':
        if (await this.#cannotWrite(room)) return false;
        await this.#reject(
          room,
          next.localId,
          new ClientError('refused', undefined, { details: { code: 'notAllowed' } }),
        );
        return true;
      case 'epochTooOld':
        await this.#reachEpoch(room, answer.currentEpoch);
        return true;
    }
  }

  #prepare(
    state: DeviceState,
    uri: RoomUri,
  ): Prepared | { localId: string; fault: ClientError } | 'commitFirst' | undefined {
    const room = state.rooms.get(uri);
    if (room?.group === undefined || room.row.status !== 'active') return undefined;
    const { epoch } = room.group;
    // A message of a past epoch that the stream has not shown is not in the log, whatever was answered.
    const row = room.outbox.find(
      ({ localId, sealed }) => sealed?.epoch !== epoch || !this.#acknowledged.has(hex(localId)),
    );
    if (row === undefined) return undefined;
    let franked: Frankable | undefined;
    try {
      franked = frankableIn(room, row.content);
    } catch (fault) {
      // Such as that the device has come back under another pseudonym since.
      if (!isClientError(fault, 'notFrankable')) throw fault;
      return { localId: hex(row.localId), fault };
    }
    if (row.sealed?.epoch !== epoch) {
      if (room.row.queued.length > 0) return awaitsRemoval(room) ? undefined : 'commitFirst';
      this.#acknowledged.delete(hex(row.localId));
      seal(room, row, franked);
      state.putOutbox(room, row);
    }
    const { id } = row.sealed as NonNullable<OutboxRow['sealed']>;
    return {
      localId: hex(row.localId),
      id: hex(id),
      request: submission(state, room, row, franked),
    };
  }

  /** A hub that knows no members refuses who has another write key than it: the message waits until the room is healed. */
  #cannotWrite(uri: RoomUri): Promise<boolean> {
    return this.#parts.vault.exclusive((state) => {
      const room = state.room(uri);
      if (room.membership?.mode.hub !== 'orders' || room.row.status !== 'active') return false;
      stayBehind(state, room, room.row.lastSeq, WRITE_KEY_FAULT);
      return true;
    });
  }

  /** Follows the stream until the room is in this epoch. */
  async #reachEpoch(room: RoomUri, epoch: bigint): Promise<void> {
    const { vault, stream } = this.#parts;
    for (let pulls = 0; pulls < MAX_EPOCH_PULLS; pulls++) {
      const view = vault.views.get(room);
      if (view?.status !== 'active' || view.epoch >= epoch) return;
      await stream.pull({ waitMs: pulls === 0 ? 0 : EPOCH_WAIT_MS });
    }
    throw new ClientError('unknown', undefined, { details: { room } });
  }

  /** Gives a message up; who sent it learns why, or, if nobody waits, hears of a problem. */
  async #reject(uri: RoomUri, localId: string, error: ClientError): Promise<void> {
    await this.#parts.vault.exclusive((state) => {
      const room = state.rooms.get(uri);
      const row = room?.outbox.find((item) => hex(item.localId) === localId);
      if (room === undefined || row === undefined) return;
      state.deleteOutbox(room, row);
      if (!this.#awaited.has(localId)) {
        state.tell({ name: 'problem', room: uri, code: 'notSent', error });
      }
    });
    this.#note(localId, error);
  }

  #note(localId: string, sent: Sent): void {
    if (this.#awaited.has(localId)) this.#awaited.set(localId, sent);
  }
}

/** What MLS adds to a content before it is padded, at most: a length and a signature. */
const FRAMING_BYTES = 80;
/** The largest block that the core pads to. */
const MAX_PADDING = 1 << 16;

/** So that a message shows its size class only. */
function paddingOf(content: Uint8Array): number {
  return Math.min(MAX_PADDING, messageClass(content.length + FRAMING_BYTES));
}

/** The request that submits a message, as the room's mode and its franking have it. */
function submission(
  state: DeviceState,
  room: RoomState,
  row: OutboxRow,
  franked: Frankable | undefined,
): Uint8Array {
  const { message } = row.sealed as NonNullable<OutboxRow['sealed']>;
  const request: SubmitMessageRequest = {
    protocol: 'mls10',
    appMessage: decodeMlsMessage(message) as PrivateMessageView,
    sendingUri: sendingUri(state, room),
  };
  const sender = senderIn(state, room);
  const hubKnows = sender.membership.mode.hub === 'verifies';
  // In the form of the draft the message itself has all that the hub is given.
  const frank =
    franked?.franking.form === 'exedra'
      ? frankRequest(franked.franking, franked.fields, hubKnows)
      : undefined;
  if (hubKnows && frank === undefined) return encodeSubmitMessageRequest(request);
  const body = encodeModeMessageBody({ request, frank });
  const proof = memberProof(sender, MESSAGE, body);
  return encodeModeMessage({ request, frank, proof });
}

/** That a member writes, or which one. */
const MESSAGE = { purpose: 'message proof', endpoint: 'submitMessage' } as const;

/** Encrypts a message for the room's present epoch. */
function seal(room: RoomState, row: OutboxRow, franked: Frankable | undefined): void {
  const group = activeGroup(room);
  const { membership } = memberOf(room);
  const paddingTo = membership.mode.framing === 'mode' ? paddingOf(row.content) : undefined;
  const aad = franked && frankedAad(frankingTag(franked.fields.salt, row.content));
  const message = group.encrypt(row.content, { paddingTo, aad });
  row.sealed = { message, id: messageIdDraft04(group.suite, message), epoch: group.epoch };
}

function readAnswer(body: Uint8Array): SubmitMessageResponse {
  try {
    return decodeSubmitMessageResponse(body);
  } catch (error) {
    if (error instanceof WireError) throw new ClientError('unknown', undefined, { cause: error });
    throw error;
  }
}
