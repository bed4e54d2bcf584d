// The visibility audit in all four modes, and that it fails where something is leaked.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { auditNotice } from '../../ts/cli/commands/audit.ts';
import { type AuditReport, audit, pageOf } from '../../ts/evidence/audit/index.ts';
import { markdownOf } from '../../ts/evidence/page/index.ts';
import { type Mode, modeNamed, registerMode } from '../../ts/privacy/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MODES = ['open', 'pseudonymous', 'hub-visible', 'members-only'];

let report: AuditReport;

beforeAll(async () => {
  report = await audit();
}, 240_000);

describe('in all four modes', () => {
  test('no party sees or finds out more than the table of the specification, known deviations apart', () => {
    expect(report.cells.filter(({ ok }) => !ok)).toEqual([]);
    expect(report.linkage.filter(({ ok }) => !ok)).toEqual([]);
    expect(report.ok).toBe(true);
    for (const mode of MODES) {
      const parties = report.cells.filter((cell) => cell.mode === mode && cell.saw.length > 0);
      expect(new Set(parties.map(({ party }) => party))).toEqual(
        new Set(['hub', 'own', 'follower', 'target', 'outsider']),
      );
    }
  });

  test('no secret stands in any byte of any server, nor a real name where the mode hides it', () => {
    expect(report.leaks).toEqual([]);
    for (const { bytes, secrets } of report.searched) {
      expect(bytes).toBeGreaterThan(1_000_000);
      for (const kind of ['content', 'display name', 'message key', 'join secret']) {
        expect(secrets[kind]).toBeGreaterThan(0);
      }
    }
  });

  test('each kind of secret is found in each way of writing it and in each place, where it is planted', () => {
    const { planted, found, missed } = report.canaries;
    expect(missed).toEqual([]);
    expect(found).toBe(planted);
    // Eleven kinds or more, thirteen ways, five places, six lives.
    expect(planted).toBeGreaterThan(11 * 13 * 5 * 6);
  });

  test('both deployments are lived through where they differ, and only there', () => {
    const lives = new Set(report.cells.map(({ mode, deployment }) => `${mode}, ${deployment}`));
    expect([...lives]).toEqual([
      'open, enterprise',
      'pseudonymous, enterprise',
      'pseudonymous, consumer',
      'hub-visible, enterprise',
      'hub-visible, consumer',
      'members-only, enterprise',
    ]);
    expect(report.cells.every(({ expected }) => expected.spec !== '')).toBe(true);
  });

  test('an enterprise provider can tell who its users are in a room, and a consumer provider cannot', () => {
    const named = (deployment: string) =>
      report.mappings
        .filter((mapping) => mapping.deployment === deployment)
        .map(({ named: { found, of } }) => [found, of]);
    expect(named('enterprise')).toEqual([1, 2, 1, 1, 1, 2, 1, 1].map((of) => [of, of]));
    expect(named('consumer')).toEqual([1, 2, 1, 1, 1, 2, 1, 1].map((of) => [0, of]));
    for (const { deployment, domain, joined, connections, byTime } of report.mappings) {
      const known = deployment === 'enterprise' ? 2 : 0;
      expect(joined).toEqual(
        domain === 'b.example' ? { found: known, of: 2 } : { found: 0, of: 0 },
      );
      if (deployment !== 'consumer') continue;
      expect(connections).toEqual({ found: 0, of: expect.any(Number) });
      expect(connections.of).toBeGreaterThan(5);
      // What remains: measured, and not hidden.
      if (domain === 'b.example') expect(byTime.found).toBeGreaterThan(byTime.of / 2);
    }
  });

  test('franks of the draft show followers who sends, and ours do not', () => {
    expect(report.draftFranks).toEqual({ franked: 6, found: 6 });
    const franks = report.cells.flatMap(({ action, party, inferred }) =>
      action === 'message' && party === 'follower' ? [inferred.franks] : [],
    );
    expect(franks).toEqual(Array.from({ length: 6 }, () => '0 of 6 found'));
  });

  test('a report shows the hub what is reported, and nobody else but in open rooms', () => {
    const shown = report.cells
      .filter(({ action, saw }) => action === 'report' && saw.includes('content'))
      .map(({ mode, party }) => `${mode} ${party}`);
    expect(new Set(shown)).toEqual(new Set(['open own', ...MODES.map((mode) => `${mode} hub`)]));
    const hidden = report.cells.filter(
      ({ mode, action, party }) =>
        mode === 'members-only' && action === 'report' && party === 'hub',
    );
    // Who reports is not shown; who is said to have sent it is in the content.
    expect(hidden[0]?.saw).not.toContain('R actor');
    expect(hidden[0]?.saw).toContain('R target');
  });

  test('the audit sees what there is to see: names in open rooms, pseudonyms, members, senders', () => {
    const cell = (mode: string, action: string, party: string) => {
      const found = report.cells.find(
        (one) => one.mode === mode && one.action === action && one.party === party,
      );
      if (found === undefined) throw new Error(`no cell ${mode} ${action} ${party}`);
      return found;
    };
    expect(cell('open', 'message', 'follower').saw).toContain('tag');
    for (const party of ['hub', 'own', 'target']) {
      expect(cell('open', 'key packages', party).saw).toContain('R actor');
    }
    expect(cell('open', 'remove', 'hub').inferred.invites).toBe('R→R');
    for (const mode of ['pseudonymous', 'hub-visible']) {
      expect(cell(mode, 'add', 'hub').saw).toEqual(expect.arrayContaining(['P actor', 'P target']));
      expect(cell(mode, 'add', 'hub').inferred.members).toMatchObject({ by: 'roster', count: 5 });
      expect(cell(mode, 'remove', 'hub').inferred.invites).toBe('P→P');
      expect(cell(mode, 'message', 'hub').inferred.sender).toEqual({
        others: 'P',
        named: 6,
        of: 6,
      });
    }
    expect(cell('members-only', 'add', 'hub').inferred.members?.by).toBe('Welcomes');
    expect(cell('members-only', 'message', 'hub').inferred.sender?.others).toBe('D');
    expect(cell('open', 'message', 'hub').inferred.sizes?.tell).toBe('contents');
    expect(cell('hub-visible', 'message', 'hub').inferred.sizes?.tell).toBe('classes');
    const links = report.linkage.find((one) => one.mode === 'open' && one.party === 'hub')?.links;
    expect(links?.map(({ by }) => by)).toContain('signature key');
  });

  test('where handshakes are private, a wish to leave looks no smaller than a commit', () => {
    const sizes = report.cells
      .filter(({ mode, action }) => mode === 'members-only' && action === 'leave')
      .flatMap(({ inferred }) => inferred.handshakes ?? []);
    expect(sizes.length).toBeGreaterThan(0);
    for (const size of sizes) expect(size).toBeGreaterThan(1024);
  });

  test('docs/visibility.md is what the audit writes, figures apart', async () => {
    const page = await readFile(join(root, 'docs', 'visibility.md'), 'utf8');
    const figures = (text: string) => text.replaceAll(/\d+/g, '0');
    expect(figures(page)).toBe(figures(markdownOf(pageOf(report), auditNotice)));
  });
});

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const BOB = 'mimi://b.example/u/b.baumann';

/** As hub-visible, but each envelope has a name behind it. */
function leakyEnvelopes(name: string): Mode {
  const inner = modeNamed('hub-visible');
  const { handshakes } = inner;
  const tail = utf8(BOB);
  const whole = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - tail.length);
  return {
    ...inner,
    name,
    handshakes: {
      form: handshakes.form,
      wrap: (...args) => new Uint8Array(Buffer.concat([handshakes.wrap(...args), tail])),
      openAsMember: (bytes, ...rest) => handshakes.openAsMember(whole(bytes), ...rest),
      openAsHub: (bytes, ...rest) => handshakes.openAsHub(whole(bytes), ...rest),
    },
  };
}

describe('fails', () => {
  test('where a mode shows followers the name of who acts', async () => {
    registerMode(leakyEnvelopes('leaky-envelopes'));
    const { ok, cells, leaks } = await audit({
      modes: ['leaky-envelopes'],
      deployments: ['enterprise'],
      judgedAs: { 'leaky-envelopes': 'hub-visible' },
    });

    expect(ok).toBe(false);
    const bad = cells.filter((cell) => !cell.ok).map(({ action, party }) => `${action} ${party}`);
    expect(bad).toEqual(expect.arrayContaining(['add hub', 'add follower', 'remove follower']));
    expect(cells.find(({ ok: good }) => !good)?.beyond).toContain('R actor');
    expect(leaks.map(({ what }) => what)).toContain('real URI of bob');
  });

  test('where a consumer provider has an account together with a pseudonym', async () => {
    const report = await audit({
      modes: ['hub-visible'],
      deployments: ['consumer'],
      meanwhile: async ({ tape, world, seats }) => {
        tape.enter('message');
        const [seat] = [...seats].find(([{ name }]) => name === 'bob')?.[1] ?? [];
        world.tapsOf('b.example').log.write(`{"of":"${BOB}","as":"${seat?.user}"}`);
      },
    });

    expect(report.ok).toBe(false);
    const bad = report.mappings.filter(({ ok }) => !ok);
    expect(bad).toMatchObject([{ domain: 'b.example', named: { found: 1, of: 2 } }]);
  });

  test('where what is reported comes to somebody else than the hub, or more than that to the hub', async () => {
    const report = await audit({
      modes: ['members-only'],
      meanwhile: async ({ tape, world, secrets }) => {
        tape.enter('report');
        const [reported] = secrets.valuesOf('reported content') as [Uint8Array];
        const [salt] = secrets.valuesOf('reported salt') as [Uint8Array];
        const [other] = secrets.valuesOf('content') as [Uint8Array];
        world.tapsOf('c.example').log.write(reported);
        world.tapsOf('b.example').log.write(Buffer.from(salt).toString('hex'));
        world.tapsOf('a.example').log.write(Buffer.concat([reported, other]));
      },
    });
    expect(report.ok).toBe(false);
    expect(report.leaks.map(({ what, party }) => `${what} at ${party}`).sort()).toEqual([
      'content at a.example',
      'reported content at a.example',
      'reported content at c.example',
      'reported salt at b.example',
    ]);
  });

  test('where followers can find senders by trying', async () => {
    const report = await audit({ modes: ['open'], franking: 'draft06' });
    expect(report.ok).toBe(false);
    const bad = report.cells.filter(({ ok }) => !ok).map(({ action, party }) => [action, party]);
    expect(bad).toEqual([
      ['message', 'hub'],
      ['message', 'own'],
      ['message', 'follower'],
    ]);
  });

  test('where a server writes a user into its log, however it is written', async () => {
    const report = await audit({
      modes: ['members-only'],
      meanwhile: async ({ tape, world }) => {
        tape.enter('remove');
        const user = Buffer.from(BOB, 'utf16le').toString('hex');
        world.tapsOf('c.example').log.write(`{"level":"info","by":"${encodeURIComponent(BOB)}"}`);
        world.tapsOf('a.example').log.write(Buffer.from(user, 'hex'));
      },
    });

    expect(report.ok).toBe(false);
    const bad = report.cells.filter((cell) => !cell.ok);
    expect(bad.map(({ action, party, beyond }) => [action, party, beyond])).toEqual([
      ['remove', 'hub', ['R actor', 'invites']],
      ['remove', 'follower', ['R actor', 'D actor', 'invites']],
    ]);
    expect(report.leaks.map(({ encoding, place, party }) => [encoding, place, party])).toEqual([
      ['url', 'log line', 'c.example'],
      ['utf-16le', 'log line', 'a.example'],
    ]);
  });
});
