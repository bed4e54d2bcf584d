// A room as this device takes part in it: its mode, the state that the policy knows, the own leaf.

import { Identity, type Sender as MessageSender } from '../mls/index.ts';
import { type HubKey, identify, type Membership, type Sender } from '../privacy/index.ts';
import {
  decideProposal,
  type LoneProposal,
  type Participant,
  type RoomState as PolicyState,
  type RosterEntry,
  stateOf,
  type Verdict,
} from '../room/index.ts';
import { type ClientUri, domainOf, providerUri } from '../wire/index.ts';
import { ClientError } from './errors.ts';
import type { DeviceState, RoomState } from './state/device_state.ts';

/** The group and the membership of a room that this device is in. Throws ClientError `notActive`. */
export function memberOf(room: RoomState) {
  const { group, membership } = room;
  if (group === undefined || membership === undefined) {
    throw new ClientError('notActive', undefined, {
      details: { room: room.uri, status: room.row.status },
    });
  }
  return { group, membership };
}

/** What the group says of its room. Throws RoomError `noRoomState`. */
export function policyOf(room: RoomState): PolicyState {
  return stateOf(memberOf(room).group.components());
}

/** The key that the own leaf signs with: the device's, or the one made for its pseudonym. */
export function leafIdentity(state: DeviceState, room: RoomState): Identity {
  const { group, membership } = memberOf(room);
  if (!membership.mode.credentials.hidesIdentities) return state.identity;
  const own = group.members().find(({ leafIndex }) => leafIndex === group.ownLeafIndex);
  if (own === undefined)
    throw new ClientError('notActive', undefined, { details: { room: room.uri } });
  return Identity.load(state.mls, own.signatureKey);
}

/** The hub's key, as the room has it; of use where handshakes are sealed to the hub. */
export function hubKeyOf(policy: PolicyState): HubKey | undefined {
  const key = policy.hubKeys.at(-1);
  return key === undefined ? undefined : { id: key.id, publicKey: key.publicKey };
}

/** This device as it sends to a room. */
export function senderIn(state: DeviceState, room: RoomState): Sender & { membership: Membership } {
  const { group, membership } = memberOf(room);
  const identity = leafIdentity(state, room);
  return { group, membership, identity, hub: hubKeyOf(policyOf(room)) };
}

/** The user that this device is in the room: a pseudonym where identities are hidden. */
export function ownUser(room: RoomState): string | undefined {
  return room.roster.get(memberOf(room).group.ownLeafIndex)?.user;
}

/** Which client a leaf is: behind a pseudonym, the real one where the identity link opens. */
export function clientBehind(room: RoomState, { leafIndex, client }: RosterEntry): ClientUri {
  const { group, membership } = memberOf(room);
  if (!membership.mode.credentials.hidesIdentities) return client;
  const leaf = group.members().find((member) => member.leafIndex === leafIndex);
  const found = leaf && identify(membership, group.suite, client, leaf);
  return found?.status === 'verified' ? found.real.client : client;
}

/** Who is behind the pseudonym of a client in the room, if its identity link opens. */
export function realBehind(
  { group, membership, roster }: RoomState,
  client: ClientUri,
): Participant | undefined {
  if (group === undefined || !membership?.mode.credentials.hidesIdentities) return undefined;
  const entry = [...roster.values()].find((item) => item.client === client);
  const leaf = group.members().find(({ leafIndex }) => leafIndex === entry?.leafIndex);
  const found = leaf && identify(membership, group.suite, client, leaf);
  if (found?.status !== 'verified') return undefined;
  return { user: found.real.user, client: found.real.client };
}

/** What a message is sent as: the user as the leaf names it, or, to a hub that knows no members, the provider. */
export function sendingUri(state: DeviceState, room: RoomState): string {
  const { membership } = memberOf(room);
  if (membership.mode.hub === 'orders') return providerUri(domainOf(state.device.user));
  return ownUser(room) ?? state.device.user;
}

/** Decides on a proposal of the stream, after those that wait: one that is forbidden would make every commit so. */
export function decideQueued(
  room: RoomState,
  from: MessageSender,
  proposal: LoneProposal,
): Verdict {
  const { mode } = memberOf(room).membership;
  // The hub's removals come before the mandate that they are for: the commit that covers both is judged.
  if (from.type === 'external' && mode.hub === 'verifies') return { allowed: true };
  const sender = from.type === 'member' ? room.roster.get(from.leafIndex) : undefined;
  return decideProposal(viewAfter(room, []), sender, proposal);
}

/** Decides on the proposals by which this device's user leaves: all of these leaves are taken out, or none. */
export function decideLeave(room: RoomState, leaves: readonly number[]): Verdict {
  const sender = room.roster.get(memberOf(room).group.ownLeafIndex);
  for (const [at, removed] of leaves.entries()) {
    const view = viewAfter(room, leaves.slice(0, at));
    const verdict = decideProposal(view, sender, { type: 'remove', removed });
    if (!verdict.allowed) return verdict;
  }
  return { allowed: true };
}

/** The room with the proposals that wait, and these removals besides. */
function viewAfter(room: RoomState, removals: readonly number[]) {
  const queued = [...room.row.leaving.map(({ leaf }) => leaf), ...removals];
  return { state: policyOf(room), roster: room.roster, queued };
}
