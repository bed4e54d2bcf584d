// The modes that there are, by name: four of ours, and whatever a program registers besides.

import { PrivacyError } from './errors.ts';
import type { Mode } from './mode.ts';
import { hubVisible } from './modes/hub_visible.ts';
import { membersOnly } from './modes/members_only.ts';
import { open } from './modes/open.ts';
import { pseudonymous } from './modes/pseudonymous.ts';

const modes = new Map<string, Mode>(
  [open, pseudonymous, hubVisible, membersOnly].map((mode) => [mode.name, mode]),
);

/** A mode name as it may stand in a room. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** The mode of this name. Throws PrivacyError `unknownMode`. */
export function modeNamed(name: string): Mode {
  const mode = modes.get(name);
  if (mode === undefined) {
    throw new PrivacyError('unknownMode', undefined, { details: { mode: name.slice(0, 64) } });
  }
  return mode;
}

/** The names of all modes, in the order they were registered. */
export function modeNames(): string[] {
  return [...modes.keys()];
}

/** Adds a mode; clients and hubs of this program then know it. Throws PrivacyError `modeExists`. */
export function registerMode(mode: Mode): void {
  if (!NAME.test(mode.name) || modes.has(mode.name)) {
    throw new PrivacyError('modeExists', undefined, { details: { mode: mode.name.slice(0, 64) } });
  }
  modes.set(mode.name, mode);
}
