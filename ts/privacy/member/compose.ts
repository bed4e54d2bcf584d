// What a member sends: a new room, a commit, proposals, an external join, in the structs of ModeUpdate. What a mode hides
// it hides here; what is common to all modes is in one place. docs/modes has the constructions.

import type { CommitBundle, Group, Identity } from '../../mls/index.ts';
import type { JoinLink } from '../../room/index.ts';
import {
  type ClientUri,
  encodeModeRoom,
  encodeModeUpdate,
  encodeModeUpdateBody,
  type HandshakePayload,
  type HubPart,
  hubPartOf,
  type ModeUpdate,
  type RoomUri,
  type SealedWelcome,
  type SlotWrite,
} from '../../wire/index.ts';
import { PrivacyError, refused } from '../errors.ts';
import { leafProof, NEWCOMER, provenContent } from '../leaf_proof.ts';
import { mandateSlot } from '../mandates.ts';
import type { HandshakeAddress, HubKey, Mode, WrapFor } from '../mode.ts';
import { contextHash, makeAnnouncement } from '../parts/announcement.ts';
import { deriveEpochKeys, type EpochKeys } from '../parts/epoch_root.ts';
import type { Signer } from '../parts/hpke.ts';
import {
  decodeLinkPublic,
  type JoinRecord,
  linkToken,
  sealJoinRecord,
} from '../parts/join_link.ts';
import { sealWelcome, splitWelcome } from '../parts/sealed_welcome.ts';
import { newWrapper } from '../parts/wrapper.ts';
import { sealNextWriteKey, writeMac } from '../parts/write_key.ts';
import type { EpochState } from './epoch_state.ts';
import { encodeMemberSecrets } from './member_secrets.ts';
import {
  type EscrowGroup,
  joinSlot,
  writeLink,
  writePrevious,
  writeWrapper,
} from './member_slots.ts';
import type { Membership } from './membership.ts';

/** The component of the safe exporter (draft-ietf-mls-extensions) by which the epoch's root is made. */
export const ROOT_COMPONENT = 0xf0e6;

/** A client that a commit adds. */
export interface Newcomer {
  readonly client: ClientUri;
  /** KeyPackageRef. */
  readonly ref: Uint8Array;
  readonly initKey: Uint8Array;
  /** The provider that handed the key package out. */
  readonly domain: string;
  /** k, where identities are hidden. */
  readonly linkKey?: Uint8Array | undefined;
}

/** What a commit does, as far as secrets of members depend on it. */
export interface MemberChange {
  readonly added: readonly Newcomer[];
  /** Clients that lose their last leaf. */
  readonly removed: readonly ClientUri[];
  /** Links that live after the commit. */
  readonly links: readonly JoinLink[];
  /** The mandate of the hub that the commit carries out: members may not have seen it. */
  readonly mandate?: Uint8Array | undefined;
  /** The sender's own link, where it came in without the wrapper key and has not left that yet. */
  readonly own?: { readonly client: ClientUri; readonly linkKey: Uint8Array } | undefined;
  /** What the sender owes besides: see `enterEpoch`. */
  readonly owed?: readonly SlotWrite[] | undefined;
  /** How many proposals of the epoch the sender has seen. */
  readonly seen?: number | undefined;
}

/** What is sent, and what the stream will show of it. */
export interface Composed {
  readonly request: Uint8Array;
  /** The payloads as hub and members get them. */
  readonly payloads: readonly Uint8Array[];
}

/** What the sender brings along. */
export interface Sender {
  readonly group: Group;
  readonly membership: Membership;
  /** Of the own leaf. */
  readonly identity: Identity;
  readonly hub: HubKey | undefined;
}

/**
 * What members will hold in the next epoch, its keys apart: a removal makes a new wrapper key, so that who leaves does
 * not learn who comes later. For a mode without hidden identities there is no wrapper.
 */
export function nextEpoch({ mode, current }: Membership, change: MemberChange): EpochState {
  const linkKeys = new Map(current.linkKeys);
  for (const client of change.removed) linkKeys.delete(client);
  for (const { client, linkKey } of change.added) {
    if (linkKey !== undefined) linkKeys.set(client, linkKey);
  }
  const rotate = change.removed.length > 0 || current.mustRotate || current.wrapper === undefined;
  return {
    keys: undefined,
    wrapper: mode.credentials.hidesIdentities && rotate ? newWrapper() : current.wrapper,
    linkKeys,
    mustRotate: false,
  };
}

/** For `Group.commit`: what the Welcome carries. */
export const welcomeExtension = (next: EpochState): Uint8Array => encodeMemberSecrets(next);

/** The keys of the epoch that the pending commit begins. */
export function pendingKeys(group: Group): EpochKeys {
  return deriveEpochKeys(group.suite, group.exportPending(ROOT_COMPONENT));
}

/** The keys of the epoch that the group is in; only once an epoch. */
export function currentKeys(group: Group): EpochKeys {
  return deriveEpochKeys(group.suite, group.exportSafely(ROOT_COMPONENT));
}

/** A room with this device as its only member. */
export function composeRoom(sender: Sender, room: RoomUri): Composed {
  const { group, membership, identity, hub } = sender;
  const { mode } = membership;
  const { wrapper, linkKeys } = membership.current;
  const keys = requireKeys(membership.current);
  const slots: SlotWrite[] = [];
  if (wrapper !== undefined) {
    const { groupId, epoch } = group;
    slots.push(writeWrapper({ groupId, epoch, wrapperSeal: keys.wrapperSeal }, wrapper));
    for (const [client, linkKey] of linkKeys) {
      slots.push(...writeLink(placeOf(group), wrapper, client, linkKey));
    }
  }
  const shown =
    mode.hub === 'verifies'
      ? {
          groupInfo: group.groupInfo(),
          ratchetTree: group.ratchetTree(),
          announcement: announce(sender, identity, keys),
        }
      : { nextWriteKey: keys.writeKey };
  const part = hubPartOf({ ...shown, slots });
  const hubPart = mode.hubParts.seal(part, addressOf(group, 'slots'), hub);
  const request = encodeModeRoom({ roomUri: room, mode: mode.name, suite: group.suite, hubPart });
  return { request, payloads: [] };
}

function announce({ group }: Sender, identity: Identity, keys: EpochKeys): Uint8Array {
  return makeAnnouncement(
    {
      groupId: group.groupId,
      epoch: group.epoch,
      contextHash: contextHash(group.groupContext()),
      publicKey: keys.publicKey,
      leafIndex: group.ownLeafIndex,
    },
    (label, content) => identity.sign(label, content),
  );
}

/** The commit that is pending in the group; stages the next epoch in the membership. */
export function composeCommit(
  sender: Sender,
  bundle: CommitBundle,
  planned: EpochState,
  change: MemberChange,
): Composed {
  const { group, membership, identity } = sender;
  const next: EpochState = { ...planned, keys: pendingKeys(group) };
  const keys = requireKeys(next);
  const { groupId } = group;
  membership.stage(next);
  const slots = [
    ...wrapperSlots(membership.current, next, groupId, bundle.newEpoch),
    ...change.added.flatMap(({ client, linkKey }) =>
      next.wrapper === undefined || linkKey === undefined
        ? []
        : writeLink(placeOf(group), next.wrapper, client, linkKey),
    ),
    ...(next.wrapper === undefined || change.own === undefined
      ? []
      : writeLink(placeOf(group), next.wrapper, change.own.client, change.own.linkKey)),
    ...(change.mandate === undefined ? [] : [mandateSlot(change.mandate)]),
    ...(change.owed ?? []),
  ];
  const announcement = makeAnnouncement(
    {
      groupId,
      epoch: bundle.newEpoch,
      contextHash: contextHash(bundle.groupContext),
      publicKey: keys.publicKey,
      leafIndex: group.ownLeafIndex,
    },
    (label, content) => identity.sign(label, content),
  );
  const present = requireKeys(membership.current);
  const part = {
    ...hubPartFor(membership.mode, bundle, announcement, () => ({
      nextWriteKey: sealNextWriteKey(
        present.writeKey,
        { groupId, epoch: bundle.newEpoch },
        keys.writeKey,
      ),
      seen: change.seen ?? 0,
    })),
    slots: linkSlots(sender, bundle, next, change.links),
  };
  return finish(
    sender,
    'commit',
    [{ handshake: bundle.commit, slots }],
    part,
    welcomesOf(sender, bundle, change),
  );
}

/** What says where link keys go, and to whom in escrow. */
export const placeOf = (group: Group): EscrowGroup => ({
  groupId: group.groupId,
  component: (id) => group.component(id),
});

function wrapperSlots(
  current: EpochState,
  next: EpochState,
  groupId: Uint8Array,
  epoch: bigint,
): SlotWrite[] {
  const { wrapper } = next;
  if (wrapper === undefined) return [];
  const { wrapperSeal } = requireKeys(next);
  const slots = [writeWrapper({ groupId, epoch, wrapperSeal }, wrapper)];
  if (current.wrapper !== undefined && current.wrapper !== wrapper) {
    slots.push(writePrevious(groupId, wrapper, current.wrapper));
  }
  return slots;
}

/** For each link that lives, state for joiners: for the hub alone, since no member and no follower needs it. */
function linkSlots(
  { group, membership: { mode } }: Sender,
  bundle: Pick<CommitBundle, 'groupInfo' | 'groupContext' | 'newEpoch'>,
  next: EpochState,
  links: readonly JoinLink[],
  tree: () => Uint8Array = () => group.pendingRatchetTree(),
): SlotWrite[] {
  if (links.length === 0) return [];
  const { groupId, suite } = group;
  const record: JoinRecord = {
    epoch: bundle.newEpoch,
    contextHash: contextHash(bundle.groupContext),
    epochKey: requireKeys(next).publicKey,
    wrapper: next.wrapper,
    state: mode.hub === 'orders' ? { groupInfo: bundle.groupInfo, ratchetTree: tree() } : undefined,
  };
  return links.flatMap(({ id, publicPart }) => {
    try {
      const link = decodeLinkPublic(publicPart);
      const value = sealJoinRecord(suite, { groupId, linkId: id }, link, record);
      return [{ ...joinSlot(link.slot), value }];
    } catch (error) {
      // Whoever made the link made one that nobody can use.
      if (error instanceof PrivacyError) return [];
      throw error;
    }
  });
}

function hubPartFor(
  mode: Mode,
  bundle: Pick<CommitBundle, 'groupInfo' | 'groupContext'>,
  announcement: Uint8Array,
  ordered: () => Pick<HubPart, 'nextWriteKey' | 'seen'>,
): HubPart {
  if (mode.hub === 'orders') return hubPartOf(ordered());
  const { groupInfo, groupContext } = bundle;
  return hubPartOf({ contextHash: contextHash(groupContext), groupInfo, announcement });
}

function welcomesOf(
  { group }: Sender,
  { welcome }: CommitBundle,
  { added }: MemberChange,
): SealedWelcome[] {
  if (welcome === undefined || added.length === 0) return [];
  const ratchetTree = group.pendingRatchetTree();
  return added.map(({ ref, initKey, domain }) =>
    sealWelcome(
      { suite: group.suite, ref, initKey, domain },
      { welcome: splitWelcome(welcome, ref), ratchetTree },
    ),
  );
}

/** Proposals of a member, all of them or none. */
export function composeProposals(sender: Sender, messages: readonly Uint8Array[]): Composed {
  const payloads = messages.map((handshake) => ({ handshake, slots: [] }));
  return finish(sender, 'proposal', payloads, undefined, []);
}

/** What a member leaves for others without a handshake. */
export function composeSlots(sender: Sender, slots: readonly SlotWrite[]): Composed {
  return finish(sender, 'slots', [{ handshake: NONE, slots }], undefined, []);
}

const NONE = new Uint8Array();

const signerOf =
  (identity: Identity): Signer =>
  (label, content) =>
    identity.sign(label, content);

/** The update as it is sent: with what shows that this device may send it. */
function finish(
  sender: Sender,
  kind: ModeUpdate['kind'],
  payloads: readonly HandshakePayload[],
  part: HubPart | undefined,
  welcomes: readonly SealedWelcome[],
): Composed {
  const { group, membership } = sender;
  const { mode } = membership;
  const { publicKey, writeKey } = requireKeys(membership.current);
  const address = addressOf(group, kind);
  const body = bodyOf(sender, address, payloads, welcomes, {
    memberKeys: [publicKey],
    joins: false,
  });
  const hubPart = sealPart(sender, address, body, part);
  if (mode.hub === 'verifies') {
    return {
      request: encodeModeUpdate({ ...body, hubPart, proof: NONE }),
      payloads: body.payloads,
    };
  }
  const { groupId, epoch } = group;
  const proven = encodeModeUpdateBody({ ...body, hubPart });
  const proof = writeMac(writeKey, { endpoint: 'update', groupId, epoch, body: proven });
  return { request: encodeModeUpdate({ ...body, hubPart, proof }), payloads: body.payloads };
}

type Body = Omit<ModeUpdate, 'hubPart' | 'proof'>;

function bodyOf(
  { membership: { mode }, hub }: Sender,
  address: HandshakeAddress,
  payloads: readonly HandshakePayload[],
  welcomes: readonly SealedWelcome[],
  to: Omit<WrapFor, 'hub'>,
): Body {
  const { groupId, epoch, kind } = address;
  return {
    mode: mode.name,
    groupId,
    epoch,
    kind,
    joins: to.joins,
    payloads: payloads.map((payload) => mode.handshakes.wrap(payload, address, { ...to, hub })),
    welcomes,
  };
}

/** The hub's part; where the hub follows the group, with the sender's proof. */
function sealPart(
  { group, membership: { mode }, identity, hub }: Sender,
  address: HandshakeAddress,
  body: Body,
  part: HubPart | undefined,
): Uint8Array {
  if (mode.hub === 'orders') return part ? mode.hubParts.seal(part, address, hub) : NONE;
  const open = part ?? hubPartOf({});
  const leafIndex = body.joins ? NEWCOMER : group.ownLeafIndex;
  const proof = leafProof('update proof', leafIndex, signerOf(identity), provenContent(body, open));
  return mode.hubParts.seal({ ...open, proof }, address, hub);
}

/** What an outsider knows of the room that it joins by itself. */
export interface JoinPlace {
  /** Keys that may be the epoch's: as announced, or as the join record says. */
  readonly memberKeys: readonly Uint8Array[];
  readonly hub: HubKey | undefined;
  /** The secret of the link by which the device joins. */
  readonly secret: Uint8Array | undefined;
  /** Own client and link key, where identities are hidden. */
  readonly own: { readonly client: ClientUri; readonly linkKey: Uint8Array } | undefined;
  readonly links: readonly JoinLink[];
}

/** An external commit; `group` is the one that it leads to, pending. The membership holds the new epoch already. */
export function composeJoin(
  sender: Sender,
  bundle: Omit<CommitBundle, 'welcome'>,
  place: JoinPlace,
): Composed {
  const { group, membership, identity } = sender;
  const { mode, current: next } = membership;
  const keys = requireKeys(next);
  const { groupId, suite } = group;
  const epoch = bundle.newEpoch - 1n;
  const slots: SlotWrite[] = [];
  if (next.wrapper !== undefined) {
    const { wrapperSeal } = keys;
    slots.push(writeWrapper({ groupId, epoch: bundle.newEpoch, wrapperSeal }, next.wrapper));
    if (place.own !== undefined) {
      const { client, linkKey } = place.own;
      slots.push(...writeLink(placeOf(group), next.wrapper, client, linkKey));
    }
  }
  const address: HandshakeAddress = { suite, groupId, epoch, kind: 'commit' };
  const announcement = announce(sender, identity, keys);
  const part = {
    ...hubPartFor(mode, bundle, announcement, () => ({ nextWriteKey: keys.writeKey, seen: 0 })),
    slots: linkSlots(sender, bundle, next, place.links, () => group.ratchetTree()),
  };
  const payload = { handshake: bundle.commit, slots };
  const to = { memberKeys: place.memberKeys, joins: true };
  const body = bodyOf(sender, address, [payload], [], to);
  const hubPart = sealPart(sender, address, body, part);
  const proof =
    mode.hub === 'orders' && place.secret !== undefined ? linkToken(place.secret) : NONE;
  return { request: encodeModeUpdate({ ...body, hubPart, proof }), payloads: body.payloads };
}

function addressOf(group: Group, kind: HandshakeAddress['kind']): HandshakeAddress {
  return { suite: group.suite, groupId: group.groupId, epoch: group.epoch, kind };
}

function requireKeys({ keys }: EpochState): EpochKeys {
  if (keys === undefined) throw refused('invalidArgument', 'no epoch keys');
  return keys;
}
