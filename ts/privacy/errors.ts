// The errors of the privacy layer: what a sealed, signed or authenticated part of a mode is refused for.
// `details.rule` says which check refused; no error carries a key, a plaintext or a real identity.

import { errorClass } from '../errors.ts';

export const privacyErrors = {
  unknownMode: {
    kind: 'payload',
    means: 'A room is of a mode that this program does not know.',
    remedy: 'Register the mode, or use a release that has it.',
  },
  modeExists: {
    kind: 'caller',
    means: 'A mode of this name is registered already, or the name is none.',
    remedy: 'Give the mode a name of its own: lower-case letters, digits and hyphens.',
  },
  wrongMode: {
    kind: 'payload',
    means: 'A message is of another mode than its room.',
    remedy: 'Refuse it: the mode of a room is pinned and never changes.',
  },
  malformed: {
    kind: 'payload',
    means: 'The bytes are not the structure that was expected here.',
    remedy: 'Refuse them; check that they arrived whole and are of this mode.',
  },
  undecryptable: {
    kind: 'payload',
    means: 'A ciphertext does not open with this key in this place.',
    remedy: 'Refuse it: it was damaged, moved from another place, or not made for this key.',
  },
  badPadding: {
    kind: 'payload',
    means: 'A plaintext is not padded to its size class.',
    remedy: 'Refuse it; pad with `pad`.',
  },
  badKey: {
    kind: 'payload',
    means: 'A public key that came from outside is not one of the cipher suite.',
    remedy: 'Refuse what carried it.',
  },
  badSignature: {
    kind: 'payload',
    means: 'A signature does not verify (details: rule).',
    remedy: 'Refuse what it should have proved.',
  },
  badMac: {
    kind: 'payload',
    means: 'A message authentication code does not verify.',
    remedy: 'Refuse the request: its sender does not hold the key of this epoch or link.',
  },
  badCommitment: {
    kind: 'payload',
    means: 'The key of an envelope is not the one that its header commits to.',
    remedy: 'Complain at the hub, which can seal the right key again.',
  },
  wrongContext: {
    kind: 'payload',
    means: 'The item was made for another room, epoch, link or component (details: rule).',
    remedy: 'Refuse it; it was replayed or misdirected.',
  },
  wrongContent: {
    kind: 'payload',
    means: 'What is sealed is not what its header says (details: rule).',
    remedy: 'Refuse it and keep it as evidence.',
  },
  badCredential: {
    kind: 'payload',
    means: 'A pseudonymous credential breaks a rule (details: rule).',
    remedy: 'Refuse the leaf that carries it.',
  },
  wrongLinkKey: {
    kind: 'payload',
    means: 'A link key is not the one whose hash the credential holds.',
    remedy: 'Try the next version, and show the member as unverified when none fits.',
  },
  foreignLink: {
    kind: 'payload',
    means: 'An identity link was made for another credential.',
    remedy: 'Show the member as unverified and propose its removal.',
  },
  badRealCredential: {
    kind: 'payload',
    means: 'A real credential names no user and client of the right provider (details: rule).',
    remedy: 'Show the member as unverified, or refuse the contact.',
  },
  wrongGeneration: {
    kind: 'payload',
    means: 'A wrapper key is not the one of the generation that was asked for.',
    remedy: 'Try the next version.',
  },
  wrongSecret: {
    kind: 'payload',
    means: 'The secret of a join link is not the one whose hash the room holds.',
    remedy: 'Try the next version, or refuse the link.',
  },
  outdated: {
    kind: 'payload',
    means: 'The state is older than the link allows.',
    remedy: 'Ask again; a hub that has nothing newer withholds it.',
  },
  wrongTarget: {
    kind: 'payload',
    means: 'A request or answer is meant for another user or key (details: rule).',
    remedy: 'Refuse it; it was passed on by somebody who received it.',
  },
  expired: {
    kind: 'payload',
    means: 'The time of a request is too far away from now (details: rule).',
    remedy: 'Ask for a fresh one, and check the clock.',
  },
  badFrank: {
    kind: 'payload',
    means:
      'A message of a franked room lacks its frank, or the frank is not of this message (details: rule).',
    remedy: 'Drop the message: nobody could report it.',
  },
  replayed: {
    kind: 'payload',
    means: 'A mandate of this or a later number was carried out before.',
    remedy: 'Refuse the commit that carries it.',
  },
  notASuccessor: {
    kind: 'payload',
    means: 'A group is not the successor that the old one announced (details: rule).',
    remedy: 'Do not join it.',
  },
  tooLarge: {
    kind: 'caller',
    means: 'The content does not fit the largest size class (details: size, limit).',
    remedy: 'Send less.',
  },
  invalidArgument: {
    kind: 'caller',
    means: 'An argument has the wrong length or is out of range (details: rule).',
    remedy: 'See the documentation of the function.',
  },
} as const;

export type PrivacyErrorCode = keyof typeof privacyErrors;

/** What ts/privacy throws on purpose; `code` is a key of `privacyErrors`. */
export class PrivacyError extends errorClass('PrivacyError', 'privacy', privacyErrors) {}

/** The error of a check that failed; `rule` names the check. */
export function refused(code: PrivacyErrorCode, rule: string, cause?: unknown): PrivacyError {
  return new PrivacyError(code, undefined, { cause, details: { rule } });
}
