// What a provider may know of its users' pseudonyms, chosen by its operator: docs/modes/deployments.md. Where it must not
// map them, requests that would tie an account to a room or a set that hides identities are refused, whoever sends them.

import { isUserPseudonym, modeNamed, PrivacyError, readSubmission } from '../privacy/index.ts';
import {
  asRoomUri,
  asUserUri,
  BASIC_CREDENTIAL,
  decodeGroupInfoRequest,
  decodeModeMessage,
  decodeModeRoom,
  decodeRoomSlotsRequest,
  decodeSealedRequest,
  decodeSubmitMessageRequest,
  decodeUploadKeyPackageSets,
  domainOf,
  isModeMessage,
  isModeReport,
  isModeRoom,
  parseMimiUri,
  type RoomUri,
} from '../wire/index.ts';
import { isUnlinked } from './accounts/unlinked.ts';
import { decodeBody } from './body.ts';
import type { Directory } from './directory.ts';
import { ProviderError } from './errors.ts';
import type { DeviceOperation } from './operations.ts';
import type { DeviceIdentity } from './records/account_rows.ts';
import { decodeRoomHead } from './records/room_rows.ts';
import { roomRows } from './rows.ts';
import type { Store } from './store.ts';

/** `enterprise`: the provider maps pseudonyms to its users. `consumer`: it cannot. */
export const DEPLOYMENTS = ['enterprise', 'consumer'] as const;
export type Deployment = (typeof DEPLOYMENTS)[number];

/** Operations of accounts, which a queue has no part in. */
const OF_ACCOUNTS: ReadonlySet<DeviceOperation> = new Set<DeviceOperation>([
  'register',
  'uploadKeyPackages',
  'keyMaterial',
  'consent',
  'publishContact',
  'contact',
  'letter',
  'letters',
  'note',
  'issueTokens',
]);

/** Operations that name nothing hidden, whatever they hold: what is not listed anywhere is taken to link. */
const HARMLESS: ReadonlySet<DeviceOperation> = new Set<DeviceOperation>([
  ...OF_ACCOUNTS,
  'sync',
  'unsubscribe',
  'providerKeys',
  'leaveSet',
  'closeQueue',
]);

/** What the rules look at. */
export interface DeploymentContext {
  readonly deployment: Deployment;
  readonly domain: string;
  readonly store: Pick<Store, 'get'>;
  readonly directory: Pick<Directory, 'shardOf'>;
}

/**
 * Refuses a request of a device that would tie an account to a pseudonym, or that is none of a queue's.
 * @throws ProviderError `linkable`, `accountOnly`, `badRequest`.
 */
export async function requireUnlinkable(
  context: DeploymentContext,
  device: DeviceIdentity,
  operation: DeviceOperation,
  id: string,
  body: Uint8Array,
): Promise<void> {
  if (isUnlinked(device)) {
    if (OF_ACCOUNTS.has(operation)) throw new ProviderError('accountOnly');
    return;
  }
  if (context.deployment === 'enterprise') return;
  if (await links(context, device, operation, id, body)) throw new ProviderError('linkable');
}

async function links(
  context: DeploymentContext,
  device: DeviceIdentity,
  operation: DeviceOperation,
  id: string,
  body: Uint8Array,
): Promise<boolean> {
  switch (operation) {
    case 'uploadKeyPackageSets': {
      const { entries } = decodeBody(decodeUploadKeyPackageSets, body);
      return entries.some(({ kind }) => kind === 'pseudonymous');
    }
    case 'createRoom':
      return isModeRoom(body) && hides(decodeBody(decodeModeRoom, body).mode);
    case 'update':
      return hides(decodeBody(readSubmission, body).mode) || hidesHere(context, id);
    case 'submitMessage':
      return namesPseudonym(body) || hidesHere(context, id);
    case 'groupInfo': {
      const { requestingCredential } = decodeBody(decodeGroupInfoRequest, body);
      return requestingCredential.type !== BASIC_CREDENTIAL || hidesHere(context, id);
    }
    case 'roomSlots':
      // Who comes by a link asks for slots before it is served the room. Of a room of another hub that no device
      // here is in, this provider does not know the mode: there it rests with the client.
      return decodeBody(decodeRoomSlotsRequest, body).all
        ? isNotServed(context, device, id)
        : hidesHere(context, id);
    case 'reportAbuse':
      // Only a report that is sealed can be of a room that hides who is in it.
      return isModeReport(body) && isNotServed(context, device, id);
    case 'claimKeyPackages': {
      const { roomUri } = decodeBody(decodeSealedRequest, body);
      return roomUri !== undefined && isNotServed(context, device, roomUri);
    }
    default:
      return !HARMLESS.has(operation);
  }
}

/** Whether a mode hides identities; one that is not known here is refused by the operation itself. */
function hides(name: string): boolean {
  try {
    return modeNamed(name).credentials.hidesIdentities;
  } catch (error) {
    if (error instanceof PrivacyError && error.code === 'unknownMode') return false;
    throw error;
  }
}

function namesPseudonym(body: Uint8Array): boolean {
  const { sendingUri } = isModeMessage(body)
    ? decodeBody(decodeModeMessage, body).request
    : decodeBody(decodeSubmitMessageRequest, body);
  const { kind } = decodeBody(parseMimiUri, sendingUri);
  return kind === 'user' && isUserPseudonym(decodeBody(asUserUri, sendingUri));
}

/** Whether this provider is the hub of a room whose mode hides identities. */
async function hidesHere(
  { domain, store, directory }: DeploymentContext,
  id: string,
): Promise<boolean> {
  const room = decodeBody(asRoomUri, id);
  if (domainOf(room) !== domain) return false;
  const row = await store.get(directory.shardOf(room).name, roomRows.head(room));
  if (row === undefined) return false;
  const head = decodeRoomHead(row);
  return head.role === 'hub' && hides(head.mode);
}

/** Whether a device is served no events of a room: an account's is served those that name their people only. */
async function isNotServed(
  { store, directory }: DeploymentContext,
  { client }: DeviceIdentity,
  id: string,
): Promise<boolean> {
  const room: RoomUri = decodeBody(asRoomUri, id);
  const shard = directory.shardOf(room).name;
  return (await store.get(shard, roomRows.subscription(client, room))) === undefined;
}
