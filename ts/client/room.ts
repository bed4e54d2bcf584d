// A room as an app sees it: who is in it, what was said, and what a member can do.

import { Composer, encodeContent, type MimiContent, type Profile } from '../content/index.ts';
import {
  composeSlots,
  createLink,
  encodeLink,
  linkPublic,
  modeNamed,
  writeWrapper,
} from '../privacy/index.ts';
import {
  BANNED_ROLE,
  encodeJoinLinksUpdate,
  type FrankingForm,
  JOIN_LINKS,
  MEMBER_ROLE,
  MUTED_ROLE,
  NO_ROLE,
  type Participant,
  type RosterEntry,
  roleAt,
  roleOf,
  type UserRole,
} from '../room/index.ts';
import {
  type ClientUri,
  decodeUpdateRoomResponse,
  type RoomUri,
  type UserUri,
} from '../wire/index.ts';
import { reading } from './answers.ts';
import { ClientError } from './errors.ts';
import { endMembership } from './events/apply_commit.ts';
import { readHistory } from './history.ts';
import { claim, namesOf, namesToChange } from './invite.ts';
import type { Claim } from './key_material.ts';
import { hasToCommit } from './mandates.ts';
import { memberOf, ownUser, policyOf, realBehind, senderIn } from './member_room.ts';
import type { SentMessage } from './outbox.ts';
import type { DeviceParts } from './parts.ts';
import { type ReportOptions, reportAbuse } from './report.ts';
import { activeGroup, type CommitPlan, commitFlight, leaveFlight } from './requests.ts';
import type { Invited, InviteOptions, JoinLinkOptions } from './room_options.ts';
import {
  canSend,
  leavesOf,
  notInRoom,
  owesOwnLink,
  requireMaySend,
  roleChange,
} from './room_plans.ts';
import { bansOf, complaintOf, requireNotBanned } from './sealed_bans.ts';
import type { RoomState } from './state/device_state.ts';
import type { Gap, ReceivedMessage } from './state/history_row.ts';
import type { RefusedCommit, RoomStatus } from './state/room_row.ts';
import type { RoomView } from './state/vault.ts';
import { type Succeeded, type SuccessionOptions, succeed } from './succeed.ts';

/**
 * A room of this device. What the properties give is what is stored; a change is there once its method has
 * returned. The methods that change the room throw ClientError `notActive`, `refused` (the hub's rule in
 * details), `unavailable` (nothing is changed), `unknown` (the next `sync` settles it), `contended`, `storageFailed`.
 */
export class Room {
  readonly uri: RoomUri;
  readonly #parts: DeviceParts;

  constructor(parts: DeviceParts, uri: RoomUri) {
    this.#parts = parts;
    this.uri = uri;
  }

  get status(): RoomStatus {
    return this.#view.status;
  }

  /** The group's epoch; 0 once this device is no longer in it. */
  get epoch(): bigint {
    return this.#view.epoch;
  }

  /** How many proposals wait for a commit. */
  get pendingProposals(): number {
    return this.#view.pendingProposals;
  }

  /** How many messages of this device are not in the log yet. */
  get unsent(): number {
    return this.#view.unsent;
  }

  /** The clients in the room, by leaf. */
  members(): readonly RosterEntry[] {
    return this.#view.members;
  }

  /** The users in the room, each once. */
  users(): UserUri[] {
    return [...new Set(this.members().map(({ user }) => user))];
  }

  /**
   * Adds all clients of a user. Throws ClientError `noKeyMaterial`, `wrongKeyPackage` besides, and `refused` (rule:
   * R18-banned) for a person who is banned under another pseudonym; nothing is committed then.
   */
  invite(user: UserUri, options: InviteOptions = {}): Promise<Invited> {
    return this.inviteAll([user], options);
  }

  /**
   * Adds all clients of several users by one commit. Throws as `invite`, where one of them cannot be added; the key
   * packages of the others are used up then.
   */
  async inviteAll(
    users: readonly UserUri[],
    { role = MEMBER_ROLE }: InviteOptions = {},
  ): Promise<Invited> {
    const claims: { readonly user: UserUri; readonly claimed: Claim }[] = [];
    for (const user of new Set(users)) {
      await this.#parts.vault.exclusive((state) => requireNotBanned(state.room(this.uri), user));
      const claimed = await claim(this.#parts, this.uri, user);
      if (claimed !== undefined) claims.push({ user, claimed });
    }
    const missing = claims.flatMap(({ claimed }) => claimed.missing);
    let added: readonly ClientUri[] = [];
    if (claims.length === 0) return { added, missing };
    await this.#commit((room) => {
      // Another member was faster: a claimed set names the user by a pseudonym of its own.
      const hidden = memberOf(room).membership.mode.credentials.hidesIdentities;
      const wanted = claims.filter(({ user }) => !hidden || namesOf(room, user).length === 0);
      const absent = notInRoom(
        room,
        wanted.flatMap(({ claimed }) => claimed.keyPackages),
      );
      added = absent.map(({ client }) => client);
      if (absent.length === 0) return undefined;
      const policy = policyOf(room);
      const fresh = absent
        .map((addition) => addition.user)
        .filter((name) => roleOf(policy, name) === NO_ROLE);
      return { add: absent, roles: new Map(fresh.map((name) => [name, role])) };
    });
    return { added, missing };
  }

  /**
   * Takes a user out of the room, with all its clients; nothing happens when it is not there. Like `ban`, `kick` and
   * `setRole` throws ClientError `refused` (rule: notFound) where it may be there: not all members are verified.
   */
  async remove(user: UserUri): Promise<void> {
    await this.#takeOut(user, NO_ROLE);
  }

  /** Bans a user: its clients are taken out, and it does not come in again before `unban`. */
  async ban(user: UserUri): Promise<void> {
    await this.#takeOut(user, BANNED_ROLE);
  }

  /** Takes all clients of a user out; it keeps its role, and may come back. */
  async kick(user: UserUri): Promise<void> {
    await this.#takeOut(user, undefined);
  }

  /** Ends a ban, and lets the user be a participant with this role, or (0) none. */
  async unban(user: UserUri, role: number = NO_ROLE): Promise<void> {
    await this.setRole(user, role);
  }

  /** Gives a participant another role. */
  async setRole(user: UserUri, role: number): Promise<void> {
    await this.#commit((room) => {
      // Who is banned is known by the sealed entry, and has no client any more.
      const banned = bansOf(room, user).map(({ pseudonym }) => pseudonym);
      const names = banned.length > 0 ? banned : namesToChange(room, user);
      const change = names.filter((name) => roleOf(policyOf(room), name) !== role);
      return change.length === 0
        ? undefined
        : { roles: new Map(change.map((name) => [name, role])) };
    });
  }

  /** Mutes a participant: what it sends is refused, or not shown. Throws ClientError `refused` (rule: noMutedRole). */
  async mute(user: UserUri): Promise<void> {
    await this.#commit((room) => {
      const policy = policyOf(room);
      if (roleAt(policy, MUTED_ROLE) === undefined || canSend(policy, MUTED_ROLE)) {
        throw new ClientError('refused', 'The room has no role for who is muted.', {
          details: { rule: 'noMutedRole' },
        });
      }
      return roleChange(namesToChange(room, user), policy, MUTED_ROLE, (role) =>
        canSend(policy, role),
      );
    });
  }

  /** Makes a muted participant a member again. */
  async unmute(user: UserUri): Promise<void> {
    await this.#commit((room) => {
      const names = namesToChange(room, user);
      return roleChange(names, policyOf(room), MEMBER_ROLE, (role) => role === MUTED_ROLE);
    });
  }

  /**
   * The BanComplaint by which the hub sees that a banned person is in the room under another pseudonym: it shows the hub
   * who that is. Throws ClientError `refused` (rule: notFound) where the user is not banned, or not there.
   */
  banComplaint(user: UserUri): Promise<Uint8Array> {
    return this.#parts.vault.exclusive((state) => complaintOf(state.room(this.uri), user));
  }

  async #takeOut(user: UserUri, role: number | undefined): Promise<void> {
    await this.#commit((room) => {
      const names = new Set<string>(namesToChange(room, user));
      if (names.has(ownUser(room) ?? '')) {
        throw new ClientError('refused', 'A user is not removed by itself; call `leave`.', {
          details: { rule: 'leave' },
        });
      }
      const leaves = leavesOf(room, (entry) => names.has(entry.user));
      const policy = policyOf(room);
      const change = [...names].filter(
        (name) => role !== undefined && roleOf(policy, name) !== role,
      );
      if (leaves.length === 0 && change.length === 0) return undefined;
      return { remove: leaves, roles: new Map(change.map((name) => [name, role as number])) };
    });
  }

  /**
   * Makes a link by which who has it joins with this role until `expiry` (milliseconds since the epoch) or until
   * somebody is removed. Throws ClientError besides as the methods that change the room.
   */
  async createJoinLink({
    role = MEMBER_ROLE,
    expiry = Number.MAX_SAFE_INTEGER,
  }: JoinLinkOptions = {}): Promise<string> {
    let text = '';
    await this.#commit((room) => {
      const { group, membership } = memberOf(room);
      const link = createLink(this.uri, membership.mode.name, group.epoch);
      text = encodeLink(link);
      const publicPart = linkPublic(group.suite, link.secret);
      const entry = { id: link.id, publicPart, role, expiry };
      return {
        changes: [
          { id: JOIN_LINKS, update: encodeJoinLinksUpdate({ removed: [], added: [entry] }) },
        ],
      };
    });
    return text;
  }

  /** Retires all join links. */
  async retireJoinLinks(): Promise<void> {
    await this.#commit((room) => {
      const removed = policyOf(room).links.map(({ id }) => id);
      if (removed.length === 0) return undefined;
      return {
        changes: [{ id: JOIN_LINKS, update: encodeJoinLinksUpdate({ removed, added: [] }) }],
      };
    });
  }

  /** In which form the hub stamps the room's messages. */
  get franking(): FrankingForm | 'none' {
    return this.#view.franking;
  }

  /** The name of the room's privacy mode. */
  get mode(): string {
    return this.#view.mode;
  }

  /** Who takes part, banned users included, with their roles. */
  participants(): readonly UserRole[] {
    return this.#view.participants;
  }

  /**
   * Lets the room go on in a new one, in another mode, or, where it is stuck at a commit that nobody follows, without
   * whoever made that. Its users are invited there; who cannot be added is named. Throws as the methods that change
   * the room; ClientError `notActive` where another member has closed the room.
   */
  succeed(options: SuccessionOptions = {}): Promise<Succeeded> {
    return succeed(this.#parts, this.uri, options);
  }

  /** The room in which this one goes on. */
  get successor(): RoomUri | undefined {
    return this.#view.successor;
  }

  /** The room that this one continues. */
  get predecessor(): RoomUri | undefined {
    return this.#view.predecessor;
  }

  /** The commit at which this device has stayed behind, when it has. */
  get refusedCommit(): RefusedCommit | undefined {
    return this.#view.verdict;
  }

  /** Leaves the wrapper key for a newcomer who joined without it. */
  async shareWrapper(): Promise<void> {
    const { vault, connection } = this.#parts;
    const request = await vault.exclusive((state) => {
      const room = state.room(this.uri);
      const { group, membership } = memberOf(room);
      const { wrapper, keys } = membership.current;
      if (wrapper === undefined || keys === undefined) return undefined;
      const { groupId, epoch } = group;
      const slot = writeWrapper({ groupId, epoch, wrapperSeal: keys.wrapperSeal }, wrapper);
      return composeSlots(senderIn(state, room), [slot]).request;
    });
    // One that was refused, or is lost, is made again by the next sync.
    const answer = request && (await connection.call('update', this.uri, request));
    if (answer !== undefined && reading(() => decodeUpdateRoomResponse(answer)).code !== 'success')
      return;
    await vault.exclusive((state) => {
      const room = state.room(this.uri);
      state.touch(room);
      room.row.shareWrapper = false;
    });
  }

  /** Leaves by a commit what others need to know who is in the room, where this device owes that. */
  async shareOwed(): Promise<void> {
    await this.#commit((room) => {
      const owes = room.row.owed.length > 0 || owesOwnLink(room);
      return owes ? { update: true } : undefined;
    });
  }

  /** Removes one client, such as a lost device of this user; nothing happens when it is not there. */
  async removeClient(client: ClientUri): Promise<void> {
    await this.#commit((room) => {
      const leaves = leavesOf(room, (entry) => entry.client === client);
      return leaves.length === 0 ? undefined : { remove: leaves };
    });
  }

  /** Renews this device's keys in the room. */
  async selfUpdate(): Promise<void> {
    await this.#commit(() => ({ update: true }));
  }

  /** Commits the proposals that wait, and a mandate of the hub, if there are any. */
  async commitPending(): Promise<void> {
    await this.#commit((room) => (hasToCommit(room) ? {} : undefined));
  }

  /**
   * Leaves with all devices of this user: the removal is proposed, and takes effect when another member commits;
   * then the event `removed` comes. The last user leaves at once.
   */
  async leave(): Promise<void> {
    const { changes, connection, vault } = this.#parts;
    const own = await vault.exclusive((state) => ownUser(state.room(this.uri)));
    if (this.users().every((user) => user === own)) {
      // Nobody stays who could commit a proposal.
      if (this.status === 'active') await this.#removeOtherDevices();
      await connection.call('unsubscribe', this.uri, new Uint8Array());
      await vault.exclusive((state) => {
        const room = state.room(this.uri);
        activeGroup(room, 'leaving');
        room.row.status = 'leaving';
        endMembership(state, room);
      });
      return;
    }
    await changes.make(this.uri, (state) => {
      const room = state.room(this.uri);
      if (room.row.status === 'left' || room.row.status === 'removed') return undefined;
      const ownLeaf = activeGroup(room, 'leaving').ownLeafIndex;
      if (room.row.status === 'leaving' && room.row.queued.length > 0) return undefined;
      const others = leavesOf(room, (entry) => entry.user === own);
      return leaveFlight(
        state,
        room,
        others.filter((leaf) => leaf !== ownLeaf),
      );
    });
  }

  async #removeOtherDevices(): Promise<void> {
    await this.#commit((room) => {
      const ownLeaf = memberOf(room).group.ownLeafIndex;
      const others = leavesOf(room, ({ leafIndex }) => leafIndex !== ownLeaf);
      return others.length === 0 ? undefined : { remove: others };
    });
  }

  /**
   * Sends a message: any bytes, at most 1 MiB less 1 KiB, or a MIMI message, which in a franked room it must be. It is
   * stored before it is sent: when the provider cannot be reached, `acceptedAt` is absent and a later `sync` sends it.
   * Throws `notActive`, `refused`, `notFrankable`; ContentError `unencodable`.
   */
  async send(content: Uint8Array | MimiContent): Promise<SentMessage> {
    // A hub that follows the room refuses who may not send; where it does not, the members would not show it.
    if (modeNamed(this.mode).hub === 'orders') {
      await this.#parts.vault.exclusive((state) => requireMaySend(state.room(this.uri)));
    }
    const bytes = content instanceof Uint8Array ? content : encodeContent(content);
    return this.#parts.outbox.send(this.uri, bytes);
  }

  /** Makes messages that name this room and this user as its sender, as a franked room asks for. Throws `notActive`. */
  composer(profile: Profile = 'draft08'): Composer {
    const { members, ownLeafIndex } = this.#view;
    const user = members.find(({ leafIndex }) => leafIndex === ownLeafIndex)?.user;
    if (user === undefined) {
      throw new ClientError('notActive', undefined, { details: { room: this.uri } });
    }
    const { random } = this.#parts;
    return new Composer({ profile, sender: user, room: this.uri, franked: true, random });
  }

  /**
   * Reports messages, by their ids and all by one sender, to the hub. In rooms that hide identities nobody else learns of
   * it but that a report was made. Throws ClientError `notFranked`, `notActive`, `unavailable`, `unknown`; `refused`
   * (details: code, rule) where the hub does not recognize a message.
   */
  report(ids: readonly string[], options: ReportOptions = {}): Promise<void> {
    return reportAbuse(this.#parts, this.uri, ids, options);
  }

  /** All messages of the room, own ones included, in the order of the log; those of blocked users left out. */
  async messages(): Promise<ReceivedMessage[]> {
    const messages = await this.#allMessages();
    return messages.filter((message) => !this.#parts.connections.hides(message));
  }

  async #allMessages(): Promise<ReceivedMessage[]> {
    const rows = await readHistory(this.#parts.vault.storage, this.uri);
    const messages = rows.flatMap((row) => (row.kind === 'message' ? [row.message] : []));
    const unknown = messages.filter(({ real }) => real === undefined).map(({ client }) => client);
    if (unknown.length === 0 || !modeNamed(this.mode).credentials.hidesIdentities) return messages;
    const known = await this.#realBehind(new Set(unknown));
    return messages.map((message) => ({ real: known.get(message.client), ...message }));
  }

  /** Who sent may become known later than what was sent. */
  #realBehind(clients: ReadonlySet<ClientUri>): Promise<ReadonlyMap<ClientUri, Participant>> {
    return this.#parts.vault.exclusive((state) => {
      const known = new Map<ClientUri, Participant>();
      for (const client of clients) {
        const real = realBehind(state.room(this.uri), client);
        if (real !== undefined) known.set(client, real);
      }
      return known;
    });
  }

  /** The places in the log that this device could not read. */
  async gaps(): Promise<Gap[]> {
    const rows = await readHistory(this.#parts.vault.storage, this.uri);
    return rows.flatMap((row) => (row.kind === 'gap' ? [row.gap] : []));
  }

  get #view(): RoomView {
    const view = this.#parts.vault.views.get(this.uri);
    if (view === undefined) {
      throw new ClientError('noSuchRoom', undefined, { details: { room: this.uri } });
    }
    return view;
  }

  /** Commits what `plan` gives for the room as it then is, until the stream has confirmed it. */
  async #commit(plan: (room: RoomState) => CommitPlan | undefined): Promise<void> {
    let mandated: boolean;
    do {
      mandated = false;
      await this.#parts.changes.make(this.uri, (state) => {
        const room = state.room(this.uri);
        activeGroup(room);
        // What the hub demands comes first, by itself: it may be of what the plan is about.
        mandated = room.row.mandate !== undefined;
        const planned = mandated ? {} : plan(room);
        const { rules } = this.#parts;
        return planned === undefined ? undefined : commitFlight(state, room, planned, rules);
      });
    } while (mandated);
  }
}
