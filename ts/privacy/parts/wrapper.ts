// Wrapper generations: how members, and they only, get the keys of each other's identity links.
// docs/modes, "Wrapper generations". W is random and changes with every removal; all that the hub stores is
//   C: W of the generation before, under W;  H: W, under the wrapper seal of an epoch;  L: a client's k, under W.
//   struct { opaque client_pseudonym<V>; opaque link_key[32]; } LinkKeyEntry;
//   struct { opaque wrapper[32]; LinkKeyEntry link_keys<V>; } WelcomeSecrets;

import {
  asClientUri,
  type ClientUri,
  decoder,
  encoder,
  type Reader,
  type Writer,
} from '../../wire/index.ts';
import { PrivacyError, refused } from '../errors.ts';
import { linkKeyHash } from './identity_link.ts';
import {
  checkSecret,
  child,
  equalInConstantTime,
  openSecret,
  randomSecret,
  sealUnder,
} from './seal.ts';
import { decoding, KEY_BYTES, labelledHash, readUri } from './structs.ts';

const PREVIOUS = 'previous wrapper';
const FOR_EPOCH = 'wrapper for epoch';
const LINK_KEY = 'link key';

/** A fresh wrapper key W, 32 bytes. */
export const newWrapper: () => Uint8Array = randomSecret;

/** The public name of a generation, 32 bytes. */
export function generationId(wrapper: Uint8Array): Uint8Array {
  checkSecret(wrapper, 'wrapper');
  return labelledHash('wrapper generation', (writer) =>
    writer.fixed(wrapper, KEY_BYTES, 'wrapper'),
  );
}

const encodeGenerationContext = encoder(
  (writer: Writer, value: { groupId: Uint8Array; generation: Uint8Array }) => {
    writer.opaque(value.groupId, 'groupId');
    writer.fixed(value.generation, KEY_BYTES, 'generation');
  },
);

const encodeEpochContext = encoder(
  (writer: Writer, value: { groupId: Uint8Array; epoch: bigint; generation: Uint8Array }) => {
    writer.opaque(value.groupId, 'groupId');
    writer.u64(value.epoch, 'epoch');
    writer.fixed(value.generation, KEY_BYTES, 'generation');
  },
);

const encodeClientContext = encoder(
  (writer: Writer, value: { groupId: Uint8Array; client: ClientUri; generation: Uint8Array }) => {
    writer.opaque(value.groupId, 'groupId');
    writer.text(value.client, 'client');
    writer.fixed(value.generation, KEY_BYTES, 'generation');
  },
);

/** C: seals the key of the generation before under that of the new one. */
export function sealPrevious(
  groupId: Uint8Array,
  wrapper: Uint8Array,
  previous: Uint8Array,
): Uint8Array {
  checkSecret(previous, 'previous');
  const context = encodeGenerationContext({ groupId, generation: generationId(wrapper) });
  return sealUnder(child(wrapper, PREVIOUS), PREVIOUS, context, previous);
}

export interface OpenPreviousInput {
  readonly groupId: Uint8Array;
  /** The key of the newer generation. */
  readonly wrapper: Uint8Array;
  /** `generationId` of the generation before. */
  readonly generation: Uint8Array;
}

/** Opens C. Throws PrivacyError `malformed`, `undecryptable`, `wrongGeneration`. */
export function openPrevious(input: OpenPreviousInput, sealed: Uint8Array): Uint8Array {
  const { groupId, wrapper } = input;
  const context = encodeGenerationContext({ groupId, generation: generationId(wrapper) });
  const previous = openSecret(child(wrapper, PREVIOUS), PREVIOUS, context, sealed);
  return ofGeneration(previous, input.generation);
}

export interface EpochSlot {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** Of that epoch's keys. */
  readonly wrapperSeal: Uint8Array;
}

/** H: seals W for the members of an epoch. */
export function sealForEpoch(slot: EpochSlot, wrapper: Uint8Array): Uint8Array {
  const { groupId, epoch, wrapperSeal } = slot;
  const context = encodeEpochContext({ groupId, epoch, generation: generationId(wrapper) });
  return sealUnder(child(wrapperSeal, FOR_EPOCH), FOR_EPOCH, context, wrapper);
}

/** Opens H for the generation with this id. Throws PrivacyError `malformed`, `undecryptable`, `wrongGeneration`. */
export function openForEpoch(
  slot: EpochSlot,
  generation: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  // The id may come from a hub, and is then of any length.
  if (generation.length !== KEY_BYTES) throw refused('wrongGeneration', 'generationId');
  const { groupId, epoch, wrapperSeal } = slot;
  const context = encodeEpochContext({ groupId, epoch, generation });
  const wrapper = openSecret(child(wrapperSeal, FOR_EPOCH), FOR_EPOCH, context, sealed);
  return ofGeneration(wrapper, generation);
}

/** A member who knows the seal could have sealed anything: the id tells. */
function ofGeneration(wrapper: Uint8Array, generation: Uint8Array): Uint8Array {
  if (!equalInConstantTime(generationId(wrapper), generation)) {
    throw refused('wrongGeneration', 'generationId');
  }
  return wrapper;
}

export interface ClientSlot {
  readonly groupId: Uint8Array;
  /** The client pseudonym. */
  readonly client: ClientUri;
  readonly wrapper: Uint8Array;
}

/** L: seals a client's link key k for all who have W. */
export function sealLinkKey(slot: ClientSlot, linkKey: Uint8Array): Uint8Array {
  checkSecret(linkKey, 'linkKey');
  return sealUnder(child(slot.wrapper, LINK_KEY), LINK_KEY, clientContext(slot), linkKey);
}

/**
 * Opens L; `expectedHash` is H(k) of the client's credential.
 * Throws PrivacyError `malformed`, `undecryptable`, `wrongLinkKey`.
 */
export function openLinkKey(
  slot: ClientSlot,
  expectedHash: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  const key = child(slot.wrapper, LINK_KEY);
  const linkKey = openSecret(key, LINK_KEY, clientContext(slot), sealed);
  if (!equalInConstantTime(linkKeyHash(linkKey), expectedHash)) {
    throw refused('wrongLinkKey', 'linkKeyHash');
  }
  return linkKey;
}

function clientContext({ groupId, client, wrapper }: ClientSlot): Uint8Array {
  return encodeClientContext({ groupId, client, generation: generationId(wrapper) });
}

/**
 * What `open` makes of the first version of a slot that it accepts: a hub appends and overwrites nothing, so that a
 * bad version hides no good one. Throws the last version's PrivacyError, or `undecryptable` when there is none.
 */
export function firstThatOpens<Value>(
  versions: readonly Uint8Array[],
  open: (sealed: Uint8Array) => Value,
): Value {
  let last = refused('undecryptable', 'noVersion');
  for (const version of versions) {
    try {
      return open(version);
    } catch (error) {
      if (!(error instanceof PrivacyError)) throw error;
      last = error;
    }
  }
  throw last;
}

/** What a Welcome, and nothing else, carries for those it welcomes: in a GroupInfo extension. */
export interface WelcomeSecrets {
  readonly wrapper: Uint8Array;
  readonly linkKeys: readonly { readonly client: ClientUri; readonly linkKey: Uint8Array }[];
}

/** The bytes are secret. Throws WireError `unencodable`. */
export const encodeWelcomeSecrets = encoder((writer: Writer, value: WelcomeSecrets) => {
  writer.fixed(value.wrapper, KEY_BYTES, 'wrapper');
  writer.list(value.linkKeys, 'linkKeys', (to, { client, linkKey }) => {
    to.text(client, 'client');
    to.fixed(linkKey, KEY_BYTES, 'linkKey');
  });
});

const decodeSecrets = decoder(
  (reader: Reader): WelcomeSecrets => ({
    wrapper: reader.fixed(KEY_BYTES, 'wrapper'),
    linkKeys: reader.list('linkKeys', (item) => ({
      client: readUri(item, 'client', asClientUri),
      linkKey: item.fixed(KEY_BYTES, 'linkKey'),
    })),
  }),
);

/** Refuses a client that stands there twice. Throws PrivacyError `malformed`. */
export function decodeWelcomeSecrets(bytes: Uint8Array): WelcomeSecrets {
  const secrets = decoding('WelcomeSecrets', () => decodeSecrets(bytes));
  const clients = new Set(secrets.linkKeys.map(({ client }) => client));
  if (clients.size !== secrets.linkKeys.length) throw refused('malformed', 'linkKeys');
  return secrets;
}
