// The account of an audit as a page: docs/visibility.md.

import type { Page, PageSection, PageTable } from '../page/index.ts';
import type { AuditReport } from './audit.ts';
import { ACTIONS, type Action, PARTIES, type Party } from './cast.ts';
import type { Cell } from './cells.ts';
import type { Inferred } from './inferred.ts';
import { lifeName } from './life.ts';
import type { Linkage } from './linkage.ts';
import type { Token } from './saw.ts';

const NOTHING = '–';
const COLUMNS: Readonly<Record<Party, string>> = {
  hub: 'hub',
  own: 'own provider',
  follower: 'follower',
  target: 'target’s provider',
  outsider: 'outsider',
};

const LETTERS: PageTable = {
  head: ['letters', 'what was seen'],
  rows: [
    [
      'R',
      'real URIs of users and clients, of whom: of who acts, of the target, of the party’s own users, of others',
    ],
    ['P', 'pseudonyms, of whom'],
    ['D', 'domains of providers beside the party’s own and the hub’s, of whom'],
    ['G, E, CT, S', 'group id, epoch, content type, sizes'],
    ['state, role', 'the room’s state as a whole; that a role was given'],
    ['external', 'that a commit is of somebody who comes from outside'],
    [
      'link id, link token',
      'which join link was used; what its holder shows to a hub that sees nothing else',
    ],
    [
      'ref, claim token',
      'reference of a key package; by which key packages are claimed, or its hash',
    ],
    ['tag', 'the franking tag of a message'],
    ['name, content', 'display names; what was said'],
  ],
};

/** The page of an account. */
export function pageOf(report: AuditReport): Page {
  const notes = notesOf(report.cells);
  const lives = [...new Set(report.cells.map(nameOf))];
  return {
    title: 'Who sees what',
    ok: report.ok,
    paragraphs: [
      'A hub and three followers serve the same life of a room in each privacy mode, over HTTP on loopback: every byte that each of them is sent, sends, stores and logs is recorded, in a window for each action, opened with the keys that the party itself has, and searched. What a party saw is what stands in those bytes; what it found out is what small attackers make of them, with nothing else. An outsider sees which two providers, when, and how much: TLS hides the rest.',
      'Repeat it with `npx exedra audit`; `test/scenario/visibility_audit.test.ts` fails when a cell gets worse than the table, and when the search does not find what is planted on purpose.',
      'All providers are of deployment enterprise where nothing else is said. Modes that hide identities are also played at providers of deployment consumer, which serve queues that are of no account ([deployments](modes/deployments.md)); in the others both serve alike.',
      'The acting user’s own provider serves no other part (in “create” it is the hub), the follower has a user in the room who does nothing, the target’s provider is that of who is added or removed. Own users are known to every provider by their accounts.',
      report.ok
        ? 'Nothing was seen or found out beyond the table of the specification but the known deviations, which are numbered and explained below.'
        : 'Something was seen or found out beyond what is expected: the cells are marked with ✗.',
    ],
    sections: [
      { title: 'Letters', paragraphs: [], tables: [LETTERS] },
      ...ACTIONS.map((action) => actionSection(report, action, lives, notes)),
      linkageSection(report, lives),
      mappingSection(report),
      frankSection(report),
      leakSection(report),
      canarySection(report),
      {
        title: 'Known deviations',
        paragraphs: notes.size === 0 ? ['None.'] : [],
        tables:
          notes.size === 0
            ? []
            : [{ head: ['', 'why'], rows: [...notes].map(([why, mark]) => [mark, why]) }],
      },
    ],
  };
}

/** How the life is called that something is of. */
const nameOf = ({ mode, deployment }: Pick<Cell, 'mode' | 'deployment'>): string =>
  lifeName(mode, deployment);

/** The deviations that show, each with its mark. */
function notesOf(cells: readonly Cell[]): Map<string, string> {
  const whys = new Set(cells.flatMap(({ deviations }) => deviations));
  return new Map([...whys].map((why, index) => [why, `[${index + 1}]`]));
}

function actionSection(
  { cells }: AuditReport,
  action: Action,
  lives: readonly string[],
  notes: ReadonlyMap<string, string>,
): PageSection {
  const title = action[0]?.toUpperCase() + action.slice(1);
  const ofAction = cells.filter((cell) => cell.action === action);
  const parties = PARTIES.filter((party) => ofAction.some((cell) => cell.party === party));
  const cellOf = (life: string, party: Party) =>
    ofAction.find((cell) => nameOf(cell) === life && cell.party === party);
  const head = parties.map((party) => COLUMNS[party]);
  const saw = lives.map((life) => [
    life,
    cellOf(life, 'hub')?.expected.spec ?? '',
    ...parties.map((party) => sawText(cellOf(life, party), notes)),
  ]);
  const found = lives.map((life) => [
    life,
    ...parties.map((party) => inferredText(cellOf(life, party)?.inferred ?? {})),
  ]);
  const tables: PageTable[] = [{ head: ['saw', 'the table says', ...head], rows: saw }];
  if (found.some((row) => row.slice(1).some((text) => text !== NOTHING))) {
    tables.push({ head: ['found out', ...head], rows: found });
  }
  return { title, paragraphs: [], tables };
}

function sawText(cell: Cell | undefined, notes: ReadonlyMap<string, string>): string {
  if (cell === undefined) return NOTHING;
  const marks = cell.deviations.map((why) => notes.get(why) ?? '');
  const wrong = cell.ok ? [] : [`✗ (${cell.beyond.join(', ')})`];
  return [tokensText(cell.saw), ...marks, ...wrong].join(' ');
}

/** Tokens with the subjects of one letter together: `R (actor, target); G E CT S`. */
export function tokensText(tokens: readonly Token[]): string {
  if (tokens.length === 0) return NOTHING;
  const letters = (['R', 'P', 'D'] as const).flatMap((letter) => {
    const of = tokens
      .filter((token) => token.startsWith(`${letter} `))
      .map((token) => token.slice(2));
    return of.length === 0 ? [] : [`${letter} (${of.join(', ')})`];
  });
  const bare = tokens.filter((token) => /^(?:G|E|CT|S)$/.test(token));
  const words = tokens.filter((token) => !/^(?:[RPD] |(?:G|E|CT|S)$)/.test(token));
  return [...letters, ...(bare.length === 0 ? [] : [bare.join(' ')]), ...words].join('; ');
}

function inferredText(inferred: Inferred): string {
  const { members, handshakes, invites, sender, sizes, clients, franks, traffic } = inferred;
  const texts: string[] = [];
  if (members) texts.push(`members: ${members.count} of ${members.of}, by ${members.by}`);
  if (handshakes?.length) texts.push(`handshakes of ${handshakes.join(', ')} B`);
  if (invites) texts.push(`who to whom: ${invites}`);
  if (sender) {
    texts.push(`senders but its own users: ${sender.others}, ${sender.named} of ${sender.of}`);
  }
  if (sizes) texts.push(`sizes tell ${sizes.tell}: ${sizes.seen.join(', ')} B`);
  if (clients) {
    const counts = Object.entries(clients).map(([domain, count]) => `${domain} ${count}`);
    texts.push(`clients: ${counts.length === 0 ? NOTHING : counts.join(', ')}`);
  }
  if (franks) texts.push(`frank enumeration: ${franks}`);
  if (traffic) texts.push(traffic);
  return texts.length === 0 ? NOTHING : texts.join('; ');
}

function linkageSection({ linkage }: AuditReport, lives: readonly string[]): PageSection {
  const parties = PARTIES.filter((party) => linkage.some((link) => link.party === party));
  const table = (lastResort: boolean): PageTable => ({
    head: [
      lastResort ? 'linked by, after last resort' : 'linked by',
      ...parties.map((party) => COLUMNS[party]),
    ],
    rows: lives.map((life) => [
      life,
      ...parties.map((party) =>
        linksText(
          linkage.filter(
            (link) =>
              nameOf(link) === life && link.party === party && link.lastResort === lastResort,
          ),
        ),
      ),
    ]),
  });
  return {
    title: 'Linkage of one user across two rooms',
    paragraphs: [
      'The same users come into two rooms, in another order each time. What both rooms showed a party of one user, and not of another one of the same provider, links the two: real URIs, keys, lifetimes, lengths of credentials, and any value of eight bytes or more. Who may link is who serves the user, and in open rooms everybody.',
      'One of them has published key packages of last resort only, and is added twice before replacing them: who sees pseudonyms or refs of Welcomes can then tell.',
    ],
    tables: [table(false), table(true)],
  };
}

/** Whatever else links beside the real name, such as keys of real credentials, follows from it. */
function linksText(found: readonly Linkage[]): string {
  const kinds = [...new Set(found.flatMap(({ links }) => links.map(({ by }) => by)))].sort();
  if (kinds.length === 0) return NOTHING;
  if (!found.every(({ ok }) => ok)) return `${kinds.join('; ')} ✗`;
  if (kinds.includes('real URI')) return 'real URI';
  const named = kinds.filter((kind) => !/ /.test(kind) || kind === 'signature key');
  return named.length > 0 ? named.join('; ') : 'values of eight bytes or more';
}

function mappingSection({ mappings }: AuditReport): PageSection {
  const share = ({ found, of }: { readonly found: number; readonly of: number }) =>
    of === 0 ? NOTHING : `${found} of ${of}`;
  const rows = mappings.map((mapping) => [
    nameOf(mapping),
    mapping.domain,
    `${share(mapping.named)}${mapping.ok ? '' : ' ✗'}`,
    share(mapping.joined),
    share(mapping.connections),
    share(mapping.byTime),
  ]);
  return {
    title: 'Who stands behind a pseudonym',
    paragraphs: [
      'Each provider tries to tell which of its own accounts stands behind a pseudonym. “Named”: users whose account stands together with one of their pseudonyms or queues in a request with its answer, a row, a record or a line, tokens also by their hashes. “Joined”: users of whom account and queues showed one value of eight bytes or more that nobody else’s did; it takes a second user to tell. A provider of deployment enterprise shall know; one of deployment consumer must not. Real names in the tables above, in deployment consumer, are of requests that accounts made meanwhile.',
      '“Connections”: TCP connections of queues over which the account came as well; clients keep them apart. What remains in deployment consumer, and is not prevented, is measured beside it. “By time”: queues of which the account is guessed right by asking which account sends requests at the same moments. Here devices come one after the other, so that all are guessed; and all requests of a device come from one IP address. A provider that keeps times or addresses can tell, unless requests come by a relay ([deployments](modes/deployments.md), “What the provider can still link”).',
    ],
    tables: [{ head: ['mode', 'provider', 'named', 'joined', 'connections', 'by time'], rows }],
  };
}

function frankSection({ draftFranks }: AuditReport): PageSection {
  const texts = [
    'A follower tries every URI that it knows on every frank that it passes on, with the keys that the hub shows everybody. What it found out of franks of our form stands above, at “Message”.',
  ];
  if (draftFranks !== undefined) {
    const { found, franked } = draftFranks;
    texts.push(
      `In an open room whose franks are of the form of draft-ietf-mimi-protocol-06, it finds the senders of ${found} of ${franked} messages ([findings](findings.md), 6). Who finds none there would not be believed to find none elsewhere: the audit fails then.`,
    );
  }
  return { title: 'Senders by frank enumeration', paragraphs: texts, tables: [] };
}

function leakSection({ leaks, searched }: AuditReport): PageSection {
  const kinds = [...new Set(searched.flatMap(({ secrets }) => Object.keys(secrets)))];
  const rows = kinds.map((kind) => [
    kind,
    ...searched.map(({ secrets }) => String(secrets[kind] ?? NOTHING)),
  ]);
  const bytes = searched.map((life) => String(life.bytes));
  return {
    title: 'Secrets that nobody may have',
    paragraphs: [
      'Raw, in hexadecimal, base64, base64url, URL-encoded, as UTF-16 and in JSON, in all that all servers were sent, sent, stored and logged. Real URIs of others’ users count as secrets where the mode hides them from servers, outside of accounts and connections.',
      leaks.length === 0
        ? 'Found: none.'
        : `Found: ${leaks.map((leak) => Object.values(leak).join(' ')).join('; ')}.`,
    ],
    tables: [
      {
        head: ['different values searched for', ...searched.map(nameOf)],
        rows: [...rows, ['bytes searched', ...bytes]],
      },
    ],
  };
}

function canarySection({ canaries }: AuditReport): PageSection {
  const { planted, found, missed } = canaries;
  return {
    title: 'Canaries',
    paragraphs: [
      'One of each kind of secret, in each way of writing it, was planted in a request, an answer, a row, a log record and a log line of a server, to see that the search finds it there.',
      `Planted: ${planted}. Found: ${found}.${missed.length === 0 ? '' : ` Missed: ${missed.join('; ')}.`}`,
    ],
    tables: [],
  };
}
