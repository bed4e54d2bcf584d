// What waits at a provider for the devices of its users: letters of others, and notes of their own.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import type { Store } from '../../ts/provider/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import { asUserUri, userUri } from '../../ts/wire/index.ts';
import { HiddenAccount, HiddenDevice } from '../support/hidden_account.ts';
import { Network } from '../support/network.ts';

const HOME = 'a.example';
const OTHER = 'b.example';
const LIMITS = {
  letterBytes: 100,
  lettersPerClient: 5,
  lettersPerAnswer: 3,
  syncBytes: 150,
  noteBytes: 10,
  notesPerUser: 3,
};

let network: Network;
let store: Store;
let alice: HiddenDevice;
let bob: HiddenDevice;
let bobsTablet: HiddenDevice;

beforeEach(async () => {
  await init();
  network = new Network(HOME, OTHER);
  store = openMemoryStore();
  await network.open(HOME, store, LIMITS);
  await network.open(OTHER, openMemoryStore());
  const account = new HiddenAccount();
  alice = new HiddenDevice(network.call, OTHER, 'alice-1', new HiddenAccount());
  bob = new HiddenDevice(network.call, HOME, 'bob-1', account);
  bobsTablet = new HiddenDevice(network.call, HOME, 'bob-2', account);
  for (const device of [alice, bob, bobsTablet]) await device.register(0);
});

afterEach(async () => {
  for (const domain of [HOME, OTHER]) await network.provider(domain).close();
});

const bytes = (text: string) => new TextEncoder().encode(text);
const write = (text: string, to = bob) => alice.sendLetter(to.device.user, bytes(text));
const read = async (device: HiddenDevice, done?: bigint) =>
  (await device.letters(done)).map(({ sealed }) => new TextDecoder().decode(sealed));

async function reopen(): Promise<void> {
  await network.provider(HOME).close();
  await network.open(HOME, store, LIMITS);
}

describe('a letter', () => {
  test('waits for each device of the user until that device has dealt with it', async () => {
    await write('one');
    await write('two');
    const letters = await bob.letters();
    expect(letters.map(({ number }) => number)).toEqual([1n, 2n]);
    expect(await read(bob)).toEqual(['one', 'two']);
    expect(await read(bob, 1n)).toEqual(['two']);
    expect(await read(bob, 2n)).toEqual([]);
    expect(await read(bobsTablet)).toEqual(['one', 'two']);
  });

  test('of a user of the same provider comes without a request', async () => {
    await bobsTablet.sendLetter(bob.device.user, bytes('to myself'));
    expect(await read(bob)).toEqual(['to myself']);
    expect(network.posts).toEqual([]);
  });

  test('to nobody is accepted like any other, and no trace of it is kept', async () => {
    const nobody = asUserUri(userUri(HOME, 'nobody'));
    await alice.sendLetter(nobody, bytes('hello'));
    const late = new HiddenDevice(network.call, HOME, 'nobody-1', new HiddenAccount());
    await late.register(0);
    expect(await read(late)).toEqual([]);
  });

  test('is dealt with for good: older numbers bring none back, larger ones end no later letter', async () => {
    await write('one');
    await write('two');
    expect(await read(bob, 2n)).toEqual([]);
    expect(await read(bob, 0n)).toEqual([]);
    expect(await read(bob, (1n << 64n) - 1n)).toEqual([]);
    await write('three');
    expect(await bob.letters()).toEqual([{ number: 3n, sealed: bytes('three') }]);
  });

  test('is given in order, so many at once, and so many bytes', async () => {
    for (const text of ['1', '2', '3', '4']) await write(text);
    expect(await read(bob)).toEqual(['1', '2', '3']);
    expect(await read(bob, 3n)).toEqual(['4']);
    await write('x'.repeat(100));
    await write('y'.repeat(100));
    expect(await read(bob, 4n)).toEqual(['x'.repeat(100)]);
    expect(await read(bob, 5n)).toEqual(['y'.repeat(100)]);
  });

  test('is neither empty nor larger than a letter may be', async () => {
    await expect(write('')).rejects.toMatchObject({ code: 'badRequest' });
    await expect(bobsTablet.sendLetter(bob.device.user, new Uint8Array(101))).rejects.toMatchObject(
      {
        code: 'tooLarge',
      },
    );
    await expect(alice.sendLetter(bob.device.user, new Uint8Array(101))).rejects.toMatchObject({
      code: 'peerRefused',
    });
    expect(await read(bob)).toEqual([]);
  });

  test('waits across a restart, and numbers go on', async () => {
    await write('one');
    await read(bobsTablet, 1n);
    await reopen();
    await write('two');
    expect(await read(bob)).toEqual(['one', 'two']);
    expect(await bobsTablet.letters()).toEqual([{ number: 2n, sealed: bytes('two') }]);
  });

  test('goes to the provider of its user only', async () => {
    const misled = network
      .provider(HOME)
      .fromPeer(OTHER, 'letter', alice.device.user, bytes('letter'));
    await expect(misled).rejects.toMatchObject({ code: 'notTarget' });
  });
});

describe('a mailbox', () => {
  test('that is full on all devices takes no more, and says when to try again', async () => {
    for (let letter = 0; letter < LIMITS.lettersPerClient; letter++) await write('letter');
    await expect(write('one more')).rejects.toMatchObject({
      code: 'mailboxFull',
      details: { retryAfterMs: 60_000 },
    });
    await read(bob, 2n);
    await write('one more');
  });

  test('is not closed by one device that reads nothing any more', async () => {
    for (let letter = 1; letter <= LIMITS.lettersPerClient; letter++) {
      await write('letter');
      await read(bob, BigInt(letter));
    }
    await write('one more');
    expect(await read(bob)).toEqual(['one more']);
  });

  test('takes no more than it may when letters come at once', async () => {
    const sent = Array.from({ length: 9 }, (_, index) => write(`${index}`));
    const outcomes = await Promise.allSettled(sent);
    const taken = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(taken).toHaveLength(LIMITS.lettersPerClient);
    const numbers = (await bob.letters()).map(({ number }) => number);
    expect(numbers).toEqual([1n, 2n, 3n]);
  });
});

describe('a note', () => {
  const key = (octet: number) => new Uint8Array(32).fill(octet);

  test('is there for all devices of the user and for nobody else', async () => {
    expect(await bob.note(key(1))).toBeUndefined();
    expect(await bob.note(key(1), bytes('a'))).toEqual(bytes('a'));
    expect(await bobsTablet.note(key(1))).toEqual(bytes('a'));
    expect(await bobsTablet.note(key(1), bytes('b'))).toEqual(bytes('b'));
    expect(await bob.note(key(1))).toEqual(bytes('b'));
    const carol = new HiddenDevice(network.call, HOME, 'carol-1', new HiddenAccount());
    expect(await carol.note(key(1))).toBeUndefined();
  });

  test('may be empty, which is another thing than not to be there', async () => {
    expect(await bob.note(key(1), new Uint8Array())).toEqual(new Uint8Array());
    expect(await bob.note(key(1))).toEqual(new Uint8Array());
  });

  test('has a key of 32 bytes and a value that is not too large', async () => {
    for (const length of [0, 31, 33]) {
      const note = bob.note(new Uint8Array(length), bytes('a'));
      await expect(note).rejects.toMatchObject({ code: 'badRequest' });
    }
    const large = bob.note(key(1), new Uint8Array(LIMITS.noteBytes + 1));
    await expect(large).rejects.toMatchObject({ code: 'tooLarge' });
    expect(await bob.note(key(1))).toBeUndefined();
  });

  test('is one of so many, which those that are there can change', async () => {
    const notes = [1, 2, 3, 4].map((octet) => bob.note(key(octet), bytes('a')));
    const outcomes = await Promise.allSettled(notes);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    await expect(bob.note(key(9), bytes('a'))).rejects.toMatchObject({ code: 'tooManyNotes' });
    expect(await bob.note(key(1), bytes('b'))).toEqual(bytes('b'));
  });

  test('is kept across a restart, and counted', async () => {
    await bob.note(key(1), bytes('a'));
    await bob.note(key(2), bytes('b'));
    await reopen();
    expect(await bobsTablet.note(key(1))).toEqual(bytes('a'));
    await bob.note(key(3), bytes('c'));
    await expect(bob.note(key(4), bytes('d'))).rejects.toMatchObject({ code: 'tooManyNotes' });
  });
});
