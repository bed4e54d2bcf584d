// What a privacy mode is: the answers that it gives to clients, hubs, policy and store, which know nothing else of it.
// A mode is a file under modes/ that composes the parts beside it; a further one needs no change elsewhere.

import type { CipherSuite, Credential, KeyPair } from '../mls/index.ts';
import type { Participant } from '../room/index.ts';
import type { HandshakePayload, HubPart, SetKind } from '../wire/index.ts';
import type { EpochKeys } from './parts/epoch_root.ts';

/** What a leaf shows of its owner. */
export interface LeafIdentity {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}

/** Which credential a leaf carries, and whom it names. */
export interface Credentials {
  /** CredentialType (RFC 9420, section 17.5). */
  readonly type: number;
  /** Whether a leaf names pseudonyms, behind which members find the real identity by its link. */
  readonly hidesIdentities: boolean;
  /**
   * How key packages are handed out: in sets, for a connection's token, or, where `undefined`, by the key material
   * request of draft-ietf-mimi-protocol-06, which names everybody.
   */
  readonly keyPackageSets: SetKind | undefined;
  /** The user and client that a leaf names. Throws RoomError `badCredential`, PrivacyError. */
  participant(leaf: LeafIdentity, suite: CipherSuite): Participant;
}

/** Which handshake is meant, as it stands in the clear. */
export interface HandshakeAddress {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  /** Of the group before the handshake. */
  readonly epoch: bigint;
  readonly kind: 'proposal' | 'commit' | 'slots';
}

/** A provider's key for what only it shall read. */
export interface HubKey {
  readonly id: Uint8Array;
  /** HPKE public key of cipher suite 1. */
  readonly publicKey: Uint8Array;
}

/** To whom a handshake is wrapped. */
export interface WrapFor {
  /** Public keys of the epoch; several where several were announced. */
  readonly memberKeys: readonly Uint8Array[];
  readonly hub: HubKey | undefined;
  /** Whether the sender is not a member yet. */
  readonly joins: boolean;
}

/** How handshakes travel. Whatever does not open is refused with a PrivacyError. */
export interface Handshakes {
  /** The wire format of members' handshakes in MLS: PublicMessage or PrivateMessage. */
  readonly form: 'public' | 'private';
  wrap(payload: HandshakePayload, address: HandshakeAddress, to: WrapFor): Uint8Array;
  openAsMember(
    bytes: Uint8Array,
    address: HandshakeAddress,
    keys: EpochKeys | undefined,
  ): HandshakePayload;
  openAsHub(bytes: Uint8Array, address: HandshakeAddress, keys: KeyPair): HandshakePayload;
}

/** In which form the hub gets what it alone gets. */
export interface HubParts {
  seal(part: HubPart, address: HandshakeAddress, hub: HubKey | undefined): Uint8Array;
  open(bytes: Uint8Array, address: HandshakeAddress, keys: KeyPair): HubPart;
}

/** A privacy mode of a room. */
export interface Mode {
  /** As it is pinned in the room. */
  readonly name: string;
  readonly credentials: Credentials;
  readonly handshakes: Handshakes;
  readonly hubParts: HubParts;
  /** The hub follows the group and judges each handshake, or it puts handshakes in order and sees none of them. */
  readonly hub: 'verifies' | 'orders';
  /** The structs of updates and events: those of draft-ietf-mimi-protocol-06, or ours around them. */
  readonly framing: 'draft' | 'mode';
}
