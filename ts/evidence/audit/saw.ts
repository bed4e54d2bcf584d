// What a server could read in a window, in the letters of the table: R real URIs, P pseudonyms, D provider domains,
// G group id, E epoch, CT content type, S sizes, and what else the table names.

import { linkToken, parseLink } from '../../privacy/index.ts';
import { PARTICIPANT_LIST } from '../../room/index.ts';
import { groupIdOf } from '../../wire/index.ts';
import { clientsOf, PEOPLE, type Person, type Roles, userOf } from './cast.ts';
import { type Life, REPORTED } from './life.ts';
import { Needles } from './needles.ts';
import type { Recorded } from './tape.ts';
import type { View } from './view.ts';
import { DOMAINS } from './world.ts';

/** Whom a name is of: who acts, on whom, another user of the party's own provider, anybody else. */
const SUBJECTS = ['actor', 'target', 'own', 'others'] as const;
type Subject = (typeof SUBJECTS)[number];

/** Everything that can be seen, in the order in which it is told. */
export const TOKENS = [
  ...(['R', 'P'] as const).flatMap((what) => SUBJECTS.map((of) => `${what} ${of}` as const)),
  'D actor',
  'D target',
  'D others',
  'G',
  'E',
  'CT',
  'S',
  'state',
  'role',
  'external',
  'link id',
  'link token',
  'tag',
  'ref',
  'claim token',
  'name',
  'content',
  'time',
] as const;

export type Token = (typeof TOKENS)[number];

/** `app_data_update` of the participant list in a handshake: its type, the component, `update`. */
const ROLE_CHANGE = Buffer.from([0, 8, PARTICIPANT_LIST >> 8, PARTICIPANT_LIST & 0xff, 1]);

/** Searches the bytes of a life for what is known in it. */
export class Sight {
  readonly #needles = new Needles();
  readonly #secrets: Needles;
  readonly #uris = new Set<string>();

  constructor(life: Life, refs: readonly Uint8Array[]) {
    const needles = this.#needles;
    this.#secrets = life.secrets;
    for (const person of PEOPLE) {
      const { name, user, domain, displayName } = person;
      this.#uris.add(userOf(person));
      for (const text of [userOf(person), ...clientsOf(person), user, ...person.clients]) {
        needles.addText(`R ${name}`, text);
      }
      needles.addText('name', displayName);
      if (domain !== DOMAINS.hub) needles.addText(`D ${domain}`, domain);
      for (const seat of life.seats.get(person) ?? []) {
        if (seat.user === userOf(person)) continue;
        this.#uris.add(seat.user);
        for (const text of [seat.user, seat.client]) needles.addText(`P ${name}`, text);
      }
    }
    needles.add('G', groupIdOf(life.room));
    needles.addText('G', life.room);
    const { id, secret } = parseLink(life.link);
    needles.add('link id', id);
    needles.add('link token', linkToken(secret));
    for (const ref of refs) needles.add('ref', ref);
    for (const { token, hash } of life.claimTokens) {
      needles.add('claim token', token);
      needles.add('claim token', hash);
    }
  }

  /** All URIs by which people are known, real ones and pseudonyms. */
  uris(): string[] {
    return [...this.#uris];
  }

  /** How a real user is told; `undefined` for who is none. */
  nameOf(user: string, party: string, roles: Roles): Token | undefined {
    const person = PEOPLE.find((one) => userOf(one) === user);
    return person && `R ${subjectOf(person, party, roles)}`;
  }

  /** What stands in a view, or can be read off its structs. */
  of({ domain, bytes, frames, items }: View, roles: Roles): Token[] {
    const seen = new Set<Token>();
    for (const haystack of bytes) {
      for (const name of this.#needles.in(haystack)) {
        const token = tokenOf(name, domain, roles);
        if (token !== undefined) seen.add(token);
      }
      const secrets = this.#secrets.in(haystack);
      if (secrets.includes('content') || secrets.includes(REPORTED)) seen.add('content');
    }
    if (frames.length > 0 || items.some(isOfRoom)) seen.add('S');
    for (const frame of frames) {
      const { epoch, content, external, welcomes, handshakes, part, groupId } = frame;
      if (groupId !== undefined) seen.add('G');
      if (epoch !== undefined) seen.add('E').add('CT');
      if (external) seen.add('external');
      if (frame.tag !== undefined) seen.add('tag');
      if (welcomes.length > 0 || content === 'welcome') seen.add('ref');
      if (part !== undefined && part.groupInfo.length > 0) seen.add('state');
      if (handshakes.some((message) => Buffer.from(message.bytes).includes(ROLE_CHANGE))) {
        seen.add('role');
      }
    }
    return TOKENS.filter((token) => seen.has(token));
  }
}

/** Requests for key packages and reports are no messages, but of a room. */
const OF_ROOM = /\/(?:keyMaterial|claimKeyPackages|reportAbuse)\//;
const isOfRoom = ({ what }: Recorded): boolean => OF_ROOM.test(what);

function tokenOf(name: string, party: string, roles: Roles): Token | undefined {
  const [letter, who] = name.split(' ') as [string, string];
  if (letter === 'D') return domainToken(who, party, roles);
  if (letter !== 'R' && letter !== 'P') return name as Token;
  const person = PEOPLE.find((one) => one.name === who) as Person;
  return `${letter} ${subjectOf(person, party, roles)}`;
}

function subjectOf(person: Person, party: string, { actor, target }: Roles): Subject {
  if (person === actor) return 'actor';
  if (person === target) return 'target';
  return person.domain === party ? 'own' : 'others';
}

/** A server knows its own domain, and whose rooms they are. */
function domainToken(domain: string, party: string, { actor, target }: Roles): Token | undefined {
  if (domain === party) return undefined;
  if (domain === actor.domain) return 'D actor';
  return domain === target?.domain ? 'D target' : 'D others';
}
