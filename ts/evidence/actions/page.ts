// The account of an action matrix as a page: docs/actions.md.

import type { Page, PageSection, PageTable } from '../page/index.ts';
import type { ActionReport, Cell } from './matrix.ts';
import { ACTIONS, isOk } from './matrix.ts';

/** What each action is, as users know it. */
const MEANINGS: Readonly<Record<string, string>> = {
  ban: 'A user is taken out and kept out. `room.ban`; `provider.mandate({ ban })`, `exedra operator ban`, `ban-notice`, `enforce-ban`, `ban-receipt`, `ban-complaint`, `bans`.',
  unban:
    'A ban ends. `room.unban`; `provider.mandate({ unban })`, `exedra operator unban`, `ban-notice`.',
  kick: 'All devices of a user are taken out, and it may come back. `room.kick`, `room.remove`; `provider.mandate({ remove })`, `exedra operator remove`.',
  block:
    'A user does not want to hear of another one. `device.block`, `device.unblock`. It is the user’s own business: operators have no part in it.',
  report:
    'A user shows the hub what another one has said. `room.report`; `provider.reports`, `exedra operator reports`. See [franking](franking.md).',
  mute: 'A user reads and sends nothing. `room.mute`, `room.unmute`; `provider.mandate({ role })`, `exedra operator mute`, `unmute`.',
  add: 'A user comes into a room, let in by a member. `room.invite`. Operators add nobody.',
  leave: 'A user goes out. `room.leave`, and `room.commitPending` of another member.',
  'new device':
    'A further device of a participant comes in. `device.joinExternally`; `provider.mintDevice`, `revokeDevice`, `exedra operator device`, `revoke`.',
  'role change':
    'A participant gets another role. `room.setRole`; `provider.mandate({ role })`, `exedra operator role`.',
  'break glass':
    'Somebody outside the room learns who one person is, not alone and not unseen. `provider.enterprise.breakGlass`, `exedra operator order`, `sign`, `break-glass`, `audit`; `provider.escrowCase`, `exedra operator escrow-case`, `open-share`, `join-shares`.',
};

/** The page of a matrix. */
export function actionsPage(report: ActionReport): Page {
  const { cells, ok } = report;
  const modes = [...new Set(cells.map(({ mode }) => mode))];
  const actions = ACTIONS.filter((action) => cells.some((cell) => cell.action === action));
  return {
    title: 'What each action becomes',
    ok,
    paragraphs: [
      'Eleven actions in each [privacy mode](modes/README.md), at providers that map pseudonyms to their users (enterprise) and at providers that do not (consumer): see [deployments](modes/deployments.md). Each cell comes of a scenario that runs, at a hub and two followers over HTTP on loopback: the scenario does the action, as a member and, where operators have a part in it, as the operator of the hub; tries to get round it; and writes down what it has seen. The code of a refusal stands behind what was refused.',
      'Repeat it with `npx exedra actions`, or one cell with `npx exedra actions --action ban --mode hub-visible --deployment consumer`. `npm test` plays every cell as the test of `test/scenario/action_matrix.test.ts` that is named beside it, and fails when a verdict, or a word of this page, is another one. The scenarios are in `ts/evidence/actions/scenarios`.',
      ok
        ? 'All scenarios ran, and each verdict is the one that is expected.'
        : 'A scenario failed, or a verdict is not the one that is expected: such cells are marked with ✗.',
    ],
    sections: [
      {
        title: 'At a glance',
        paragraphs: [
          '“Works”: without asking anybody for more. “Cost”: it works, and asks for, shows or leaves undone something, which the table of the action says. “Impossible”: it cannot be done, and the table says why. Where deployments differ, enterprise stands before consumer.',
        ],
        tables: [glance(cells, actions, modes)],
      },
      ...actions.map((action) => actionSection(cells, action)),
      breakGlassSection(),
    ],
  };
}

function glance(
  cells: readonly Cell[],
  actions: readonly string[],
  modes: readonly string[],
): PageTable {
  const text = (action: string, mode: string): string => {
    const ofBoth = cells.filter((cell) => cell.action === action && cell.mode === mode);
    return [...new Set(ofBoth.map(verdictText))].join(' / ');
  };
  return {
    head: ['action', ...modes],
    rows: actions.map((action) => [action, ...modes.map((mode) => text(action, mode))]),
  };
}

const verdictText = (cell: Cell): string => `${isOk(cell) ? '' : '✗ '}${cell.verdict}`;

function actionSection(cells: readonly Cell[], action: string): PageSection {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells.filter((one) => one.action === action)) {
    const seen = `${verdictText(cell)} ${cell.why}`;
    groups.set(seen, [...(groups.get(seen) ?? []), cell]);
  }
  const rows = [...groups.values()].map((group) => {
    const [first] = group as [Cell];
    const tests = group.map(({ test }) => `\`${test.slice(test.indexOf('#') + 1)}\``);
    return [verdictText(first), first.why, tests.join(', ')];
  });
  return {
    title: `${action[0]?.toUpperCase()}${action.slice(1)}`,
    paragraphs: [MEANINGS[action] ?? ''],
    tables: [{ head: ['verdict', 'what was seen', 'tests: mode, deployment'], rows }],
  };
}

function breakGlassSection(): PageSection {
  return {
    title: 'With and without break glass',
    paragraphs: [
      'Without it, hub and operator act on names of the room: in `open` on people, in `pseudonymous` and `hub-visible` on pseudonyms, in `members-only` on nobody. A ban of a pseudonym is one of a person only with the help of the person’s own provider (enterprise) or of the members (consumer).',
      'With it, two parties learn who one pseudonym is, and can then do outside of the room what they must: close the account, answer a court. It changes nothing in the room, and no other action needs it. In `members-only` there is none, since there is no name to ask for: what a report shows there is content, and the sender’s own word for who sent it.',
    ],
    tables: [],
  };
}
