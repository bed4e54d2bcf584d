// A random walk of a group whose members are ours and ts-mls's. What ts-mls cannot do is left out here, each with the
// test in ts_mls_faults.test.ts that will say when it can.

import { expect } from 'vitest';
import { SeededRandom } from '../support/random.ts';
import type { TsMlsSuite } from '../support/ts_mls_member.ts';
import {
  deliver,
  expectAgreement,
  type MadeCommit,
  OurPerson,
  type Person,
  TsMlsPerson,
} from './mixed_group.ts';

const fewest = 4;
const most = 9;

export class Walk {
  readonly #suite: TsMlsSuite;
  readonly #random: SeededRandom;
  #people: Person[] = [];
  #named = 0;
  /** How often each step was taken. */
  readonly taken = new Map<string, number>();

  constructor(suite: TsMlsSuite, seed: number) {
    this.#suite = suite;
    this.#random = new SeededRandom(seed);
  }

  /** A group that ours or ts-mls's creates, with two members of each kind. */
  async begin(by: Person['kind']): Promise<void> {
    const founder = await this.#newcomer(by);
    const groupId = this.#random.bytes(16);
    if (founder instanceof OurPerson) founder.create(groupId);
    if (founder instanceof TsMlsPerson) await founder.member.create(groupId);
    this.#people = [founder];
    for (const kind of ['ts-mls', 'ours', by === 'ours' ? 'ts-mls' : 'ours'] as const) {
      await this.#add(founder, await this.#newcomer(kind));
    }
    await this.#check();
  }

  async step(): Promise<void> {
    const step = this.#random.one([
      'add',
      'remove',
      'update',
      'propose',
      'send',
      'join',
      'restart',
    ]);
    this.taken.set(step, (this.taken.get(step) ?? 0) + 1);
    const one = this.#random.one(this.#people);
    if (step === 'add' && this.#people.length < most) {
      await this.#add(one, await this.#newcomer(this.#random.one(['ours', 'ts-mls'])));
    } else if (step === 'remove') await this.#remove(one);
    else if (step === 'propose') await this.#propose(one);
    else if (step === 'send') await this.#send(one);
    else if (step === 'join' && this.#people.length < most) await this.#joinExternally();
    else if (step === 'restart') this.#random.one(this.#ours).restart();
    else await this.#update(one);
    await this.#check();
  }

  get #ours(): OurPerson[] {
    return this.#people.filter((person) => person instanceof OurPerson);
  }

  #others(...than: readonly Person[]): Person[] {
    return this.#people.filter((person) => !than.includes(person));
  }

  /** Members who can be spared: two of each kind stay. */
  #removable(than: Person): Person[] {
    const enough = (kind: Person['kind']) =>
      this.#people.filter((person) => person.kind === kind).length > 2;
    return this.#others(than).filter(({ kind }) => enough(kind));
  }

  async #newcomer(kind: Person['kind']): Promise<Person> {
    this.#named += 1;
    const name = `${kind}${this.#named}`;
    return kind === 'ours'
      ? new OurPerson(this.#suite, name)
      : TsMlsPerson.create(this.#suite, name);
  }

  async #add(by: Person, newcomer: Person): Promise<void> {
    const made = await by.commit({ add: [newcomer.keyPackage()] });
    await deliver(made.commit, this.#others(by));
    await this.#welcome(made, by, newcomer);
  }

  async #welcome({ welcome }: MadeCommit, by: Person, newcomer: Person): Promise<void> {
    if (welcome === undefined) throw new Error('no Welcome');
    await newcomer.join(welcome, by.tree());
    this.#people.push(newcomer);
    await this.#check();
    // ts-mls refuses trees in which unmerged leaves differ along a path.
    await this.#update(newcomer);
  }

  async #update(by: Person): Promise<void> {
    const { commit } = await by.commit();
    await deliver(commit, this.#others(by));
  }

  async #remove(by: Person): Promise<void> {
    const target = this.#removable(by)[0];
    if (target === undefined || this.#people.length <= fewest) return this.#update(by);
    const second = this.#removable(by).find((person) => person !== target);
    const targets = by.kind === 'ours' ? [target] : second === undefined ? [] : [target, second];
    // ts-mls commits a single removal without a path.
    if (targets.length === 0) return this.#update(by);
    if (this.#people.length - targets.length < fewest) return this.#update(by);
    const { commit } = await by.commit({ remove: targets.map(({ leafIndex }) => leafIndex) });
    await this.#part(targets, commit);
    await deliver(commit, this.#others(by));
  }

  /** One proposes and another commits: of ours, for ts-mls leaves out the path that updates and removals need. */
  async #propose(by: Person): Promise<void> {
    const committer = this.#random.one(this.#ours.filter((person) => person !== by));
    const target = this.#removable(by).find((person) => person !== committer);
    const what = this.#random.one(['add', 'remove', 'update']);
    if (what === 'add' && this.#people.length < most) {
      const newcomer = await this.#newcomer(this.#random.one(['ours', 'ts-mls']));
      const adder = this.#random.one(this.#others(by));
      await deliver(await by.propose({ add: newcomer.keyPackage() }), this.#others(by));
      const made = await adder.commit();
      await deliver(made.commit, this.#others(adder));
      await this.#welcome(made, adder, newcomer);
      return;
    }
    const targets = what === 'remove' && target !== undefined ? [target] : [];
    if (targets[0] !== undefined) {
      await deliver(await by.propose({ remove: targets[0].leafIndex }), this.#others(by));
    } else if (by.kind === 'ours') {
      await deliver(await by.propose({ update: true }), this.#others(by));
    }
    const { commit } = await committer.commit();
    await this.#part(targets, commit);
    await deliver(commit, this.#others(committer));
  }

  /** An external commit of ours; ts-mls's fails for its reading of external_pub. */
  async #joinExternally(): Promise<void> {
    const newcomer = new OurPerson(this.#suite, `joiner${this.#named++}`);
    const { group } = this.#random.one(this.#ours);
    await deliver(newcomer.joinExternally(group.groupInfo(), group.ratchetTree()), this.#people);
    this.#people.push(newcomer);
  }

  async #send(by: Person): Promise<void> {
    const plaintext = this.#random.bytes(this.#random.below(2000));
    const aad = this.#random.bytes(this.#random.below(40));
    const message = await by.encrypt(plaintext, aad);
    for (const received of await deliver(message, this.#others(by))) {
      expect(received).toEqual({ plaintext, aad });
    }
  }

  /** The removed learn of it, and are gone; ts-mls cannot process the path of a commit that removes it. */
  async #part(removed: readonly Person[], commit: Uint8Array): Promise<void> {
    const told = removed.filter(({ kind }) => kind === 'ours');
    await deliver(commit, told);
    expect(told.map(({ isActive }) => isActive)).toEqual(told.map(() => false));
    this.#people = this.#others(...removed);
  }

  #check(): Promise<void> {
    return expectAgreement(this.#people, this.#random.bytes(8));
  }
}
