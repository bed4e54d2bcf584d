// Who can tell which account stands behind a pseudonym, judged: docs/modes/deployments.md.

import { modeNamed } from '../../privacy/index.ts';
import type { Deployment } from '../../provider/index.ts';
import { type Mapped, mapPseudonyms } from './attackers/pseudonyms.ts';
import type { Life } from './life.ts';
import { DOMAINS } from './world.ts';

/** What the provider of a domain makes of its own users' pseudonyms. */
export interface Mapping extends Mapped {
  readonly mode: string;
  readonly deployment: Deployment;
  readonly domain: string;
  /** Whether it may tell: an enterprise provider, which answers for its users. */
  readonly expected: boolean;
  readonly ok: boolean;
}

/** Tries it as each provider; nothing where the mode has no pseudonyms. */
export function mappings(life: Life): Mapping[] {
  const { mode, deployment } = life;
  if (!modeNamed(mode).credentials.hidesIdentities) return [];
  const expected = deployment === 'enterprise';
  return Object.values(DOMAINS).map((domain) => {
    const mapped = mapPseudonyms(life, domain);
    const { named, joined, connections } = mapped;
    const told = named.found + joined.found + connections.found;
    // Who was shown no user, or recognizes no queue, has tried nothing.
    const tried = named.of > 0 && (expected || connections.of > 0);
    const ok = tried && (expected ? named.found === named.of : told === 0);
    return { mode, deployment, domain, ...mapped, expected, ok };
  });
}
