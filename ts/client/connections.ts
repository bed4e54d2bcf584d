// Connections between users: who is connected can be added by the other to rooms that hide identities. Asked and
// answered in letters that only the two can read. spec/privacy-modes.md, "Connections".

import { hash } from '../mls/index.ts';
import {
  connectionKey,
  contactKey,
  decodePendingRequest,
  encodePendingRequest,
  makeContactCard,
  type OpenedRequest,
  openRequest,
  openResponse,
  openUnder,
  PrivacyError,
  readContactCard,
  sealRequest,
  sealResponse,
  sealUnder,
  secretChild,
} from '../privacy/index.ts';
import {
  decodeLetters,
  decodeNoteValue,
  encodeLettersRequest,
  encodeLocalConsent,
  encodeNote,
  type RoomUri,
  type UserUri,
  WireError,
} from '../wire/index.ts';
import { equalBytes, utf8 } from './bytes.ts';
import type { Connection } from './connection.ts';
import { ClientError, isClientError } from './errors.ts';
import { realSigner } from './hidden_identity.ts';
import { publishSets, replaceSets } from './key_package_sets.ts';
import type { ContactRow } from './state/contact_row.ts';
import type { DeviceState } from './state/device_state.ts';
import type { ReceivedMessage } from './state/history_row.ts';
import type { Vault } from './state/vault.ts';

/** The generation of the contact card: it stays, since who has it can only ask. */
const CARD_GENERATION = 0;
/** How old a letter may be, in milliseconds: it may wait for a device that is away. */
const MAX_AGE_MS = 14 * 24 * 3600_000;

const CONTACT_NOTE = 'contact note';
const GENERATION_NOTE = 'generation note';
const ROOM_NOTE = 'room note';
/** In a contact note: whom the account has blocked. A connection key is longer. */
const BLOCKED = utf8('blocked');
const KEY_BYTES = 32;
const NONE = new Uint8Array();

/** A contact of whom nothing is kept. */
const EMPTY_CONTACT = {
  signatureKey: NONE,
  connectionKey: NONE,
  open: NONE,
  answer: NONE,
} as const;

export interface ConnectionsParts {
  readonly vault: Vault;
  readonly connection: Connection;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
}

/** The connections of an account. Each method throws ClientError `noAccountSecret` where the account has none. */
export class Connections {
  readonly #parts: ConnectionsParts;
  /** Whom this user does not hear. */
  readonly #blocked = new Set<UserUri>();

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  /** Reads who is blocked; to be called before anything is shown. */
  async load(): Promise<void> {
    await this.#parts.vault.exclusive((state) => this.#noteBlocked(state));
  }

  #noteBlocked(state: DeviceState): void {
    this.#blocked.clear();
    for (const { user, state: is } of state.contacts.values()) {
      if (is === 'blocked') this.#blocked.add(user);
    }
  }

  /** Whether a message is by somebody who is blocked, as far as it is known who that is. */
  hides({ real, sender }: Pick<ReceivedMessage, 'real' | 'sender'>): boolean {
    return this.#blocked.has(real?.user ?? sender);
  }

  /** The users that are blocked. */
  blocked(): Promise<UserUri[]> {
    return this.#users('blocked');
  }

  /**
   * Blocks a user: its messages are not shown in any room, its letters are dropped, and where it was connected the
   * connection ends as by `disconnect`. When that fails it may be called again.
   */
  async block(user: UserUri, count: number): Promise<void> {
    const { vault, connection } = this.#parts;
    const known = await vault.exclusive((state) => {
      const before = state.contacts.get(user)?.state;
      state.putContact({ user, state: 'blocked', ...EMPTY_CONTACT });
      this.#noteBlocked(state);
      return before;
    });
    await connection.call('consent', user, encodeLocalConsent({ operation: 'revoke' }));
    const { hasSecret } = await vault.exclusive(({ account }) => account);
    if (!hasSecret) return;
    if (known === 'connected' || (await this.#recall(user)) !== undefined) {
      await this.#end(user, count, BLOCKED);
    }
  }

  /** Ends a block: the user may ask for a connection again. */
  async unblock(user: UserUri): Promise<void> {
    await this.#parts.vault.exclusive((state) => {
      if (state.contacts.get(user)?.state === 'blocked') state.deleteContact(user);
      this.#noteBlocked(state);
    });
  }

  /** Publishes how this user can be asked, and `count` sets of key packages for those who are connected. */
  async publish(count: number): Promise<{ readonly stock: number }> {
    const { vault, connection } = this.#parts;
    const card = await vault.exclusive((state) => {
      const { publicKey } = contactKey(state.device.suite, state.account.secret, CARD_GENERATION);
      return makeContactCard(state.device.suite, publicKey, realSigner(state));
    });
    await connection.call('publishContact', undefined, card);
    await this.#forgetDisconnected();
    return publishSets(this.#parts, await this.#generation(), count);
  }

  /** Asks a user for a connection. Throws ClientError `refused` (no such contact; blocked), `wrongLetter`. */
  async connect(user: UserUri): Promise<void> {
    if (this.#blocked.has(user)) {
      throw new ClientError('refused', 'The user is blocked.', {
        details: { rule: 'blocked', user },
      });
    }
    const { vault, connection, clock } = this.#parts;
    const bytes = await connection.call('contact', user, NONE);
    const generation = await this.#generation();
    const sealed = await vault.exclusive((state) => {
      const card = reading(() => readContactCard(bytes));
      if (card.user !== user)
        throw new ClientError('wrongLetter', undefined, { details: { rule: 'user' } });
      const own = connectionKey(state.account.secret, generation);
      const request = sealRequest({
        card,
        signer: realSigner(state),
        connectionKey: own,
        time: clock(),
      });
      state.putContact({
        user,
        state: 'asked',
        signatureKey: card.signer.signatureKey.slice(),
        connectionKey: NONE,
        open: encodePendingRequest(request.pending),
        answer: NONE,
      });
      return request.sealed;
    });
    await connection.call('letter', user, sealed);
  }

  /** The users who ask for a connection. */
  requests(): Promise<UserUri[]> {
    return this.#users('asking');
  }

  /** The users that this one is connected with. */
  connected(): Promise<UserUri[]> {
    return this.#users('connected');
  }

  #users(wanted: ContactRow['state']): Promise<UserUri[]> {
    return this.#parts.vault.exclusive((state) =>
      [...state.contacts.values()]
        .filter((contact) => contact.state === wanted)
        .map(({ user }) => user),
    );
  }

  /**
   * Accepts a request. Throws ClientError `notConnected` when there is none of this user, and as `Connection.call`; where
   * the answer could not be sent, the next `check` sends it.
   */
  async accept(user: UserUri): Promise<void> {
    const generation = await this.#generation();
    await this.#parts.vault.exclusive((state) => {
      const contact = state.contacts.get(user);
      const waits = contact?.state === 'connected' && contact.answer.length > 0;
      if (contact === undefined || (contact.state !== 'asking' && !waits)) throw notConnected(user);
      if (!waits) this.#answer(state, contact, generation);
    });
    await this.#sendAnswer(user);
  }

  /** Makes and keeps the answer to the request of a contact, who is connected from now on. Throws PrivacyError. */
  #answer(state: DeviceState, contact: ContactRow, generation: number): Uint8Array {
    const request = this.#openRequest(state, contact.open);
    const answer = sealResponse({
      request,
      signer: realSigner(state),
      connectionKey: connectionKey(state.account.secret, generation),
      time: this.#parts.clock(),
    });
    state.putContact({ ...contact, state: 'connected', open: NONE, answer });
    return answer;
  }

  /** Sends the answer that a contact waits for, and keeps it until it is on its way. */
  async #sendAnswer(user: UserUri): Promise<void> {
    const { vault, connection } = this.#parts;
    const sealed = await vault.exclusive((state) => state.contacts.get(user)?.answer);
    if (sealed === undefined || sealed.length === 0) return;
    await this.#remember(user);
    await connection.call('letter', user, sealed);
    await vault.exclusive((state) => {
      const contact = state.contacts.get(user);
      if (contact === undefined || !equalBytes(contact.answer, sealed)) return;
      state.putContact({ ...contact, answer: NONE });
    });
  }

  /** Answers those who are connected and have asked again, and sends answers that could not be sent before. */
  async #sendAnswers(): Promise<void> {
    const { vault } = this.#parts;
    const due = await vault.exclusive((state) => connectedOf(state).filter(isUnanswered));
    if (due.length === 0) return;
    const generation = await this.#generation();
    const users = await vault.exclusive((state) => {
      const waiting = connectedOf(state).filter(isUnanswered);
      for (const contact of waiting) {
        if (contact.open.length === 0) continue;
        const answered = attempt(() => this.#answer(state, contact, generation));
        // A request that is too old is not waited for any more.
        if (answered === undefined) state.putContact({ ...contact, open: NONE });
      }
      return waiting.map(({ user }) => user);
    });
    for (const user of users) {
      try {
        await this.#sendAnswer(user);
      } catch (error) {
        // It stays, for the next time; one's failure keeps no other from its answer.
        if (!isClientError(error, 'unavailable', 'unknown', 'refused')) throw error;
      }
    }
  }

  /** Declines a request, or forgets one's own. */
  async decline(user: UserUri): Promise<void> {
    await this.#parts.vault.exclusive((state) => forget(state, user));
  }

  /**
   * Ends a connection: what the other was given is void, and who stays connected gets a new key. Gives the stock of new
   * key packages.
   */
  disconnect(user: UserUri, count: number): Promise<{ readonly stock: number }> {
    return this.#end(user, count, NONE);
  }

  /** `left` is what the other devices of the account find in the place of the connection. */
  async #end(user: UserUri, count: number, left: Uint8Array): Promise<{ readonly stock: number }> {
    const { vault, connection, clock } = this.#parts;
    const next = (await this.#generation()) + 1;
    await this.#note(GENERATION_NOTE, NONE, utf8(String(next)));
    await vault.exclusive((state) => forget(state, user));
    await this.#note(CONTACT_NOTE, utf8(user), left);
    await this.#forgetDisconnected();
    const stay = await vault.exclusive(connectedOf);
    const stock = await replaceSets(this.#parts, next, count);
    for (const contact of stay) {
      const bytes = await connection.call('contact', contact.user, NONE);
      const sealed = await vault.exclusive((state) => {
        const card = reading(() => readContactCard(bytes));
        const own = connectionKey(state.account.secret, next);
        return sealRequest({ card, signer: realSigner(state), connectionKey: own, time: clock() })
          .sealed;
      });
      await connection.call('letter', contact.user, sealed);
    }
    return stock;
  }

  /** The key that a connected user has given; the own one for the own user. Throws ClientError `notConnected`. */
  async keyOf(user: UserUri): Promise<Uint8Array> {
    const { vault } = this.#parts;
    const generation = await this.#generation();
    const found = await vault.exclusive((state) => {
      if (user === state.device.user) return connectionKey(state.account.secret, generation);
      const contact = state.contacts.get(user);
      return contact?.state === 'connected' ? contact.connectionKey : undefined;
    });
    const key = found ?? (await this.#recall(user));
    if (key === undefined) throw notConnected(user);
    return key;
  }

  /** Leaves for the account's other devices by which pseudonym it takes part in a room. */
  async rememberIndex(room: RoomUri, index: Uint8Array): Promise<void> {
    await this.#note(ROOM_NOTE, utf8(room), index);
  }

  /** By which pseudonym this account takes part in a room, where another device has left it. */
  recallIndex(room: RoomUri): Promise<Uint8Array | undefined> {
    return this.#note(ROOM_NOTE, utf8(room));
  }

  /** Reads the letters that have come; gives how many there were. */
  async check(): Promise<number> {
    const { vault, connection } = this.#parts;
    let done = 0n;
    let count = 0;
    for (;;) {
      const body = encodeLettersRequest(done);
      const answer = await connection.call('letters', undefined, body);
      const letters = reading(() => decodeLetters(answer));
      if (letters.length === 0) {
        await this.#sendAnswers();
        return count;
      }
      const accepted = await vault.exclusive((state) =>
        letters.flatMap(({ sealed }) => this.#read(state, sealed) ?? []),
      );
      for (const user of accepted) await this.#remember(user);
      for (const { number } of letters) if (number > done) done = number;
      count += letters.length;
    }
  }

  /** A letter is a request, or an answer to one of ours; anything else is dropped. Gives who is connected now. */
  #read(state: DeviceState, sealed: Uint8Array): UserUri | undefined {
    const request = attempt(() => this.#openRequest(state, sealed));
    if (request !== undefined) return this.#asked(state, request, sealed);
    const { clock } = this.#parts;
    const by = { user: state.device.user, now: clock(), maxAge: MAX_AGE_MS };
    for (const contact of [...state.contacts.values()]) {
      if (contact.state !== 'asked') continue;
      const answer = attempt(() => openResponse(decodePendingRequest(contact.open), by, sealed));
      if (answer === undefined) continue;
      if (answer.connectionKey === undefined) {
        state.deleteContact(contact.user);
        return undefined;
      }
      state.putContact({
        user: contact.user,
        state: 'connected',
        signatureKey: answer.responder.signatureKey.slice(),
        connectionKey: answer.connectionKey.slice(),
        open: NONE,
        answer: NONE,
      });
      return contact.user;
    }
    return undefined;
  }

  /** Of who is connected already, a request brings its new key, and is answered; of others it waits for the app. */
  #asked(state: DeviceState, request: OpenedRequest, sealed: Uint8Array): UserUri | undefined {
    const { user, signatureKey } = request.requester;
    const known = state.contacts.get(user);
    if (known?.state === 'blocked') return undefined;
    const asked = {
      user,
      signatureKey: signatureKey.slice(),
      connectionKey: request.connectionKey.slice(),
      open: sealed.slice(),
      answer: NONE,
    };
    if (known?.state === 'connected') {
      if (!equalBytes(known.signatureKey, signatureKey)) return undefined;
      state.putContact({ ...asked, state: 'connected' });
      return user;
    }
    // The app answers the request that it was told of: another one in the same name does not take its place.
    if (known?.state === 'asking' && !equalBytes(known.signatureKey, signatureKey))
      return undefined;
    state.putContact({ ...asked, state: 'asking' });
    state.tell({ name: 'connectionRequest', user });
    return undefined;
  }

  #openRequest(state: DeviceState, sealed: Uint8Array): OpenedRequest {
    const { suite, user } = state.device;
    const keys = contactKey(suite, state.account.secret, CARD_GENERATION);
    const now = this.#parts.clock();
    return openRequest({ suite, user, keys, now, maxAge: MAX_AGE_MS }, sealed);
  }

  /** How often the connection key has been changed: what all devices of the user must agree on. */
  async #generation(): Promise<number> {
    const value = await this.#note(GENERATION_NOTE, NONE);
    return value === undefined ? 0 : Number(new TextDecoder().decode(value));
  }

  /** Whom another device of this user has disconnected gets no key of this one any more. */
  async #forgetDisconnected(): Promise<void> {
    const { vault } = this.#parts;
    for (const { user } of await vault.exclusive(connectedOf)) {
      const note = await this.#note(CONTACT_NOTE, utf8(user));
      if (note === undefined || note.length === KEY_BYTES) continue;
      await vault.exclusive((state) => {
        state.deleteContact(user);
        if (note.length > 0) state.putContact({ user, state: 'blocked', ...EMPTY_CONTACT });
        this.#noteBlocked(state);
      });
    }
  }

  /** Leaves a connection for the other devices of this user. */
  async #remember(user: UserUri): Promise<void> {
    const contact = await this.#parts.vault.exclusive((state) => state.contacts.get(user));
    if (contact?.state === 'connected') {
      await this.#note(CONTACT_NOTE, utf8(user), contact.connectionKey);
    }
  }

  /** A connection that another device of this user has made. */
  async #recall(user: UserUri): Promise<Uint8Array | undefined> {
    const value = await this.#note(CONTACT_NOTE, utf8(user));
    return value?.length === KEY_BYTES ? value : undefined;
  }

  /** Reads a note of this account, or with a value writes it; the provider sees neither its name nor its content. */
  async #note(
    label: string,
    name: Uint8Array,
    value?: Uint8Array,
  ): Promise<Uint8Array | undefined> {
    const { vault, connection } = this.#parts;
    const { id, key } = await vault.exclusive(({ account }) => ({
      id: hash(1, secretChild(account.secret, `${label} name`, name)),
      key: secretChild(account.secret, label, name),
    }));
    const sealed = value === undefined ? undefined : sealUnder(key, label, name, value);
    const answer = await connection.call('note', undefined, encodeNote({ key: id, value: sealed }));
    const stored = reading(() => decodeNoteValue(answer));
    return stored === undefined ? undefined : reading(() => openUnder(key, label, name, stored));
  }
}

function connectedOf(state: DeviceState): ContactRow[] {
  return [...state.contacts.values()].filter((contact) => contact.state === 'connected');
}

/** Whether a request of the contact waits for an answer, or the answer for being sent. */
function isUnanswered({ open, answer }: ContactRow): boolean {
  return open.length > 0 || answer.length > 0;
}

function notConnected(user: UserUri): ClientError {
  return new ClientError('notConnected', undefined, { details: { user } });
}

function attempt<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof PrivacyError) return undefined;
    throw error;
  }
}

/** Runs a decoder; what it refuses is ClientError `wrongLetter`. */
function reading<Value>(run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof PrivacyError || error instanceof WireError) {
      throw new ClientError('wrongLetter', undefined, {
        cause: error,
        details: { rule: error.code },
      });
    }
    throw error;
  }
}

/** Forgets a contact; whom the user has blocked stays blocked. */
function forget(state: DeviceState, user: UserUri): void {
  if (state.contacts.get(user)?.state !== 'blocked') state.deleteContact(user);
}
