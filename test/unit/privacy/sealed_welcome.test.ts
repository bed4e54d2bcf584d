// Welcomes split and sealed for one client each, made by and for real groups.

import { describe, expect, test } from 'vitest';
import {
  createKeyPackage,
  decryptWithKeyPackage,
  Group,
  type HpkeCiphertext,
} from '../../../ts/mls/index.ts';
import {
  openWelcome,
  sealWelcome,
  splitWelcome,
} from '../../../ts/privacy/parts/sealed_welcome.ts';
import { decodeKeyPackage, decodeMlsMessage } from '../../../ts/wire/index.ts';
import { creator, type Device, device } from '../mls/devices.ts';
import { bytes, suites } from './support/people.ts';
import { codeOf, ruleOf } from './support/refusal.ts';

describe.each(suites)('a Welcome for two, suite %i', (suite) => {
  const alice = creator(suite, 'alice');
  const newcomer = (name: string) => {
    const made = device(suite, name);
    const { keyPackage, ref } = createKeyPackage(made.store, made.identity);
    const { initKey } = decodeKeyPackage(keyPackage);
    return { device: made, keyPackage, ref, target: { suite, ref, initKey, domain: 'b.example' } };
  };
  const [bob, carol] = [newcomer('bob'), newcomer('carol')];
  const { welcome } = alice.group.commit({ add: [bob.keyPackage, carol.keyPackage] });
  if (welcome === undefined) throw new Error('no Welcome');
  alice.group.acceptPending();
  const ratchetTree = alice.group.ratchetTree();
  const forBob = splitWelcome(welcome, bob.ref);
  const sealed = sealWelcome(bob.target, { welcome: forBob, ratchetTree });
  const decryptFor =
    ({ store }: Device) =>
    (ref: Uint8Array, label: string, context: Uint8Array, ciphertext: HpkeCiphertext) =>
      decryptWithKeyPackage(store, ref, label, context, ciphertext);

  /** The padded plaintext of a sealed Welcome. */
  const openedBy = (of: Device, value: typeof sealed): Uint8Array => {
    let plaintext = new Uint8Array();
    openWelcome(value, (...input) => {
      plaintext = decryptFor(of)(...input).slice();
      return plaintext;
    });
    return plaintext;
  };

  test('is split into one for each, which does not name the other', () => {
    const view = decodeMlsMessage(forBob);
    expect(view.wireFormat === 'welcome' && view.newMembers).toEqual([bob.ref]);
    expect(Buffer.from(welcome).includes(Buffer.from(carol.ref))).toBe(true);
    expect(Buffer.from(forBob).includes(Buffer.from(carol.ref))).toBe(false);
  });

  test('is sealed to the domain that servers are shown', () => {
    const moved = { ...sealed, domain: 'c.example' };
    expect(codeOf(() => openWelcome(moved, decryptFor(bob.device)))).toBe('undecryptable');
  });

  test('lets its target join, by the core alone', () => {
    const opened = openWelcome(sealed, decryptFor(bob.device));
    expect(opened).toEqual({ welcome: forBob, ratchetTree });
    const group = Group.join(bob.device.store, opened.welcome, opened.ratchetTree);
    expect(group.epochAuthenticator()).toEqual(alice.group.epochAuthenticator());
  });

  test('opens for no one else', () => {
    const bySomeoneElse = () =>
      openWelcome({ ...sealed, ref: carol.ref }, decryptFor(carol.device));
    expect(codeOf(bySomeoneElse)).toBe('undecryptable');
  });

  test('that holds one for another key package is refused', () => {
    const forCarol = sealWelcome(carol.target, {
      welcome: splitWelcome(welcome, carol.ref),
      ratchetTree,
    });
    // As if carol's Welcome had been sealed to bob: the core gives what stands in hers.
    const carols = openedBy(carol.device, forCarol);
    expect(ruleOf(() => openWelcome(sealed, () => carols))).toBe('wrongContent ref');
  });

  test('shows a size class only', () => {
    const other = sealWelcome(bob.target, {
      welcome: forBob,
      ratchetTree: ratchetTree.subarray(1),
    });
    expect(other.sealed.length).toBe(sealed.sealed.length);
  });

  test('is not sealed for somebody whom it does not welcome, or together with others', () => {
    expect(ruleOf(() => splitWelcome(welcome, bytes('ref')))).toBe('wrongContent ref');
    expect(ruleOf(() => sealWelcome(bob.target, { welcome, ratchetTree }))).toBe(
      'wrongContent ref',
    );
    expect(ruleOf(() => sealWelcome(carol.target, { welcome: forBob, ratchetTree }))).toBe(
      'wrongContent ref',
    );
    expect(codeOf(() => splitWelcome(bytes('?'), bob.ref))).toBe('malformed');
    expect(ruleOf(() => splitWelcome(alice.group.encrypt(bytes('x')), bob.ref))).toBe(
      'wrongContent wireFormat',
    );
  });

  test('is refused as typed when the key is none', () => {
    const target = { ...bob.target, initKey: bytes('no key') };
    expect(codeOf(() => sealWelcome(target, { welcome: forBob, ratchetTree }))).toBe('badKey');
  });
});
