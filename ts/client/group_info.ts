// Fetches the state of a room's group, sealed to this device and signed by the hub, for an external join:
// draft-ietf-mimi-protocol-06, "Claim group key information".

import {
  type CipherSuite,
  decryptWithLabel,
  generateHpkeKeyPair,
  MlsError,
  verifyWithLabel,
} from '../mls/index.ts';
import {
  decodeGroupInfo,
  decodeGroupInfoRatchetTreeTBE,
  decodeGroupInfoResponse,
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
import type { DeviceState } from './state/device_state.ts';
import type { Vault } from './state/vault.ts';

/** What an external commit begins from. */
export interface RoomGroupInfo {
  readonly groupInfo: Uint8Array;
  /** Absent when the GroupInfo carries it. */
  readonly ratchetTree: Uint8Array | undefined;
}

type Granted = Extract<GroupInfoResponse, { status: 'success' }>;

/** Throws ClientError `refused` (details.code: notAuthorized, noSuchRoom), `badGroupInfo`, and as `Connection.call`. */
export async function fetchGroupInfo(
  vault: Vault,
  connection: Connection,
  room: RoomUri,
): Promise<RoomGroupInfo> {
  const { suite, keys, request } = await vault.exclusive((state) => prepareRequest(state));
  try {
    const answer = decodeGroupInfoResponse(await connection.call('groupInfo', room, request));
    if (answer.status !== 'success') {
      throw new ClientError('refused', undefined, { details: { code: answer.status, room } });
    }
    checkSigned(answer, suite, room);
    return open(answer, suite, keys.privateKey, room);
  } catch (error) {
    if (error instanceof WireError) throw bad('encoding', error);
    throw error;
  } finally {
    keys.privateKey.fill(0);
  }
}

function prepareRequest({ identity, device }: DeviceState) {
  const keys = generateHpkeKeyPair(device.suite);
  const tbs = {
    protocol: 'mls10',
    cipherSuite: device.suite,
    requestingSignatureKey: identity.signatureKey,
    requestingCredential: identity.credential,
    groupInfoPublicKey: keys.publicKey,
  } as const;
  const signature = identity.sign('GroupInfoRequestTBS', encodeGroupInfoRequestTBS(tbs));
  return { suite: device.suite, keys, request: encodeGroupInfoRequest({ ...tbs, signature }) };
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
  const { groupInfo, ratchetTree } = decodeGroupInfoRatchetTreeTBE(plaintext);
  if (!equalBytes(decodeGroupInfo(groupInfo).groupId, groupIdOf(room))) throw bad('groupId');
  return {
    groupInfo,
    ratchetTree: ratchetTree.representation === 'full' ? ratchetTree.ratchetTree : undefined,
  };
}

function bad(rule: string, cause?: unknown): ClientError {
  return new ClientError('badGroupInfo', undefined, { cause, details: { rule } });
}
