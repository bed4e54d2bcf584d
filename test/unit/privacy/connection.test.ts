// Contact cards, connection requests and responses.

import { describe, expect, test } from 'vitest';
import { decryptWithLabel } from '../../../ts/mls/index.ts';
import {
  decodePendingRequest,
  encodePendingRequest,
  openRequest,
  openResponse,
  sealRequest,
  sealResponse,
} from '../../../ts/privacy/parts/connection.ts';
import { makeContactCard, readContactCard } from '../../../ts/privacy/parts/contact_card.ts';
import { fullLabel, sealTo } from '../../../ts/privacy/parts/hpke.ts';
import { contactKey } from '../../../ts/privacy/parts/pseudonym.ts';
import { randomSecret } from '../../../ts/privacy/parts/seal.ts';
import { labelled } from '../../../ts/privacy/parts/structs.ts';
import { decodeHpkeCiphertext, encodeHpkeCiphertext, userUri } from '../../../ts/wire/index.ts';
import { bytes, person, suites } from './support/people.ts';
import { codeOf, ruleOf } from './support/refusal.ts';

const now = 1_800_000_000_000;
const day = 86_400_000;
const fresh = { now, maxAge: day };

const requestContext = (user: string, key: Uint8Array) =>
  labelled('connection request', (writer) => {
    writer.text(user, 'target');
    writer.opaque(key, 'key');
  });

describe.each(suites)('a contact card, suite %i', (suite) => {
  const bob = person('bob', suite, 'b.example');
  const { publicKey } = contactKey(suite, randomSecret(), 1);
  const card = makeContactCard(suite, publicKey, bob);

  test('says whom and by which key to ask', () => {
    const { user, signer, ...read } = readContactCard(card);
    expect(user).toBe(bob.user);
    expect(read).toMatchObject({ suite, publicKey, signatureKey: bob.signatureKey });
    expect(signer).toMatchObject({ user: bob.user, client: 'mimi://b.example/d/bob-phone' });
  });

  test('with another key in it is refused', () => {
    const mallory = contactKey(suite, randomSecret(), 1).publicKey;
    const at = Buffer.from(card).indexOf(publicKey);
    const forged = card.slice();
    forged.set(mallory, at);
    expect(ruleOf(() => readContactCard(forged))).toBe('badSignature contact card');
  });

  test('that somebody else signed for the user is refused', () => {
    const mallory = person('mallory', suite, 'b.example');
    const theirs = makeContactCard(suite, publicKey, { ...mallory, sign: bob.sign });
    expect(codeOf(() => readContactCard(theirs))).toBe('badSignature');
    const renamed = card.slice();
    renamed.set(bytes('bab'), Buffer.from(card).indexOf('bob'));
    expect(ruleOf(() => readContactCard(renamed))).toBe('badRealCredential user');
  });
});

describe.each(suites)('a connection, suite %i', (suite) => {
  const alice = person('alice', suite);
  const bob = person('bob', suite, 'b.example');
  const keys = contactKey(suite, randomSecret(), 1);
  const card = readContactCard(makeContactCard(suite, keys.publicKey, bob));
  const [aliceKey, bobKey] = [randomSecret(), randomSecret()];
  const { sealed, pending } = sealRequest({
    card,
    signer: alice,
    connectionKey: aliceKey,
    time: now,
  });
  const reader = { suite, user: bob.user, keys, ...fresh };
  const asAlice = { user: alice.user, ...fresh };

  test('is asked for by a request that only the target reads', () => {
    const request = openRequest(reader, sealed);
    expect(request.requester).toMatchObject({ user: alice.user, signatureKey: alice.signatureKey });
    expect(request.connectionKey).toEqual(aliceKey);
    expect(request.digest).toEqual(pending.digest);
    expect(Buffer.from(sealed).includes('alice')).toBe(false);
    const other = { ...reader, keys: contactKey(suite, randomSecret(), 1) };
    expect(codeOf(() => openRequest(other, sealed))).toBe('undecryptable');
  });

  test('is made by the answer, which carries the other key back', () => {
    const request = openRequest(reader, sealed);
    const answer = sealResponse({ request, signer: bob, connectionKey: bobKey, time: now });
    const opened = openResponse(pending, asAlice, answer);
    expect(opened).toMatchObject({
      responder: { user: bob.user },
      connectionKey: bobKey,
      time: now,
    });
  });

  test('is declined by an answer without a key', () => {
    const answer = sealResponse({ request: openRequest(reader, sealed), signer: bob, time: now });
    expect(openResponse(pending, asAlice, answer).connectionKey).toBeUndefined();
  });

  test('request passed on by its receiver to somebody else is refused', () => {
    // Bob opens alice's request and seals the signed content to carol, as if alice had asked her.
    const carol = {
      ...reader,
      user: userUri('c.example', 'carol'),
      keys: contactKey(suite, randomSecret(), 1),
    };
    const signed = decryptWithLabel(
      suite,
      keys.privateKey,
      fullLabel('connection request'),
      requestContext(bob.user, keys.publicKey),
      decodeHpkeCiphertext(sealed),
    );
    const passOn = (user: string, key: Uint8Array) =>
      encodeHpkeCiphertext(
        sealTo(suite, key, 'connection request', requestContext(user, key), signed),
      );
    const toCarol = passOn(carol.user, carol.keys.publicKey);
    expect(ruleOf(() => openRequest(carol, toCarol))).toBe('wrongTarget user');
    // Nor does an old request count for a new key of bob's.
    const newKeys = contactKey(suite, randomSecret(), 2);
    const toNewKey = passOn(bob.user, newKeys.publicKey);
    expect(ruleOf(() => openRequest({ ...reader, keys: newKeys }, toNewKey))).toBe(
      'wrongTarget key',
    );
  });

  test('request signed by another key than it names is refused', () => {
    const mallory = person('mallory', suite);
    const forged = sealRequest({
      card,
      signer: { ...alice, sign: mallory.sign },
      connectionKey: aliceKey,
      time: now,
    });
    expect(ruleOf(() => openRequest(reader, forged.sealed))).toBe(
      'badSignature connection request',
    );
  });

  test('request is refused when it is too old or from the future', () => {
    expect(openRequest({ ...reader, now: now + day }, sealed).time).toBe(now);
    expect(ruleOf(() => openRequest({ ...reader, now: now + day + 1 }, sealed))).toBe(
      'expired age',
    );
    expect(ruleOf(() => openRequest({ ...reader, now: now - 300_001 }, sealed))).toBe(
      'expired ahead',
    );
  });

  test('answer of somebody else than was asked is refused', () => {
    const request = openRequest(reader, sealed);
    const mallory = person('mallory', suite, 'b.example');
    const answer = sealResponse({ request, signer: mallory, connectionKey: bobKey, time: now });
    expect(ruleOf(() => openResponse(pending, asAlice, answer))).toBe('wrongTarget responder');
    const forged = { ...bob, sign: mallory.sign };
    const signedByOther = sealResponse({
      request,
      signer: forged,
      connectionKey: bobKey,
      time: now,
    });
    expect(codeOf(() => openResponse(pending, asAlice, signedByOther))).toBe('badSignature');
  });

  test('answer to another request, to another user or from long ago is refused', () => {
    const request = openRequest(reader, sealed);
    const answerTo = (change: object) =>
      sealResponse({
        request: { ...request, ...change },
        signer: bob,
        connectionKey: bobKey,
        time: now,
      });
    const other = { digest: new Uint8Array(32) };
    expect(codeOf(() => openResponse(pending, asAlice, answerTo(other)))).toBe('undecryptable');
    const carol = { requester: { ...request.requester, user: userUri('a.example', 'carol') } };
    expect(ruleOf(() => openResponse(pending, asAlice, answerTo(carol)))).toBe('wrongTarget user');
    const late = { ...asAlice, now: now + day + 1 };
    expect(ruleOf(() => openResponse(pending, late, answerTo({})))).toBe('expired age');
  });

  test('answer cannot be read as a request, nor a request as an answer', () => {
    const request = openRequest(reader, sealed);
    const answer = sealResponse({ request, signer: bob, connectionKey: bobKey, time: now });
    expect(codeOf(() => openRequest({ ...reader, keys: pending.keys }, answer))).toBe(
      'undecryptable',
    );
    expect(codeOf(() => openResponse({ ...pending, keys }, asAlice, sealed))).toBe('undecryptable');
  });

  test('request waits in the storage for its answer', () => {
    expect(decodePendingRequest(encodePendingRequest(pending))).toEqual(pending);
  });

  test('request and answer look alike, whoever asks and whatever is answered', () => {
    const request = openRequest(reader, sealed);
    const yes = sealResponse({ request, signer: bob, connectionKey: bobKey, time: now });
    const no = sealResponse({ request, signer: bob, time: now });
    expect(yes.length).toBe(no.length);
  });

  test('is not asked for with a key of another length', () => {
    const input = { card, signer: alice, connectionKey: new Uint8Array(16), time: now };
    expect(codeOf(() => sealRequest(input))).toBe('invalidArgument');
  });
});
