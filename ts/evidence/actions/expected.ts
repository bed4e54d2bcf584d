// The verdicts that the documentation is written for. The matrix does not read them: it finds its own, and is not ok where
// they differ.

import type { Deployment } from '../../provider/index.ts';
import type { Verdict } from './account.ts';

const LETTERS: Readonly<Record<string, Verdict>> = { w: 'works', c: 'cost', i: 'impossible' };

/** In the order open, pseudonymous, hub-visible, members-only: of enterprise, then of consumer. */
const VERDICTS: Readonly<Record<string, readonly [string, string]>> = {
  ban: ['w c c c', 'w c c c'],
  unban: ['w c c c', 'w w w c'],
  kick: ['w w w c', 'w w w c'],
  block: ['w c c c', 'w c c c'],
  report: ['w w w c', 'w w w c'],
  mute: ['w w w c', 'w w w c'],
  add: ['w c c c', 'w c c c'],
  leave: ['w w w c', 'w w w c'],
  'new device': ['w w w c', 'w c c c'],
  'role change': ['w w w c', 'w w w c'],
  'break glass': ['w w w i', 'w c c i'],
};
const MODES = ['open', 'pseudonymous', 'hub-visible', 'members-only'];

/** The verdict of a cell; of a mode that is none of the four, `works`. */
export function expectedVerdict(action: string, mode: string, deployment: Deployment): Verdict {
  const row = VERDICTS[action]?.[deployment === 'enterprise' ? 0 : 1] ?? '';
  return LETTERS[row.split(' ')[MODES.indexOf(mode)] ?? 'w'] ?? 'works';
}
