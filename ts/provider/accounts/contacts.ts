// Contact cards: what a user publishes so that others can ask for a connection. spec/privacy-modes.md, "Connections".

import { PrivacyError } from '../../privacy/errors.ts';
import { type ContactCard, readContactCard } from '../../privacy/parts/contact_card.ts';
import { domainOf, type UserUri } from '../../wire/index.ts';
import { askPeer } from '../ask_peer.ts';
import { sameBytes } from '../bytes.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import type { DeviceIdentity } from '../records/account_rows.ts';
import { hiddenRows } from '../rows.ts';
import type { HiddenAccountsContext } from './context.ts';
import type { Devices } from './devices.ts';

const EMPTY = new Uint8Array();

/** The cards of this provider's users, and the way to those of others. */
export class Contacts {
  readonly #context: HiddenAccountsContext;
  readonly #devices: Devices;

  constructor(context: HiddenAccountsContext, devices: Devices) {
    this.#context = context;
    this.#devices = devices;
  }

  /**
   * Stores the card of the device's user in the place of an older one. It is signed by one of the user's devices.
   * @throws ProviderError `tooLarge`, `badRequest`, `wrongDevice`.
   */
  async publish({ user }: DeviceIdentity, bytes: Uint8Array): Promise<void> {
    this.#requireSize(bytes);
    const card = readCard(bytes);
    if (card instanceof PrivacyError) {
      throw new ProviderError('badRequest', `The card is refused: ${card.code}.`, {
        cause: card,
        details: { reason: card.code },
      });
    }
    const { client, signatureKey } = card.signer;
    const registered = card.user === user ? await this.#devices.find(client) : undefined;
    if (registered?.user !== user || !sameBytes(registered.signatureKey, signatureKey)) {
      throw new ProviderError('wrongDevice', 'The card is not signed by a device of the user.');
    }
    const rows = [{ key: hiddenRows.contact(user), value: bytes }];
    await this.#context.directory.accounts.run({ decide: () => ({ answer: undefined, rows }) });
  }

  /** A local device asks for anybody's card. @throws ProviderError `noSuchContact`, `unknownPeer`, `peer…`. */
  async forDevice(user: UserUri): Promise<Uint8Array> {
    const { domain, peers } = this.#context;
    const owner = domainOf(user);
    if (owner === domain) return this.#own(user);
    const request = { domain: owner, endpoint: 'contact', id: user, body: EMPTY } as const;
    const bytes = await askPeer(peers, request, { 404: 'noSuchContact' });
    const card = bytes.length > this.#context.limits.contactBytes ? undefined : readCard(bytes);
    if (card === undefined || card instanceof PrivacyError || card.user !== user) {
      throw new ProviderError('peerRefused', 'The answer is not the card of the user.');
    }
    return bytes;
  }

  /** Another provider asks for the card of one of our users. @throws ProviderError `notTarget`, `noSuchContact`. */
  async forPeer(user: UserUri): Promise<Uint8Array> {
    if (domainOf(user) !== this.#context.domain) throw new ProviderError('notTarget');
    return this.#own(user);
  }

  async #own(user: UserUri): Promise<Uint8Array> {
    const card = await this.#context.store.get(ACCOUNTS_SHARD, hiddenRows.contact(user));
    if (card === undefined) throw new ProviderError('noSuchContact');
    return card;
  }

  #requireSize({ length }: Uint8Array): void {
    const limit = this.#context.limits.contactBytes;
    if (length > limit) throw new ProviderError('tooLarge', undefined, { details: { limit } });
  }
}

/** The card, or why it is refused. */
function readCard(bytes: Uint8Array): ContactCard | PrivacyError {
  try {
    return readContactCard(bytes);
  } catch (error) {
    if (error instanceof PrivacyError && error.kind === 'payload') return error;
    throw error;
  }
}
