// What binds hub and members to the same bytes: draft-mahy-mls-semiprivatemessage-07 and the AEADs of MLS, put to the test.
// docs/findings.md, 4 and 5.

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { aeadOpen, hash } from '../../ts/mls/index.ts';
import { contextHash } from '../../ts/privacy/index.ts';
import { decodeMlsMessage } from '../../ts/wire/index.ts';
import { bytes, codeOf } from '../unit/mls/devices.ts';
import { commitAll, hubCommit, hubOf, pair, required } from '../unit/mls/rooms.ts';

const BLOCK = 16;
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

// GF(2^128) as GHASH has it (NIST SP 800-38D, section 6.3): the first bit of a block is the coefficient of x^0.
const REDUCTION = 0xe1n << 120n;
const ONE = 1n << 127n;
const blockOf = (value: Uint8Array) => BigInt(`0x${Buffer.from(value).toString('hex')}`);
const bytesOf = (value: bigint) =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(2 * BLOCK, '0'), 'hex'));

function times(one: bigint, other: bigint): bigint {
  let product = 0n;
  let shifted = other;
  for (let bit = 127n; bit >= 0n; bit--) {
    if (((one >> bit) & 1n) === 1n) product ^= shifted;
    shifted = (shifted & 1n) === 1n ? (shifted >> 1n) ^ REDUCTION : shifted >> 1n;
  }
  return product;
}

/** To the power 2^128 - 2. */
function inverse(value: bigint): bigint {
  let result = ONE;
  let square = value;
  for (let power = 1; power < 128; power++) {
    square = times(square, square);
    result = times(result, square);
  }
  return result;
}

/** AES on one block: the key stream is this of nonce and counter, GHASH's key that of zeros. */
function aes(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return new Uint8Array(cipher.update(block));
}

function counter(nonce: Uint8Array, value: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(nonce);
  new DataView(block.buffer).setUint32(12, value);
  return block;
}

const xor = (one: Uint8Array, other: Uint8Array) =>
  one.map((octet, at) => octet ^ (other[at] as number));

/** The tag with the last ciphertext block left out: GHASH of all else, and the mask of the key. `aad` fills blocks. */
function tagWithoutLast(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, first: Uint8Array) {
  const ghash = blockOf(aes(key, new Uint8Array(BLOCK)));
  const lengths = new Uint8Array(BLOCK);
  new DataView(lengths.buffer).setUint32(4, aad.length * 8);
  new DataView(lengths.buffer).setUint32(12, (first.length + BLOCK) * 8);
  const input = Buffer.concat([aad, first, new Uint8Array(BLOCK), lengths]);
  let sum = 0n;
  for (let at = 0; at < input.length; at += BLOCK) {
    sum = times(sum ^ blockOf(input.subarray(at, at + BLOCK)), ghash);
  }
  return { sum: sum ^ blockOf(aes(key, counter(nonce, 1))), weight: times(ghash, ghash) };
}

/** A ciphertext with its tag whose first block opens to `one` under the first key, its second to `two` under the other. */
function openingTwice(
  keys: readonly [Uint8Array, Uint8Array],
  nonce: Uint8Array,
  aad: Uint8Array,
  [one, two]: readonly [Uint8Array, Uint8Array],
): Uint8Array {
  const first = Buffer.concat([
    xor(one, aes(keys[0], counter(nonce, 2))),
    xor(two, aes(keys[1], counter(nonce, 3))),
  ]);
  const [left, right] = keys.map((key) => tagWithoutLast(key, nonce, aad, first));
  if (left === undefined || right === undefined) throw new Error('two keys');
  const last = times(left.sum ^ right.sum, inverse(left.weight ^ right.weight));
  const tag = left.sum ^ times(last, left.weight);
  return new Uint8Array(Buffer.concat([first, bytesOf(last), bytesOf(tag)]));
}

describe('AES-128-GCM', () => {
  const keys = [random(16), random(16)] as const;
  const nonce = random(12);
  const aad = random(2 * BLOCK);
  const texts = [bytes('remove mallory! '), bytes('remove everyone!')] as const;
  const sealed = openingTwice(keys, nonce, aad, texts);

  test('opens one ciphertext to two texts under two keys, with nonce, authenticated data and tag the same', () => {
    const [members, hub] = keys.map((key) => aeadOpen(1, { key, nonce, aad }, sealed));
    expect(members?.subarray(0, BLOCK)).toEqual(texts[0]);
    expect(hub?.subarray(BLOCK, 2 * BLOCK)).toEqual(texts[1]);
    expect(members).not.toEqual(hub);
    for (const key of keys) {
      const node = createDecipheriv('aes-128-gcm', key, nonce).setAAD(aad);
      node.setAuthTag(sealed.subarray(-BLOCK));
      expect(() =>
        Buffer.concat([node.update(sealed.subarray(0, -BLOCK)), node.final()]),
      ).not.toThrow();
    }
    const other = { key: random(16), nonce, aad };
    expect(codeOf(() => aeadOpen(1, other, sealed))).toBe('undecryptable');
  });

  test('never opens to two texts that begin alike: two keys have two key streams, from the first block on', () => {
    // Why the draft's hash, over what stands first in its plaintext, does its work with the AEADs of today.
    const [members, hub] = keys.map((key) => aeadOpen(1, { key, nonce, aad }, sealed));
    const streams = keys.map((key) => aes(key, counter(nonce, 2)));
    const begin = (text: Uint8Array | undefined) => text?.subarray(0, BLOCK) ?? bytes('');
    expect(xor(begin(members), begin(hub))).toEqual(
      xor(streams[0] ?? bytes(''), streams[1] ?? bytes('')),
    );
    expect(hash(1, begin(members))).not.toEqual(hash(1, begin(hub)));
  });
});

/** The commit with one bit of its confirmation tag changed; nothing before the tag is touched. */
function withOtherTag(commit: Uint8Array): Uint8Array {
  const view = decodeMlsMessage(commit);
  if (view.wireFormat !== 'publicMessage' || view.confirmationTag === undefined) {
    throw new Error('a public commit');
  }
  const at = Buffer.from(commit).lastIndexOf(view.confirmationTag);
  return commit.map((octet, place) => (place === at ? octet ^ 1 : octet));
}

describe('a hub that is shown another confirmation tag than the members', () => {
  test('accepts the commit, has the same GroupContext, and refuses the commits of all members later', () => {
    const [alice, bob] = pair({ required });
    const hub = hubOf(alice);
    const first = commitAll(alice, [bob], { update: true });
    const shown = withOtherTag(first.commit);
    hub.apply(hubCommit(hub, shown));
    expect(contextHash(hub.groupContext())).toEqual(contextHash(alice.group.groupContext()));
    // The tag is in the transcript of the epoch after.
    const second = commitAll(bob, [alice], { update: true });
    hub.apply(hubCommit(hub, second.commit));
    expect(contextHash(hub.groupContext())).not.toEqual(contextHash(alice.group.groupContext()));
    for (const { group } of [alice, bob]) {
      const { commit } = group.commit({ update: true });
      expect(codeOf(() => hub.process(commit))).toBe('invalidSignature');
      group.discardPending();
    }
  });

  test('notices at once when it compares the tag with that of the GroupInfo', () => {
    const [alice, bob] = pair({ required });
    const [misled, told] = [hubOf(alice), hubOf(alice)];
    const { commit, groupInfo } = commitAll(alice, [bob], { update: true });
    told.apply(hubCommit(told, commit));
    expect(() => told.verifyGroupInfo(groupInfo)).not.toThrow();
    misled.apply(hubCommit(misled, withOtherTag(commit)));
    expect(codeOf(() => misled.verifyGroupInfo(groupInfo))).toBe('invalidGroupInfo');
  });
});
