// The errors of the provider: what a request gets that is no answer of the protocol.

import { errorClass } from '../errors.ts';

export const providerErrors = {
  badRequest: {
    kind: 'payload',
    means: 'The body is not the structure that the operation takes.',
    remedy: 'Send the structure of the operation; `path` and `offset` tell where it goes wrong.',
  },
  wrongPeer: {
    kind: 'caller',
    means: 'The request speaks for a domain that is not the sending provider.',
    remedy: 'Send it through the provider of the domain that it names.',
  },
  wrongDevice: {
    kind: 'caller',
    means: 'The request speaks for another user or client than the device that sends it.',
    remedy: 'Send it with the token of the device that it names.',
  },
  notHub: {
    kind: 'caller',
    means: 'This provider is not the hub of the room.',
    remedy: 'Send it to the provider whose domain the room URI names.',
  },
  unknownRoom: {
    kind: 'caller',
    means: 'There is no such room here, or it is not open to the sender.',
    remedy: 'Check the room URI; join the room first.',
  },
  notMember: {
    kind: 'caller',
    means:
      'Nothing shows that a member of the room, who may do this, makes the request (details: rule).',
    remedy: 'Make it as a member, in the present epoch of the room.',
  },
  notFrankable: {
    kind: 'caller',
    means: 'The hub cannot put its stamp on the message, which the room asks for (details: rule).',
    remedy:
      'Send it with the tag, the key and the proof that the room asks for; of rule `frankingKey`: go on in a successor, since the hub has no such key any more.',
  },
  badReport: {
    kind: 'payload',
    means: 'A reported message is not one that this hub has franked so (details: rule, message).',
    remedy:
      'Report it as it was received: content, frank and time belong together, and to this room and sender.',
  },
  tooManyReports: {
    kind: 'caller',
    means:
      'There are as many reports as are kept until the operator deals with them (details.rule: of the room, or of the reporter).',
    remedy: 'Try again later.',
  },
  unknownReport: {
    kind: 'caller',
    means: 'The room has no report of this id.',
    remedy: 'Take the id from the list of the room’s reports; one that was dealt with is gone.',
  },
  roomExists: {
    kind: 'caller',
    means: 'A room of this name exists.',
    remedy: 'Choose another room URI.',
  },
  notRegistered: {
    kind: 'caller',
    means: 'The device has not been registered.',
    remedy: 'Call `register` before uploading key packages.',
  },
  unknownPeer: {
    kind: 'caller',
    means: 'No provider of that domain is configured here.',
    remedy: 'Ask the operator to add the domain to the peers.',
  },
  invalidGroup: {
    kind: 'payload',
    means: 'The MLS group state of the request does not verify.',
    remedy: 'Upload the GroupInfo and the ratchet tree of the group as its creator exported them.',
  },
  tooLarge: {
    kind: 'caller',
    means: 'The request is larger than a limit of this provider.',
    remedy: 'Send less at once; `limit` gives the bound.',
  },
  tooManyKeyPackages: {
    kind: 'caller',
    means: 'The device has as many key packages stored as it may have.',
    remedy: 'Upload again after some have been claimed.',
  },
  notTarget: {
    kind: 'caller',
    means: 'The request is for a provider or user of another domain.',
    remedy: 'Send it to the provider whose domain the URI of the path names.',
  },
  pseudonymReused: {
    kind: 'caller',
    means: 'A pseudonym of the key package stands in another set or key package.',
    remedy: 'Make a pseudonym for each set, and a client pseudonym for each key package.',
  },
  claimTokenEnded: {
    kind: 'caller',
    means: 'The claim token was replaced by a later one, or is not one of this user.',
    remedy: 'Read what other devices of the user have noted and derive the current token.',
  },
  claimUnreadable: {
    kind: 'payload',
    means: 'The claim does not open with the sealing key of the provider that it is for.',
    remedy: 'Ask for `providerKeys` again and make a new claim.',
  },
  claimExpired: {
    kind: 'caller',
    means: 'The claim has expired, or expires too far in the future.',
    remedy: 'Check the clock and make a new claim.',
  },
  noSuchContact: {
    kind: 'caller',
    means: 'There is no such user, or the user has published no card.',
    remedy: 'Check the user URI, or ask the user to publish a card.',
  },
  mailboxFull: {
    kind: 'caller',
    means: 'The user has as many letters waiting as may wait.',
    remedy: 'Try again later, when the user has read some.',
  },
  tooManyNotes: {
    kind: 'caller',
    means: 'The user has as many notes stored as it may have.',
    remedy: 'Write to a note that is there.',
  },
  linkable: {
    kind: 'caller',
    means:
      'This provider does not map pseudonyms to users, and the request would tie an account to a room or set that hides identities.',
    remedy: 'Send it through a queue: give the device an `unlinkedConnection`.',
  },
  accountOnly: {
    kind: 'caller',
    means: 'The operation is one of accounts, and the request came through a queue.',
    remedy: 'Send it with the token of the account’s device.',
  },
  wrongDeployment: {
    kind: 'caller',
    means: 'This provider is of the other deployment (details: deployment).',
    remedy:
      'At an `enterprise` provider use the connection of the account for everything; a `consumer` provider maps no pseudonyms.',
  },
  badToken: {
    kind: 'payload',
    means: 'The token was not issued by this provider, or under a key that has ended.',
    remedy: 'Take another token; where none is good, ask for new ones.',
  },
  tokenSpent: {
    kind: 'caller',
    means: 'The token was spent before.',
    remedy: 'Take another token.',
  },
  tokenQuota: {
    kind: 'caller',
    means: 'The account has been issued as many tokens today as it may (details: limit).',
    remedy: 'Ask again tomorrow (UTC); `retryAfterMs` says when that is.',
  },
  mandateOpen: {
    kind: 'caller',
    means: 'A mandate of this room waits for a commit; there is one at a time.',
    remedy: 'Wait until a member has carried it out.',
  },
  mandateImpossible: {
    kind: 'caller',
    means: 'This room can have no such mandate (details: rule).',
    remedy: 'See the rule: the mode, the keys of the room, or its members stand against it.',
  },
  wrongMandate: {
    kind: 'caller',
    means: 'The change changes nothing, or names a user or role that the room does not have.',
    remedy: 'Name the user as the room does, and a role that the room defines and the user lacks.',
  },
  pseudonymUndeclared: {
    kind: 'caller',
    means: 'The user has declared no pseudonym for a room that hides it from its own provider.',
    remedy: 'Call `declarePseudonym` for the room before joining it.',
  },
  bannedHere: {
    kind: 'caller',
    means: 'The hub of the room has banned this user, and its provider enforces it.',
    remedy: 'Ask those who run the room to end the ban.',
  },
  breakGlassOff: {
    kind: 'caller',
    means: 'No officers are configured here, so that no order can be carried out.',
    remedy: 'Set `breakGlass` in the configuration of the provider.',
  },
  orderSignature: {
    kind: 'caller',
    means: 'A signature of the order is not by an officer of this provider over this order.',
    remedy: 'Have the officers sign the order as it is; a changed one is another order.',
  },
  orderParties: {
    kind: 'caller',
    means: 'Too few different officers have signed the order.',
    remedy: 'Have further officers sign the same order; `required` tells how many it takes.',
  },
  orderExpired: {
    kind: 'caller',
    means: 'The order is void: its time has passed.',
    remedy: 'Have a new order signed.',
  },
  orderUsed: {
    kind: 'caller',
    means: 'The order was carried out before; an order is for one answer.',
    remedy: 'Read the audit log, or have a new order signed.',
  },
  wrongOrder: {
    kind: 'caller',
    means: 'The order is not one for this provider (details: rule).',
    remedy:
      'Name this provider, one of its pseudonyms, the room it is for, a reason and a near date.',
  },
  unknownPseudonym: {
    kind: 'caller',
    means: 'This provider knows no user behind the pseudonym.',
    remedy: 'Check the pseudonym; one that was never uploaded, seen or declared has no owner here.',
  },
  wrongNotice: {
    kind: 'caller',
    means: 'The notice of a ban is not one that this provider can act on (details: rule).',
    remedy: 'Send the latest notice of the hub to the provider of the pseudonym.',
  },
  wrongReceipt: {
    kind: 'caller',
    means: 'The receipt is not for the last notice, or not by the provider of the pseudonym.',
    remedy: 'Send the last notice again and take the receipt that is given for it.',
  },
  wrongComplaint: {
    kind: 'caller',
    means: 'The complaint does not show that a banned person is back (details: rule).',
    remedy: 'Give the link keys of a banned pseudonym and of one that is in the room.',
  },
  peerUnavailable: {
    kind: 'dependency',
    means: 'The other provider could not be reached; it has not processed the request.',
    remedy: 'Try again later.',
  },
  peerUnknown: {
    kind: 'dependency',
    means: 'The other provider got the request and gave no answer; the outcome is not known.',
    remedy: 'Read the event stream, which shows what was accepted, before sending it again.',
  },
  peerRefused: {
    kind: 'dependency',
    means: 'The other provider refused the request.',
    remedy: 'See `status` and `peerCode` for its reason.',
  },
  storeUnavailable: {
    kind: 'dependency',
    means: 'The store could not take the write; nothing was changed.',
    remedy: 'Try again later.',
  },
  shardLost: {
    kind: 'dependency',
    means: 'Another process owns the data of this room now.',
    remedy: 'Send the request to the process that serves it; this one must be restarted.',
  },
  closed: {
    kind: 'dependency',
    means: 'The provider is shutting down.',
    remedy: 'Try again when it has started.',
  },
  corruptRecord: {
    kind: 'bug',
    means: 'A record of the store does not decode.',
    remedy: 'Restore the store from a backup and report this.',
  },
} as const;

export class ProviderError extends errorClass('ProviderError', 'provider', providerErrors) {}

export type ProviderErrorCode = keyof typeof providerErrors;
