// The cells of the audit: what a party saw of an action in a mode, what it found out, and whether it is more than it may.

import { modeNamed } from '../../privacy/index.ts';
import type { Deployment } from '../../provider/index.ts';
import { Accounts } from './attackers/accounts.ts';
import { enumerateFranks } from './attackers/franks.ts';
import { type Counted, countMembers } from './attackers/members.ts';
import { type NamedBy, namedBy, nameSenders, stronger } from './attackers/senders.ts';
import { compareSizes } from './attackers/sizes.ts';
import {
  ACTIONS,
  type Action,
  domainOfParty,
  PARTIES,
  type Party,
  ROLES,
  type Roles,
} from './cast.ts';
import { DEVIATIONS } from './deviations.ts';
import { mustBe } from './error.ts';
import {
  type AllowedInferences,
  allowedInferences,
  allowedTokens,
  specOf,
  type TableMode,
} from './expected.ts';
import type { Frame } from './frames.ts';
import { type Inferred, invitesOf, worseThan } from './inferred.ts';
import type { Life } from './life.ts';
import { Sight, TOKENS, type Token } from './saw.ts';
import { type View, Views } from './view.ts';
import { DOMAINS } from './world.ts';

export interface Cell {
  readonly mode: string;
  readonly deployment: Deployment;
  readonly action: Action;
  readonly party: Party;
  readonly saw: readonly Token[];
  readonly inferred: Inferred;
  readonly expected: {
    /** The cell of the specification's table, all parties together. */
    readonly spec: string;
    readonly saw: readonly Token[];
    readonly inferred: AllowedInferences | undefined;
  };
  /** Why more is shown than the table says, where that is known. */
  readonly deviations: readonly string[];
  /** What is beyond the table and no known deviation. */
  readonly beyond: readonly string[];
  readonly ok: boolean;
}

/** The window in which an action is recorded. */
function windowOf(action: Action): string {
  if (action === 'welcome') return 'add';
  return action === 'fan-out' ? 'message' : action;
}

/** Requests by which a device asks whether there is anything: they are of no room. */
const POLLING = /^\/client\/v1\/(?:sync|letters)$/;
/** How the hub hands on, and how a provider serves its devices. */
const DELIVERY = /\/notify\/|\/client\/v1\/sync$/;
/** Rows of subscriptions, their ends, mail and cursors. */
const SERVICE_ROW = / (?:[uvqj]|cursor)$/;

/** Makes the cells of one life. */
export class Cells {
  readonly #life: Life;
  readonly #table: TableMode;
  readonly #views: Views;
  readonly #sight: Sight;
  readonly #accounts = new Map<string, Accounts>();

  /** `table`: as which mode of the table a further mode is judged. */
  constructor(life: Life, table: TableMode) {
    this.#life = life;
    this.#table = table;
    this.#views = new Views(life);
    const { frames } = this.#views.of(DOMAINS.hub, ['add']);
    const refs = frames.flatMap(({ welcomes }) => welcomes.map(({ ref }) => ref));
    this.#sight = new Sight(life, refs);
    for (const domain of Object.values(DOMAINS)) {
      const recorded = life.tape.recorded.filter(({ party }) => party === domain);
      this.#accounts.set(domain, new Accounts(recorded));
    }
  }

  get views(): Views {
    return this.#views;
  }

  all(): Cell[] {
    return ACTIONS.flatMap((action) => PARTIES.flatMap((party) => this.#cell(action, party) ?? []));
  }

  #cell(action: Action, party: Party): Cell | undefined {
    const roles = ROLES[action];
    if (party === 'own' && roles.actor.domain === DOMAINS.hub) return undefined;
    if (party === 'target' && action !== 'key packages' && action !== 'welcome') return undefined;
    if (party === 'outsider') return this.#judge(action, party, ...this.#outside(action, roles));
    const domain = domainOfParty(party, roles);
    const view = this.#viewOf(action, domain, party);
    return this.#judge(action, party, this.#saw(view, roles), this.#inferred(action, view));
  }

  #viewOf(action: Action, domain: string, party: Party): View {
    const whole = this.#views.of(
      domain,
      [windowOf(action)],
      (item) => !POLLING.test(item.what) || this.#views.framesOf(domain, item).length > 0,
    );
    if (action === 'fan-out') {
      // By asking, a device shows whom it is served for.
      return this.#views.of(domain, [windowOf(action)], ({ what, place }) =>
        place === 'store row' ? SERVICE_ROW.test(what) : DELIVERY.test(what),
      );
    }
    if (action !== 'welcome' || party === 'target') return whole;
    return welcomesOf(whole);
  }

  #saw(view: View, roles: Roles): Token[] {
    const seen = new Set(this.#sight.of(view, roles));
    const accounts = this.#accounts.get(view.domain);
    for (const item of view.items) {
      const device = accounts?.behind(item);
      if (device === undefined) continue;
      // A queue is of no account.
      const name = this.#sight.nameOf(device.user, view.domain, roles);
      if (name !== undefined) seen.add(name);
    }
    return TOKENS.filter((token) => seen.has(token));
  }

  #outside(action: Action, { actor, target }: Roles): [Token[], Inferred] {
    const passed = this.#life.tape.passed.filter(({ window }) => window === windowOf(action));
    const domains = new Set(passed.flatMap(({ from, to }) => [from, to]));
    domains.delete(DOMAINS.hub);
    const seen = new Set<Token>(passed.length > 0 ? ['S', 'time'] : []);
    for (const domain of domains) {
      if (domain === actor.domain) seen.add('D actor');
      else seen.add(domain === target?.domain ? 'D target' : 'D others');
    }
    const pairs = new Set(passed.map(({ from, to }) => [from, to].sort().join(' – ')));
    const traffic = [...pairs].sort().join(', ');
    return [TOKENS.filter((token) => seen.has(token)), traffic === '' ? {} : { traffic }];
  }

  #inferred(action: Action, view: View): Inferred {
    const { members, room, frankingKeys } = this.#life;
    const { frames, domain } = view;
    const of = members.get(windowOf(action));
    const counts = ['create', 'add', 'join by link', 'remove', 'leave'].includes(action);
    const inferred: { -readonly [Key in keyof Inferred]: Inferred[Key] } = {};
    if (counts && of !== undefined && frames.length > 0) {
      const { by, perProvider } = this.#count(domain, windowOf(action));
      const count = Object.values(perProvider).reduce((sum, number) => sum + number, 0);
      inferred.members = { by, perProvider, count, of };
      if (action !== 'create') inferred.handshakes = handshakeSizes(frames);
    }
    if (['add', 'remove', 'key packages'].includes(action)) {
      const invites = invitesOf(this.#saw(view, ROLES[action as 'add']));
      inferred.invites = action === 'remove' ? this.#removed(domain, invites) : invites;
    }
    if (action === 'message') {
      inferred.sender = nameSenders(frames, domain);
      inferred.sizes = compareSizes(frames);
      const uris = this.#sight.uris();
      const { franked, found } = enumerateFranks(frames, { room, keys: frankingKeys, uris });
      mustBe(franked > 0, 'messages of a franked room have franks');
      inferred.franks = `${found} of ${franked} found`;
    }
    if (action === 'fan-out') inferred.clients = this.#count(domain, 'message').perProvider;
    return inferred;
  }

  /** From all that the party has got of the room by then. */
  #count(domain: string, window: string): Counted {
    const { tape, room, mode } = this.#life;
    const { windows } = tape;
    const before = windows.slice(windows.indexOf('create'), windows.indexOf(window) + 1);
    const { frames } = this.#views.of(domain, before);
    const served = this.#views.servedIn(domain, room, before);
    return countMembers(frames, { mode: modeNamed(mode), hub: DOMAINS.hub, domain, served });
  }

  /** Who follows the roster knows who is no longer in it, however the removal names it. */
  #removed(domain: string, invites: string): string {
    const { windows } = this.#life.tape;
    const before = this.#count(domain, windows[windows.indexOf('remove') - 1] as string);
    const after = this.#count(domain, 'remove');
    const [gone] = before.users.filter((user) => !after.users.includes(user));
    if (gone === undefined) return invites;
    const [actor, target] = invites.split('→') as [NamedBy, NamedBy];
    return `${actor}→${stronger(target, namedBy(gone))}`;
  }

  #judge(action: Action, party: Party, saw: readonly Token[], inferred: Inferred): Cell {
    const mode = this.#table;
    const allowed = allowedTokens(action, mode, party);
    const limits = allowedInferences(mode, party);
    const more = saw.filter((token) => !allowed.includes(token));
    const worse = worseThan(inferred, limits);
    const known = DEVIATIONS.filter(
      (one) =>
        one.modes.includes(mode) && one.actions.includes(action) && one.parties.includes(party),
    );
    const used = known.filter(
      (one) =>
        one.saw?.some((token) => more.includes(token)) ||
        one.inferred?.some((key) => worse.includes(key)),
    );
    const beyond = [
      ...more.filter((token) => !used.some((one) => one.saw?.includes(token))),
      ...worse.filter((key) => !used.some((one) => one.inferred?.includes(key))),
    ];
    return {
      mode: this.#life.mode,
      deployment: this.#life.deployment,
      action,
      party,
      saw,
      inferred,
      expected: { spec: specOf(action, mode), saw: allowed, inferred: limits },
      deviations: used.map(({ why }) => why),
      beyond,
      ok: beyond.length === 0,
    };
  }
}

function handshakeSizes(frames: readonly Frame[]): number[] {
  const sizes = frames
    .filter(({ content }) => content === 'proposal' || content === 'commit')
    .flatMap((frame) => frame.sizes);
  return [...new Set(sizes)].sort((one, other) => one - other);
}

/** A frame of which nothing but its Welcomes is looked at. */
const bareWelcome = (frame: Frame): Frame => ({
  ...frame,
  groupId: undefined,
  epoch: undefined,
  external: false,
  handshakes: [],
  part: undefined,
});

/** The Welcomes alone, of all that a party had of an action. */
function welcomesOf({ domain, frames }: View): View {
  const found = frames.filter(({ welcomes }) => welcomes.length > 0);
  const bytes = found.flatMap(({ welcomes }) =>
    welcomes.flatMap(({ ref, domain: to, sealed }) => [ref, Buffer.from(to ?? ''), sealed]),
  );
  return {
    domain,
    items: [],
    frames: found.map(bareWelcome),
    opened: [],
    bytes: bytes.filter(({ length }) => length),
  };
}
