// A Welcome of the stream: the device joins the group at once, since a key package serves only once, and the
// app decides whether it takes part. Until then the room's further events are held.

import { decryptWithKeyPackage, Group, MlsError } from '../../mls/index.ts';
import {
  checkRoomFranking,
  decodeMemberSecrets,
  EMPTY_EPOCH,
  Membership,
  type Mode,
  modeNamed,
  openWelcome,
  PrivacyError,
  welcomedEpoch,
} from '../../privacy/index.ts';
import { stateOf } from '../../room/index.ts';
import { groupIdOf, type RoomUri } from '../../wire/index.ts';
import { equalBytes, hex } from '../bytes.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import type { RoomStatus } from '../state/room_row.ts';
import { predecessorOf, prepareHealing } from '../successor.ts';
import type { RoomEvent } from './room_event.ts';
import { codeOfFault, settle } from './settle.ts';

/** Statuses without a group: the log goes on without this device, so that its numbers say nothing of a Welcome. */
const OUTSIDE: ReadonlySet<RoomStatus> = new Set(['removed', 'left', 'stale', 'joining']);
/**
 * Statuses in which the device follows the log, which shows when it is taken out: whoever welcomes it otherwise has made
 * another group with the room's id, and what is at hand must not yield to that.
 */
const FOLLOWING: ReadonlySet<RoomStatus> = new Set(['creating', 'active', 'leaving', 'closed']);

type WelcomeEvent = RoomEvent<'welcome' | 'modeWelcome'>;

interface Joined {
  readonly group: Group;
  readonly membership: Membership;
  /** The room that this one continues. */
  readonly predecessor: RoomUri | undefined;
}

/** A Welcome as it is joined by. */
interface Opened {
  readonly mode: Mode;
  readonly welcome: Uint8Array;
  readonly ratchetTree: Uint8Array | undefined;
  /** Of the key package that it is for, where it is known. */
  readonly ref: Uint8Array | undefined;
}

/**
 * `early`: it continues a room whose end this device has not seen yet, so that the key for it is not there; or the log has
 * not shown yet that this device was taken out, or whether it has joined by itself. `waited`: it was early before.
 */
export function applyWelcome(
  state: DeviceState,
  uri: RoomUri,
  known: RoomState | undefined,
  event: WelcomeEvent,
  waited: boolean,
): 'early' | 'done' {
  const inside = known !== undefined && !OUTSIDE.has(known.row.status);
  if (inside && !waited && event.seq <= known.row.lastSeq) return 'done';
  if (known !== undefined && FOLLOWING.has(known.row.status)) {
    if (event.seq > known.row.lastSeq + 1n) return 'early';
    state.tell({ name: 'problem', room: uri, seq: event.seq, code: 'roomExists' });
    return 'done';
  }
  if (known?.row.flight?.kind === 'join') return 'early';
  let joined: Joined;
  try {
    joined = join(state, uri, known, event);
  } catch (error) {
    if (lacksKey(error)) return 'early';
    state.tell({ name: 'problem', room: uri, seq: event.seq, code: codeOfFault(error), error });
    return 'done';
  }
  // An invitation that nobody has answered, and a newer one: the first ended in between.
  if (inside) state.tell({ name: 'removed', room: uri });
  const room = state.rooms.get(uri) ?? state.addRoom(uri, 'invited');
  state.touch(room);
  settle(state, room, 'lost');
  state.enterRoom(room, joined.group, joined.membership);
  room.row.status = 'invited';
  room.row.predecessor = joined.predecessor;
  room.row.shareIndex = joined.membership.index.length > 0;
  room.row.declined = false;
  room.row.unsubscribe = false;
  room.row.shareLink = false;
  room.row.owed = [];
  room.row.lastSeq = event.seq;
  room.row.joinedEpoch = joined.group.epoch;
  room.row.lastEpoch = joined.group.epoch;
  room.row.queued = [];
  room.row.proposals = 0;
  room.row.leaving = [];
  state.tell({ name: 'invitation', room: uri });
  return 'done';
}

function lacksKey(error: unknown): boolean {
  return error instanceof MlsError && error.details.rule === 'Psk(KeyNotFound)';
}

function open(state: DeviceState, { fanout }: WelcomeEvent): Opened {
  if (fanout.kind === 'welcome') {
    const { ratchetTree: option, message } = fanout;
    const ratchetTree = option.representation === 'full' ? option.ratchetTree : undefined;
    return { mode: modeNamed('open'), welcome: message.bytes, ratchetTree, ref: undefined };
  }
  const { welcome: sealed } = fanout;
  const content = openWelcome(sealed, (ref, label, context, ciphertext) =>
    decryptWithKeyPackage(state.mls, ref, label, context, ciphertext),
  );
  return { mode: modeNamed(fanout.mode), ...content, ref: sealed.ref };
}

/** Joins the group and checks that it is this room's, of this mode, and that all its leaves name somebody. */
function join(
  state: DeviceState,
  uri: RoomUri,
  known: RoomState | undefined,
  event: WelcomeEvent,
): Joined {
  const opened = open(state, event);
  prepareHealing(state, uri);
  const handshakes = opened.mode.handshakes.form;
  const enter = () => Group.join(state.mls, opened.welcome, opened.ratchetTree, { handshakes });
  let group: Group;
  try {
    group = enter();
  } catch (error) {
    const exists = error instanceof MlsError && error.code === 'groupExists';
    if (!exists || known?.group === undefined) throw error;
    // What is at hand yields: the Welcome's commit has put this device back after a removal.
    state.dropGroup(known);
    group = enter();
  }
  try {
    const membership = begin(state, uri, group, opened);
    const old = predecessorOf(state, uri, group, membership);
    if (old !== undefined) {
      old.row.successor = uri;
      state.touch(old);
    }
    return { group, membership, predecessor: old?.uri };
  } catch (error) {
    group.delete();
    group[Symbol.dispose]();
    throw error;
  }
}

function begin(state: DeviceState, uri: RoomUri, group: Group, { mode, ref }: Opened): Membership {
  if (!equalBytes(group.groupId, groupIdOf(uri))) throw new MlsError('wrongGroup');
  const policy = stateOf(group.components());
  if (policy.mode !== mode.name) throw new PrivacyError('wrongMode');
  if (policy.franking !== undefined) checkRoomFranking(mode, uri, policy.franking);
  for (const leaf of group.members()) mode.credentials.participant(leaf, group.suite);
  if (mode.framing === 'draft') return Membership.begin(mode, NONE, EMPTY_EPOCH);
  const secrets = decodeMemberSecrets(group.takeWelcomeExtension());
  const own = ref === undefined ? undefined : state.keyPackages.get(hex(ref));
  const linkKeys = new Map(secrets.linkKeys);
  if (own?.link !== undefined) linkKeys.set(own.link.client, own.link.linkKey);
  const epoch = welcomedEpoch(mode, group, { ...secrets, linkKeys });
  return Membership.begin(mode, own?.set ?? NONE, epoch);
}

const NONE = new Uint8Array();
