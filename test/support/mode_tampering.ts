// Rooms of every mode over providers of this process, with somebody between who changes what goes through: a member that
// lies, a follower that rewrites, a hub that forges.

import type {
  Connection,
  CreateRoomOptions,
  Device,
  KeyValue,
  Room,
} from '../../ts/client/index.ts';
import type { ReceivedMessage } from '../../ts/client/state/history_row.ts';
import { roomKey } from '../../ts/client/state/keys.ts';
import { type HubKey, Membership } from '../../ts/privacy/index.ts';
import {
  decodeFanoutMessage,
  decodeModeUpdate,
  decodeProviderKeys,
  decodeSyncResponse,
  encodeFanoutMessage,
  encodeModeUpdate,
  encodeSyncResponse,
  type FanoutMessage,
  isModeUpdate,
  type ModeUpdate,
  providerUri,
  type RoomUri,
  roomUri,
} from '../../ts/wire/index.ts';
import { settle, type World } from './in_process_connection.ts';
import { accept, connect } from './meeting.ts';

/** What is done to the bodies of a device's calls; each may be set and taken away at any time. */
export class Between {
  /** Changes an `update` in the structs of the modes. */
  update: ((update: ModeUpdate) => ModeUpdate) | undefined;
  /** Changes the body of any call. */
  request: ((operation: string, body: Uint8Array) => Uint8Array) | undefined;
  /** Changes an event of the stream. */
  event: ((event: FanoutMessage) => FanoutMessage) | undefined;
  /** Changes the provider's answer to a call, whose body it is shown, too. */
  reply: ((operation: string, answer: Uint8Array, body: Uint8Array) => Uint8Array) | undefined;
  /** Bodies of the updates that were sent, and the events that came, unchanged. */
  readonly updates: Uint8Array[] = [];
  /** Bodies of `createRoom`. */
  readonly creations: Uint8Array[] = [];
  readonly events: FanoutMessage[] = [];

  /** What was sent in the place of what; who sent it gets its own back, as a liar knows what it has sent. */
  readonly #own = new Map<string, Uint8Array>();

  readonly wrap = (inner: Connection): Connection => ({
    call: async (operation, id, body, options) => {
      if (operation === 'update') this.updates.push(body);
      if (operation === 'createRoom') this.creations.push(body);
      const asked = this.request?.(operation, body) ?? body;
      const answer = await inner.call(operation, id, this.#changed(operation, asked), options);
      if (operation === 'sync') return this.#stream(answer);
      return this.reply?.(operation, answer, body) ?? answer;
    },
  });

  #changed(operation: string, body: Uint8Array): Uint8Array {
    if (operation !== 'update' || this.update === undefined || !isModeUpdate(body)) return body;
    const update = decodeModeUpdate(body);
    const changed = this.update(update);
    for (const [at, payload] of changed.payloads.entries()) {
      this.#own.set(hex(payload), (update.payloads[at] ?? payload).slice());
    }
    return encodeModeUpdate(changed);
  }

  #asSent(fanout: FanoutMessage): FanoutMessage {
    if (fanout.kind !== 'modeHandshake') return fanout;
    const { payloads } = fanout;
    if (!payloads.some((payload) => this.#own.has(hex(payload)))) return fanout;
    return {
      ...fanout,
      payloads: payloads.map((payload) => this.#own.get(hex(payload)) ?? payload),
    };
  }

  #stream(answer: Uint8Array): Uint8Array {
    const response = decodeSyncResponse(answer);
    const events = response.events.map((event) => {
      const fanout = decodeFanoutMessage(event.fanout);
      this.events.push(fanout);
      const changed = this.event?.(fanout) ?? this.#asSent(fanout);
      return changed === fanout ? event : { ...event, fanout: encodeFanoutMessage(changed) };
    });
    return encodeSyncResponse({ ...response, events });
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Behind what envelopes and messages say in the clear, and before the slots that follow a handshake, in bytes. */
const WITHIN = 400;

/** The bytes with one of them changed: in a handshake, one of what is sealed or signed. */
export function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const at = Math.min(WITHIN, Math.floor(copy.length / 2));
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** A provider's key for what only it shall read, as it gives it to others. */
export async function hubKeyOf(world: World, domain: string): Promise<HubKey> {
  const uri = providerUri(domain);
  const peer = [...world.providers.keys()].find((other) => other !== domain) ?? '';
  const reply = await world.provider(domain).fromPeer(peer, 'providerKeys', uri, NONE);
  const { sealingKey } = decodeProviderKeys(reply.body);
  return { id: NONE, publicKey: sealingKey };
}

const NONE = new Uint8Array();

/** The write key that a device has of a room of mode members-only, from what it has stored. */
export async function writeKeyOf(storage: KeyValue, room: RoomUri): Promise<Uint8Array> {
  const wanted = hex(roomKey('membership', room));
  const rows = await storage.load(roomKey('membership', room));
  const row = rows.find(({ key }) => hex(key) === wanted)?.value;
  const writeKey = row && Membership.decode(row).current.keys?.writeKey;
  if (writeKey === undefined) throw new Error(`no write key of ${room}`);
  return writeKey;
}

/** The host adds the guest's user, who accepts; `present` are brought in step. */
export async function add(
  host: Device,
  room: Room,
  guest: Device,
  ...present: readonly Device[]
): Promise<Room> {
  await guest.allow(host.account.user);
  await room.invite(guest.account.user);
  await settle(host, guest, ...present);
  return accept(guest, room.uri);
}

/** Alice at the hub, Bob and Carol at a follower each, all in a room of Alice's; what each device reports, by code. */
export interface Three {
  readonly alice: Device;
  readonly bob: Device;
  readonly carol: Device;
  readonly room: Room;
  readonly bobs: Room;
  readonly carols: Room;
  readonly between: { readonly alice: Between; readonly bob: Between; readonly carol: Between };
  readonly problems: { readonly alice: string[]; readonly bob: string[]; readonly carol: string[] };
  readonly settle: () => Promise<void>;
}

const NAMES = ['alice', 'bob', 'carol'] as const;
const DOMAINS = { alice: 'a.example', bob: 'b.example', carol: 'c.example' } as const;

export async function three(
  world: World,
  mode: string,
  rules: Partial<Record<(typeof NAMES)[number], Parameters<World['device']>[2]>> = {},
  options: Omit<CreateRoomOptions, 'mode'> = {},
): Promise<Three> {
  const between = { alice: new Between(), bob: new Between(), carol: new Between() };
  const problems = { alice: [] as string[], bob: [] as string[], carol: [] as string[] };
  const open = async (name: (typeof NAMES)[number]) => {
    const { wrap } = between[name];
    const device = await world.device(DOMAINS[name], `${name}-1`, { wrap, ...rules[name] });
    await device.connections.publish(4);
    device.on('problem', ({ code }) => problems[name].push(code));
    return device;
  };
  const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')];
  await connect(alice, bob);
  await connect(alice, carol);
  await connect(bob, carol);
  const room = await alice.createRoom(roomUri('a.example', 'club'), { mode, ...options });
  const bobs = await add(alice, room, bob);
  const carols = await add(alice, room, carol, bob);
  const rest = () => settle(alice, bob, carol);
  await rest();
  return { alice, bob, carol, room, bobs, carols, between, problems, settle: rest };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a room's history says: who, as far as it is known, and what. */
export async function heard(room: Room): Promise<string[]> {
  return (await room.messages()).map(({ real, content }) => {
    const name = real === undefined ? '' : `${real.user.slice(real.user.lastIndexOf('/') + 1)}: `;
    return name + decoder.decode(content);
  });
}

/** A room that is stuck goes on in the one that a member opens; gives it as others see it who were in the old one. */
export async function heal(
  room: Room,
  others: readonly Device[],
  rest: () => Promise<void>,
): Promise<{ readonly room: RoomUri; readonly seats: readonly Room[] }> {
  const { room: uri } = await room.succeed();
  await rest();
  const seats: Room[] = [];
  for (const device of others) seats.push(await accept(device, uri));
  await rest();
  return { room: uri, seats };
}

/** Says something in one room and gives what another then heard last. */
export async function reaches(from: Room, to: Room, rest: () => Promise<void>): Promise<boolean> {
  const content = crypto.randomUUID();
  await from.send(encoder.encode(content));
  await rest();
  const last = (await to.messages()).at(-1);
  return last !== undefined && decoder.decode(last.content) === content;
}

/** The last message of a room, as a member has it. */
export async function lastOf(room: Room): Promise<ReceivedMessage> {
  const message = (await room.messages()).at(-1);
  if (message === undefined) throw new Error('nothing was heard');
  return message;
}
