// Claims key packages of a user's clients and checks that each is what it is handed out as, since they come from
// the user's provider by way of the hub: draft-ietf-mimi-protocol-06, "Fetch Key Material".

import {
  type CipherSuite,
  inspectKeyPackage,
  type KeyPackageInfo,
  MlsError,
} from '../mls/index.ts';
import { participantOf, RoomError } from '../room/index.ts';
import {
  type ClientUri,
  decodeKeyMaterialResponse,
  domainOf,
  encodeKeyMaterialRequest,
  encodeKeyMaterialRequestTBS,
  type RoomUri,
  type UserUri,
} from '../wire/index.ts';
import { reading } from './answers.ts';
import type { Connection } from './connection.ts';
import { ClientError } from './errors.ts';
import type { Addition } from './requests.ts';
import type { DeviceState } from './state/device_state.ts';

/** A checked key package and whose it is. */
export type ClaimedKeyPackage = Addition;

export interface Claim {
  readonly keyPackages: readonly ClaimedKeyPackage[];
  /** Clients of the user that had none. */
  readonly missing: readonly string[];
}

/** A signed request for key packages of all clients of `target`, to be used in `room`. */
export function keyMaterialRequest(
  state: DeviceState,
  room: RoomUri,
  suite: CipherSuite,
  target: UserUri,
): Uint8Array {
  const { identity } = state;
  const tbs = {
    protocol: 'mls10',
    requestingUser: state.device.user,
    targetUser: target,
    roomId: room,
    acceptableCipherSuites: [suite],
    // Every leaf of this library has the capabilities that a room of mode open requires: none beyond RFC 9420's.
    requiredCapabilities: { extensions: [], proposals: [], credentials: [] },
    requesterSignatureKey: identity.signatureKey,
    requesterCredential: identity.credential,
  } as const;
  const signature = identity.sign('KeyMaterialRequestTBS', encodeKeyMaterialRequestTBS(tbs));
  return encodeKeyMaterialRequest({ ...tbs, signature });
}

/** Claims and checks. Throws ClientError `noKeyMaterial`, `wrongKeyPackage`, `badAnswer`, and as `Connection.call`. */
export async function claimKeyPackages(
  connection: Connection,
  request: Uint8Array,
  suite: CipherSuite,
  target: UserUri,
): Promise<Claim> {
  const answer = await connection.call('keyMaterial', target, request);
  const response = reading(() => decodeKeyMaterialResponse(answer));
  if (response.userUri !== target) {
    throw new ClientError('badAnswer', 'The key material is of another user than was asked for.');
  }
  const keyPackages: ClaimedKeyPackage[] = [];
  const missing: string[] = [];
  for (const material of response.clients) {
    if (material.clientStatus !== 'success') {
      missing.push(material.clientUri);
      continue;
    }
    const { keyPackage, clientUri } = material;
    const { ref, initKey } = checkKeyPackage(keyPackage, suite, target, clientUri);
    const client = clientUri as ClientUri;
    keyPackages.push({ client, user: target, keyPackage, ref, initKey, domain: domainOf(target) });
  }
  if (keyPackages.length === 0) {
    throw new ClientError('noKeyMaterial', undefined, {
      details: { user: target, userStatus: response.userStatus, clients: missing },
    });
  }
  return { keyPackages, missing };
}

function checkKeyPackage(
  keyPackage: Uint8Array,
  suite: CipherSuite,
  user: UserUri,
  client: string,
): KeyPackageInfo {
  const refuse = (rule: string, cause?: unknown): never => {
    throw new ClientError('wrongKeyPackage', undefined, { cause, details: { rule, user, client } });
  };
  try {
    const info = inspectKeyPackage(keyPackage, [suite]);
    if (info.suite !== suite) refuse('suite');
    const owner = participantOf(info.credential);
    if (owner.user !== user) refuse('user');
    if (owner.client !== client) refuse('client');
    return info;
  } catch (error) {
    if (error instanceof RoomError) refuse('credential', error);
    if (error instanceof MlsError && error.kind === 'payload') refuse(error.code, error);
    throw error;
  }
}
