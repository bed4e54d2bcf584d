// The small attackers of the visibility audit, on recordings made by hand: ts/evidence/audit/attackers.

import { describe, expect, test } from 'vitest';
import { enumerateFranks, type FrankProbe } from '../../../ts/evidence/audit/attackers/franks.ts';
import { findLinks } from '../../../ts/evidence/audit/attackers/linkage.ts';
import { compareSizes } from '../../../ts/evidence/audit/attackers/sizes.ts';
import { ben, bob, clientsOf, userOf } from '../../../ts/evidence/audit/cast.ts';
import type { Frame } from '../../../ts/evidence/audit/frames.ts';
import type { View } from '../../../ts/evidence/audit/view.ts';
import { generateSignatureKeyPair, signWithLabel, verifyWithLabel } from '../../../ts/mls/index.ts';
import { roomUri } from '../../../ts/wire/index.ts';

/** What a hub has of one window: these bytes, in a row. */
function view(...parts: readonly (Uint8Array | string)[]): View {
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const item = { party: 'a.example', window: 'w', peer: undefined, what: 'rooms-0 z', bytes };
  return {
    domain: 'a.example',
    items: [{ ...item, place: 'store row' }],
    frames: [],
    opened: [],
    bytes: [bytes],
  };
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const common = random(40);

describe('a user of two rooms', () => {
  const meet = (first: View, second: View, ...others: View[]) =>
    findLinks({ person: bob, first, second, others });

  test('is linked by a value that both rooms showed of nobody else', () => {
    const queue = random(16);
    const links = meet(view(common, queue, common), view(random(50), queue), view(common));
    expect(links).toEqual([{ by: 'store row rooms-0 z', bytes: 16 }]);
  });

  test('is linked by a value of eight bytes', () => {
    const id = random(8);
    expect(meet(view(random(9), id), view(id, random(9)), view(common))).toHaveLength(1);
  });

  test('is not linked by what others were shown as well, nor by less than eight bytes', () => {
    const few = random(7);
    expect(meet(view(common), view(common), view(common))).toEqual([]);
    expect(meet(view(common, few, common), view(common, few, common), view(common))).toEqual([]);
    expect(meet(view(random(99)), view(random(99)), view(random(99)))).toEqual([]);
  });

  test('is linked by the real name, however it is written in a path', () => {
    const client = clientsOf(bob)[0] as string;
    const [first, second] = [view('x', client), view(encodeURIComponent(client))];
    expect(meet(first, second, view(userOf(ben))).map(({ by }) => by)).toContain('real URI');
  });
});

describe('sizes', () => {
  const frames = (...sizes: readonly number[]) =>
    sizes.map((size) => ({ content: 'application', sizes: [size] }) as unknown as Frame);

  test('that are powers of two with the same framing around them tell classes', () => {
    expect(compareSizes(frames(332, 588, 588, 4172)).tell).toBe('classes');
  });
  test('that are not tell contents', () => {
    expect(compareSizes(frames(332, 588, 589)).tell).toBe('contents');
  });
  test('of which there is one tell nothing', () => {
    expect(compareSizes(frames(332, 332)).tell).toBe('nothing');
  });
});

test('who sent a message is found by trying, where a frank is made so that it can be tried', () => {
  const key = generateSignatureKeyPair(1);
  const tbs = (sender: string) => new TextEncoder().encode(`frank of ${sender}`);
  const frank = signWithLabel(1, key.privateKey, 'frank', tbs(userOf(bob)));
  const probe: FrankProbe = {
    name: 'one that signs the sender',
    verifies: (franked, sender) =>
      verifyWithLabel(1, key.publicKey, 'frank', tbs(sender), franked.frank),
  };
  const frames = [{ frank, message: random(9) }, { frank: undefined }] as unknown as Frame[];
  const room = roomUri('a.example', 'club');
  const known = [userOf(ben), userOf(bob)];

  expect(enumerateFranks(frames, room, known, [probe])).toEqual({ franked: 1, found: 1 });
  expect(enumerateFranks(frames, room, [userOf(ben)], [probe])).toEqual({ franked: 1, found: 0 });
  expect(enumerateFranks(frames, room, known, [])).toEqual({ franked: 1, found: 0 });
});
