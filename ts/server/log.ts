// Structured logs: pino on stderr, quiet by default. Nothing secret gets here: no header, no body, no id of a path.
import { type Logger, pino } from 'pino';
import { ExedraError } from '../errors.ts';

export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type { Logger } from 'pino';

/** A logger that writes JSON lines at `level` and above, to stderr or where `to` takes them. */
export function createLogger(level: LogLevel, to?: { write(line: string): void }): Logger {
  return pino(
    { level, base: null, formatters: { level: (label) => ({ level: label }) } },
    to ?? pino.destination({ fd: 2, sync: true }),
  );
}

/** What of an error is logged: layer, code, message and where it came from, with the causes' messages. */
export function loggableError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    ...(error instanceof ExedraError ? { layer: error.layer, code: error.code } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: loggableError(error.cause) }),
  };
}
