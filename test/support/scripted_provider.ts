// A provider that says what a test tells it to: for streams that no real provider would give.

import type { ClientOperation, Connection } from '../../ts/client/index.ts';
import {
  decodeSyncRequest,
  decodeUploadKeyPackages,
  encodeFanoutMessage,
  encodeSyncResponse,
  encodeUploadKeyPackagesResponse,
  type FanoutMessage,
  type SyncEvent,
} from '../../ts/wire/index.ts';

export class ScriptedProvider implements Connection {
  /** Key packages that the device has uploaded. */
  readonly keyPackages: Uint8Array[] = [];
  readonly #events: SyncEvent[] = [];

  /** Puts an event into the stream; `seq` is its place unless given. */
  push(roomUri: string, fanout: FanoutMessage | Uint8Array, seq = this.#events.length + 1): void {
    const bytes = fanout instanceof Uint8Array ? fanout : encodeFanoutMessage(fanout);
    this.#events.push({ roomUri, seq: BigInt(seq), fanout: bytes });
  }

  async call(
    operation: ClientOperation,
    _id: string | undefined,
    body: Uint8Array,
  ): Promise<Uint8Array> {
    switch (operation) {
      case 'register':
        return new Uint8Array();
      case 'uploadKeyPackages': {
        this.keyPackages.push(...decodeUploadKeyPackages(body.slice()).keyPackages);
        return encodeUploadKeyPackagesResponse({ stored: 1, stock: this.keyPackages.length });
      }
      case 'sync': {
        const { cursor } = decodeSyncRequest(body);
        const events = this.#events.slice(cursor[0] ?? 0);
        const next = Uint8Array.of(this.#events.length);
        return encodeSyncResponse({ cursor: next, more: false, events });
      }
      default:
        throw new Error(`the script has no ${operation}`);
    }
  }
}
