// Wrapper generations: who has the key of one gets at the link keys, and at those of the generations before.

import { describe, expect, test } from 'vitest';
import { linkKeyHash } from '../../../ts/privacy/parts/identity_link.ts';
import { newClientPseudonym } from '../../../ts/privacy/parts/pseudonym.ts';
import { randomSecret } from '../../../ts/privacy/parts/seal.ts';
import {
  decodeWelcomeSecrets,
  encodeWelcomeSecrets,
  firstThatOpens,
  generationId,
  newWrapper,
  openForEpoch,
  openLinkKey,
  openPrevious,
  sealForEpoch,
  sealLinkKey,
  sealPrevious,
} from '../../../ts/privacy/parts/wrapper.ts';
import { bytes, groupId, otherGroupId } from './support/people.ts';
import { codeOf } from './support/refusal.ts';

const [first, second, third] = [newWrapper(), newWrapper(), newWrapper()];
const client = newClientPseudonym('a.example');

describe('the chain of generations', () => {
  const back = sealPrevious(groupId, second, first);

  test('leads back from a key to the one before', () => {
    const generation = generationId(first);
    expect(openPrevious({ groupId, wrapper: second, generation }, back)).toEqual(first);
  });

  test('does not lead forward: an older key opens nothing of a newer generation', () => {
    const generation = generationId(second);
    const forward = sealPrevious(groupId, third, second);
    const opened = () => openPrevious({ groupId, wrapper: first, generation }, forward);
    expect(codeOf(opened)).toBe('undecryptable');
    const linkKey = randomSecret();
    const sealed = sealLinkKey({ groupId, client, wrapper: second }, linkKey);
    const slot = { groupId, client, wrapper: first };
    expect(codeOf(() => openLinkKey(slot, linkKeyHash(linkKey), sealed))).toBe('undecryptable');
  });

  test('gives no other key than that of the generation asked for', () => {
    const wrong = sealPrevious(groupId, second, third);
    const generation = generationId(first);
    expect(codeOf(() => openPrevious({ groupId, wrapper: second, generation }, wrong))).toBe(
      'wrongGeneration',
    );
  });

  test('is of one room', () => {
    const generation = generationId(first);
    const moved = () => openPrevious({ groupId: otherGroupId, wrapper: second, generation }, back);
    expect(codeOf(moved)).toBe('undecryptable');
  });
});

describe('the wrapper key for an epoch', () => {
  const slot = { groupId, epoch: 4n, wrapperSeal: randomSecret() };
  const sealed = sealForEpoch(slot, second);
  const open = (change: object, generation = generationId(second)) =>
    openForEpoch({ ...slot, ...change }, generation, sealed);

  test('opens for its members', () => {
    expect(open({})).toEqual(second);
  });

  test('opens in no other room or epoch, and not for those outside', () => {
    expect(codeOf(() => open({ groupId: otherGroupId }))).toBe('undecryptable');
    expect(codeOf(() => open({ epoch: 5n }))).toBe('undecryptable');
    expect(codeOf(() => open({ wrapperSeal: randomSecret() }))).toBe('undecryptable');
    expect(codeOf(() => open({}, generationId(first)))).toBe('undecryptable');
    expect(codeOf(() => open({}, bytes('short id')))).toBe('wrongGeneration');
  });
});

describe('the link key of a client', () => {
  const linkKey = randomSecret();
  const slot = { groupId, client, wrapper: second };
  const sealed = sealLinkKey(slot, linkKey);
  const open = (change: object, hash = linkKeyHash(linkKey)) =>
    openLinkKey({ ...slot, ...change }, hash, sealed);

  test('opens for all who have the wrapper key', () => {
    expect(open({})).toEqual(linkKey);
  });

  test('opens for no other client, room or generation', () => {
    expect(codeOf(() => open({ client: newClientPseudonym('a.example') }))).toBe('undecryptable');
    expect(codeOf(() => open({ groupId: otherGroupId }))).toBe('undecryptable');
    expect(codeOf(() => open({ wrapper: third }))).toBe('undecryptable');
  });

  test('is refused when the credential holds another hash', () => {
    expect(codeOf(() => open({}, linkKeyHash(randomSecret())))).toBe('wrongLinkKey');
  });

  test('is the first version that verifies: a bad one before it hides nothing', () => {
    const wrong = sealLinkKey(slot, randomSecret());
    const open = (version: Uint8Array) => openLinkKey(slot, linkKeyHash(linkKey), version);
    expect(firstThatOpens([bytes('junk'), wrong, sealed], open)).toEqual(linkKey);
    expect(codeOf(() => firstThatOpens([bytes('junk'), wrong], open))).toBe('wrongLinkKey');
    expect(codeOf(() => firstThatOpens([], open))).toBe('undecryptable');
  });

  test('is not looked for further when something else than a refusal is thrown', () => {
    const broken = () => {
      throw new TypeError('a bug');
    };
    expect(() => firstThatOpens([sealed, sealed], broken)).toThrow(TypeError);
  });
});

describe('what a Welcome carries', () => {
  const linkKeys = [client, newClientPseudonym('b.example')].map((name) => ({
    client: name,
    linkKey: randomSecret(),
  }));

  test('comes back', () => {
    const secrets = { wrapper: second, linkKeys };
    expect(decodeWelcomeSecrets(encodeWelcomeSecrets(secrets))).toEqual(secrets);
  });

  test('names no client twice', () => {
    const twice = encodeWelcomeSecrets({ wrapper: second, linkKeys: [...linkKeys, ...linkKeys] });
    expect(codeOf(() => decodeWelcomeSecrets(twice))).toBe('malformed');
  });
});
