// Structured logs: pino on stderr, quiet by default. Nothing secret gets here: no header, no body, no id of a path.
import { type Logger, pino } from 'pino';
import { ExedraError } from '../errors.ts';

export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type { Logger } from 'pino';

/** A logger that writes JSON lines to stderr at `level` and above. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    { level, base: null, formatters: { level: (label) => ({ level: label }) } },
    pino.destination({ fd: 2, sync: true }),
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
