// Messages by what they are for, so that nobody counts array positions: draft-ietf-mimi-content, "Examples".

import { extensionsOf, noExtensions } from './build_extensions.ts';
import type { CborValue } from './cbor/value.ts';
import type { ExtensionKey } from './extension_values.ts';
import { ExtensionKeys } from './extensions.ts';
import { FrankingKeys } from './franking.ts';
import { SALT_BYTES } from './limits.ts';
import {
  Disposition,
  type Expiration,
  type MessageId,
  type MimiContent,
  type Profile,
  type ReplyReference,
} from './model.ts';
import { SHA_256 } from './named_hash.ts';
import { type ExternalOptions, encodeText, numberParts, type PartDraft, part } from './parts.ts';
import { hostRandom, type RandomSource } from './random.ts';
import { ContentError } from './rules.ts';
import { sha256 } from './sha256.ts';

export interface ComposerOptions {
  readonly profile: Profile;
  /** Named in each message (draft08): the URIs that the message ids are computed with. */
  readonly sender?: string | undefined;
  readonly room?: string | undefined;
  /** Whether draft04 messages, too, name both, and have a salt: what the franking of a room needs. */
  readonly franked?: boolean | undefined;
  /** Random bytes for salts; the runtime's when not given. */
  readonly random?: RandomSource | undefined;
}

/** A message that another one refers to. */
export interface MessageReference {
  readonly id: MessageId;
  /** Its container as received, or the SHA-256 of that: draft04 replies need the hash. */
  readonly container?: Uint8Array | undefined;
  readonly hash?: Uint8Array | undefined;
}

/** What any message may have. */
export interface MessageOptions {
  /** The topic that it belongs to. */
  readonly topicId?: Uint8Array | undefined;
  /** When it is to be deleted: at a time in milliseconds since the epoch, or so many seconds after it was read. */
  readonly expires?: { readonly at: number } | { readonly afterReading: number } | undefined;
  readonly inReplyTo?: MessageReference | undefined;
  /** A subject line, as the extension "subject". */
  readonly subject?: string | undefined;
  readonly extensions?: Iterable<readonly [ExtensionKey, CborValue]> | undefined;
  /** The latest messages that the sender knows of; draft04 only. */
  readonly lastSeen?: readonly MessageId[] | undefined;
  /** 16 bytes; random when not given. */
  readonly salt?: Uint8Array | undefined;
}

/** The name of the extension that holds a subject: a private one, as the registry has none. */
export const SUBJECT_KEY = 'subject';

/** Makes the messages of one sender in one room. Each method throws ContentError `invalidArgument` or `unencodable`. */
export class Composer {
  readonly #options: ComposerOptions;

  constructor(options: ComposerOptions) {
    this.#options = options;
  }

  /** A message with any body; a string is rich text. */
  message(body: PartDraft | string, options: MessageOptions = {}): MimiContent {
    return this.#content(body, options, undefined);
  }

  /** Plain text. */
  text(text: string, options?: MessageOptions): MimiContent {
    return this.message(part.text(text), options);
  }

  /** Rich text in GFM-MIMI, or in draft04 in GitHub Flavored Markdown. */
  markdown(text: string, options?: MessageOptions): MimiContent {
    return this.message(text, options);
  }

  /** An answer to a message. */
  reply(to: MessageReference, body: PartDraft | string, options: MessageOptions = {}): MimiContent {
    return this.message(body, { ...options, inReplyTo: to });
  }

  /** One reaction or several, each a text of its own. */
  react(
    to: MessageReference,
    reactions: string | readonly string[],
    options: MessageOptions = {},
  ): MimiContent {
    const parts = [reactions]
      .flat()
      .map((text) => part.text(text, { disposition: Disposition.reaction }));
    const [only, ...others] = parts;
    if (only === undefined) throw new ContentError('invalidArgument', 'There is no reaction.');
    const body =
      others.length === 0
        ? only
        : part.multi('processAll', parts, { disposition: Disposition.reaction });
    return this.message(body, { ...options, inReplyTo: to });
  }

  /** Takes a reaction back: `reaction` is the id of the message that made it, `to` what it was made to. */
  unlike(reaction: MessageId, to?: MessageReference, options: MessageOptions = {}): MimiContent {
    const body = part.nothing({ disposition: Disposition.reaction });
    return this.#content(body, { ...options, inReplyTo: to }, reaction);
  }

  /** Another version of a message of one's own; `first` is the id of its first version. */
  edit(first: MessageId, body: PartDraft | string, options: MessageOptions = {}): MimiContent {
    return this.#content(body, options, first);
  }

  /** Takes a message of one's own back; `first` is the id of its first version. */
  delete(first: MessageId, options: MessageOptions = {}): MimiContent {
    return this.#content(part.nothing({ disposition: Disposition.render }), options, first);
  }

  /** A file at a URL: `{ url, ...attachment.fields }` of an attachment that `encryptAttachment` made, and its name. */
  attachment(file: ExternalOptions, options?: MessageOptions): MimiContent {
    return this.message(part.external(file), options);
  }

  /** The way into a conference. */
  conference(
    { url, description = '' }: { readonly url: string; readonly description?: string },
    options?: MessageOptions,
  ): MimiContent {
    const body = part.external({ url, description, disposition: Disposition.session });
    return this.message(body, options);
  }

  #content(
    given: PartDraft | string,
    options: MessageOptions,
    replaces: MessageId | undefined,
  ): MimiContent {
    const { profile } = this.#options;
    const body = typeof given === 'string' ? part.markdown(given, { profile }) : given;
    return {
      profile,
      salt: profile === 'draft08' ? this.#salt(options.salt) : undefined,
      replaces,
      topicId: options.topicId ?? new Uint8Array(),
      expires: expirationOf(options.expires),
      inReplyTo: this.#reference(options.inReplyTo),
      lastSeen: options.lastSeen ?? [],
      extensions: this.#extensions(options),
      body: numberParts(body),
    };
  }

  #salt(given: Uint8Array | undefined): Uint8Array {
    return given ?? (this.#options.random ?? hostRandom)(SALT_BYTES);
  }

  #reference(to: MessageReference | undefined): ReplyReference | undefined {
    if (to === undefined) return undefined;
    if (this.#options.profile === 'draft08') return { messageId: to.id };
    const { id, container, hash = container && sha256(container) } = to;
    if (hash === undefined) {
      throw new ContentError('invalidArgument', 'A reply in draft04 needs the container, to hash.');
    }
    return { messageId: id, hashAlg: SHA_256, hash };
  }

  #extensions(options: MessageOptions) {
    const { subject, extensions = [] } = options;
    const { profile, sender, room } = this.#options;
    const entries = new Map<ExtensionKey, CborValue>();
    if (profile === 'draft08') {
      if (sender !== undefined) entries.set(ExtensionKeys.senderUri, sender);
      if (room !== undefined) entries.set(ExtensionKeys.roomUri, room);
    } else if (this.#options.franked === true) {
      entries.set(FrankingKeys.salt, this.#salt(options.salt));
      entries.set(FrankingKeys.sender, encodeText(sender ?? ''));
      entries.set(FrankingKeys.room, encodeText(room ?? ''));
    }
    if (subject !== undefined) {
      entries.set(
        SUBJECT_KEY,
        profile === 'draft08' ? subject : encodeText(subject, `/5/${SUBJECT_KEY}`),
      );
    }
    for (const [key, value] of extensions) entries.set(key, value);
    return entries.size === 0 ? noExtensions(profile) : extensionsOf(profile, entries);
  }
}

function expirationOf(expires: MessageOptions['expires']): Expiration | undefined {
  if (expires === undefined) return undefined;
  if ('at' in expires) return { relative: false, seconds: Math.floor(expires.at / 1000) };
  return { relative: true, seconds: expires.afterReading };
}

/**
 * A link to a user or room in GFM-MIMI, which clients show as a mention. Whatever is in the name is text, and what no URI
 * may hold is percent-encoded.
 */
export function mention(name: string, uri: string): string {
  const text = name
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_~|&!]/g, '\\$&')
    // Some parsers take escaped brackets for a link within the link.
    .replace(/[<[\]]/g, (character) => `&#${character.charCodeAt(0)};`);
  const target = uri
    .replace(/[\s<>\\`]/g, (character) => encodeURIComponent(character))
    .replaceAll('&', '\\&');
  return /^[^()]+$/.test(target) ? `[${text}](${target})` : `[${text}](<${target}>)`;
}

/** The same in HTML. */
export function mentionHtml(name: string, uri: string): string {
  return `<a href="${escapeHtml(uri)}">${escapeHtml(name)}</a>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
