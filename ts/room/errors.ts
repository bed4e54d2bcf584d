// The errors of the room layer: leaves that no room accepts, room state that cannot be read, changes to it
// that are no changes.

import { errorClass } from '../errors.ts';

export const roomErrors = {
  badCredential: {
    kind: 'payload',
    means: 'A leaf carries a credential that names no user and client of one provider.',
    remedy: 'Create the identity from a user URI and a client URI of the same domain.',
  },
  noRoomState: {
    kind: 'payload',
    means: 'The group holds no room state: a component that every room has is missing.',
    remedy: 'Create the group with `initialComponents`; rooms of older releases have none.',
  },
  badRoomState: {
    kind: 'payload',
    means: 'A component of the room cannot be read, or two of them contradict each other.',
    remedy: 'Refuse the group; `details` names the component.',
  },
  unknownComponent: {
    kind: 'payload',
    means: 'A change is for a component that rooms of this release do not have.',
    remedy: 'Change the components listed in ts/room/components/ids.ts only.',
  },
  malformedUpdate: {
    kind: 'payload',
    means: 'The update of a component is not the struct that its section gives.',
    remedy: 'Encode the update with the encoder of the component.',
  },
  notRemovable: {
    kind: 'payload',
    means: 'A component of the room cannot be taken out.',
    remedy: 'Update the component instead.',
  },
  userTwice: {
    kind: 'payload',
    means: 'One commit touches a participant twice, or adds one who is in the list.',
    remedy: 'Name each user once in a commit.',
  },
  indexOutOfRange: {
    kind: 'payload',
    means: 'A participant index points behind the end of the list.',
    remedy: 'Take the index from the list of the epoch in which the commit is made.',
  },
  sameRole: {
    kind: 'payload',
    means: 'A role change names the role that the participant has.',
    remedy: 'Leave the participant out of the update.',
  },
  roleZero: {
    kind: 'payload',
    means: 'A participant is given role 0, which stands for users outside the list.',
    remedy: 'Remove the participant by its index instead.',
  },
  badRoles: {
    kind: 'payload',
    means: 'The role definitions contradict each other or the room policy draft.',
    remedy: 'Read the rule in the message, and section "Role-Based Access Control" of the draft.',
  },
  modePinned: {
    kind: 'payload',
    means: 'The mode of a room was set when it was created and stays.',
    remedy: 'Move the room to another mode by a successor group.',
  },
  frankingPinned: {
    kind: 'payload',
    means: 'Whether and in which form a room is franked was set when it was created and stays.',
    remedy: 'Move the room to a successor group; of a franked room only the key changes.',
  },
  closedAlready: {
    kind: 'payload',
    means: 'The room is closed already, or one commit closes it twice.',
    remedy: 'Follow the successor that the closing component names.',
  },
  mandateNotNewer: {
    kind: 'payload',
    means: 'The mandate number is not above the last one.',
    remedy: 'Refuse the commit: the mandate was applied before.',
  },
  linkTwice: {
    kind: 'payload',
    means: 'A join link is added under an id that is taken.',
    remedy: 'Give each link a fresh random id.',
  },
  unknownLink: {
    kind: 'payload',
    means: 'A join link is removed that the room does not have.',
    remedy: 'Take the id from the list of the epoch in which the commit is made.',
  },
  escrowPinned: {
    kind: 'payload',
    means: 'The escrow parties of a room were set when it was created and stay.',
    remedy: 'Create another room with other parties.',
  },
  banTwice: {
    kind: 'payload',
    means: 'A sealed ban entry is added for a user who has one.',
    remedy: 'Take the entry out that is there, or leave it.',
  },
  unknownBan: {
    kind: 'payload',
    means: 'A sealed ban entry is taken out that the room does not have.',
    remedy: 'Take the users from the list of the epoch in which the commit is made.',
  },
} as const;

export class RoomError extends errorClass('RoomError', 'room', roomErrors) {}
