// Fetches the state of a room's group, sealed to this device and signed by the hub, for an external join:
// draft-ietf-mimi-protocol-06, "Claim group key information".

import {
  type CipherSuite,
  decryptWithLabel,
  generateHpkeKeyPair,
  type Identity,
  MlsError,
  verifyWithLabel,
} from '../mls/index.ts';
import type { Mode } from '../privacy/index.ts';
import {
  decodeGroupInfo,
  decodeGroupInfoRatchetTreeTBE,
  decodeGroupInfoResponse,
  decodeModeGroupInfo,
  domainOf,
  encodeGroupInfoRequest,
  encodeGroupInfoRequestTBS,
  encodeGroupInfoResponseTBS,
  type GroupInfoResponse,
  groupIdOf,
  providerUri,
  type RoomUri,
  WireError,
} from '../wire/index.ts';
import { equalBytes, utf8 } from './bytes.ts';
import type { Connection } from './connection.ts';
import { ClientError } from './errors.ts';

/** What an external commit begins from. */
export interface RoomGroupInfo {
  readonly groupInfo: Uint8Array;
  /** Absent when the GroupInfo carries it. */
  readonly ratchetTree: Uint8Array | undefined;
  /** What members have announced of the epoch's key; nothing is verified of it. */
  readonly announcements: readonly Uint8Array[];
}

/** Who asks for it, and by which right. */
export interface GroupInfoAsker {
  readonly mode: Mode;
  /** As the leaf will name it. */
  readonly identity: Identity;
  /** Of the join link, for who does not take part yet. */
  readonly linkId?: Uint8Array | undefined;
}

type Granted = Extract<GroupInfoResponse, { status: 'success' }>;

/** Throws ClientError `refused` (details.code: notAuthorized, noSuchRoom), `badGroupInfo`, and as `Connection.call`. */
export async function fetchGroupInfo(
  connection: Connection,
  room: RoomUri,
  asker: GroupInfoAsker,
): Promise<RoomGroupInfo> {
  const { suite, keys, request } = prepareRequest(asker);
  try {
    const answer = decodeGroupInfoResponse(await connection.call('groupInfo', room, request));
    if (answer.status !== 'success') {
      throw new ClientError('refused', undefined, { details: { code: answer.status, room } });
    }
    checkSigned(answer, suite, room);
    return open(answer, asker.mode, suite, keys.privateKey, room);
  } catch (error) {
    if (error instanceof WireError) throw bad('encoding', error);
    throw error;
  } finally {
    keys.privateKey.fill(0);
  }
}

function prepareRequest({ identity, linkId }: GroupInfoAsker) {
  const { suite } = identity;
  const keys = generateHpkeKeyPair(suite);
  const tbs = {
    protocol: 'mls10',
    cipherSuite: suite,
    requestingSignatureKey: identity.signatureKey,
    requestingCredential: identity.credential,
    groupInfoPublicKey: keys.publicKey,
    joiningCode: linkId,
  } as const;
  const signature = identity.sign('GroupInfoRequestTBS', encodeGroupInfoRequestTBS(tbs));
  return { suite, keys, request: encodeGroupInfoRequest({ ...tbs, signature }) };
}

/**
 * The hub's signature shows that the answer is one piece and was made with the key that it names. That the key is
 * the hub's rests on the connection: the room's own list of external senders can tell once a room has one.
 */
function checkSigned(answer: Granted, suite: CipherSuite, room: RoomUri): void {
  if (answer.roomId !== room) throw bad('room');
  if (answer.cipherSuite !== suite) throw bad('suite');
  const hub = utf8(providerUri(domainOf(room)));
  if (!equalBytes(answer.hubSender.credential.bytes, hub)) throw bad('hub');
  const content = encodeGroupInfoResponseTBS(answer);
  const { signatureKey } = answer.hubSender;
  if (!verifyWithLabel(suite, signatureKey, 'GroupInfoResponseTBS', content, answer.signature)) {
    throw bad('signature');
  }
}

function open(
  answer: Granted,
  mode: Mode,
  suite: CipherSuite,
  privateKey: Uint8Array,
  room: RoomUri,
): RoomGroupInfo {
  const label = 'GroupInfo and ratchet_tree encryption';
  let plaintext: Uint8Array;
  try {
    const sealed = answer.encryptedGroupInfoAndTree;
    plaintext = decryptWithLabel(suite, privateKey, label, utf8(room), sealed);
  } catch (error) {
    if (error instanceof MlsError) throw bad('encryption', error);
    throw error;
  }
  const { state, announcements } =
    mode.framing === 'draft'
      ? { state: plaintext, announcements: [] }
      : decodeModeGroupInfo(plaintext);
  const { groupInfo, ratchetTree } = decodeGroupInfoRatchetTreeTBE(state);
  if (!equalBytes(decodeGroupInfo(groupInfo).groupId, groupIdOf(room))) throw bad('groupId');
  return {
    groupInfo,
    ratchetTree: ratchetTree.representation === 'full' ? ratchetTree.ratchetTree : undefined,
    announcements,
  };
}

function bad(rule: string, cause?: unknown): ClientError {
  return new ClientError('badGroupInfo', undefined, { cause, details: { rule } });
}
