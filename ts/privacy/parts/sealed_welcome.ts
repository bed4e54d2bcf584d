// Welcomes that only their target reads: docs/modes, "Welcome". One is split off for each new client and
// sealed, with the ratchet tree, to the init key of its key package; servers see the KeyPackageRef, the domain and a
// size class. The wire struct is SealedWelcome of ts/wire; its `sealed` is an HPKECiphertext.
//   struct { opaque welcome<V>; opaque ratchet_tree<V>; } WelcomeAndTree;
//   struct { opaque label<V>; KeyPackageRef ref<V>; opaque domain<V>; } WelcomeContext;

import type { CipherSuite, HpkeCiphertext } from '../../mls/index.ts';
import {
  decodeHpkeCiphertext,
  decodeMlsMessage,
  decoder,
  encodeHpkeCiphertext,
  encoder,
  Reader,
  type SealedWelcome,
  toMlsMessage,
  Writer,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { fullLabel, openingHpke, sealTo } from './hpke.ts';
import { pad, unpad } from './padding.ts';
import { decoding, labelled, readHpke, STRUCT_LIMITS, sameBytes } from './structs.ts';

const LABEL = 'welcome';

/** The label and context with which `decryptWithKeyPackage` opens a sealed Welcome. */
export const SEALED_WELCOME_LABEL: string = fullLabel(LABEL);
export const sealedWelcomeContext = (ref: Uint8Array, domain: string): Uint8Array =>
  labelled(LABEL, (writer) => {
    writer.opaque(ref, 'ref');
    writer.text(domain, 'domain');
  });

export interface WelcomeAndTree {
  /** An MLSMessage that carries a Welcome for one client. */
  readonly welcome: Uint8Array;
  /** The ratchet tree of the epoch that the Welcome is for. */
  readonly ratchetTree: Uint8Array;
}

const encodePlaintext = encoder((writer: Writer, value: WelcomeAndTree) => {
  writer.opaque(value.welcome, 'welcome');
  writer.opaque(value.ratchetTree, 'ratchetTree');
});

const decodePlaintext = decoder(
  (reader: Reader): WelcomeAndTree => ({
    welcome: reader.opaque('welcome'),
    ratchetTree: reader.opaque('ratchetTree'),
  }),
);

/**
 * The Welcome for one of those whom a commit adds: `welcome` (an MLSMessage) without the secrets of the others, whose
 * refs would tell one target's provider of another's. Throws PrivacyError `malformed`, `wrongContent` (rule: ref).
 */
export function splitWelcome(welcome: Uint8Array, ref: Uint8Array): Uint8Array {
  const { bytes } = welcomeOf(welcome);
  // The syntax has been checked, so the fields can be taken one after the other.
  const reader = new Reader(bytes, STRUCT_LIMITS);
  const suite = reader.u16('cipherSuite');
  const secrets = reader.list('secrets', (item) => {
    const start = item.offset;
    const newMember = item.opaque('newMember');
    readHpke(item);
    return { newMember, whole: item.since(start) };
  });
  const encryptedGroupInfo = reader.opaque('encryptedGroupInfo');
  const own = secrets.find(({ newMember }) => sameBytes(newMember, ref));
  if (own === undefined) throw refused('wrongContent', 'ref');
  const writer = new Writer();
  writer.u16(suite, 'cipherSuite');
  writer.opaque(own.whole, 'secrets');
  writer.opaque(encryptedGroupInfo, 'encryptedGroupInfo');
  return toMlsMessage('welcome', writer.finish());
}

/** Where a Welcome goes. */
export interface WelcomeTarget {
  /** The suite of the key package. */
  readonly suite: CipherSuite;
  readonly ref: Uint8Array;
  /** The init key of the key package. */
  readonly initKey: Uint8Array;
  /** The provider that handed the key package out. */
  readonly domain: string;
}

/** Throws PrivacyError `malformed`, `wrongContent` (the Welcome is for others too), `badKey`, `tooLarge`. */
export function sealWelcome(target: WelcomeTarget, content: WelcomeAndTree): SealedWelcome {
  const { suite, ref, initKey, domain } = target;
  checkWelcome(content.welcome, ref);
  const plaintext = pad(encodePlaintext(content));
  const sealed = sealTo(suite, initKey, LABEL, sealedWelcomeContext(ref, domain), plaintext);
  return { ref, domain, sealed: encodeHpkeCiphertext(sealed) };
}

/** Decrypts with the init key of a key package, as `decryptWithKeyPackage` of a member's store does. */
export type KeyPackageDecryption = (
  ref: Uint8Array,
  label: string,
  context: Uint8Array,
  sealed: HpkeCiphertext,
) => Uint8Array;

/**
 * Opens a sealed Welcome with the key package that it names. Throws PrivacyError `malformed`, `undecryptable`,
 * `badPadding`, `wrongContent` (a Welcome for another key package), and what `decrypt` throws beside `undecryptable`.
 */
export function openWelcome(value: SealedWelcome, decrypt: KeyPackageDecryption): WelcomeAndTree {
  const sealed = decoding('SealedWelcome', () => decodeHpkeCiphertext(value.sealed, STRUCT_LIMITS));
  const context = sealedWelcomeContext(value.ref, value.domain);
  const padded = openingHpke(LABEL, () =>
    decrypt(value.ref, SEALED_WELCOME_LABEL, context, sealed),
  );
  const content = decoding('WelcomeAndTree', () => decodePlaintext(unpad(padded), STRUCT_LIMITS));
  checkWelcome(content.welcome, value.ref);
  return content;
}

function welcomeOf(message: Uint8Array) {
  const view = decoding('Welcome', () => decodeMlsMessage(message));
  if (view.wireFormat !== 'welcome') throw refused('wrongContent', 'wireFormat');
  return view.welcome;
}

function checkWelcome(message: Uint8Array, ref: Uint8Array): void {
  const { newMembers } = welcomeOf(message);
  const [only] = newMembers;
  if (newMembers.length !== 1 || only === undefined || !sameBytes(only, ref)) {
    throw refused('wrongContent', 'ref');
  }
}
