// Writes down every byte that providers of this process are sent, answer and store, and every secret that devices hold.

import type { Device, KeyValue } from '../../ts/client/index.ts';
import { memoryKeyValue } from '../../ts/client/index.ts';
import { splitKey } from '../../ts/client/state/keys.ts';
import { connectionKey, Membership, parseLink } from '../../ts/privacy/index.ts';
import type { EpochState } from '../../ts/privacy/member/epoch_state.ts';
import type { DeviceIdentity, DeviceOperation } from '../../ts/provider/index.ts';
import type { Needles } from './byte_search.ts';
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
      for (const { key, value } of batch.rows)
        note('row', `${shard} ${letterOf(key)}`, key, value ?? key);
      for (const { bytes, requestId } of batch.records)
        note('log', shard, bytes, requestId ?? bytes);
      return append(shard, epoch, head, batch);
    };
  }
  return recorded;
}

/** The kind of a row, which its key begins with. */
const letterOf = (key: Uint8Array): string => String.fromCharCode(key[0] ?? 0);

/** What of a member's secrets is searched for; the write key of a room whose hub orders is the hub's as well. */
export interface Wanted {
  readonly writeKey: boolean;
}

/** A device's storage that collects the secrets which pass through it. */
export function collectingStorage(needles: Needles, wanted: Wanted): KeyValue {
  const inner = memoryKeyValue();
  return {
    load: (prefix) => inner.load(prefix),
    close: () => inner.close(),
    write: (changes) => {
      for (const { key, value } of changes) {
        if (value === undefined || splitKey(key)?.kind !== 'membership') continue;
        const { current, pending } = Membership.decode(value);
        for (const state of [current, pending]) if (state) addSecrets(needles, state, wanted);
      }
      return inner.write(changes);
    },
  };
}

function addSecrets(needles: Needles, state: EpochState, { writeKey }: Wanted): void {
  if (state.wrapper !== undefined) needles.add('wrapper key', state.wrapper);
  for (const key of state.linkKeys.values()) needles.add('link key', key);
  if (state.keys === undefined) return;
  needles.add('private key of an epoch', state.keys.privateKey);
  needles.add('wrapper seal', state.keys.wrapperSeal);
  if (writeKey) needles.add('write key', state.keys.writeKey);
}

/** Adds what only who is given a link has. */
export function addLink(needles: Needles, text: string): void {
  const { secret } = parseLink(text);
  needles.add('join secret', secret);
  needles.addText('join link', text);
}

/** Adds what all devices of a user share. */
export function addAccount(needles: Needles, { account }: Device): void {
  needles.add('account secret', account.secret);
  for (const generation of [0, 1]) {
    needles.add('connection key', connectionKey(account.secret, generation));
  }
}
