// The visibility audit: lives a room's life in each mode, records what every server got, and judges it cell by cell against
// the table of the specification (expected.ts).

import { modeNamed, modeNames } from '../../privacy/index.ts';
import { DEPLOYMENTS, type Deployment } from '../../provider/index.ts';
import type { FrankingForm } from '../../room/index.ts';
import { type Enumerated, enumerateFranks } from './attackers/franks.ts';
import { type Canaries, findCanaries, plantCanaries } from './canaries.ts';
import { clientsOf, PEOPLE, userOf } from './cast.ts';
import { type Cell, Cells } from './cells.ts';
import { AuditError } from './error.ts';
import { TABLE_MODES, type TableMode } from './expected.ts';
import { findLeaks, type Leak } from './leaks.ts';
import { type Life, lifeName, playLife } from './life.ts';
import { type Linkage, linkages } from './linkage.ts';
import { type Mapping, mappings } from './mapping.ts';
import { Needles } from './needles.ts';
import { Views } from './view.ts';
import { DOMAINS } from './world.ts';

/** The mode whose rooms the draft describes. */
const DRAFT_MODE = 'open';

/** What was searched, and for what. */
export interface Searched {
  readonly mode: string;
  readonly deployment: Deployment;
  /** Bytes of all servers, in all places. */
  readonly bytes: number;
  /** How many different secrets of each kind. */
  readonly secrets: Readonly<Record<string, number>>;
}

/** The account of an audit. */
export interface AuditReport {
  readonly cells: readonly Cell[];
  readonly linkage: readonly Linkage[];
  readonly mappings: readonly Mapping[];
  /** Of how many messages a follower finds the sender where they are franked in the form of the draft; for comparison. */
  readonly draftFranks: Enumerated | undefined;
  readonly canaries: Canaries;
  /** Secrets that were found where none may be. */
  readonly leaks: readonly Leak[];
  readonly searched: readonly Searched[];
  /** Whether nobody saw or found out more than is expected, and every canary was found. */
  readonly ok: boolean;
}

export interface AuditOptions {
  /** Names of privacy modes; default: those of the table. */
  readonly modes?: readonly string[] | undefined;
  /** Default: both, `consumer` where a mode hides identities, since others are served alike. */
  readonly deployments?: readonly Deployment[] | undefined;
  /** As which mode of the table a further mode is judged, by its name. */
  readonly judgedAs?: Readonly<Record<string, TableMode>> | undefined;
  /** How the rooms are franked; default `exedra`. */
  readonly franking?: FrankingForm | undefined;
  /** Hears of each window as it begins. */
  readonly onWindow?: ((mode: string, window: string) => void) | undefined;
  /** What else is done while all is recorded, before the canaries. */
  readonly meanwhile?: ((life: Life) => Promise<void>) | undefined;
}

type ModeReport = Omit<AuditReport, 'ok' | 'searched' | 'draftFranks'> & {
  readonly searched: Searched;
};

/** Audits modes one after the other. @throws AuditError, PrivacyError `unknownMode`, and whatever a life throws. */
export async function audit(options: AuditOptions = {}): Promise<AuditReport> {
  const { modes = TABLE_MODES, judgedAs = {}, deployments = DEPLOYMENTS } = options;
  const reports: ModeReport[] = [];
  for (const mode of modes) {
    const table = judgedAs[mode] ?? TABLE_MODES.find((name) => name === mode);
    if (table === undefined) {
      const known = modeNames().includes(mode);
      throw new AuditError('noTable', known ? undefined : `There is no mode ${mode}.`);
    }
    for (const deployment of deployments) {
      const apart = modeNamed(mode).credentials.hidesIdentities;
      if (deployment === 'consumer' && !apart) continue;
      reports.push(await auditMode({ mode, deployment }, table, options));
    }
  }
  const compares = options.franking === undefined && modes.includes(DRAFT_MODE);
  return together(reports, compares ? await draftFranks(options) : undefined);
}

/** What a follower finds out of the draft's form of franking, by the same means. */
async function draftFranks({ onWindow }: AuditOptions): Promise<Enumerated> {
  const options = { mode: DRAFT_MODE, franking: 'draft06' } as const;
  const life = await playLife(options, (window) => onWindow?.(`${DRAFT_MODE}, draft06`, window));
  await using _world = life.world;
  const { frames } = new Views(life).of(DOMAINS.follower, ['message']);
  const uris = PEOPLE.map(userOf);
  return enumerateFranks(frames, { room: life.room, keys: life.frankingKeys, uris });
}

async function auditMode(
  { mode, deployment }: { readonly mode: string; readonly deployment: Deployment },
  table: TableMode,
  { onWindow, meanwhile, franking }: AuditOptions,
): Promise<ModeReport> {
  const name = lifeName(mode, deployment);
  const options = { mode, deployment, franking };
  const life = await playLife(options, (window) => onWindow?.(name, window));
  await using _world = life.world;
  await meanwhile?.(life);
  const recorded = [...life.tape.recorded];
  const needles = withNames(life.secrets);
  const planted = await plantCanaries(life, needles);
  const canaries = findCanaries(planted, life.tape.recorded, needles);
  const cells = new Cells(life, table);
  return {
    cells: cells.all(),
    linkage: linkages(cells.views, life, table),
    mappings: mappings(life),
    canaries: { ...canaries, missed: canaries.missed.map((missed) => `${name}: ${missed}`) },
    leaks: findLeaks(life, recorded),
    searched: {
      mode,
      deployment,
      bytes: recorded.reduce((sum, { bytes }) => sum + bytes.length, 0),
      secrets: Object.fromEntries(
        needles.names().map((name) => [name, needles.valuesOf(name).length]),
      ),
    },
  };
}

/** The secrets, and the names that are searched for beside them. */
function withNames(secrets: Needles): Needles {
  const needles = new Needles();
  for (const name of secrets.names()) {
    for (const value of secrets.valuesOf(name)) needles.add(name, value);
  }
  for (const person of PEOPLE) {
    needles.addText('user URI', userOf(person));
    for (const client of clientsOf(person)) needles.addText('client URI', client);
  }
  return needles;
}

function together(
  reports: readonly ModeReport[],
  draftFranks: Enumerated | undefined,
): AuditReport {
  const sum = (count: (canaries: Canaries) => number) =>
    reports.reduce((total, { canaries }) => total + count(canaries), 0);
  const cells = reports.flatMap((report) => report.cells);
  const linkage = reports.flatMap((report) => report.linkage);
  const leaks = reports.flatMap((report) => report.leaks);
  const mapped = reports.flatMap((report) => report.mappings);
  const canaries = {
    planted: sum(({ planted }) => planted),
    found: sum(({ found }) => found),
    missed: reports.flatMap((report) => report.canaries.missed),
  };
  const ok =
    cells.every((cell) => cell.ok) &&
    linkage.every((link) => link.ok) &&
    mapped.every((mapping) => mapping.ok) &&
    // Who finds nothing there would find nothing anywhere.
    (draftFranks === undefined ||
      (draftFranks.found === draftFranks.franked && draftFranks.franked > 0)) &&
    leaks.length === 0 &&
    canaries.planted > 0 &&
    canaries.found === canaries.planted;
  const searched = reports.map((report) => report.searched);
  return { cells, linkage, mappings: mapped, draftFranks, canaries, leaks, searched, ok };
}
