// The errors of the room layer: what a leaf says of itself that no room accepts.

import { errorClass } from '../errors.ts';

export const roomErrors = {
  badCredential: {
    kind: 'payload',
    means: 'A leaf carries a credential that names no user and client of one provider.',
    remedy: 'Create the identity from a user URI and a client URI of the same domain.',
  },
} as const;

export class RoomError extends errorClass('RoomError', 'room', roomErrors) {}
