// Message ids (SHA-256), one and in batches, beside the host's one-shot hash.

import * as crypto from 'node:crypto';
import { messageIdDraft04, messageIdsDraft04 } from '../../ts/mls/index.ts';
import { core } from '../../ts/mls/instance.ts';
import { type LoneOperation, repeated } from '../support/contest.ts';

const batch = 16;

/** A single one takes about a microsecond. */
const times = 64;

/** The quickest hash that this version of Node has. */
const hostHash: (bytes: Uint8Array) => Uint8Array =
  'hash' in crypto
    ? (bytes) => crypto.hash('sha256', bytes, 'buffer')
    : (bytes) => crypto.createHash('sha256').update(bytes).digest();

function messages(count: number, length: number) {
  const buffer = crypto.randomBytes(count * length);
  const offsets = Uint32Array.from({ length: count + 1 }, (_, at) => at * length);
  return { bytes: new Uint8Array(buffer), offsets };
}

function single(length: number): LoneOperation {
  const { bytes } = messages(1, length);
  return {
    name: `id of one message of ${length.toLocaleString('en')} bytes`,
    ours: () => repeated(times, () => messageIdDraft04(1, bytes)),
    rivals: { 'crypto.hash': () => repeated(times, () => hostHash(bytes)) },
  };
}

function bulk(length: number): LoneOperation {
  const { bytes, offsets } = messages(batch, length);
  return {
    name: `ids of ${batch} messages of ${length.toLocaleString('en')} bytes`,
    ours: () => repeated(times, () => messageIdsDraft04(1, bytes, offsets)),
    rivals: {
      'crypto.hash': () =>
        repeated(times, () => {
          const ids = new Uint8Array(batch * 32);
          for (let at = 0; at < batch; at++) {
            ids.set(hostHash(bytes.subarray(at * length, (at + 1) * length)), at * 32);
          }
        }),
    },
  };
}

/** The same by the core alone, whatever is quicker. */
function bulkInCore(length: number): LoneOperation {
  const { bytes, offsets } = messages(batch, length);
  return {
    ...bulk(length),
    name: `ids of ${batch} messages of ${length.toLocaleString('en')} bytes, WASM alone`,
    ours: () => repeated(times, () => core((glue) => glue.messageIdsDraft04(1, bytes, offsets))),
  };
}

export const messageIds: readonly LoneOperation[] = [
  single(256),
  single(1024),
  ...[256, 512, 1024, 4096].map(bulk),
  ...[256, 1024].map(bulkInCore),
];
