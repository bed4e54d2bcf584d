// Who sends how many bytes, and whose work takes how much processor time. All parties run in one process, one after
// the other: time is given to whoever works, and goes back to the caller when a call returns.

import { mustBe } from './error.ts';

/**
 * The parties of an action: who acts, the hub (also the provider of who acts at it), the other provider, a member who
 * is told, and who is added.
 */
export const PARTIES = ['sender', 'hub', 'follower', 'receiver', 'newcomer'] as const;
export type Party = (typeof PARTIES)[number];

/** What one party had of one action. */
export interface Share {
  /** Bodies of the requests and answers that it sent, in bytes. */
  sent: number;
  /** Bodies of the requests and answers that it was sent, in bytes. */
  received: number;
  /** Processor time of its own work, user and system, in microseconds. */
  cpuMicros: number;
}

export type Shares = ReadonlyMap<Party, Share>;

/** Tells the work and the traffic of parties apart. Outside of `measure` it counts nothing. */
export class Meter {
  #shares: Map<Party, Share> | undefined;
  /** Whose work is under way: the last one's; those before it wait for it. */
  readonly #working: (Party | undefined)[] = [];
  /** Processor time of the process when the last one began, in microseconds. */
  #mark = 0;

  /** Does something and gives what each of these parties had of it. */
  async measure(parties: readonly Party[], action: () => Promise<void>): Promise<Shares> {
    mustBe(this.#shares === undefined, 'one action is measured at a time');
    const shares = new Map(
      parties.map((party): [Party, Share] => [party, { sent: 0, received: 0, cpuMicros: 0 }]),
    );
    this.#shares = shares;
    try {
      await action();
      return shares;
    } finally {
      this.#shares = undefined;
    }
  }

  /** Runs the work of a party; what others do for it meanwhile, in calls of this method, is theirs. */
  async as<Result>(party: Party | undefined, work: () => Promise<Result>): Promise<Result> {
    if (this.#shares === undefined) return work();
    this.#charge();
    this.#working.push(party);
    const depth = this.#working.length;
    try {
      return await work();
    } finally {
      this.#charge();
      mustBe(this.#working.length === depth, 'parties work one after the other');
      this.#working.pop();
    }
  }

  /** Counts a body on its way. */
  carry(from: Party | undefined, to: Party | undefined, { length }: Uint8Array): void {
    const sender = this.#shareOf(from);
    const receiver = this.#shareOf(to);
    if (sender !== undefined) sender.sent += length;
    if (receiver !== undefined) receiver.received += length;
  }

  /** Gives the time since the last mark to who works. */
  #charge(): void {
    const { user, system } = process.cpuUsage();
    const share = this.#shareOf(this.#working.at(-1));
    if (share !== undefined) share.cpuMicros += user + system - this.#mark;
    this.#mark = user + system;
  }

  #shareOf(party: Party | undefined): Share | undefined {
    return party === undefined ? undefined : this.#shares?.get(party);
  }
}
