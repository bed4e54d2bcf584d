// The configuration of a server: every key, its bounds and its default, and what is refused before anything starts.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { DEPLOYMENTS } from '../provider/deployment.ts';
import { defaultLimits, type Limits } from '../provider/limits.ts';
import { ServerError } from './errors.ts';
import { LOG_LEVELS } from './log.ts';
import { isLoopback } from './loopback.ts';

/** Port when none is given. */
export const DEFAULT_PORT = 8474;

/** Shortest secret that is taken from a configuration, in characters. */
const MIN_SECRET_LENGTH = 16;

/** Lower-case LDH labels with dots, the domains of MIMI URIs (draft-ietf-mimi-protocol-06, "Identifiers"). */
const domain = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'must be a domain in lower case, such as a.example',
  );
const secret = z.string().min(MIN_SECRET_LENGTH);
const count = z.int().min(1);
const milliseconds = z.int().min(1).max(3_600_000);

const peer = z.strictObject({
  domain,
  url: z.url({ protocol: /^https?$/ }),
  secret: secret.optional(),
  secretFile: z.string().min(1).optional(),
});

const http = z.strictObject({
  /** Bytes of header fields and path together. */
  headerBytes: z.int().min(1024).max(1_048_576).default(16_384),
  /** Time for a whole request to arrive. */
  requestTimeoutMs: milliseconds.default(30_000),
  /** Open `sync` and event-stream requests per device. */
  longPollsPerDevice: count.default(4),
  /** Open connections. */
  connections: count.default(4096),
  /** Time that requests under way get when the server closes. */
  drainMs: milliseconds.default(3000),
  /** Time until a peer must have answered. */
  peerTimeoutMs: milliseconds.default(15_000),
  /** Pause between rounds of delivery when nothing wakes it earlier. */
  deliveryTickMs: milliseconds.default(1000),
});

const limits = z.strictObject(
  Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, count.optional()])) as Record<
    keyof Limits,
    z.ZodOptional<typeof count>
  >,
);

/** Bytes of an Ed25519 public key. */
const OFFICER_KEY_BYTES = 32;

const breakGlass = z.strictObject({
  officers: z.array(
    z.strictObject({
      name: z.string().min(1).max(64),
      publicKey: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')
        .transform((text) => new Uint8Array(Buffer.from(text, 'base64url')))
        .refine(({ length }) => length === OFFICER_KEY_BYTES, 'must be an Ed25519 key of 32 bytes'),
    }),
  ),
  /** How many different officers must sign: it takes two parties, whatever is configured. */
  required: z.int().min(2).default(2),
});

const schema = z.strictObject({
  domain,
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(DEFAULT_PORT),
    })
    .prefault({}),
  /** Where others reach this server, for the directory; the listen address when not given. */
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Whether this provider maps pseudonyms to its users; chosen before the first start. docs/modes/deployments.md. */
  deployment: z.enum(DEPLOYMENTS).default('enterprise'),
  store: z.enum(['lmdb', 'memory']).default('lmdb'),
  storePath: z.string().min(1).optional(),
  peers: z.array(peer).default([]),
  admin: z
    .strictObject({ token: secret.optional(), tokenFile: z.string().min(1).optional() })
    .prefault({}),
  /** Who may order that a pseudonym is opened; nobody when not given. */
  breakGlass: breakGlass.optional(),
  /** File path or URL of a JSON Web Key Set, for devices that come with a JWT. */
  jwks: z.string().min(1).optional(),
  http: http.prefault({}),
  limits: limits.prefault({}),
  logLevel: z.enum(LOG_LEVELS).default('warn'),
});

/** What may be written in a configuration file; everything but `domain` has a default. */
export type ServerConfigInput = z.input<typeof schema>;

export interface PeerConfig {
  readonly domain: string;
  /** Base URL, without a path. */
  readonly url: string;
  readonly secret: string;
}

/** A configuration with every default filled in and every secret read. */
export interface ServerConfig extends Omit<z.output<typeof schema>, 'peers' | 'storePath'> {
  readonly storePath: string;
  readonly peers: readonly PeerConfig[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `badConfig` (details.path = the key) or `insecureTransport`. `environment` may hold peers' secrets. */
export function parseConfig(input: unknown, environment: Environment = {}): ServerConfig {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw firstIssue(parsed.error);
  const config = parsed.data;
  requireLoopbackListen(config.listen.host);
  requireParties(config);
  requireSafeUrl('jwks', /^https?:/.test(config.jwks ?? '') ? config.jwks : undefined);
  return {
    ...config,
    storePath: resolve(config.storePath ?? `.exedra/${config.domain}`),
    peers: config.peers.map((entry, index) => {
      const key = `peers.${index}`;
      if (entry.domain === config.domain) {
        throw badConfig(`${key}.domain`, 'names this provider itself');
      }
      if (config.peers.findIndex((other) => other.domain === entry.domain) !== index) {
        throw badConfig(`${key}.domain`, `names ${entry.domain} a second time`);
      }
      requireSafeUrl(`${key}.url`, entry.url);
      const url = new URL(entry.url);
      if (url.pathname !== '/' || url.search !== '' || url.username !== '') {
        throw badConfig(`${key}.url`, 'must be a scheme, a host and a port only');
      }
      return {
        domain: entry.domain,
        url: url.origin,
        secret: peerSecret(entry, key, environment),
      };
    }),
  };
}

/** Reads a JSON configuration file. Throws `badConfig` when it cannot be read or is not a JSON object. */
export function readConfigFile(path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read';
    throw new ServerError('badConfig', `The configuration file ${path} ${reason}.`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ServerError('badConfig', `The configuration file ${path} must hold a JSON object.`);
  }
  return value as Record<string, unknown>;
}

/** The environment variable that may hold the secret shared with a peer. */
export function peerSecretVariable(peerDomain: string): string {
  return `EXEDRA_PEER_SECRET_${peerDomain.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}

function peerSecret(entry: z.output<typeof peer>, key: string, environment: Environment): string {
  if (entry.secret !== undefined) return entry.secret;
  const variable = peerSecretVariable(entry.domain);
  const [text, where] =
    entry.secretFile === undefined
      ? [environment[variable], `${variable} in the environment`]
      : [readSecretFile(entry.secretFile, `${key}.secretFile`), `in ${entry.secretFile}`];
  if (text === undefined) {
    throw badConfig(`${key}.secret`, `is missing; set it, or ${variable} in the environment`);
  }
  if (text.length < MIN_SECRET_LENGTH) {
    throw badConfig(`${key}.secret`, `(${where}) has fewer than ${MIN_SECRET_LENGTH} characters`);
  }
  return text;
}

/** Break glass takes different people, and a map to look into. */
function requireParties({ deployment, breakGlass: glass }: z.output<typeof schema>): void {
  if (glass === undefined) return;
  if (deployment === 'consumer') {
    throw badConfig(
      'breakGlass',
      'is for the deployment enterprise: a consumer provider has no map',
    );
  }
  const { officers, required } = glass;
  for (const of of [
    (officer: (typeof officers)[number]) => officer.name,
    (officer: (typeof officers)[number]) => officer.publicKey.join(),
  ]) {
    if (new Set(officers.map(of)).size < officers.length) {
      throw badConfig('breakGlass.officers', 'names an officer or a key twice');
    }
  }
  if (officers.length < required) {
    throw badConfig('breakGlass.officers', `has fewer than the ${required} who must sign`);
  }
}

function readSecretFile(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw badConfig(key, `names ${path}, which cannot be read`, cause);
  }
}

function requireLoopbackListen(host: string): void {
  if (isLoopback(host)) return;
  throw new ServerError(
    'insecureTransport',
    `The setting listen.host asks for plain HTTP on ${host}, outside the loopback interface. Listen on 127.0.0.1 and put a TLS proxy in front.`,
    { details: { path: 'listen.host' } },
  );
}

function requireSafeUrl(key: string, url: string | undefined): void {
  if (url === undefined || !URL.canParse(url)) return;
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || isLoopback(hostname)) return;
  throw new ServerError(
    'insecureTransport',
    `The setting ${key} asks for plain HTTP to ${hostname}, outside the loopback interface. Use an https URL.`,
    { details: { path: key } },
  );
}

function firstIssue(error: z.ZodError): ServerError {
  const issue = error.issues[0];
  if (issue === undefined) return new ServerError('badConfig');
  if (issue.code === 'unrecognized_keys') {
    return badConfig([...issue.path, issue.keys[0]].join('.'), 'is not known');
  }
  // The reason never repeats the value, which may be a secret.
  return badConfig(issue.path.join('.') || '(all)', `is not valid: ${issue.message}`);
}

function badConfig(key: string, reason: string, cause?: unknown): ServerError {
  return new ServerError('badConfig', `The setting ${key} ${reason}.`, {
    cause,
    details: { path: key },
  });
}
