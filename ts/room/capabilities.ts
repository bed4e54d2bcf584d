// Capabilities of roles, as numbers of the registry: draft-ietf-mimi-room-policy-03, "New MIMI Role Capabilities
// registry". Here stand those that the policy enforces.
//
// Later, when what they are about is here: canOpenJoin 0x0004, canJoinIfPreauthorized 0x0005, canKnock 0x000d,
// canAcceptKnock 0x000e, canCreateSubgroup 0x0011; of messages 0x0102 and 0x0104 to 0x0111 (only receiving clients see
// them); assets and links 0x02xx; metadata 0x03xx; calls 0x04xx; canCreateRoom 0x0500 to 0x0505 but 0x0503; MLS 0x06xx
// but 0x0601. canReceiveMessage has its number, but nobody who asks yet: fan-out will.

/** Number by name. */
export const capability = {
  canAddParticipant: 0x0000,
  canRemoveParticipant: 0x0001,
  canAddOwnClient: 0x0002,
  canRemoveOwnClient: 0x0003,
  canRemoveSelf: 0x0006,
  /** Reserved in the draft for the use that we give it. */
  canCreateJoinCode: 0x0007,
  /** Reserved in the draft for the use that we give it. */
  canDeleteJoinCode: 0x0008,
  canUseJoinCode: 0x0009,
  canBan: 0x000a,
  canUnban: 0x000b,
  canKick: 0x000c,
  canChangeUserRole: 0x000f,
  canChangeOwnRole: 0x0010,
  canSendMessage: 0x0100,
  canReceiveMessage: 0x0101,
  canReportAbuse: 0x0103,
  canChangeRoleDefinitions: 0x0503,
  /** Closing a room for a successor stands in the place of ReInit. */
  canSendMlsReinitProposal: 0x0601,
} as const;

export type CapabilityName = keyof typeof capability;
