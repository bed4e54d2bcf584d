// Who is behind a leaf: a link is opened once, and again where the key or the leaf is another.

import { describe, expect, test } from 'vitest';
import { EMPTY_EPOCH, identify, Membership, modeNamed } from '../../../ts/privacy/index.ts';
import { randomSecret } from '../../../ts/privacy/parts/seal.ts';
import { bytes, pseudonymous } from './support/people.ts';

const alice = pseudonymous('alice');
const bob = pseudonymous('bob');
const { suite } = alice;
const { client } = alice.participant;
const leafOf = ({ credential, leafSignatureKey: signatureKey }: typeof alice) => ({
  credential,
  signatureKey,
});
/** A member who knows one link key as that of Alice's client. */
const knowing = (linkKey: Uint8Array) =>
  Membership.begin(modeNamed('pseudonymous'), bytes('set'), epochWith(linkKey));
const epochWith = (linkKey: Uint8Array) => ({
  ...EMPTY_EPOCH,
  linkKeys: new Map([[client, linkKey]]),
});

describe('who is behind a leaf', () => {
  test('is found by its link, and the same when it is asked again', () => {
    const membership = knowing(alice.linkKey);
    const found = identify(membership, suite, client, leafOf(alice));
    expect(found).toMatchObject({ status: 'verified', real: { user: alice.real.user } });
    expect(identify(membership, suite, client, leafOf(alice))).toBe(found);
  });

  test('is not taken from another leaf that the client had', () => {
    const membership = knowing(alice.linkKey);
    identify(membership, suite, client, leafOf(alice));
    const moved = { ...leafOf(alice), signatureKey: bob.leafSignatureKey };
    expect(identify(membership, suite, client, moved)).toEqual({
      status: 'unverified',
      code: 'foreignLink',
    });
    const other = identify(membership, suite, client, leafOf(bob));
    expect(other).toEqual({ status: 'unverified', code: 'wrongLinkKey' });
    expect(identify(membership, suite, client, leafOf(alice)).status).toBe('verified');
  });

  test('is found anew with the right key after a wrong one, and lost with the key', () => {
    const membership = knowing(randomSecret());
    expect(identify(membership, suite, client, leafOf(alice)).status).toBe('unverified');
    membership.enter(epochWith(alice.linkKey));
    expect(identify(membership, suite, client, leafOf(alice)).status).toBe('verified');
    membership.enter(EMPTY_EPOCH);
    expect(membership.opened.size).toBe(0);
    expect(identify(membership, suite, client, leafOf(alice))).toEqual({
      status: 'unverified',
      code: 'noLinkKey',
    });
  });
});
