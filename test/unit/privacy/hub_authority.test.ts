// What a hub may ask of members and members of a hub: write keys, mandates; and the checks on a successor group.

import { describe, expect, test } from 'vitest';
import { generateSignatureKeyPair } from '../../../ts/mls/index.ts';
import { signerOf } from '../../../ts/privacy/parts/hpke.ts';
import {
  carriesOut,
  checkSequence,
  makeMandate,
  verifyMandate,
} from '../../../ts/privacy/parts/mandate.ts';
import { randomSecret } from '../../../ts/privacy/parts/seal.ts';
import {
  checkSuccessor,
  SUCCESSOR_EXPORT_LABEL,
  type SuccessorPlan,
  successorContext,
  successorPskId,
} from '../../../ts/privacy/parts/successor.ts';
import {
  openNextWriteKey,
  sealNextWriteKey,
  verifyWriteMac,
  writeMac,
} from '../../../ts/privacy/parts/write_key.ts';
import { creator } from '../mls/devices.ts';
import { bytes, groupId, otherGroupId, suites } from './support/people.ts';
import { codeOf, ruleOf } from './support/refusal.ts';

describe('the MAC of a request', () => {
  const key = randomSecret();
  const request = { endpoint: 'update', groupId, epoch: 4n, body: bytes('body') };
  const mac = writeMac(key, request);

  test('shows that the sender has the write key', () => {
    expect(() => verifyWriteMac(key, request, mac)).not.toThrow();
  });

  test('counts for no other endpoint, room, epoch, body or key', () => {
    const verify = (change: object, by = key) =>
      codeOf(() => verifyWriteMac(by, { ...request, ...change }, mac));
    expect(verify({ endpoint: 'submitMessage' })).toBe('badMac');
    expect(verify({ groupId: otherGroupId })).toBe('badMac');
    expect(verify({ epoch: 5n })).toBe('badMac');
    expect(verify({ body: bytes('other') })).toBe('badMac');
    expect(verify({}, randomSecret())).toBe('badMac');
    expect(codeOf(() => verifyWriteMac(key, request, bytes('')))).toBe('badMac');
  });
});

describe('the next write key', () => {
  const [current, next] = [randomSecret(), randomSecret()];
  const where = { groupId, epoch: 5n };
  const sealed = sealNextWriteKey(current, where, next);

  test('opens for who has the current one, for its room and epoch', () => {
    expect(openNextWriteKey(current, where, sealed)).toEqual(next);
    const open = (change: object, by = current) =>
      codeOf(() => openNextWriteKey(by, { ...where, ...change }, sealed));
    expect(open({ epoch: 6n })).toBe('undecryptable');
    expect(open({ groupId: otherGroupId })).toBe('undecryptable');
    expect(open({}, next)).toBe('undecryptable');
  });
});

describe.each(suites)('a mandate, suite %i', (suite) => {
  const hub = generateSignatureKeyPair(suite);
  const sign = signerOf(suite, hub.privateKey);
  const content = {
    groupId,
    sequence: 3n,
    component: 0x22,
    current: bytes('now'),
    update: bytes('ban bob'),
  };
  const mandate = makeMandate(content, sign);
  const room = {
    suite,
    groupId,
    hubSignatureKey: hub.publicKey,
    current: (id: number) => (id === 0x22 ? bytes('now') : undefined),
    lastSequence: 2n,
  };

  test('holds for its room, content and number', () => {
    const verified = verifyMandate(mandate, room);
    expect(verified).toMatchObject({ groupId, sequence: 3n, component: 0x22 });
    expect(carriesOut(verified, { id: 0x22, update: bytes('ban bob') })).toBe(true);
    expect(carriesOut(verified, { id: 0x22, update: bytes('ban carol') })).toBe(false);
    expect(carriesOut(verified, { id: 0x23, update: bytes('ban bob') })).toBe(false);
    expect(carriesOut(verified, { id: 0x22, update: undefined })).toBe(false);
  });

  test('is carried out once', () => {
    expect(codeOf(() => verifyMandate(mandate, { ...room, lastSequence: 3n }))).toBe('replayed');
    expect(codeOf(() => verifyMandate(mandate, { ...room, lastSequence: 9n }))).toBe('replayed');
    expect(checkSequence(2n, { sequence: 5n })).toBe(5n);
  });

  test('of another room, for other content or by another hub is refused', () => {
    const verify = (change: object) => ruleOf(() => verifyMandate(mandate, { ...room, ...change }));
    expect(verify({ groupId: otherGroupId })).toBe('wrongContext groupId');
    expect(verify({ current: () => bytes('later') })).toBe('wrongContext current');
    expect(verify({ current: () => undefined })).toBe('wrongContext current');
    expect(verify({ hubSignatureKey: generateSignatureKeyPair(suite).publicKey })).toBe(
      'badSignature mandate',
    );
  });

  test('may remove a component, or make an absent one', () => {
    const removal = makeMandate({ ...content, update: undefined }, sign);
    const verified = verifyMandate(removal, room);
    expect(carriesOut(verified, { id: 0x22, update: undefined })).toBe(true);
    expect(carriesOut(verified, { id: 0x22, update: bytes('') })).toBe(false);
    const first = makeMandate({ ...content, current: undefined }, sign);
    expect(verifyMandate(first, { ...room, current: () => undefined }).sequence).toBe(3n);
    expect(ruleOf(() => verifyMandate(first, { ...room, current: () => bytes('') }))).toBe(
      'wrongContext current',
    );
  });
});

describe('a successor group', () => {
  const plan: SuccessorPlan = {
    reason: 'closing',
    oldGroupId: groupId,
    oldEpoch: 12n,
    newGroupId: otherGroupId,
    mode: 'members-only',
    creator: 'mimi://a.example/u/alice',
  };
  const group = {
    groupId: otherGroupId,
    mode: plan.mode,
    creator: plan.creator,
    psks: [successorPskId(plan)],
    members: ['mimi://a.example/u/alice', 'mimi://b.example/u/bob'],
    oldMembers: [
      'mimi://a.example/u/alice',
      'mimi://b.example/u/bob',
      'mimi://b.example/u/mallory',
    ],
  };
  const check = (change: object, by = plan) =>
    ruleOf(() => checkSuccessor(by, { ...group, ...change }));

  test('as it was announced is joined', () => {
    expect(() => checkSuccessor(plan, group)).not.toThrow();
  });

  test('of another id, mode, creator or key is not', () => {
    expect(check({ groupId })).toBe('notASuccessor groupId');
    expect(check({ mode: 'open' })).toBe('notASuccessor mode');
    expect(check({ creator: 'mimi://b.example/u/mallory' })).toBe('notASuccessor creator');
    expect(check({ psks: [] })).toBe('notASuccessor psk');
    const other = successorPskId({ ...plan, oldEpoch: 11n });
    expect(check({ psks: [other] })).toBe('notASuccessor psk');
  });

  test('with somebody in it who was not in the old one is not', () => {
    expect(check({ members: [...group.members, 'mimi://c.example/u/eve'] })).toBe(
      'notASuccessor members',
    );
    const creator = 'mimi://c.example/u/eve';
    expect(check({ creator }, { ...plan, creator })).toBe('notASuccessor creator');
  });

  test('that heals leaves out who broke the old one', () => {
    const members = group.oldMembers;
    expect(check({ members, excluded: ['mimi://b.example/u/mallory'] })).toBe(
      'notASuccessor excluded',
    );
  });

  test('in which nothing can be reported any more is not', () => {
    expect(check({ frankedLess: true })).toBe('notASuccessor franking');
  });

  test('has a pre-shared key that only members of the old epoch have, and one for each plan', () => {
    const { group: old } = creator(1, 'alice');
    const keyOf = (change: object) => {
      const context = successorContext({ ...plan, ...change });
      return Buffer.from(old.exportSecret(SUCCESSOR_EXPORT_LABEL, context, 32)).toString('hex');
    };
    const keys = [
      keyOf({}),
      keyOf({ reason: 'healing' }),
      keyOf({ oldEpoch: 13n }),
      keyOf({ oldGroupId: otherGroupId }),
      keyOf({ newGroupId: groupId }),
      keyOf({ mode: 'open' }),
      keyOf({ creator: 'mimi://b.example/u/bob' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({})).toBe(keys[0]);
  });
});
