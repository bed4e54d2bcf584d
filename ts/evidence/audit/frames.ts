// What a server reads of the structs that it is sent and stores, with no key but its own: the first step of every attacker.

import { type KeyPair, MlsError } from '../../mls/index.ts';
import { frankingTagIn, type Mode, PrivacyError, readSubmission } from '../../privacy/index.ts';
import { decodeSigningKeys } from '../../provider/records/account_rows.ts';
import { decodeLogRecord } from '../../provider/records/log_record.ts';
import { RoomError } from '../../room/index.ts';
import {
  decodeCreateRoom,
  decodeFanoutMessages,
  decodeMlsMessage,
  decodeModeMessage,
  decodeModeRoom,
  decodeSubmitMessageRequest,
  decodeSyncResponse,
  decodeWelcome,
  type FanoutMessage,
  type Frank,
  type HandshakeView,
  type HubPart,
  hubPartOf,
  isModeMessage,
  isModeRoom,
  type SlotWrite,
  type WelcomeView,
  WireError,
} from '../../wire/index.ts';
import { HttpMessages } from './http_messages.ts';
import type { Recorded } from './tape.ts';

/** A Welcome as servers have it. */
export interface WelcomeShown {
  readonly ref: Uint8Array;
  readonly domain: string | undefined;
  readonly sealed: Uint8Array;
}

/** What one struct tells whoever has it. */
export interface Frame {
  readonly item: Recorded;
  readonly groupId: Uint8Array | undefined;
  readonly epoch: bigint | undefined;
  readonly content:
    | 'created'
    | 'application'
    | 'proposal'
    | 'commit'
    | 'welcome'
    | 'slots'
    | 'mandate';
  /** Bytes of the message itself. */
  readonly sizes: readonly number[];
  /** Whether it shows that its sender is no member yet. */
  readonly external: boolean;
  /** The Welcomes: for which key package, and at which provider, where that is said; how they look. */
  readonly welcomes: readonly WelcomeShown[];
  /** Who sent it, where that is said beside the message. */
  readonly sender: string | undefined;
  /** The frank that is fanned out with a message, and when that was accepted. */
  readonly frank: { readonly bytes: Frank; readonly acceptedAt: bigint } | undefined;
  /** The franking tag in the authenticated data of a message. */
  readonly tag: Uint8Array | undefined;
  /** MLSMessages that can be read in the clear. */
  readonly handshakes: readonly HandshakeView[];
  readonly slots: readonly SlotWrite[];
  /** What was for the hub alone, as far as it opens. */
  readonly part: HubPart | undefined;
  /** The message as MLS made it; empty where there is none. */
  readonly message: Uint8Array;
}

const NONE = new Uint8Array();
const BARE = {
  groupId: undefined,
  epoch: undefined,
  sizes: [],
  external: false,
  welcomes: [],
  sender: undefined,
  frank: undefined,
  tag: undefined,
  handshakes: [],
  slots: [],
  part: undefined,
  message: NONE,
} satisfies Partial<Frame>;

/** The keys that a server has for what is sealed to it: as they stand in its store. */
export function sealingKeysOf(recorded: readonly Recorded[]): KeyPair | undefined {
  for (const { place, what, bytes } of recorded) {
    if (place !== 'store row' || what !== 'accounts i') continue;
    const keys = attempt(() => decodeSigningKeys(bytes));
    if (keys?.sealing !== undefined) return keys.sealing;
  }
  return undefined;
}

/** The endpoint or operation of a request, and the body of a message. */
const PATH = /^\/(?:v1|client\/v1)\/([A-Za-z]+)/;

/** Reads with the keys of one server, in rooms of one mode. */
export class FrameReader {
  readonly #mode: Mode;
  readonly #keys: KeyPair | undefined;

  constructor(mode: Mode, keys: KeyPair | undefined) {
    this.#mode = mode;
    this.#keys = keys;
  }

  /** What an item tells; nothing where it is none of the structs that carry messages. */
  read(item: Recorded): Frame[] {
    switch (item.place) {
      case 'wire request':
      case 'wire response':
        return attempt(() => this.#ofWire(item)) ?? [];
      case 'log record':
        return attempt(() => this.#ofRecord(item)) ?? [];
      default:
        return [];
    }
  }

  #ofWire(item: Recorded): Frame[] {
    const endpoint = PATH.exec(item.what)?.[1];
    const [message] = new HttpMessages().push(item.bytes);
    if (endpoint === undefined || message === undefined || message.body.length === 0) return [];
    const { body } = message;
    if (item.place === 'wire response') {
      if (endpoint !== 'sync') return [];
      return decodeSyncResponse(body).events.flatMap(({ fanout }) => this.#ofFanout(item, fanout));
    }
    switch (endpoint) {
      case 'update':
        return [this.#ofUpdate(item, body)];
      case 'submitMessage':
        return [this.#ofMessage(item, body)];
      case 'notify':
        return this.#ofFanout(item, body);
      case 'createRoom':
        return [this.#ofCreation(item, body)];
      default:
        return [];
    }
  }

  #ofRecord(item: Recorded): Frame[] {
    const { fanout, welcome, from, kind } = decodeLogRecord(item.bytes);
    const told = [fanout, welcome].filter(({ length }) => length > 0);
    const frames = told.flatMap((bytes) => this.#ofFanout(item, bytes));
    // Of an inbox `from` is the hub, of which the message came.
    return frames.map((frame) => ({ ...frame, sender: kind === 'inbox' ? undefined : from }));
  }

  #ofCreation(item: Recorded, body: Uint8Array): Frame {
    if (!isModeRoom(body)) {
      const { groupInfo, ratchetTree } = decodeCreateRoom(body);
      return { ...BARE, item, content: 'created', part: hubPartOf({ groupInfo, ratchetTree }) };
    }
    const { hubPart, suite, roomUri } = decodeModeRoom(body);
    const groupId = new TextEncoder().encode(roomUri.replace('/r/', '/g/'));
    const address = { suite: suite as 1, groupId, epoch: 0n, kind: 'slots' } as const;
    return {
      ...BARE,
      item,
      content: 'created',
      groupId,
      epoch: 0n,
      part: this.#open((keys) => this.#mode.hubParts.open(hubPart, address, keys)),
    };
  }

  #ofUpdate(item: Recorded, body: Uint8Array): Frame {
    const submission = readSubmission(body);
    const { kind, groupId, epoch, payloads, draft, hubPart } = submission;
    const address = { suite: 1, groupId, epoch, kind } as const;
    if (draft !== undefined) {
      const messages =
        draft.kind === 'commit' ? [draft.message] : [draft.message, ...draft.moreProposals];
      const info = draft.kind === 'commit' ? draft.groupInfo : undefined;
      const welcome = draft.kind === 'commit' ? draft.welcome : undefined;
      return {
        ...this.#ofHandshakes(item, messages),
        welcomes: welcome === undefined ? [] : draftWelcomes(decodeWelcome(welcome)),
        part:
          info?.representation === 'full' ? hubPartOf({ groupInfo: info.groupInfo }) : undefined,
      };
    }
    const opened = this.#opened(payloads, address);
    return {
      ...BARE,
      ...opened,
      item,
      groupId,
      epoch,
      content: kind,
      sizes: payloads.map(({ length }) => length),
      external: submission.joins || opened.external,
      welcomes: submission.welcomes,
      part: this.#open((keys) => this.#mode.hubParts.open(hubPart, address, keys)),
      message: payloads[0] ?? NONE,
    };
  }

  #ofMessage(item: Recorded, body: Uint8Array): Frame {
    const request = isModeMessage(body)
      ? decodeModeMessage(body).request
      : decodeSubmitMessageRequest(body);
    const { appMessage, sendingUri } = request;
    return { ...this.#ofHandshakes(item, [appMessage]), sender: sendingUri };
  }

  #ofFanout(item: Recorded, bytes: Uint8Array): Frame[] {
    return decodeFanoutMessages(bytes).map((fanout) => this.#ofEvent(item, fanout));
  }

  #ofEvent(item: Recorded, fanout: FanoutMessage): Frame {
    switch (fanout.kind) {
      case 'modeWelcome': {
        const { welcome } = fanout;
        const sizes = [welcome.sealed.length];
        return { ...BARE, item, content: 'welcome', sizes, welcomes: [welcome] };
      }
      case 'mandate':
      case 'modeHandshake': {
        const { groupId, epoch } = fanout;
        const payloads = fanout.kind === 'mandate' ? [fanout.payload] : fanout.payloads;
        const content = fanout.kind === 'mandate' ? 'mandate' : fanout.handshake;
        const kind = fanout.kind === 'mandate' ? 'slots' : fanout.handshake;
        return {
          ...BARE,
          ...this.#opened(payloads, { suite: 1, groupId, epoch, kind }),
          item,
          groupId,
          epoch,
          content,
          sizes: payloads.map(({ length }) => length),
          message: payloads[0] ?? NONE,
        };
      }
      case 'welcome': {
        const { welcome, bytes } = fanout.message;
        const welcomes = draftWelcomes(welcome);
        const part =
          fanout.ratchetTree.representation === 'full'
            ? hubPartOf({ ratchetTree: fanout.ratchetTree.ratchetTree })
            : undefined;
        return { ...BARE, item, content: 'welcome', sizes: [bytes.length], welcomes, part };
      }
      case 'application': {
        const { frank: bytes, timestamp: acceptedAt } = fanout;
        const frank = bytes && { bytes, acceptedAt };
        return { ...this.#ofHandshakes(item, [fanout.message]), frank };
      }
      case 'proposal':
        return this.#ofHandshakes(item, [fanout.message, ...fanout.moreProposals]);
      case 'commit':
        return this.#ofHandshakes(item, [fanout.message]);
    }
  }

  #ofHandshakes(item: Recorded, messages: readonly HandshakeView[]): Frame {
    const [message] = messages as [HandshakeView];
    return {
      ...BARE,
      item,
      groupId: message.groupId,
      epoch: message.epoch,
      content: message.contentType,
      sizes: messages.map(({ bytes }) => bytes.length),
      external: messages.some(isExternal),
      tag: attempt(() => frankingTagIn(message.authenticatedData)),
      handshakes: messages.filter(({ wireFormat }) => wireFormat === 'publicMessage'),
      message: message.bytes,
    };
  }

  /** Payloads in the form of the mode, as far as this server opens them: what is in the clear needs no key. */
  #opened(
    payloads: readonly Uint8Array[],
    address: Parameters<Mode['handshakes']['openAsHub']>[1],
  ): Pick<Frame, 'handshakes' | 'slots' | 'external'> {
    const opened = payloads.flatMap((payload) => {
      const { openAsHub } = this.#mode.handshakes;
      return this.#open((keys) => openAsHub(payload, address, keys)) ?? [];
    });
    const messages = opened
      .filter(({ handshake }) => handshake.length > 0)
      .map(({ handshake }) => attempt(() => decodeMlsMessage(handshake)));
    const views = messages.filter((view): view is HandshakeView => view !== undefined);
    return {
      handshakes: views.filter(({ wireFormat }) => wireFormat === 'publicMessage'),
      slots: opened.flatMap(({ slots }) => slots),
      // What stands in a handshake's place and is none was sealed by somebody who is no member.
      external: views.length < messages.length || views.some(isExternal),
    };
  }

  #open<Value>(run: (keys: KeyPair) => Value): Value | undefined {
    const keys = this.#keys ?? { publicKey: NONE, privateKey: NONE };
    return attempt(() => run(keys));
  }
}

const draftWelcomes = ({ newMembers, bytes }: WelcomeView): WelcomeShown[] =>
  newMembers.map((ref) => ({ ref, domain: undefined, sealed: bytes }));

const isExternal = (message: HandshakeView): boolean =>
  message.wireFormat === 'publicMessage' && message.sender.type === 'newMemberCommit';

const UNREADABLE = [WireError, PrivacyError, MlsError, RoomError];

/** What does not open or decode is of no use to who tries. */
export function attempt<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch (error) {
    if (UNREADABLE.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}
