// What a scenario has seen, and the verdict that follows from it.

export type Verdict = 'works' | 'cost' | 'impossible';

/** Filled by a scenario while it runs: each line is written after it was seen to hold. */
export class Account {
  readonly #facts: string[] = [];
  readonly #costs: string[] = [];
  #obstacle: string | undefined;

  /** Something that works without asking anybody for more. */
  fact(text: string): void {
    this.#facts.push(text);
  }

  /** Something that the action asks for, shows or leaves undone in this mode and deployment. */
  cost(text: string): void {
    this.#costs.push(text);
  }

  /** Why the action cannot be done. */
  impossible(text: string): void {
    this.#obstacle = text;
  }

  get verdict(): Verdict {
    if (this.#obstacle !== undefined) return 'impossible';
    return this.#costs.length > 0 ? 'cost' : 'works';
  }

  /** All that was seen, in words; costs after what works. */
  get why(): string {
    const costs = this.#costs.length === 0 ? [] : [`Cost: ${this.#costs.join(' ')}`];
    const obstacle = this.#obstacle === undefined ? [] : [`Impossible: ${this.#obstacle}`];
    return [...obstacle, ...this.#facts, ...costs].join(' ');
  }
}
