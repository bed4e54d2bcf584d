// The operations for accounts whose rooms hide identities, of devices and of other providers.

import {
  asProviderUri,
  asRoomUri,
  asUserUri,
  decodeBlindedBatch,
  decodeLettersRequest,
  decodeNote,
  decodeOpenQueue,
  decodeSealedRequest,
  decodeUploadKeyPackageSets,
  domainOf,
  encodeBlindedBatch,
  encodeOpenSets,
  encodeProviderKeys,
  encodeQueueOpened,
  type RoomUri,
  type UserUri,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { ProviderError } from '../errors.ts';
import type { AccountEndpoint } from '../peers.ts';
import type { DeviceIdentity } from '../records/account_rows.ts';
import { ClaimRelay, type HubMayRelay } from './claim_relay.ts';
import { Contacts } from './contacts.ts';
import type { HiddenAccountsContext } from './context.ts';
import type { Devices } from './devices.ts';
import type { IssuerKeys } from './issuer_keys.ts';
import { KeyPackageSets } from './key_package_sets.ts';
import { Letters } from './letters.ts';
import { Notes } from './notes.ts';
import type { KnownProviderKeys } from './provider_keys.ts';
import { Queues } from './queues.ts';
import { SetClaims } from './set_claims.ts';
import { Tokens } from './tokens.ts';
import { isUnlinked } from './unlinked.ts';

/** The operations of the local client API. */
export type AccountOperation =
  | AccountEndpoint
  | 'uploadKeyPackageSets'
  | 'publishContact'
  | 'letters'
  | 'note'
  | 'issueTokens'
  | 'leaveSet'
  | 'closeQueue'
  | 'declarePseudonym';

/** What anybody may ask: nothing tells whose request it is. */
export type AnonymousOperation = 'providerKeys' | 'openQueue';

const EMPTY = new Uint8Array();

/** What the operations need of the rest of the provider. */
export interface AccountServices {
  readonly providerKeys: KnownProviderKeys;
  readonly hubMayRelay: HubMayRelay;
  readonly declare: (user: UserUri, room: RoomUri, body: Uint8Array) => Promise<void>;
  /** Where this provider does not map pseudonyms to its users. */
  readonly issuer: IssuerKeys | undefined;
}

/** Each gives the body of its answer. */
export class AccountOperations {
  readonly #domain: string;
  readonly #keys: KnownProviderKeys;
  readonly #sets: KeyPackageSets;
  readonly #claims: ClaimRelay;
  readonly #contacts: Contacts;
  readonly #letters: Letters;
  readonly #notes: Notes;
  /** Of a provider that issues tokens. */
  readonly #issuer: { readonly tokens: Tokens; readonly queues: Queues } | undefined;

  readonly #declare: AccountServices['declare'];

  constructor(
    context: HiddenAccountsContext,
    devices: Devices,
    { providerKeys, hubMayRelay, declare, issuer }: AccountServices,
  ) {
    this.#domain = context.domain;
    this.#keys = providerKeys;
    this.#declare = declare;
    this.#issuer = issuer && {
      tokens: new Tokens(context, issuer),
      queues: new Queues(context, issuer),
    };
    this.#sets = new KeyPackageSets(context, devices);
    this.#claims = new ClaimRelay(context, new SetClaims(context), hubMayRelay);
    this.#contacts = new Contacts(context, devices);
    this.#letters = new Letters(context);
    this.#notes = new Notes(context);
  }

  /** A request of a local device; `id` is the URI of the path. @throws ProviderError, RoomError. */
  async fromDevice(
    device: DeviceIdentity,
    operation: AccountOperation,
    id: string,
    body: Uint8Array,
  ): Promise<Uint8Array> {
    switch (operation) {
      case 'providerKeys':
        return this.fromAnybody(operation, id, body);
      case 'uploadKeyPackageSets': {
        const request = decodeBody(decodeUploadKeyPackageSets, body);
        return encodeOpenSets(await this.#sets.upload(device, request));
      }
      case 'claimKeyPackages':
        return this.#claims.forDevice(id, decodeBody(decodeSealedRequest, body));
      case 'publishContact':
        await this.#contacts.publish(device, body);
        return EMPTY;
      case 'contact':
        requireEmpty(body);
        return this.#contacts.forDevice(decodeBody(asUserUri, id));
      case 'letter':
        await this.#letters.forDevice(decodeBody(asUserUri, id), body);
        return EMPTY;
      case 'letters':
        return this.#letters.read(device.client, decodeBody(decodeLettersRequest, body));
      case 'declarePseudonym':
        await this.#declare(device.user, decodeBody(asRoomUri, id), body);
        return EMPTY;
      case 'note':
        return this.#notes.use(device.user, decodeBody(decodeNote, body));
      case 'issueTokens': {
        const { tokens } = this.#requireIssuer();
        return encodeBlindedBatch(
          await tokens.issue(device.user, decodeBody(decodeBlindedBatch, body)),
        );
      }
      case 'leaveSet':
      case 'closeQueue': {
        requireEmpty(body);
        if (!isUnlinked(device)) throw new ProviderError('wrongDevice', 'This is no queue.');
        const { queues } = this.#requireIssuer();
        await (operation === 'leaveSet'
          ? queues.leaveSet(device.client)
          : queues.close(device.client));
        return EMPTY;
      }
    }
  }

  /** A request of nobody in particular. @throws ProviderError. */
  async fromAnybody(
    operation: AnonymousOperation,
    id: string,
    body: Uint8Array,
  ): Promise<Uint8Array> {
    switch (operation) {
      case 'providerKeys':
        requireEmpty(body);
        return encodeProviderKeys(await this.#keys.of(domainOf(decodeBody(asProviderUri, id))));
      case 'openQueue': {
        const { queues } = this.#requireIssuer();
        return encodeQueueOpened(await queues.open(decodeBody(decodeOpenQueue, body)));
      }
    }
  }

  #requireIssuer() {
    if (this.#issuer !== undefined) return this.#issuer;
    throw new ProviderError('wrongDeployment', undefined, {
      details: { deployment: 'enterprise' },
    });
  }

  /** A request of another provider. @throws ProviderError. */
  async fromPeer(
    source: string,
    endpoint: AccountEndpoint,
    id: string,
    body: Uint8Array,
  ): Promise<Uint8Array> {
    switch (endpoint) {
      case 'providerKeys': {
        requireEmpty(body);
        const asked = domainOf(decodeBody(asProviderUri, id));
        if (asked !== this.#domain) throw new ProviderError('notTarget');
        return encodeProviderKeys(this.#keys.own());
      }
      case 'claimKeyPackages':
        return this.#claims.forPeer(source, id, decodeBody(decodeSealedRequest, body));
      case 'contact':
        requireEmpty(body);
        return this.#contacts.forPeer(decodeBody(asUserUri, id));
      case 'letter':
        await this.#letters.forPeer(decodeBody(asUserUri, id), body);
        return EMPTY;
    }
  }
}

/** What has no body carries none, so that nothing goes unread. */
function requireEmpty(body: Uint8Array): void {
  if (body.length > 0) throw new ProviderError('badRequest', 'The operation takes no body.');
}
