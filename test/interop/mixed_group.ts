// A group with members of ours and of ts-mls, who all must be in one epoch with one exporter after each step.

import { expect } from 'vitest';
import { createKeyPackage, Group, Identity, MemberStore } from '../../ts/mls/index.ts';
import { clientUri, encodeClientIdentity, userUri } from '../../ts/wire/index.ts';
import { TsMlsMember, type TsMlsSuite } from '../support/ts_mls_member.ts';

export const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The identity of a client, as MIMI puts it into a basic credential. */
export function identityOf(name: string): Uint8Array {
  return encodeClientIdentity({
    userUri: userUri('a.example', name),
    clientUri: clientUri('a.example', `${name}-phone`),
  });
}

export interface MadeCommit {
  readonly commit: Uint8Array;
  readonly welcome?: Uint8Array | undefined;
}

export interface Received {
  readonly plaintext: Uint8Array;
  readonly aad: Uint8Array;
}

/** What a member can do, whoever wrote its implementation. */
export interface Person {
  readonly name: string;
  readonly kind: 'ours' | 'ts-mls';
  readonly leafIndex: number;
  readonly isActive: boolean;
  keyPackage(): Uint8Array;
  join(welcome: Uint8Array, tree: Uint8Array): Promise<void>;
  /** Commits what is queued and what is named, and goes into the new epoch. */
  commit(options?: { add?: Uint8Array[]; remove?: number[] }): Promise<MadeCommit>;
  propose(what: { add: Uint8Array } | { remove: number } | { update: true }): Promise<Uint8Array>;
  encrypt(plaintext: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
  /** Takes a handshake and accepts it, or gives what an application message says. */
  process(message: Uint8Array): Promise<Received | undefined>;
  tree(): Uint8Array;
  /** What the members must agree on. */
  secrets(context: Uint8Array): Promise<{ epoch: bigint; authenticator: string; exported: string }>;
}

const exporterLabel = 'exedra interop';

export class OurPerson implements Person {
  readonly kind = 'ours';
  readonly name: string;
  #store = MemberStore.create();
  #identity: Identity;
  #group: Group | undefined;

  constructor(suite: TsMlsSuite, name: string) {
    this.name = name;
    this.#identity = Identity.create(this.#store, suite, { type: 1, bytes: identityOf(name) });
  }

  get group(): Group {
    if (this.#group === undefined) throw new Error(`${this.name} is in no group`);
    return this.#group;
  }

  get leafIndex(): number {
    return this.group.ownLeafIndex;
  }

  get isActive(): boolean {
    return this.group.isActive;
  }

  create(groupId: Uint8Array): void {
    this.#group = Group.create(this.#store, this.#identity, groupId);
  }

  keyPackage(): Uint8Array {
    return createKeyPackage(this.#store, this.#identity).keyPackage;
  }

  async join(welcome: Uint8Array, tree: Uint8Array): Promise<void> {
    this.#group = Group.join(this.#store, welcome, tree);
  }

  joinExternally(groupInfo: Uint8Array, tree: Uint8Array): Uint8Array {
    const joined = Group.joinExternally(this.#store, this.#identity, groupInfo, tree);
    this.#group = joined.group;
    this.#group.acceptPending();
    return joined.commit;
  }

  /** Forgets all but what was saved. */
  restart(): void {
    const { groupId } = this.group;
    const rows = this.#store.rows();
    this.group[Symbol.dispose]();
    this.#store = MemberStore.restore(rows);
    this.#identity = Identity.load(this.#store, this.#identity.signatureKey);
    this.#group = Group.load(this.#store, groupId);
  }

  async commit(options: { add?: Uint8Array[]; remove?: number[] } = {}): Promise<MadeCommit> {
    const made = this.group.commit(options);
    this.group.acceptPending();
    return made;
  }

  async propose(
    what: { add: Uint8Array } | { remove: number } | { update: true },
  ): Promise<Uint8Array> {
    return this.group.propose(what);
  }

  async encrypt(plaintext: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    return this.group.encrypt(plaintext, { aad });
  }

  async process(message: Uint8Array): Promise<Received | undefined> {
    const processed = this.group.process(message);
    if (processed.kind === 'commit') this.group.accept(processed.staged);
    if (processed.kind === 'own') throw new Error('this is an own message');
    return processed.kind === 'application'
      ? { plaintext: processed.plaintext, aad: processed.authenticatedData }
      : undefined;
  }

  tree(): Uint8Array {
    return this.group.ratchetTree();
  }

  async secrets(context: Uint8Array) {
    return {
      epoch: this.group.epoch,
      authenticator: hex(this.group.epochAuthenticator()),
      exported: hex(this.group.exportSecret(exporterLabel, context, 32)),
    };
  }
}

export class TsMlsPerson implements Person {
  readonly kind = 'ts-mls';
  readonly name: string;
  readonly member: TsMlsMember;

  private constructor(name: string, member: TsMlsMember) {
    this.name = name;
    this.member = member;
  }

  static async create(suite: TsMlsSuite, name: string): Promise<TsMlsPerson> {
    return new TsMlsPerson(name, await TsMlsMember.create(suite, identityOf(name)));
  }

  get leafIndex(): number {
    return this.member.leafIndex;
  }

  get isActive(): boolean {
    return this.member.isActive;
  }

  keyPackage(): Uint8Array {
    return this.member.keyPackage;
  }

  join(welcome: Uint8Array, tree: Uint8Array): Promise<void> {
    return this.member.join(welcome, tree);
  }

  commit(options: { add?: Uint8Array[]; remove?: number[] } = {}): Promise<MadeCommit> {
    return this.member.commit(options);
  }

  propose(what: { add: Uint8Array } | { remove: number } | { update: true }): Promise<Uint8Array> {
    if ('add' in what) return this.member.proposeAdd(what.add);
    if ('remove' in what) return this.member.proposeRemove(what.remove);
    throw new Error('ts-mls makes no Update proposals');
  }

  encrypt(plaintext: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    return this.member.encrypt(plaintext, aad);
  }

  process(message: Uint8Array): Promise<Received | undefined> {
    return this.member.process(message);
  }

  tree(): Uint8Array {
    return this.member.tree;
  }

  async secrets(context: Uint8Array) {
    return {
      epoch: this.member.epoch,
      authenticator: hex(this.member.epochAuthenticator),
      exported: hex(await this.member.exportSecret(exporterLabel, context, 32)),
    };
  }
}

/** Gives a handshake or message to others than its sender. */
export async function deliver(
  message: Uint8Array,
  to: readonly Person[],
): Promise<(Received | undefined)[]> {
  const received: (Received | undefined)[] = [];
  for (const person of to) received.push(await person.process(message));
  return received;
}

/** All are in the same epoch with the same secrets, and have the same tree. */
export async function expectAgreement(
  people: readonly Person[],
  context: Uint8Array,
): Promise<void> {
  const [first, ...others] = await Promise.all(people.map((person) => person.secrets(context)));
  for (const other of others) expect(other).toEqual(first);
  const trees = new Set(people.map((person) => hex(person.tree())));
  expect(trees.size).toBe(1);
}
