// One person's device in the demo: a real client over HTTP, with its state on disk.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Account, Device, httpConnection, type Room } from '../../client/index.ts';
import { openLmdbKeyValue } from '../../store/index.ts';
import {
  type ClientUri,
  clientUri,
  providerUri,
  type RoomUri,
  type UserUri,
  userUri,
} from '../../wire/index.ts';
import { mustBe } from './error.ts';
import type { ProviderProcess } from './provider_process.ts';
import type { Who } from './published.ts';

export interface ActorOptions {
  readonly who: Who;
  /** What kind of device, such as `phone`. */
  readonly kind: string;
  /** Sets the users of this play apart from those of others on the same store. */
  readonly play: string;
  readonly provider: ProviderProcess;
  /** Folder of all devices' state. */
  readonly folder: string;
  /** What all devices of the user share, where the mode needs it. */
  readonly secret: Uint8Array | undefined;
}

/** A device that can be closed, restored and lose its state. */
export class Actor {
  readonly who: Who;
  readonly name: string;
  readonly user: UserUri;
  readonly client: ClientUri;
  readonly #options: ActorOptions;
  #device: Device | undefined;
  #token: string | undefined;

  constructor(options: ActorOptions) {
    const { who, kind, play, provider } = options;
    const id = `${who.toLowerCase()}-${play}`;
    this.#options = options;
    this.who = who;
    this.name = `${who}'s ${kind}`;
    this.user = userUri(provider.domain, id);
    this.client = clientUri(provider.domain, `${id}-${kind}`);
  }

  get device(): Device {
    mustBe(this.#device !== undefined, `${this.name} is open`);
    return this.#device;
  }

  /** Opens the device on what it has stored; new when that is nothing. */
  async open(): Promise<void> {
    const { provider, secret } = this.#options;
    this.#token ??= await provider.mint(this.user, this.client);
    const account = new Account({
      user: this.user,
      provider: providerUri(provider.domain),
      secret,
    });
    mkdirSync(this.#path, { recursive: true, mode: 0o700 });
    this.#device = await Device.open({
      account,
      client: this.client,
      connection: httpConnection({ baseUrl: provider.url, token: this.#token }),
      storage: await openLmdbKeyValue({ path: this.#path }),
    });
  }

  async close(): Promise<void> {
    await this.#device?.close();
    this.#device = undefined;
  }

  /** Forgets all that the device has stored, as when it is lost or reset. */
  async lose(): Promise<void> {
    await this.close();
    rmSync(this.#path, { recursive: true });
  }

  room(uri: RoomUri): Room {
    const room = this.device.room(uri);
    mustBe(room !== undefined, `${this.name} knows the room`);
    return room;
  }

  get #path(): string {
    return join(this.#options.folder, this.client.replaceAll(/[^a-z0-9-]+/g, '_'));
  }
}

/** How long the demo waits for something to come about, in milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Lets devices sync until a condition holds; a provider may hold its answer back for `waitMs`.
 * @throws DemoError when it does not come about.
 */
export async function until(
  actors: readonly Actor[],
  what: string,
  holds: () => boolean | Promise<boolean>,
  { waitMs = 250 } = {},
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    mustBe(Date.now() < deadline, `${what}, within ${PATIENCE_MS / 1000} s`);
    await Promise.all(actors.map(({ device }) => device.sync({ waitMs })));
  }
}
