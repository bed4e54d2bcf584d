// The queues of a device: each opened with a token of its own over a connection of its own, one a room and one a set. A
// queue is stored before it is opened, and opening it again gives the same one.

import { hash } from '../../mls/index.ts';
import { asClientUri, decodeQueueOpened, decodeToken, encodeOpenQueue } from '../../wire/index.ts';
import { reading } from '../answers.ts';
import { hex, utf8 } from '../bytes.ts';
import type { CallOptions, ClientOperation, Connection } from '../connection.ts';
import { ClientError, isClientError } from '../errors.ts';
import { Queue, Queues as TaskQueues } from '../queue.ts';
import type { QueueRow, QueueSet } from './rows.ts';
import type { StateChange, UnlinkedState } from './state.ts';
import type { TokenStock } from './token_stock.ts';

const ID_BYTES = 16;
const SECRET_BYTES = 32;
/** How many tokens are tried when the provider does not take them: after a restore it may know none of a stock. */
const MAX_TOKENS = 64;
const NONE = new Uint8Array();

export interface QueuesParts {
  readonly state: UnlinkedState;
  readonly tokens: TokenStock;
  /** A new connection: of a queue by its bearer token, or of nobody in particular. */
  readonly anonymous: (bearer?: string) => Connection;
  readonly random: (length: number) => Uint8Array;
}

export class DeviceQueues {
  readonly #parts: QueuesParts;
  readonly #connections = new Map<string, Connection>();
  readonly #opening = new TaskQueues<string>();
  /** One at a time, so that no token is taken twice. */
  readonly #taking = new Queue();
  readonly #listeners = new Set<() => void>();

  constructor(parts: QueuesParts) {
    this.#parts = parts;
  }

  /**
   * Stores a new queue with a token of the stock and gives it; `also` says what is stored with it. It is opened when it
   * is used. Throws as `TokenStock.next`, ClientError `storageFailed`.
   */
  create(set: QueueSet | undefined, also: (queue: QueueRow) => StateChange): Promise<QueueRow> {
    const { state, tokens, random } = this.#parts;
    return this.#taking.run(async () => {
      const token = await tokens.next();
      const secret = hex(random(SECRET_BYTES));
      const queue: QueueRow = { id: random(ID_BYTES), secret, token, client: '', set };
      const { putQueues = [], ...rest } = also(queue);
      await state.change({ ...rest, putQueues: [...putQueues, queue], dropToken: token });
      return queue;
    });
  }

  /**
   * A request through a queue, which is opened where that is not done. Throws as `Connection.call`; a queue that the
   * provider does not know any more is dropped, with `unavailable`.
   */
  async call(
    queue: QueueRow,
    operation: ClientOperation,
    id: string | undefined,
    body: Uint8Array,
    options?: CallOptions,
  ): Promise<Uint8Array> {
    const open = await this.#open(queue.id);
    try {
      return await this.#connectionOf(open).call(operation, id, body, options);
    } catch (error) {
      if (!isClientError(error, 'unauthorized')) throw error;
      await this.#forget(open);
      throw new ClientError('unavailable', 'The provider has ended a queue of this device.', {
        cause: error,
      });
    }
  }

  /** Ends a queue here and at the provider. Throws as `Connection.call`. */
  async close(queue: QueueRow): Promise<void> {
    try {
      if (queue.client !== '') await this.call(queue, 'closeQueue', undefined, NONE);
    } catch (error) {
      if (this.#parts.state.queue(queue.id) !== undefined) throw error;
      return;
    }
    await this.#forget(queue);
  }

  /** Calls `listener` when there is one queue more to listen to; gives how to stop it. */
  onOpened(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #forget(queue: QueueRow): Promise<void> {
    this.#connections.delete(hex(queue.id));
    await this.#parts.state.change({ dropQueue: queue });
  }

  #connectionOf({ id, secret }: QueueRow): Connection {
    const name = hex(id);
    const connection = this.#connections.get(name) ?? this.#parts.anonymous(secret);
    this.#connections.set(name, connection);
    return connection;
  }

  #open(id: Uint8Array): Promise<QueueRow> {
    return this.#opening.run(hex(id), async () => {
      for (let tries = 0; tries < MAX_TOKENS; tries++) {
        const queue = this.#parts.state.queue(id);
        if (queue === undefined) throw new ClientError('unavailable', 'The queue was closed.');
        if (queue.client !== '') return queue;
        const client = await this.#spend(queue);
        if (client === undefined) continue;
        const opened = { ...queue, client };
        await this.#parts.state.change({ putQueues: [opened] });
        for (const listener of [...this.#listeners]) listener();
        return opened;
      }
      throw new ClientError('unavailable', 'The provider took none of the tokens.');
    });
  }

  /** Opens a queue with its token; one that is not taken is replaced, and the queue tried again. */
  async #spend(queue: QueueRow) {
    const { state, tokens, anonymous } = this.#parts;
    const secretHash = hash(1, utf8(queue.secret));
    const body = encodeOpenQueue({ token: decodeToken(queue.token), secretHash });
    try {
      const answer = await anonymous().call('openQueue', undefined, body);
      return reading(() => asClientUri(decodeQueueOpened(answer)));
    } catch (error) {
      if (isClientError(error, 'unknown')) {
        // What was asked for through the queue was surely not sent; the same token opens the same queue later.
        throw new ClientError('unavailable', undefined, { cause: error });
      }
      const { code } = isClientError(error, 'refused') ? error.details : {};
      if (code !== 'badToken' && code !== 'tokenSpent') throw error;
      await this.#taking.run(async () => {
        const token = await tokens.next();
        await state.change({ putQueues: [{ ...queue, token }], dropToken: token });
      });
      return undefined;
    }
  }
}
