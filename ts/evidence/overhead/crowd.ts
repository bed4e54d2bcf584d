// Members who fill rooms: users at both providers who can be added, and are switched off once they have left behind what
// others need for that.

import type { Device } from '../../client/index.ts';
import { modeNamed } from '../../privacy/index.ts';
import type { UserUri } from '../../wire/index.ts';
import type { Scene } from './actions.ts';
import { mustBe } from './error.ts';
import { FOLLOWER, HUB, type Stage } from './stage.ts';

/** How many members one commit adds while a room grows: their Welcomes, each with a tree, must fit into a request. */
const AT_ONCE = 8;

const isOpenlyClaimed = (mode: string): boolean =>
  modeNamed(mode).credentials.keyPackageSets === undefined;

/** Leaves key packages by which a device can be added so often to rooms of each of these modes. */
export async function publish(
  device: Device,
  modes: readonly string[],
  times: number,
): Promise<void> {
  const openly = modes.filter(isOpenlyClaimed).length;
  if (openly > 0) await device.publishKeyPackages(openly * times);
  const sets = modes.length - openly;
  if (sets > 0) await device.connections.publish(sets * times);
}

/** Lets one user add another to rooms of a mode. */
export async function acquaint(mode: string, adder: Device, added: Device): Promise<void> {
  if (isOpenlyClaimed(mode)) return added.allow(adder.account.user);
  await adder.connections.connect(added.account.user);
  await added.connections.check();
  await added.connections.accept(adder.account.user);
  await adder.connections.check();
}

/** People who can be added to the room of each scene. */
export class Crowd {
  readonly #stage: Stage;
  readonly #scenes: readonly Scene[];
  readonly #users: UserUri[] = [];

  constructor(stage: Stage, scenes: readonly Scene[]) {
    this.#stage = stage;
    this.#scenes = scenes;
  }

  /** Sees to it that there are so many; tells of each who has come. */
  async reach(count: number, onCome: () => void): Promise<void> {
    while (this.#users.length < count) {
      const number = this.#users.length + 1;
      const domain = number % 2 === 0 ? HUB : FOLLOWER;
      const device = await this.#stage.device(domain, `member-${number}`);
      await publish(
        device,
        this.#scenes.map(({ mode }) => mode),
        1,
      );
      for (const { mode, host } of this.#scenes) await acquaint(mode, host, device);
      await this.#stage.close(device);
      this.#users.push(device.account.user);
      onCome();
    }
  }

  /** Adds those whom a room lacks to have so many members; tells after each commit how many came by it. */
  async fill(
    { host, member, room }: Scene,
    members: number,
    onAdded: (count: number) => void,
  ): Promise<void> {
    const acting = [host, member];
    const present = room.members().length - acting.length;
    const wanted = this.#users.slice(present, members - acting.length);
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const some = wanted.slice(at, at + AT_ONCE);
      const { added } = await room.inviteAll(some);
      mustBe(added.length === some.length, 'all are added who are to fill a room');
      await this.#stage.settle(...acting);
      await this.#stage.forgetLogs();
      onAdded(some.length);
    }
    mustBe(room.members().length === members, `the room has ${members} members`);
  }
}
