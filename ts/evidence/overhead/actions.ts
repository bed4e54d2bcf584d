// What is measured: each action of a room's life, as who does it, the members and the servers come to it. They are in
// an order in which each finds the room as it needs it, and the last one leaves it as the first one found it.

import type { Device, Room } from '../../client/index.ts';
import { MEMBER_ROLE, MODERATOR_ROLE } from '../../room/index.ts';
import { mustBe } from './error.ts';
import type { Shares } from './meter.ts';
import type { Stage } from './stage.ts';

/** A room of one mode, and those of its members who act. */
export interface Scene {
  readonly stage: Stage;
  readonly mode: string;
  /** At the hub. */
  readonly host: Device;
  /** At the follower. */
  readonly member: Device;
  /** At the follower; comes and goes. */
  readonly guest: Device;
  readonly room: Room;
  /** The link by which the guest may come, once there is one. */
  link?: string;
}

/** An action. */
export interface Action {
  readonly name: string;
  /** What is done, in one or two sentences. */
  readonly means: string;
  /** Does it, and gives what it cost each party; what comes after it is not counted. */
  run(scene: Scene): Promise<Shares>;
}

const SHORT_BYTES = 16;
const LONG_BYTES = 1024;

/** The action of a member at the hub, of which the one at the follower is told. */
async function byHost(
  { stage, host, member }: Scene,
  act: () => Promise<unknown>,
): Promise<Shares> {
  const shares = await stage.measure({ sender: host, receiver: member }, async () => {
    await stage.as(host, act);
    await stage.as(member, (device) => device.sync());
  });
  await stage.settle(host, member);
  return shares;
}

/** The action of a guest, of which a member at the same provider is told. */
async function byGuest(
  { stage, host, member, guest }: Scene,
  act: () => Promise<unknown>,
): Promise<Shares> {
  const shares = await stage.measure({ sender: guest, receiver: member }, async () => {
    await stage.as(guest, act);
    await stage.as(member, (device) => device.sync());
  });
  await stage.settle(host, member, guest);
  return shares;
}

function message(name: string, bytes: number): Action {
  return {
    name,
    means: `The sender sends ${bytes.toLocaleString('en')} bytes, the receiver reads them.`,
    run: (scene) => byHost(scene, () => scene.room.send(new Uint8Array(bytes).fill(0x61))),
  };
}

const commit: Action = {
  name: 'commit',
  means: 'The sender renews its keys by a commit that does nothing else.',
  run: (scene) => byHost(scene, () => scene.room.selfUpdate()),
};

const roleChange: Action = {
  name: 'role change',
  means: 'The sender makes the receiver a moderator, or a member again.',
  run: (scene) => {
    const { room, member } = scene;
    const held = new Set(room.participants().map(({ role }) => role));
    const role = held.has(MODERATOR_ROLE) ? MEMBER_ROLE : MODERATOR_ROLE;
    return byHost(scene, () => room.setRole(member.account.user, role));
  },
};

/** Lets the guest be added, and gives what to do. */
async function add({ stage, host, member, guest, room }: Scene): Promise<Shares> {
  const cast = { sender: host, receiver: member, newcomer: guest };
  const shares = await stage.measure(cast, async () => {
    await stage.as(host, () => room.invite(guest.account.user));
    await stage.as(member, (device) => device.sync());
    await stage.as(guest, async (device) => {
      await device.sync();
      const invitation = device.invitations().find((offered) => offered.room === room.uri);
      mustBe(invitation !== undefined, 'who is added gets an invitation');
      await invitation.accept();
    });
  });
  await stage.settle(host, member, guest);
  return shares;
}

const adding: Action = {
  name: 'add',
  means: 'The sender adds a user with one client, who joins; the receiver is a member already.',
  run: add,
};

const removing: Action = {
  name: 'remove',
  means: 'The sender takes that user out again.',
  run: async (scene) => {
    const shares = await byHost(scene, () => scene.room.remove(scene.guest.account.user));
    await scene.stage.settle(scene.guest);
    return shares;
  },
};

const leaving: Action = {
  name: 'leave',
  means: 'A user at the follower proposes to be taken out; the receiver is another one there.',
  run: async (scene) => {
    await add(scene);
    const own = scene.guest.room(scene.room.uri);
    mustBe(own !== undefined, 'who was added is in the room');
    return byGuest(scene, () => own.leave());
  },
};

const lettingGo: Action = {
  name: 'commit of a leave',
  means: 'The sender, at the hub, commits that proposal.',
  run: async (scene) => {
    const shares = await byHost(scene, () => scene.room.commitPending());
    await scene.stage.settle(scene.guest);
    return shares;
  },
};

const makingLink: Action = {
  name: 'make a link',
  means: 'The sender makes a link to join by.',
  run: (scene) =>
    byHost(scene, async () => {
      scene.link = await scene.room.createJoinLink();
    }),
};

const commitWithLink: Action = {
  ...commit,
  name: 'commit while a link lives',
  means: 'As `commit`, but the committer leaves state for who comes by the link.',
};

const joining: Action = {
  name: 'join by link',
  means: 'A user at the follower joins by the link; the receiver is a member there.',
  run: async (scene) => {
    const { guest, room, link } = scene;
    mustBe(link !== undefined, 'there is a link');
    const shares = await byGuest(scene, () => guest.joinByLink(link));
    await room.remove(guest.account.user);
    await scene.stage.settle(scene.host, scene.member, guest);
    return shares;
  },
};

/** Creating a room, by a device of its own: there is nobody else in it. */
export const creating = {
  name: 'create',
  means: 'The sender creates a room and is alone in it.',
  run: (stage: Stage, mode: string, creator: Device): Promise<Shares> =>
    stage.measure({ sender: creator }, async () => {
      await stage.as(creator, (device) => device.createRoom(undefined, { mode }));
    }),
} as const;

/** The actions in a room of a given size, in this order. */
export const roomActions: readonly Action[] = [
  message('short message', SHORT_BYTES),
  message('message', LONG_BYTES),
  commit,
  roleChange,
  adding,
  removing,
  leaving,
  lettingGo,
  makingLink,
  commitWithLink,
  joining,
];
