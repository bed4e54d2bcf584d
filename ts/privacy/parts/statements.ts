// Signed statements of the deployments: a user's of its pseudonym, officers' of an order, providers' of bans. Each kind
// has a label of its own. docs/modes/deployments.md.
//   struct { opaque user<V>; opaque room<V>; uint16 cipher_suite; opaque pseudonym_key<V>; } PseudonymDeclarationTBS;

import type { CipherSuite, KeyPair } from '../../mls/index.ts';
import {
  type BanNotice,
  type BanReceipt,
  type BanReceiptContent,
  type BanStatement,
  type BreakGlassOrder,
  encodeBanReceiptContent,
  encodeBanStatement,
  encodeBreakGlassOrder,
  encoder,
  type PseudonymDeclaration,
  type RoomUri,
  type UserUri,
  type Writer,
} from '../../wire/index.ts';
import { checkSignature, fullLabel, signerOf } from './hpke.ts';

/** Providers and officers sign by Ed25519, whatever the suite of a room. */
const STATEMENT_SUITE: CipherSuite = 1;

const DECLARATION = 'pseudonym declaration';
const ORDER = 'break glass order';
const NOTICE = 'ban notice';
const RECEIPT = 'ban receipt';

/** Whose word a declaration is, and for which room. */
interface Declared {
  readonly user: UserUri;
  readonly room: RoomUri;
  readonly suite: CipherSuite;
}

const encodeDeclared = encoder(
  (writer: Writer, value: Declared & { readonly pseudonymKey: Uint8Array }) => {
    writer.text(value.user, 'user');
    writer.text(value.room, 'room');
    writer.u16(value.suite, 'cipher_suite');
    writer.opaque(value.pseudonymKey, 'pseudonym_key');
  },
);

/** By the key U of a pseudonym, that the user is behind it in this room. */
export function declarePseudonym(declared: Declared, keys: KeyPair): PseudonymDeclaration {
  const { suite } = declared;
  const { publicKey: pseudonymKey, privateKey } = keys;
  const content = encodeDeclared({ ...declared, pseudonymKey });
  const signature = signerOf(suite, privateKey)(fullLabel(DECLARATION), content);
  return { suite, pseudonymKey, signature };
}

/** Throws PrivacyError `badSignature`. */
export function checkDeclaration(
  declared: Declared,
  { pseudonymKey, signature }: PseudonymDeclaration,
): void {
  const content = encodeDeclared({ ...declared, pseudonymKey });
  checkSignature(declared.suite, pseudonymKey, DECLARATION, content, signature);
}

const signStatement = (privateKey: Uint8Array, label: string, content: Uint8Array): Uint8Array =>
  signerOf(STATEMENT_SUITE, privateKey)(fullLabel(label), content);

/** An officer's signature of an order; Ed25519. */
export const signOrder = (order: BreakGlassOrder, privateKey: Uint8Array): Uint8Array =>
  signStatement(privateKey, ORDER, encodeBreakGlassOrder(order));

/** Throws PrivacyError `badSignature`. */
export function checkOrderSignature(
  order: BreakGlassOrder,
  publicKey: Uint8Array,
  signature: Uint8Array,
): void {
  checkSignature(STATEMENT_SUITE, publicKey, ORDER, encodeBreakGlassOrder(order), signature);
}

/** The hub's notice of a ban or of its end; Ed25519. */
export const signNotice = (statement: BanStatement, privateKey: Uint8Array): BanNotice => ({
  ...statement,
  signature: signStatement(privateKey, NOTICE, encodeBanStatement(statement)),
});

/** Throws PrivacyError `badSignature`. */
export function checkNotice(notice: BanNotice, publicKey: Uint8Array): void {
  const content = encodeBanStatement(notice);
  checkSignature(STATEMENT_SUITE, publicKey, NOTICE, content, notice.signature);
}

/** A provider's receipt for a notice; Ed25519. */
export const signReceipt = (content: BanReceiptContent, privateKey: Uint8Array): BanReceipt => ({
  ...content,
  signature: signStatement(privateKey, RECEIPT, encodeBanReceiptContent(content)),
});

/** Throws PrivacyError `badSignature`. */
export function checkReceipt(receipt: BanReceipt, publicKey: Uint8Array): void {
  const content = encodeBanReceiptContent(receipt);
  checkSignature(STATEMENT_SUITE, publicKey, RECEIPT, content, receipt.signature);
}
