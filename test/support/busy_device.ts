// A device that talks without pause, notes what it was told, and may die at any moment and come back from its rows.

import {
  Account,
  ClientError,
  type Connection,
  Device,
  httpConnection,
  isClientError,
  type KeyValue,
  memoryKeyValue,
  type Room,
} from '../../ts/client/index.ts';
import {
  asClientUri,
  asUserUri,
  type ClientUri,
  clientUri,
  decodeSubmitMessageRequest,
  decodeSubmitMessageResponse,
  decodeUpdateRequest,
  decodeUpdateRoomResponse,
  providerUri,
  type RoomUri,
  type UserUri,
  userUri,
} from '../../ts/wire/index.ts';
import type { ProviderProcess } from './provider_process.ts';
import { asText } from './room_log.ts';
import type { Seeded } from './seed.ts';

/** What the hub has acknowledged: the MLSMessage, and the time in the acknowledgement. */
export interface Acknowledged {
  readonly kind: 'application' | 'commit';
  readonly message: string;
  readonly acceptedAt: number;
}

/** What `send` gave for a content: an id once the hub had acknowledged it. */
export interface Told {
  readonly content: string;
  readonly localId: string;
  readonly id: string | undefined;
}

/** Between two sends, at most, in milliseconds. */
const PAUSE_MS = 15;
/** One commit in so many actions. */
const COMMIT_IN = 10;

export class BusyDevice {
  readonly name: string;
  readonly user: UserUri;
  readonly client: ClientUri;
  /** In the order of the acknowledgements. */
  readonly acknowledged: Acknowledged[] = [];
  readonly told: Told[] = [];
  /** Contents whose `send` did not end: the device had died. */
  readonly cutOff: string[] = [];
  readonly problems: string[] = [];
  #committed = 0;
  readonly #room: RoomUri;
  readonly #provider: ProviderProcess;
  readonly #seeded: Seeded;
  /** The rows, as a disk keeps them when the process dies. */
  #disk = memoryKeyValue();
  #life: { readonly device: Device; kill(): void } | undefined;
  #token: string | undefined;
  #sent = 0;
  #talking: Promise<void> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();
  #stopTalking = new AbortController();

  constructor(provider: ProviderProcess, name: string, room: RoomUri, random: Seeded) {
    this.name = name;
    this.user = asUserUri(userUri(provider.domain, name));
    this.client = asClientUri(clientUri(provider.domain, `${name}-1`));
    this.#provider = provider;
    this.#room = room;
    this.#seeded = random;
  }

  get device(): Device {
    if (this.#life === undefined) throw new Error(`${this.name} is not open`);
    return this.#life.device;
  }

  get room(): Room {
    const room = this.device.room(this.#room);
    if (room === undefined) throw new Error(`${this.name} does not know the room`);
    return room;
  }

  /** How many commits its calls have reported as done. */
  get committed(): number {
    return this.#committed;
  }

  /** Opens the device on its rows. */
  async open(): Promise<void> {
    this.#token ??= await this.#provider.mint(this.user, this.client);
    let alive = true;
    const dead = () => new ClientError('unknown', 'the device has died');
    const requireLife = () => {
      if (!alive) throw new Error('the device has died');
    };
    const disk = this.#disk;
    const storage: KeyValue = {
      load: async (prefix) => {
        requireLife();
        return disk.load(prefix);
      },
      write: async (changes) => {
        requireLife();
        await disk.write(changes);
      },
      close: async () => {},
    };
    const connection = this.#noting(
      httpConnection({ baseUrl: this.#provider.url, token: this.#token }),
    );
    const device = await Device.open({
      account: new Account({ user: this.user, provider: providerUri(this.#provider.domain) }),
      client: this.client,
      connection: {
        call: async (...args) => {
          if (!alive) throw dead();
          const answer = await connection.call(...args);
          if (!alive) throw dead();
          return answer;
        },
      },
      storage,
    });
    device.on('problem', ({ code, seq, error }) =>
      this.problems.push(`${code} at ${seq}: ${error}`),
    );
    this.#life = {
      device,
      kill: () => {
        alive = false;
      },
    };
  }

  /** Keeps in step and talks, until `rest`, `die` or `close`. */
  work(): void {
    const { device } = this;
    this.#stopTalking = new AbortController();
    this.#running = device.run(this.#stopTalking.signal);
    // A failure is seen where `rest` waits for it.
    this.#running.catch(() => undefined);
    this.#talking = this.#talk(this.#stopTalking.signal);
    this.#talking.catch(() => undefined);
  }

  /** Ends talking and running; throws what made one of them fail. */
  async rest(): Promise<void> {
    this.#stopTalking.abort();
    try {
      await Promise.all([this.#talking, this.#running]);
    } catch (cause) {
      const status = this.#life?.device.room(this.#room)?.status;
      const had = this.problems.join('; ') || 'no problems';
      throw new Error(`${this.name} (${status}; ${had}) did not go on`, { cause });
    }
  }

  /** Dies in the middle of what it does: nothing that it begins to write from now on is kept. */
  async die(): Promise<void> {
    this.#life?.kill();
    const { device } = this;
    this.#life = undefined;
    this.#stopTalking.abort();
    await Promise.allSettled([this.#talking, this.#running]);
    await device.close();
  }

  async close(): Promise<void> {
    this.#stopTalking.abort();
    await Promise.allSettled([this.#talking, this.#running]);
    await this.#life?.device.close();
  }

  async #talk(stop: AbortSignal): Promise<void> {
    const { room } = this;
    while (!stop.aborted) {
      try {
        if (this.#seeded.oneIn(COMMIT_IN)) {
          await room.selfUpdate();
          this.#committed += 1;
        } else {
          await this.#say(room);
        }
      } catch (error) {
        if (!isClientError(error, 'unavailable', 'unknown', 'contended')) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, this.#seeded.between(0, PAUSE_MS)));
    }
  }

  async #say(room: Room): Promise<void> {
    this.#sent += 1;
    const content = `${this.name} ${this.#sent}`;
    try {
      const { localId, id } = await room.send(new TextEncoder().encode(content));
      this.told.push({ content, localId, id });
    } catch (error) {
      this.cutOff.push(content);
      throw error;
    }
  }

  /** Notes every acceptance that passes by. */
  #noting(connection: Connection): Connection {
    return {
      call: async (operation, id, body, options) => {
        const answer = await connection.call(operation, id, body, options);
        if (operation === 'submitMessage') {
          const response = decodeSubmitMessageResponse(answer);
          if (response.code === 'accepted') {
            const { bytes } = decodeSubmitMessageRequest(body).appMessage;
            this.#note('application', bytes, response.acceptedTimestamp);
          }
        } else if (operation === 'update') {
          const response = decodeUpdateRoomResponse(answer);
          if (response.code === 'success') {
            const { bytes } = decodeUpdateRequest(body).message;
            this.#note('commit', bytes, response.acceptedTimestamp);
          }
        }
        return answer;
      },
    };
  }

  #note(kind: Acknowledged['kind'], bytes: Uint8Array, acceptedAt: bigint): void {
    this.acknowledged.push({ kind, message: asText(bytes), acceptedAt: Number(acceptedAt) });
  }
}
