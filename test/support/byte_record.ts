// Writes down every byte that providers of this process are sent, answer and store.

import { noteBatch } from '../../ts/evidence/audit/store_tap.ts';
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
