// A room of three providers whose hub gives out mandates, and devices whose traffic a test can see and thin out.

import {
  type Connection,
  type Device,
  type KeyValue,
  memoryKeyValue,
  type Problem,
  type Room,
} from '../../ts/client/index.ts';
import {
  decodeFanoutMessage,
  decodeSyncResponse,
  decodeUpdateRoomResponse,
  encodeSyncResponse,
  type RoomUri,
  roomUri,
  type UserUri,
} from '../../ts/wire/index.ts';
import { settle, type World } from './in_process_connection.ts';
import { connect } from './meeting.ts';

export const HUB = 'a.example';
export const DOMAINS = [HUB, 'b.example', 'c.example'] as const;

/** One participant: a device with its room. */
export interface Seat {
  readonly device: Device;
  readonly storage: KeyValue;
  readonly room: Room;
  /** What the user is called in the room. */
  readonly name: UserUri;
  /** The answers to its updates, as `code` or the rule that refused. */
  readonly answers: string[];
  /** While set, the device is not shown mandates. */
  blind: boolean;
}

export interface Scene {
  readonly uri: RoomUri;
  /** The owner, at the hub; the others are members. */
  readonly alice: Seat;
  readonly bob: Seat;
  readonly carol: Seat;
  readonly problems: Problem[];
  settle(): Promise<void>;
}

/** A room of this mode with Alice, Bob and Carol. */
export async function mandateScene(world: World, mode: string): Promise<Scene> {
  const problems: Problem[] = [];
  const open = async (domain: string, name: string) => {
    const watch = { answers: [] as string[], blind: false };
    const storage = memoryKeyValue();
    const device = await world.device(domain, name, { storage, wrap: watched(watch) });
    device.on('problem', (problem) => problems.push(problem));
    await device.connections.publish(4);
    return { device, storage, watch };
  };
  const alice = await open(HUB, 'alice-1');
  const bob = await open('b.example', 'bob-1');
  const carol = await open('c.example', 'carol-1');
  const uri = roomUri(HUB, 'club');
  const room = await alice.device.createRoom(uri, { mode });
  const rooms = [room];
  for (const { device } of [bob, carol]) {
    await connect(alice.device, device);
    rooms.push(await join(alice.device, room, device));
  }
  const everybody = [alice.device, bob.device, carol.device];
  await settle(...everybody);
  const seats = [alice, bob, carol].map(({ device, storage, watch }, place) =>
    Object.assign(watch, {
      device,
      storage,
      room: rooms[place] as Room,
      name: room.participants()[place]?.user as UserUri,
    }),
  ) as unknown as [Seat, Seat, Seat];
  for (const { answers } of seats) answers.length = 0;
  return {
    uri,
    alice: seats[0],
    bob: seats[1],
    carol: seats[2],
    problems,
    settle: () => settle(...everybody),
  };
}

async function join(host: Device, room: Room, guest: Device): Promise<Room> {
  await guest.allow(host.account.user);
  await room.invite(guest.account.user);
  await settle(host, guest);
  const invitation = guest.invitations().find((one) => one.room === room.uri);
  if (invitation === undefined) throw new Error('no invitation came');
  return invitation.accept();
}

/** Notes the answers to updates, and keeps mandates from a device that is to be blind. */
function watched(watch: { readonly answers: string[]; readonly blind: boolean }) {
  return (connection: Connection): Connection => ({
    async call(operation, id, body, options) {
      const answer = await connection.call(operation, id, body, options);
      if (operation === 'update') {
        const { code, errorDescription } = decodeUpdateRoomResponse(answer);
        const [rule = ''] = errorDescription.split(':');
        watch.answers.push(code === 'notAllowed' ? rule : code);
      }
      if (operation !== 'sync' || !watch.blind) return answer;
      const response = decodeSyncResponse(answer);
      const events = response.events.filter(
        ({ fanout }) => decodeFanoutMessage(fanout).kind !== 'mandate',
      );
      return encodeSyncResponse({ ...response, events });
    },
  });
}

/** The role that a room's list gives a user. */
export const roleIn = ({ room }: Seat, user: string): number =>
  room.participants().find((entry) => entry.user === user)?.role ?? 0;
