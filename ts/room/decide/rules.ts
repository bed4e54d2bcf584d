// The rules of the room policy by id, and verdicts. draft-ietf-mimi-room-policy-03, "Role Capabilities";
// draft-ietf-mimi-protocol-06, "Update Room State".

/** What each rule asks, in one line. */
export const policyRules = {
  'R1-domains': 'A client and its user are of one provider.',
  'R2-one-leaf-per-client':
    'A client has one leaf; one that joins again may have few former ones beside it.',
  'R3-remover':
    "Another user's clients leave by who may remove, ban or kick, or because the hub mandates it.",
  'R4-external-join':
    'An external commit lets one client of a participant in, or one with a join link, and does nothing else.',
  'R5-proposal-type':
    'A commit covers only proposals that the policy knows, from who may make them.',
  'R6-queued-proposals': 'A commit covers every queued proposal.',
  'R7-own-leave-only':
    'Who proposes a removal alone, proposes that of own clients; nobody commits its own.',
  'R8-identity-kept': 'An update of a leaf keeps user and client.',
  'R9-sender-participates':
    'Who commits or sends is a participant, not banned, with the capability.',
  'R10-closed': 'A closed room takes nothing any more.',
  'R11-hub-removal':
    'The hub proposes only removals, and only of clients of users without a place.',
  'R12-room-state': 'A change of room state is one that the resolver can apply.',
  'R13-leaves-follow-list':
    'Clients in the group are of participants who are not banned, in one and the same commit.',
  'R14-leaver': 'A commit that takes out the last client of who leaves, takes out its entry.',
  'R15-add':
    'A user is added by a role with canAddParticipant that may move users from 0 to the new role.',
  'R16-role-change':
    'A role is changed by canChangeUserRole, the own one by canChangeOwnRole, along authorized changes.',
  'R17-ban': 'Bans take canBan, their end canUnban, along authorized changes.',
  'R18-banned': 'A banned user does not join.',
  'R19-role-limits': 'No commit takes a role below its minimum or above its maximum.',
  'R20-roles-alone': 'Role definitions are not changed in the same commit as participants.',
  'R21-state-rights':
    'Role definitions take canChangeRoleDefinitions; closing takes canSendMlsReinitProposal.',
  'R22-mandate':
    'The mandate number moves with mandated changes only, and with each; keys of the hub change by mandate only.',
  'R23-join-link':
    'A join link is made by canCreateJoinCode for a role that its maker may give, and is used while it lives.',
  'R24-own-client':
    'Clients of who is present are added and removed by itself, with canAddOwnClient and canRemoveOwnClient.',
  'R25-sealed-ban':
    'A sealed ban entry is of a user who is banned, made by canBan, and taken out by canUnban while the ban lasts.',
} as const;

export type PolicyRule = keyof typeof policyRules;

export interface Refusal {
  readonly allowed: false;
  readonly rule: PolicyRule;
  readonly why: string;
}

/** A verdict as data: allowed, or the rule that refused and why. */
export type Verdict = { readonly allowed: true } | Refusal;

export const ALLOWED: Verdict = { allowed: true };

export function refuse(rule: PolicyRule, why: string): Refusal {
  return { allowed: false, rule, why };
}
