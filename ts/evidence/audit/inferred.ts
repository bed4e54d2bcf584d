// What a party finds out beyond what it reads, and when that is more than it may.

import { COUNTED_BY, type Counted } from './attackers/members.ts';
import { NAMED_BY, type NamedBy, type Senders } from './attackers/senders.ts';
import type { Sizes } from './attackers/sizes.ts';
import type { AllowedInferences } from './expected.ts';
import type { Token } from './saw.ts';

/** What a party found out; a key is there where the action is about it. */
export interface Inferred {
  readonly members?: Omit<Counted, 'users'> & { readonly count: number; readonly of: number };
  /** Sizes of the proposals and commits, slots beside them included, in bytes: shown, and not judged. */
  readonly handshakes?: readonly number[];
  readonly invites?: string;
  readonly sender?: Senders;
  readonly sizes?: Sizes;
  readonly clients?: Counted['perProvider'];
  readonly franks?: string;
  readonly traffic?: string;
}

/** The strongest names of who acts and on whom, as `P→P`. */
export function invitesOf(saw: readonly Token[]): string {
  const best = (subject: 'actor' | 'target') =>
    (['R', 'P', 'D'] as const).find((letter) => saw.includes(`${letter} ${subject}`)) ?? '–';
  return `${best('actor')}→${best('target')}`;
}

/** What sizes tell, each more than the one before. */
const TELL = ['nothing', 'classes', 'contents'];

/** What was found out beyond the limits. */
export function worseThan(inferred: Inferred, limits: AllowedInferences): (keyof Inferred)[] {
  const worse: (keyof Inferred)[] = [];
  const { members, invites, sender, sizes, clients, franks } = inferred;
  const more = (found: NamedBy, allowed: NamedBy) =>
    NAMED_BY.indexOf(found) > NAMED_BY.indexOf(allowed);
  if (members && COUNTED_BY.indexOf(members.by) > COUNTED_BY.indexOf(limits.members)) {
    worse.push('members');
  }
  if (invites !== undefined) {
    const [actor, target] = invites.split('→') as [NamedBy, NamedBy];
    if (more(actor, limits.invites[0]) || more(target, limits.invites[1])) worse.push('invites');
  }
  if (sender && more(sender.others, limits.sender)) worse.push('sender');
  if (sizes && TELL.indexOf(sizes.tell) > TELL.indexOf(limits.sizes)) worse.push('sizes');
  const others = Object.keys(clients ?? {}).length > 1;
  if (others && (limits.members === 'own users' || limits.members === 'nothing')) {
    worse.push('clients');
  }
  if (franks !== undefined && /^[1-9]/.test(franks)) worse.push('franks');
  return worse;
}
