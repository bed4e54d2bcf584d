// Whatever arrives damaged, cut short or in the wrong place is refused by the parts of the privacy modes with an error
// of their own: never accepted, and never another exception.

import { describe, expect, test } from 'vitest';
import { PrivacyError } from '../../ts/privacy/errors.ts';
import { decodeAnnouncement } from '../../ts/privacy/parts/announcement.ts';
import { decodePendingRequest } from '../../ts/privacy/parts/connection.ts';
import { decodePseudonymCredential } from '../../ts/privacy/parts/credential_struct.ts';
import { decodeEnvelope } from '../../ts/privacy/parts/envelope.ts';
import {
  decodeEpochKeys,
  deriveEpochKeys,
  encodeEpochKeys,
} from '../../ts/privacy/parts/epoch_root.ts';
import { parseLink } from '../../ts/privacy/parts/join_link.ts';
import { decodeMandate } from '../../ts/privacy/parts/mandate.ts';
import { newClientPseudonym } from '../../ts/privacy/parts/pseudonym.ts';
import { decodeSealedJoin } from '../../ts/privacy/parts/sealed_join.ts';
import { decodeWelcomeSecrets, encodeWelcomeSecrets } from '../../ts/privacy/parts/wrapper.ts';
import { SeededRandom, seedOfRun } from '../support/random.ts';
import { constructions } from '../unit/privacy/support/constructions.ts';
import { codeOf, flips } from '../unit/privacy/support/refusal.ts';

const all = constructions();

/** What `open` makes of the bytes, or the PrivacyError it throws; another error is thrown on. */
function attempt(open: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return open(bytes);
  } catch (error) {
    if (error instanceof PrivacyError) return error;
    throw error;
  }
}

describe.each(all)('$name', ({ sample, open, partlyForOthers = false }) => {
  test('is accepted as it is', () => {
    expect(() => open(sample)).not.toThrow();
  });

  test('is refused with any one bit changed', () => {
    const intact = partlyForOthers ? JSON.stringify(readable(open(sample))) : undefined;
    let unread = 0;
    for (const { bytes, at } of flips(sample)) {
      const result = attempt(open, bytes);
      if (result instanceof PrivacyError) continue;
      unread += 1;
      expect(JSON.stringify(readable(result)), `byte ${at}`).toBe(intact);
    }
    if (!partlyForOthers) expect(unread).toBe(0);
    // The other party's wrap of 32 bytes of key, 16 of tag and the KEM output, with what frames them.
    else expect(unread).toBeLessThanOrEqual(8 * 84);
  });

  test('is refused cut short anywhere, and with a byte behind it', () => {
    for (let length = 0; length < sample.length; length++) {
      expect(() => open(sample.subarray(0, length))).toThrow(PrivacyError);
    }
    expect(() => open(Uint8Array.of(...sample, 0))).toThrow(PrivacyError);
  });

  test('is refused when it is random bytes', () => {
    const random = new SeededRandom(seedOfRun(6));
    for (let round = 0; round < 200; round++) {
      const bytes = random.bytes(random.below(200));
      expect(() => open(bytes)).toThrow(PrivacyError);
    }
  });
});

/** Bytes as text, so that results can be compared. */
const readable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, item) => {
      if (item instanceof Uint8Array) return Buffer.from(item).toString('hex');
      return typeof item === 'bigint' ? String(item) : item;
    }) ?? 'null',
  );

describe('with the same keys everywhere', () => {
  const foreign = all.flatMap((from) =>
    all.filter((to) => to !== from).map((to) => ({ from, to })),
  );

  test('nothing is taken for something else: labels keep all apart', () => {
    for (const { from, to } of foreign) {
      // The two readers of an envelope have the same sample.
      if (from.sample === to.sample) continue;
      const result = attempt(to.open, from.sample);
      expect(result, `${from.name} as ${to.name}`).toBeInstanceOf(PrivacyError);
    }
  });
});

describe.each([2, 3] as const)('signed statements, suite %i', (suite) => {
  const signed = constructions(suite).filter(({ name }) => /announcement|mandate/.test(name));

  test.each(signed)('$name is refused with any one bit changed', ({ sample, open }) => {
    // One bit a byte: a signature of P-256 takes some milliseconds to verify.
    for (const { bytes, at } of flips(sample, 0)) {
      expect(attempt(open, bytes), `byte ${at}`).toBeInstanceOf(PrivacyError);
    }
  });
});

describe('a decoder', () => {
  const sampleOf = (name: string) =>
    all.find((one) => one.name === name)?.sample ?? new Uint8Array();
  const secrets = encodeWelcomeSecrets({
    wrapper: new Uint8Array(32),
    linkKeys: [{ client: newClientPseudonym('a.example'), linkKey: new Uint8Array(32) }],
  });
  const decoders: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => unknown])[] = [
    ['Announcement', sampleOf('an announcement'), decodeAnnouncement],
    ['Mandate', sampleOf('a mandate'), decodeMandate],
    ['Envelope', sampleOf('an envelope for the hub'), decodeEnvelope],
    ['SealedJoin', sampleOf('a sealed join'), decodeSealedJoin],
    [
      'PseudonymCredential',
      sampleOf('a pseudonymous credential with its link'),
      decodePseudonymCredential,
    ],
    ['EpochKeys', encodeEpochKeys(deriveEpochKeys(1, new Uint8Array(32))), decodeEpochKeys],
    ['WelcomeSecrets', secrets, decodeWelcomeSecrets],
    ['PendingRequest', new Uint8Array(4), decodePendingRequest],
  ];

  test.each(decoders)(
    'of %s refuses what is malformed as that, and nothing else',
    (_, sample, decode) => {
      for (let length = 0; length < sample.length; length++) {
        expect(codeOf(() => decode(sample.subarray(0, length)))).toBe('malformed');
      }
      expect(codeOf(() => decode(Uint8Array.of(...sample, 0)))).toBe('malformed');
      for (const { bytes } of flips(sample)) {
        const result = attempt(decode, bytes);
        if (result instanceof PrivacyError) expect(result.code).toBe('malformed');
      }
    },
  );

  test('of link texts refuses random texts as malformed', () => {
    const random = new SeededRandom(seedOfRun(7));
    for (let round = 0; round < 500; round++) {
      const text = String.fromCharCode(...random.bytes(random.below(120)));
      expect(codeOf(() => parseLink(`mimi-link:${text}`))).toBe('malformed');
    }
  });
});
