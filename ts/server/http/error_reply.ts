// From an error to what the caller sees: an HTTP status and one JSON object, the same shape everywhere.
// A caller learns what is wrong with its request; of our dependencies and our bugs it learns only that they failed.
import { ExedraError } from '../../errors.ts';
import { ServerError } from '../errors.ts';

export interface ErrorReply {
  readonly status: number;
  /** The JSON text. */
  readonly body: string;
  readonly retryAfterMs?: number | undefined;
}

/** How long a caller is asked to wait when the failure itself does not say, in milliseconds. */
const DEFAULT_RETRY_MS = 1000;

/** Codes whose status is not the one of their kind; the key is `layer.code`. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'server.unauthorized': 401,
  'server.notFound': 404,
  'server.tooLarge': 413,
  'server.unsupportedMediaType': 415,
  'server.headersTooLarge': 431,
  'server.requestTimeout': 408,
  'server.tooManyRequests': 429,
  'server.outcomeUnknown': 504,
  'provider.tooLarge': 413,
  'provider.unknownRoom': 404,
  'provider.roomExists': 409,
  'provider.claimUnreadable': 422,
  'provider.claimExpired': 410,
  'provider.noSuchContact': 404,
  'provider.mailboxFull': 429,
  'provider.badReport': 422,
  'provider.tooManyReports': 429,
  'provider.unknownReport': 404,
  'provider.tokenQuota': 429,
  'provider.tokenSpent': 409,
  'provider.mandateOpen': 409,
  'provider.mandateImpossible': 409,
  'provider.wrongMandate': 422,
  'provider.orderExpired': 410,
  'provider.orderUsed': 409,
  'provider.wrongOrder': 422,
  'provider.unknownPseudonym': 404,
  'provider.wrongNotice': 422,
  'provider.wrongReceipt': 422,
  'provider.wrongComplaint': 422,
  'provider.peerRefused': 502,
  'provider.peerUnknown': 504,
  'store.tooLarge': 413,
  'store.unknown': 504,
};

const STATUS_OF_KIND = { payload: 400, caller: 403, dependency: 503, bug: 500 } as const;

/** Codes of Fastify for which the server has its own; any other of them with a 4xx status is `badRequest`. */
const CODE_OF_FASTIFY: Readonly<Record<string, 'tooLarge' | 'unsupportedMediaType' | 'badUri'>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'tooLarge',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupportedMediaType',
  FST_ERR_BAD_URL: 'badUri',
  FST_ERR_MAX_PARAM_LENGTH: 'badUri',
};

/** The error as one of ours: HTTP failures that Fastify raised become `ServerError`, all else unforeseen `internal`. */
export function asExedraError(error: unknown): ExedraError {
  if (error instanceof ExedraError) return error;
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  if (typeof code === 'string' && CODE_OF_FASTIFY[code] !== undefined) {
    return new ServerError(CODE_OF_FASTIFY[code], undefined, { cause: error });
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ServerError('badRequest', undefined, { cause: error });
  }
  return new ServerError('internal', undefined, { cause: error });
}

/** What the caller gets for `error`. */
export function errorReply(error: ExedraError): ErrorReply {
  const status = STATUS_OF_CODE[`${error.layer}.${error.code}`] ?? STATUS_OF_KIND[error.kind];
  const shown = status >= 500 && error.layer !== 'server' ? shownFailure(error, status) : error;
  const { rule, offset, path } = shown.details;
  return {
    status,
    body: JSON.stringify({
      error: { layer: shown.layer, code: shown.code, message: shown.message, rule, offset, path },
    }),
    retryAfterMs: retryAfter(error, status),
  };
}

/** A failure behind the request without its particulars: another provider's by its code, the rest in general words. */
function shownFailure(error: ExedraError, status: number): ExedraError {
  if (error.layer === 'provider' && error.kind === 'dependency') {
    return new ExedraError(error.layer, error.code, error.kind, error.message);
  }
  if (status === 500) return new ServerError('internal');
  return new ServerError(status === 504 ? 'outcomeUnknown' : 'dependencyUnavailable');
}

function retryAfter(error: ExedraError, status: number): number | undefined {
  const { retryAfterMs } = error.details;
  if (typeof retryAfterMs === 'number') return retryAfterMs;
  return status === 429 || status === 503 ? DEFAULT_RETRY_MS : undefined;
}

/** The Retry-After header field for a wait (RFC 9110 section 10.2.3): whole seconds, never less than asked. */
export function retryAfterSeconds(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1000)));
}
