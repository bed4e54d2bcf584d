// What the provider tells about its work, as log lines; the level says whether somebody should look.
import type { ProviderEvent } from '../provider/index.ts';
import type { Logger, LogLevel } from './log.ts';

/** Routine is for debugging, a refusal may interest, a failing peer should, a lost shard must. */
const LEVELS: Readonly<Record<ProviderEvent['type'], Exclude<LogLevel, 'silent'>>> = {
  accepted: 'debug',
  delivered: 'debug',
  refused: 'info',
  reported: 'info',
  orderRefused: 'warn',
  deliveryFailed: 'warn',
  deliveryRefused: 'error',
  shardLost: 'fatal',
};

/** A listener for `Provider.open` that writes each event to `log`. */
export function reporter(log: Logger): (event: ProviderEvent) => void {
  return ({ type, ...particulars }) => log[LEVELS[type] ?? 'info'](particulars, type);
}
