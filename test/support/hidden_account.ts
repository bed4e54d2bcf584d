// An account in rooms that hide identities, made by hand: parts of key package sets, claims of them, contact cards.

import {
  createKeyPackage,
  generateSignatureKeyPair,
  Identity,
  type KeyPackageOptions,
} from '../../ts/mls/index.ts';
import {
  type ClaimedKeyPackage,
  openClaimAnswer,
  sealClaim,
  sealClaimedLinkKey,
} from '../../ts/privacy/parts/claim.ts';
import { makeContactCard } from '../../ts/privacy/parts/contact_card.ts';
import {
  claimToken,
  claimTokenHash,
  connectionKey,
  contactKey,
  pseudonymKey,
} from '../../ts/privacy/parts/pseudonym.ts';
import { makeCredential } from '../../ts/privacy/parts/pseudonym_credential.ts';
import {
  decodeLetters,
  decodeNoteValue,
  decodeOpenSets,
  decodeProviderKeys,
  domainOf,
  encodeLettersRequest,
  encodeNote,
  encodeSealedRequest,
  encodeUploadKeyPackageSets,
  type Letter,
  type OpenSet,
  type ProviderKeys,
  providerUri,
  type RoomUri,
  type SetEntry,
  type SetKind,
  type UserUri,
} from '../../ts/wire/index.ts';
import { type Call, MlsMember } from './mls_member.ts';

const NONE = new Uint8Array();

/** A set's id by a word. */
export const setId = (word: string): Uint8Array => new TextEncoder().encode(word);

/** What all devices of one user share. */
export class HiddenAccount {
  readonly secret = crypto.getRandomValues(new Uint8Array(32));
  /** Rises when a connection ends. */
  generation = 0;

  get connectionKey(): Uint8Array {
    return connectionKey(this.secret, this.generation);
  }

  get token(): Uint8Array {
    return claimToken(this.connectionKey);
  }

  get tokenHash(): Uint8Array {
    return claimTokenHash(this.token);
  }
}

export interface PartOptions extends KeyPackageOptions {
  readonly kind?: SetKind | undefined;
  /** Names the pseudonym; that of the set when not given. */
  readonly index?: string | undefined;
  /** Of the credential, where it is not the pseudonymous one. */
  readonly credentialType?: number | undefined;
}

export interface ClaimOptions {
  readonly kind?: SetKind | undefined;
  readonly suite?: 1 | 2 | 3 | undefined;
  readonly expiry?: number | undefined;
  readonly room?: RoomUri | undefined;
}

/** A claim on its way, and how its answer is opened. */
export interface SealedClaim {
  readonly sealed: Uint8Array;
  readonly open: (answer: Uint8Array) => ClaimedKeyPackage[];
}

/** One device of an account, with the operations for what is hidden. */
export class HiddenDevice extends MlsMember {
  readonly account: HiddenAccount;

  constructor(call: Call, domain: string, name: string, account: HiddenAccount) {
    super(call, domain, name);
    this.account = account;
  }

  /** A part of the set `set`. */
  part(set: string, options: PartOptions = {}): SetEntry {
    const { kind = 'pseudonymous', lastResort = false } = options;
    const id = setId(set);
    if (kind === 'real') {
      const { keyPackage } = createKeyPackage(this.store, this.identity, options);
      return { id, kind, lastResort, keyPackage, sealedKey: NONE };
    }
    const leaf = generateSignatureKeyPair(1);
    const { credential, linkKey } = makeCredential({
      suite: 1,
      domain: domainOf(this.device.user),
      pseudonymKey: pseudonymKey(1, this.account.secret, setId(options.index ?? set)),
      leafSignatureKey: leaf.publicKey,
      real: this.#signer,
    });
    const type = options.credentialType ?? credential.type;
    const identity = Identity.import(this.store, 1, { ...credential, type }, leaf);
    const { keyPackage } = createKeyPackage(this.store, identity, options);
    const sealedKey = sealClaimedLinkKey(this.account.connectionKey, keyPackage, linkKey);
    return { id, kind, lastResort, keyPackage, sealedKey };
  }

  async uploadSets(
    entries: readonly SetEntry[],
    tokenHash = this.account.tokenHash,
  ): Promise<OpenSet[]> {
    const body = encodeUploadKeyPackageSets({ tokenHash, entries });
    return decodeOpenSets(await this.call('uploadKeyPackageSets', '', body));
  }

  /** The ids of the sets that are open, as words. */
  async openSets(): Promise<string[]> {
    const sets = await this.uploadSets([], NONE);
    return sets.map(({ id }) => new TextDecoder().decode(id));
  }

  async providerKeys(domain: string): Promise<ProviderKeys> {
    return decodeProviderKeys(await this.call('providerKeys', providerUri(domain), NONE));
  }

  /** Makes a claim of the key packages of the user of `token` at `domain`. */
  async makeClaim(
    domain: string,
    token: Uint8Array,
    { kind = 'pseudonymous', suite = 1, expiry = Date.now() + 60_000 }: ClaimOptions = {},
  ): Promise<SealedClaim> {
    const { sealingKey } = await this.providerKeys(domain);
    const target = { suite: 1, domain, publicKey: sealingKey } as const;
    const { sealed, pending } = sealClaim(target, { token, expiry, kind, suite });
    return { sealed, open: (answer) => openClaimAnswer(pending, answer) };
  }

  /** Sends a claim and gives the sealed answer. */
  postClaim(domain: string, sealed: Uint8Array, roomUri?: RoomUri): Promise<Uint8Array> {
    const body = encodeSealedRequest({ roomUri, sealed });
    return this.call('claimKeyPackages', providerUri(domain), body);
  }

  /** Claims key packages: those of a set, or none. */
  async claimSet(
    domain: string,
    token: Uint8Array,
    options: ClaimOptions = {},
  ): Promise<ClaimedKeyPackage[]> {
    const { sealed, open } = await this.makeClaim(domain, token, options);
    return open(await this.postClaim(domain, sealed, options.room));
  }

  /** The user's card, signed by this device. */
  card(): Uint8Array {
    const { publicKey } = contactKey(1, this.account.secret, this.account.generation);
    return makeContactCard(1, publicKey, this.#signer);
  }

  async sendLetter(to: UserUri, sealed: Uint8Array): Promise<void> {
    await this.call('letter', to, sealed);
  }

  async letters(done = 0n): Promise<Letter[]> {
    return decodeLetters(await this.call('letters', '', encodeLettersRequest(done)));
  }

  async note(key: Uint8Array, value?: Uint8Array): Promise<Uint8Array | undefined> {
    return decodeNoteValue(await this.call('note', '', encodeNote({ key, value })));
  }

  get #signer() {
    const { identity } = this;
    return {
      credential: identity.credential,
      signatureKey: identity.signatureKey,
      sign: (label: string, content: Uint8Array) => identity.sign(label, content),
    };
  }
}
