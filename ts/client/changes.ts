// Changes to a room: each is prepared on the state, saved with its request, sent, and ended by the stream, which
// alone decides. A change that lost against another member's commit is prepared anew.
// draft-ietf-mimi-protocol-06, "Update Room State".

import {
  decodeUpdateRoomResponse,
  type RoomUri,
  type UpdateRoomResponse,
  WireError,
} from '../wire/index.ts';
import { equalBytes, hex } from './bytes.ts';
import type { ClientOperation, Connection } from './connection.ts';
import { ClientError, isClientError } from './errors.ts';
import { abandonJoin } from './events/apply_commit.ts';
import { settle, stayBehind, WRITE_KEY_FAULT } from './events/settle.ts';
import type { FlightOutcome, Notices } from './notices.ts';
import { Queues } from './queue.ts';
import type { DeviceState, RoomState } from './state/device_state.ts';
import type { Flight } from './state/room_row.ts';
import type { Vault } from './state/vault.ts';
import type { Stream } from './stream.ts';
import { backoffMs, pause } from './waiting.ts';

/** How often a change is prepared anew after losing; with n devices at it, each loses at most n - 1 in a row. */
const MAX_ROUNDS = 64;
/** The rule by which a hub refuses a commit that does not carry its mandate. */
const MANDATE_RULE = 'mandate';
/** The rule by which a hub refuses a commit that leaves out a proposal which it has queued. */
const PROPOSALS_RULE = 'R6-queued-proposals';
/** The rule by which a hub that knows no members refuses who has another write key than the committer has brought. */
const WRITE_KEY_RULE = 'writeKey';
/** How often the same bytes are sent when no answer comes. */
const MAX_SENDS = 4;
/** How long the stream may take to show what the hub has accepted, in milliseconds. */
const STREAM_DEADLINE_MS = 30_000;
/** What one question to the stream waits meanwhile. */
const STREAM_WAIT_MS = 1_000;

/** Stages a change in the state and gives its request; `undefined` when nothing is left to do. */
export type Prepare = (state: DeviceState, room: RoomState | undefined) => Flight | undefined;

export interface ChangesParts {
  readonly vault: Vault;
  readonly connection: Connection;
  readonly stream: Stream;
  readonly notices: Notices;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
}

export class Changes {
  readonly #parts: ChangesParts;
  /** One change of a room at a time: the next one builds on the epoch that it ends. */
  readonly #queues = new Queues<RoomUri>();

  constructor(parts: ChangesParts) {
    this.#parts = parts;
  }

  /**
   * Makes a change and returns when the stream has confirmed it.
   * Throws ClientError `refused`, `unavailable` (nothing is changed), `unknown` (the stream will settle it),
   * `contended`, and what `prepare` throws.
   */
  make(room: RoomUri, prepare: Prepare): Promise<void> {
    const { vault, random } = this.#parts;
    return this.#queues.run(room, async () => {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        // What an earlier call or an earlier run of the app left open comes first.
        await this.#finishEarlier(room);
        const flight = await vault.exclusive((state) => {
          const found = state.rooms.get(room);
          const prepared = prepare(state, found);
          if (prepared === undefined) return undefined;
          const target = state.room(room);
          target.row.flight = prepared;
          state.touch(target);
          return prepared;
        });
        if (flight === undefined || (await this.#finish(room, 'new')) === 'accepted') return;
        await pause(backoffMs(Math.min(round, 3), 10, 100, random));
      }
      throw new ClientError('contended', undefined, { details: { room } });
    });
  }

  /** Sends again what is still open in a room, unless a change is under way. */
  async resume(room: RoomUri): Promise<void> {
    if (this.#queues.busy(room) || this.#parts.vault.views.get(room)?.flight === undefined) return;
    await this.#queues.run(room, () => this.#finishEarlier(room));
  }

  /** Ends what an earlier call left open; its refusal is nobody's answer here. */
  async #finishEarlier(room: RoomUri): Promise<void> {
    try {
      await this.#finish(room, 'earlier');
    } catch (error) {
      if (!isClientError(error, 'refused')) throw error;
      this.#parts.notices.emit([{ name: 'problem', room, code: error.code, error }]);
    }
  }

  /** Brings the request in flight, if there is one, to its end. An earlier one may have reached the hub before. */
  async #finish(room: RoomUri, made: 'new' | 'earlier'): Promise<FlightOutcome | undefined> {
    const { vault, notices } = this.#parts;
    const open = await vault.exclusive((state) => {
      const flight = state.rooms.get(room)?.row.flight;
      return flight && { flight, expected: notices.expect(flight.hash) };
    });
    if (open === undefined) return undefined;
    const { flight, expected } = open;
    try {
      const answer = await this.#send(room, flight, made === 'new' ? 'no' : 'perhaps');
      if (answer.code === 'notAllowed' || answer.code === 'invalidProposal') {
        await this.#drop(room, flight);
        const refusal = refusedBy(answer);
        const { rule } = refusal.details;
        if (rule === WRITE_KEY_RULE && flight.kind !== 'join') await this.#cannotWrite(room);
        if (flight.kind !== 'commit') throw refusal;
        if (rule === MANDATE_RULE) await this.#awaitMandate(room, flight, refusal);
        else if (rule === PROPOSALS_RULE) await this.#awaitProposals(room, flight, refusal);
        else throw refusal;
        return 'lost';
      }
      // A newcomer is served no events yet that could show the commit which came first.
      if (flight.kind === 'join' && answer.code === 'wrongEpoch') {
        await this.#drop(room, flight);
        return 'lost';
      }
      if (flight.kind === 'create') return await this.#confirm(room, flight, answer);
      return await this.#awaitStream(room, flight, expected.outcome);
    } finally {
      expected.forget();
    }
  }

  /** The hub wants its mandate carried first: the change is made anew once the stream has shown what it says. */
  async #awaitMandate(room: RoomUri, flight: Flight, refusal: ClientError): Promise<void> {
    const { stream, clock, vault } = this.#parts;
    const deadline = clock() + STREAM_DEADLINE_MS;
    for (let waitMs = 0; ; waitMs = STREAM_WAIT_MS) {
      await stream.pull({ waitMs });
      const view = vault.views.get(room);
      if (view?.mandate !== undefined || view?.epoch !== flight.epoch) return;
      if (clock() > deadline) throw refusal;
    }
  }

  /** A proposal has crossed the commit, which must cover it: the change is made anew once the stream has shown it. */
  async #awaitProposals(room: RoomUri, flight: Flight, refusal: ClientError): Promise<void> {
    const { stream, vault } = this.#parts;
    const before = vault.views.get(room)?.pendingProposals;
    for (const waitMs of [0, STREAM_WAIT_MS]) {
      await stream.pull({ waitMs });
      const view = vault.views.get(room);
      if (view?.epoch !== flight.epoch || view.pendingProposals !== before) return;
    }
    throw refusal;
  }

  /** The hub takes nothing of members any more: the room can be healed. Nobody can show whose fault it is. */
  #cannotWrite(uri: RoomUri): Promise<void> {
    return this.#parts.vault.exclusive((state) => {
      const room = state.room(uri);
      if (room.row.status === 'active') stayBehind(state, room, room.row.lastSeq, WRITE_KEY_FAULT);
    });
  }

  /** Sends the request, again where no answer comes. One that the hub may have processed is never taken back. */
  async #send(
    room: RoomUri,
    flight: Flight,
    processedBefore: 'no' | 'perhaps',
  ): Promise<UpdateRoomResponse> {
    const { connection, random } = this.#parts;
    const operation: ClientOperation = flight.kind === 'create' ? 'createRoom' : 'update';
    let processed = processedBefore;
    for (let attempt = 1; ; attempt++) {
      try {
        return readAnswer(await connection.call(operation, room, flight.request));
      } catch (error) {
        if (isClientError(error, 'refused')) {
          await this.#drop(room, flight);
          throw error;
        }
        if (!isClientError(error, 'unavailable', 'unknown')) throw error;
        if (error.code === 'unknown') processed = 'perhaps';
        if (attempt < MAX_SENDS) {
          const { retryAfterMs } = error.details;
          const asked = typeof retryAfterMs === 'number' ? retryAfterMs : 0;
          await pause(Math.max(Math.min(asked, 5_000), backoffMs(attempt, 50, 2_000, random)));
          continue;
        }
        if (processed === 'perhaps') throw new ClientError('unknown', undefined, { cause: error });
        await this.#drop(room, flight);
        throw error;
      }
    }
  }

  /** Takes back a request that the hub has surely not accepted. */
  #drop(uri: RoomUri, flight: Flight): Promise<void> {
    return this.#parts.vault.exclusive((state) => {
      const room = state.rooms.get(uri);
      if (room !== undefined && isSame(room.row.flight, flight)) dropFlight(state, room);
    });
  }

  async #confirm(uri: RoomUri, flight: Flight, answer: UpdateRoomResponse): Promise<FlightOutcome> {
    if (answer.code !== 'success') throw refusedBy(answer);
    await this.#parts.vault.exclusive((state) => {
      const room = state.room(uri);
      if (!isSame(room.row.flight, flight)) return;
      settle(state, room, 'accepted');
      room.row.status = 'active';
    });
    return 'accepted';
  }

  /** Follows the stream until it has shown the request, or what came before it. */
  async #awaitStream(
    room: RoomUri,
    flight: Flight,
    outcome: () => FlightOutcome | undefined,
  ): Promise<FlightOutcome> {
    const { stream, clock, vault } = this.#parts;
    const deadline = clock() + STREAM_DEADLINE_MS;
    for (let waitMs = 0; ; waitMs = STREAM_WAIT_MS) {
      const shown = outcome();
      if (shown !== undefined) return shown;
      // Settled, but the storage failed after it had written: preparing anew finds what is left to do.
      if (!isSame(vault.views.get(room)?.flight, flight)) return 'lost';
      if (clock() > deadline) throw new ClientError('unknown', undefined, { details: { room } });
      await stream.pull({ waitMs });
    }
  }
}

/** Undoes in memory what `prepare` staged for a request that came to nothing. */
function dropFlight(state: DeviceState, room: RoomState): void {
  const { flight } = room.row;
  state.touch(room);
  switch (flight?.kind) {
    case 'create':
      settle(state, room, 'lost');
      state.deleteRoom(room);
      return;
    case 'join':
      abandonJoin(state, room);
      return;
    case 'commit':
      room.group?.discardPending();
      room.membership?.discardPending();
      break;
    case 'proposal':
      discardUnshown(room);
  }
  settle(state, room, 'lost');
}

/** The group queued the own proposals when it made them: those that the stream has not shown, removals all, go out. */
function discardUnshown({ group, row }: RoomState): void {
  const shown = new Set(row.leaving.map(({ ref }) => hex(ref)));
  for (const ref of group?.pendingProposals() ?? []) {
    if (!shown.has(hex(ref))) group?.discardProposal(ref);
  }
}

function isSame(a: Flight | undefined, b: Flight): boolean {
  return a !== undefined && equalBytes(a.hash, b.hash);
}

function readAnswer(body: Uint8Array): UpdateRoomResponse {
  try {
    return decodeUpdateRoomResponse(body);
  } catch (error) {
    // Whether the hub took the request cannot be told from this.
    if (error instanceof WireError) throw new ClientError('unknown', undefined, { cause: error });
    throw error;
  }
}

function refusedBy(answer: UpdateRoomResponse): ClientError {
  const [rule] = answer.errorDescription.split(':');
  return new ClientError('refused', undefined, {
    details: { code: answer.code, rule, why: answer.errorDescription },
  });
}
