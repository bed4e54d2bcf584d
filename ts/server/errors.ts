// The errors of the HTTP binding: start-up, configuration, authentication and what HTTP itself refuses.
// This table is the source of the server's part of docs/errors.md.
import { errorClass } from '../errors.ts';

export const SERVER_ERRORS = {
  badConfig: {
    kind: 'caller',
    means: 'A setting of the server is missing or not valid.',
    remedy: 'Correct the setting that the message names.',
  },
  insecureTransport: {
    kind: 'caller',
    means: 'Plain HTTP was asked for outside the loopback interface.',
    remedy: 'Listen on 127.0.0.1 behind a TLS proxy, and give peers an https URL.',
  },
  portInUse: {
    kind: 'dependency',
    means: 'The port is in use by another process.',
    remedy: 'Choose another port, or 0 for any free one.',
  },
  cannotListen: {
    kind: 'dependency',
    means: 'The listen address cannot be used.',
    remedy: 'Check the host and the port, and whether this user may listen there.',
  },
  storeNotWritable: {
    kind: 'dependency',
    means: 'The store path cannot be written.',
    remedy: 'Choose a directory that this user may create and write.',
  },
  unauthorized: {
    kind: 'caller',
    means: 'The request is not authenticated.',
    remedy: 'Send a valid bearer token for this endpoint.',
  },
  notFound: {
    kind: 'caller',
    means: 'There is nothing at this path with this method.',
    remedy: 'Check the path, the method and the percent-encoding of the id.',
  },
  badRequest: {
    kind: 'payload',
    means: 'The request is not well-formed.',
    remedy: 'Correct the request; repeating it does not help.',
  },
  badUri: {
    kind: 'payload',
    means: 'An id of the request is not the MIMI URI that belongs there.',
    remedy: 'Send the whole URI, percent-encoded where it is part of the path.',
  },
  unsupportedMediaType: {
    kind: 'payload',
    means: 'The content type is not the one of this endpoint.',
    remedy: 'Send application/octet-stream, or application/json to the admin endpoints.',
  },
  tooLarge: {
    kind: 'payload',
    means: 'The body is larger than this server takes.',
    remedy: 'Send less at once, or raise limits.requestBytes of the server.',
  },
  headersTooLarge: {
    kind: 'payload',
    means: 'The header fields or the path are larger than this server takes.',
    remedy: 'Send fewer or shorter header fields.',
  },
  requestTimeout: {
    kind: 'caller',
    means: 'The request did not arrive in time.',
    remedy: 'Send the whole request without pauses.',
  },
  tooManyRequests: {
    kind: 'caller',
    means: 'The device has too many event requests open.',
    remedy: 'Close one, or wait for as long as Retry-After says.',
  },
  dependencyUnavailable: {
    kind: 'dependency',
    means: 'Something this provider depends on does not answer; nothing was changed.',
    remedy: 'Repeat the request after the time in Retry-After.',
  },
  outcomeUnknown: {
    kind: 'dependency',
    means: 'Something this provider depends on did not answer; the request may have been done.',
    remedy: 'Read the state back before repeating the request.',
  },
  closing: {
    kind: 'dependency',
    means: 'The server is closing.',
    remedy: 'Repeat the request after the time in Retry-After.',
  },
  internal: {
    kind: 'bug',
    means: 'The server failed in a way it should not.',
    remedy: 'Report it with the time; the server log has the cause.',
  },
} as const;

/** An error of the HTTP binding; `code` is a key of `SERVER_ERRORS`. */
export class ServerError extends errorClass('ServerError', 'server', SERVER_ERRORS) {}
