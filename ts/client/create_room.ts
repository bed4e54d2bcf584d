// Creates a room: its group, the state that the policy decides on, the device's own leaf, the request to the hub.

import { Group, type GroupOptions } from '../mls/index.ts';
import { currentKeys, EMPTY_EPOCH, Membership, type Mode, newWrapper } from '../privacy/index.ts';
import {
  type EscrowParty,
  type FrankingAgent,
  type FrankingForm,
  initialComponents,
} from '../room/index.ts';
import {
  APP_DATA_DICTIONARY,
  BASIC_CREDENTIAL,
  domainOf,
  groupIdOf,
  type ProviderKeys,
  proposalTypes,
  providerUri,
  type RoomUri,
  roomUri,
} from '../wire/index.ts';
import { hex, utf8 } from './bytes.ts';
import { declareToProvider } from './declare_pseudonym.ts';
import { ClientError } from './errors.ts';
import { type HiddenLeaf, makeHiddenLeaf, roomIndex, roundedLifetime } from './hidden_identity.ts';
import type { DeviceParts } from './parts.ts';
import { providerKeys } from './provider_keys.ts';
import { createFlight } from './requests.ts';
import type { DeviceState } from './state/device_state.ts';
import type { Flight } from './state/room_row.ts';

/** Names the hub's first sealing key in its rooms. */
const FIRST_HUB_KEY = utf8('1');

/** A URI at the own provider that nobody has used. */
export function freshRoomUri({
  account,
  random,
}: Pick<DeviceParts, 'account' | 'random'>): RoomUri {
  return roomUri(account.domain, hex(random(16)));
}

/** What is settled of a room when it is created. */
export interface NewRoom {
  readonly mode: Mode;
  /** In which form the hub franks messages; `undefined`: in none. */
  readonly franking: FrankingForm | undefined;
  readonly escrow: readonly EscrowParty[] | undefined;
}

/** Creates a room at the own provider. Throws ClientError `roomExists`, `refused`, `unavailable`, `unknown`. */
export async function createRoom(parts: DeviceParts, uri: RoomUri, room: NewRoom): Promise<void> {
  const { mode, franking } = room;
  if (franking === 'draft06' && mode.framing !== 'draft') {
    throw new ClientError('refused', 'The frank of the draft shows followers who sends.', {
      details: { rule: 'draft06', mode: mode.name },
    });
  }
  const { connection, account, changes, clock } = parts;
  const keys = await providerKeys(connection, account.domain);
  await declareToProvider(parts, uri, mode);
  let began = false;
  await changes.make(uri, (state, known) => {
    if (known !== undefined) {
      if (began && known.row.status === 'active') return undefined;
      throw new ClientError('roomExists', undefined, { details: { room: uri } });
    }
    began = true;
    return stageRoom(state, uri, room, { keys, now: clock() });
  });
}

/** What a room is made with besides. */
interface Surroundings {
  readonly keys: ProviderKeys;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Makes the group of a new room and gives the request that announces it. */
function stageRoom(
  state: DeviceState,
  uri: RoomUri,
  { mode, franking, escrow }: NewRoom,
  { keys, now }: Surroundings,
): Flight {
  const room = state.addRoom(uri, 'creating');
  const { suite } = state.device;
  const { hidesIdentities, type } = mode.credentials;
  const index = hidesIdentities ? roomIndex(uri) : new Uint8Array();
  const leaf = hidesIdentities ? makeHiddenLeaf(state, suite, index) : undefined;
  const creator = leaf?.user ?? state.device.user;
  const sealing =
    mode.framing === 'mode' ? [{ id: FIRST_HUB_KEY, publicKey: keys.sealingKey }] : undefined;
  const options: GroupOptions = {
    components: initialComponents({
      mode: mode.name,
      creator,
      hubKeys: sealing,
      franking: franking && { form: franking, agent: frankingAgent(state, uri, keys) },
      escrow,
    }),
    required: {
      extensions: [APP_DATA_DICTIONARY],
      proposals: [proposalTypes.appDataUpdate, proposalTypes.selfRemove],
      credentials: [type],
    },
    externalSenders: mode.hub === 'verifies' ? [hubSender(state, uri, keys)] : undefined,
    handshakes: mode.handshakes.form,
    lifetime: mode.framing === 'mode' ? roundedLifetime(now) : undefined,
  };
  const identity = leaf?.identity ?? state.identity;
  const group = Group.create(state.mls, identity, groupIdOf(uri), options);
  state.enterRoom(room, group, begin(group, mode, index, leaf));
  return createFlight(state, room);
}

function begin(
  group: Group,
  mode: Mode,
  index: Uint8Array,
  leaf: HiddenLeaf | undefined,
): Membership {
  if (mode.framing === 'draft') return Membership.begin(mode, index);
  return Membership.begin(mode, index, {
    ...EMPTY_EPOCH,
    keys: currentKeys(group),
    wrapper: leaf && newWrapper(),
    linkKeys: new Map(leaf === undefined ? [] : [[leaf.client, leaf.linkKey]]),
  });
}

/** The hub, by the key with which it franks the messages of new rooms. */
function frankingAgent({ device }: DeviceState, uri: RoomUri, keys: ProviderKeys): FrankingAgent {
  const signatureKey = device.suite === 2 ? keys.frankingP256 : keys.frankingEd25519;
  return { signatureKey, credential: hubCredential(uri) };
}

const hubCredential = (uri: RoomUri) => ({
  type: BASIC_CREDENTIAL,
  bytes: utf8(providerUri(domainOf(uri))),
});

/** The hub may propose the removal of who has no place in the room any more, and signs its mandates. */
function hubSender({ device }: DeviceState, uri: RoomUri, keys: ProviderKeys) {
  const signatureKey = device.suite === 2 ? keys.p256 : keys.ed25519;
  return { signatureKey, credential: hubCredential(uri) };
}
