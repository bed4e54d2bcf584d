// Writes down every byte that providers of this process are sent, answer and store.

import { letterOf, noteBatch } from '../../ts/evidence/audit/store_tap.ts';
import type { DeviceIdentity, DeviceOperation } from '../../ts/provider/index.ts';
import type { World } from './in_process_connection.ts';

/** Bytes at a provider, and how they came there. */
export interface Recorded {
  /** Whose provider it is. */
  readonly domain: string;
  readonly by: 'device' | 'peer' | 'row' | 'log';
  /** The operation, or the shard. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();

/** What a provider has in one piece: a request with who sent it and what was answered, a row, or a record of the log. */
export interface Piece {
  readonly domain: string;
  /** The operation, with `queue` or `account` before it, or the shard and the letter of the row. */
  readonly what: string;
  readonly parts: readonly Uint8Array[];
}

/** A request of a device as it was made. */
export interface MadeRequest {
  readonly domain: string;
  readonly device: DeviceIdentity;
  readonly operation: DeviceOperation;
  readonly id: string;
  readonly body: Uint8Array;
}

/** Records from now on what the providers of a world have in one piece, and the requests of devices. */
export function recordPieces(world: World): {
  readonly pieces: Piece[];
  readonly requests: MadeRequest[];
} {
  const pieces: Piece[] = [];
  const requests: MadeRequest[] = [];
  for (const [domain, provider] of world.providers) {
    const fromDevice = provider.fromDevice.bind(provider);
    provider.fromDevice = async (device, operation, id, body, options) => {
      requests.push({ domain, device, operation, id, body: body.slice() });
      const reply = await fromDevice(device, operation, id, body, options);
      const sender = device.client.includes('/d/q-') ? 'queue' : 'account';
      const told = [device.user, device.client, id].map((text) => encoder.encode(text));
      const parts = [...told, body.slice(), reply.body.slice()];
      pieces.push({ domain, what: `${sender} ${operation}`, parts });
      return reply;
    };
    const fromAnybody = provider.fromAnybody.bind(provider);
    provider.fromAnybody = async (operation, id, body) => {
      const reply = await fromAnybody(operation, id, body);
      const parts = [encoder.encode(id), body.slice(), reply.body.slice()];
      pieces.push({ domain, what: `anybody ${operation}`, parts });
      return reply;
    };
    const fromPeer = provider.fromPeer.bind(provider);
    provider.fromPeer = async (source, endpoint, id, body) => {
      const reply = await fromPeer(source, endpoint, id, body);
      const parts = [encoder.encode(id), body.slice(), reply.body.slice()];
      pieces.push({ domain, what: `peer ${endpoint}`, parts });
      return reply;
    };
    const store = world.store(domain);
    const append = store.append.bind(store);
    store.append = (shard, epoch, head, batch) => {
      for (const { key, value } of batch.rows) {
        const parts = value === undefined ? [key] : [key, value];
        pieces.push({ domain, what: `${shard} ${letterOf(key)}`, parts });
      }
      for (const { bytes } of batch.records) pieces.push({ domain, what: shard, parts: [bytes] });
      return append(shard, epoch, head, batch);
    };
  }
  return { pieces, requests };
}

/** Records what reaches the providers of a world from now on, answers included, and what they store. */
export function recordProviders(world: World): Recorded[] {
  const recorded: Recorded[] = [];
  for (const [domain, provider] of world.providers) {
    const note = (by: Recorded['by'], what: string, ...parts: readonly Uint8Array[]) => {
      for (const bytes of parts) {
        if (bytes.length > 0) recorded.push({ domain, by, what, bytes: bytes.slice() });
      }
    };
    const fromDevice = provider.fromDevice.bind(provider);
    provider.fromDevice = async (device, operation, id, body, options) => {
      note('device', operation, encoder.encode(id), body);
      const reply = await fromDevice(device, operation, id, body, options);
      note('device', operation, reply.body);
      return reply;
    };
    const fromPeer = provider.fromPeer.bind(provider);
    provider.fromPeer = async (source, endpoint, id, body) => {
      note('peer', endpoint, encoder.encode(id), body);
      const reply = await fromPeer(source, endpoint, id, body);
      // The answer is read by the provider that asked.
      if (reply.body.length > 0) {
        recorded.push({ domain: source, by: 'peer', what: endpoint, bytes: reply.body.slice() });
      }
      return reply;
    };
    const store = world.store(domain);
    const append = store.append.bind(store);
    store.append = (shard, epoch, head, batch) => {
      noteBatch(shard, batch, (place, what, bytes) =>
        note(place === 'store row' ? 'row' : 'log', what, bytes),
      );
      return append(shard, epoch, head, batch);
    };
  }
  return recorded;
}
