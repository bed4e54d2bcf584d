// The errors of the client layer: what an app sees when the provider, the network, the storage or a peer's
// material stands in the way.

import { errorClass } from '../errors.ts';

export const clientErrors = {
  closed: {
    kind: 'caller',
    means: 'The device was closed.',
    remedy: 'Open it again with `Device.open`.',
  },
  aborted: {
    kind: 'caller',
    means: 'The operation was stopped by its signal.',
    remedy: 'Call it again; nothing is lost.',
  },
  insecure: {
    kind: 'caller',
    means: 'Plain HTTP is allowed on loopback only, since the token would travel in clear.',
    remedy: 'Use an https URL.',
  },
  wrongDomain: {
    kind: 'caller',
    means: 'The user, the client and the provider of a device are of different domains.',
    remedy: 'Use URIs of one domain.',
  },
  wrongStorage: {
    kind: 'caller',
    means: 'The storage belongs to another device, or to another version of this library.',
    remedy: 'Give each device a storage of its own; see `details`.',
  },
  noAccountSecret: {
    kind: 'caller',
    means: 'Rooms of this mode need a secret of 32 bytes that all devices of the user share.',
    remedy: 'Give `secret` to the `Account`, the same on each device of the user.',
  },
  notConnected: {
    kind: 'caller',
    means:
      'In rooms of this mode users are added who are connected with each other (details.user).',
    remedy: 'Ask with `connect`, or invite by a join link.',
  },
  wrongLetter: {
    kind: 'payload',
    means: 'A contact card, a request or an answer to one does not verify (details.rule).',
    remedy: 'Refuse it; nothing was changed.',
  },
  notFrankable: {
    kind: 'caller',
    means:
      'A message of a franked room must be a MIMI message that names its sender and room (details.rule).',
    remedy: 'Make it with the `composer` of the room.',
  },
  notFranked: {
    kind: 'caller',
    means: 'Messages of this room cannot be reported: the hub puts no stamp on them.',
    remedy: 'Create rooms with franking to have messages that can be reported.',
  },
  badLink: {
    kind: 'payload',
    means:
      'The join link, or what members have left for those who join by it, is of no use (details.rule).',
    remedy: 'Ask a member for a new link.',
  },
  noSuchRoom: {
    kind: 'caller',
    means: 'This device is not in that room and has no invitation to it.',
    remedy: 'Wait for an invitation, or join externally.',
  },
  roomExists: {
    kind: 'caller',
    means: 'This device already has that room.',
    remedy: 'Use `device.room(uri)`.',
  },
  notActive: {
    kind: 'caller',
    means: 'The room cannot be used in its present status (details.status).',
    remedy:
      'Join a stale room again with `joinExternally`; a left or removed one needs an invitation.',
  },
  unauthorized: {
    kind: 'caller',
    means: 'The provider does not accept the token of this device.',
    remedy: 'Get a new token from the provider.',
  },
  refused: {
    kind: 'caller',
    means: 'The provider refused the request (details.code, details.rule); nothing was changed.',
    remedy: 'Correct the request, or accept that the room does not allow it.',
  },
  unavailable: {
    kind: 'dependency',
    means: 'The provider cannot be reached or is busy; the request was surely not processed.',
    remedy: 'Try again later, not before `details.retryAfterMs` where it is given.',
  },
  unknown: {
    kind: 'dependency',
    means: 'The request was sent but no answer came; it may or may not have been processed.',
    remedy: 'Go on with `sync`: the event stream settles it.',
  },
  badAnswer: {
    kind: 'payload',
    means: 'The provider’s answer is malformed or does not verify.',
    remedy: 'Report it to the provider; nothing was changed.',
  },
  noKeyMaterial: {
    kind: 'payload',
    means: 'The user has no key package for this room (details.userStatus, details.clients).',
    remedy: 'Ask the user for consent, or wait until one of its devices is online.',
  },
  wrongKeyPackage: {
    kind: 'payload',
    means: 'A key package does not belong to whom it was handed out for (details.rule).',
    remedy: 'Do not use it; nothing was committed. Report it to the user’s provider.',
  },
  badGroupInfo: {
    kind: 'payload',
    means: 'The group information of the room does not verify or does not fit (details.rule).',
    remedy: 'Try again; if it stays, report it to the hub.',
  },
  contended: {
    kind: 'dependency',
    means: 'Other members’ commits came first too many times in a row.',
    remedy: 'Try again later.',
  },
  storageFailed: {
    kind: 'dependency',
    means: 'The storage failed; the device is back at what it last stored.',
    remedy: 'Repair the storage, then repeat the operation.',
  },
} as const;

/** What ts/client throws on purpose; `code` is a key of `clientErrors`. */
export class ClientError extends errorClass('ClientError', 'client', clientErrors) {}

export type ClientErrorCode = Extract<keyof typeof clientErrors, string>;

/** Whether `error` is a ClientError with one of these codes. */
export function isClientError(
  error: unknown,
  ...codes: readonly ClientErrorCode[]
): error is ClientError {
  return error instanceof ClientError && codes.includes(error.code);
}
