// The hub gives GroupInfo and tree to a client that wants to join by itself, sealed to that client.
// draft-ietf-mimi-protocol-06, "Claim group key information".

import {
  type CipherSuite,
  encryptWithLabel,
  signWithLabel,
  verifyWithLabel,
} from '../../mls/index.ts';
import { BANNED_ROLE, findLink, NO_ROLE, type Participant, roleOf } from '../../room/index.ts';
import {
  decodeMlsMessage,
  encodeGroupInfoRatchetTreeTBE,
  encodeGroupInfoRequestTBS,
  encodeGroupInfoResponseTBS,
  encodeModeGroupInfo,
  type GroupInfoRequest,
  type GroupInfoResponse,
  type HandshakeView,
  providerUri,
  type RoomUri,
} from '../../wire/index.ts';
import { ProviderError } from '../errors.ts';
import { mayBring, type Origin } from '../origin.ts';
import type { SigningKey, SigningKeys } from '../records/account_rows.ts';
import type { Input } from '../shard.ts';
import { suiteOf } from '../suites.ts';
import type { HubContext } from './context.ts';
import type { FollowedGroup, HubRoom } from './hub_room.ts';
import { payloadFault } from './refusal.ts';

const encoder = new TextEncoder();

/** The provider's key for the signature scheme of a cipher suite. */
export function signingKeyFor(keys: SigningKeys, suite: number): SigningKey {
  return suite === 2 ? keys.p256 : keys.ed25519;
}

/**
 * The input for a GroupInfo request. It changes nothing; it takes its turn so that GroupInfo, tree and waiting
 * proposals are of one moment.
 * @throws ProviderError `badRequest`, `wrongDevice`, `wrongPeer`; RoomError `badCredential`.
 */
export function giveGroupInfo(
  context: HubContext,
  origin: Origin,
  uri: RoomUri,
  request: GroupInfoRequest,
): Input<GroupInfoResponse> {
  const suite = suiteOf(request.cipherSuite, '/cipher_suite');
  const signed = verifyWithLabel(
    suite,
    request.requestingSignatureKey,
    'GroupInfoRequestTBS',
    encodeGroupInfoRequestTBS(request),
    request.signature,
  );
  if (!signed) {
    throw new ProviderError('badRequest', 'The signature of the request does not verify.', {
      details: { path: '/signature' },
    });
  }
  let room: HubRoom | undefined;
  return {
    owner: uri,
    prepare: async () => {
      room = await context.directory.findHubRoom(uri);
      if (room !== undefined) requireOwn(context, origin, room, suite, request);
    },
    decide: (turn) => {
      if (room === undefined) return { answer: refused(uri, 'noSuchRoom') };
      const { sight } = room;
      if (sight.kind === 'hidden' || !mayJoin(room, suite, request, turn.now)) {
        return { answer: refused(uri, 'notAuthorized') };
      }
      return { answer: sealed(context, room, sight, request) };
    },
  };
}

/** The requester as its credential, of the room's mode, names it. @throws RoomError, PrivacyError. */
function requesterOf(
  { mode }: HubRoom,
  suite: CipherSuite,
  request: GroupInfoRequest,
): Participant {
  const { requestingCredential, requestingSignatureKey } = request;
  const leaf = { credential: requestingCredential, signatureKey: requestingSignatureKey };
  return mode.credentials.participant(leaf, suite);
}

/** @throws ProviderError `wrongDevice`, `wrongPeer`; RoomError `badCredential`; PrivacyError. */
function requireOwn(
  context: HubContext,
  origin: Origin,
  room: HubRoom,
  suite: CipherSuite,
  request: GroupInfoRequest,
): void {
  const { user, client } = requesterOf(room, suite, request);
  if (mayBring(context, origin, room.mode, user, client)) return;
  throw new ProviderError(origin.kind === 'device' ? 'wrongDevice' : 'wrongPeer');
}

/** A participant, or who names a join link that lives. */
function mayJoin(
  room: HubRoom,
  suite: CipherSuite,
  request: GroupInfoRequest,
  now: number,
): boolean {
  if (room.view === undefined) return false;
  const { state } = room.view;
  const { user } = requesterOf(room, suite, request);
  const role = roleOf(state, user);
  if (role !== NO_ROLE) return role !== BANNED_ROLE;
  const link = request.joiningCode && findLink(state.links, request.joiningCode);
  return link !== undefined && link.expiry > now;
}

function refused(uri: RoomUri, status: 'noSuchRoom' | 'notAuthorized'): GroupInfoResponse {
  return { protocol: 'mls10', roomId: uri, status };
}

function sealed(
  context: HubContext,
  room: HubRoom,
  sight: FollowedGroup,
  request: GroupInfoRequest,
): GroupInfoResponse {
  const suite = suiteOf(request.cipherSuite, '/cipher_suite');
  const key = signingKeyFor(context.keys, suite);
  const sealContext = encoder.encode(room.uri);
  const state = encodeGroupInfoRatchetTreeTBE({
    groupInfo: sight.groupInfo,
    ratchetTree: { representation: 'full', ratchetTree: sight.group.ratchetTree() },
    pendingProposals: room.waiting.map(({ message, acceptedAt }) => ({
      proposal: decodeMlsMessage(message) as HandshakeView,
      hubAcceptedTime: BigInt(acceptedAt),
    })),
  });
  const plaintext =
    room.mode.framing === 'draft'
      ? state
      : encodeModeGroupInfo({ state, announcements: sight.announcements });
  const unsigned = {
    protocol: 'mls10',
    roomId: room.uri,
    status: 'success',
    cipherSuite: suite,
    hubSender: {
      signatureKey: key.publicKey,
      credential: { type: 1, bytes: encoder.encode(providerUri(context.domain)) },
    },
    encryptedGroupInfoAndTree: sealTo(suite, request.groupInfoPublicKey, sealContext, plaintext),
  } as const;
  const signature = signWithLabel(
    suite,
    key.privateKey,
    'GroupInfoResponseTBS',
    encodeGroupInfoResponseTBS(unsigned),
  );
  return { ...unsigned, signature };
}

/** @throws ProviderError `badRequest` when the key of the requester is none. */
function sealTo(
  suite: CipherSuite,
  publicKey: Uint8Array,
  context: Uint8Array,
  plaintext: Uint8Array,
) {
  try {
    const label = 'GroupInfo and ratchet_tree encryption';
    return encryptWithLabel(suite, publicKey, label, context, plaintext);
  } catch (error) {
    throw new ProviderError('badRequest', `The key does not encrypt: ${payloadFault(error)}.`, {
      cause: error,
      details: { path: '/group_info_public_key' },
    });
  }
}
