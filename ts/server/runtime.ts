// Starting and stopping a server: store, provider, HTTP and delivery, in the order in which each needs the others.
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { instanceIsDead } from '../mls/index.ts';
import { defaultLimits, Provider, type ProviderEvent, type Store } from '../provider/index.ts';
import { openLmdbStore, openMemoryStore } from '../store/index.ts';
import { adminToken } from './auth/admin.ts';
import { deviceCheck } from './auth/device.ts';
import { jwtCheck } from './auth/jwt.ts';
import { peerCheck } from './auth/peer.ts';
import { bearerToken, secretsEqual } from './auth/secrets.ts';
import type { ServerConfig } from './config.ts';
import { DeliveryLoop } from './delivery.ts';
import { ServerError } from './errors.ts';
import { createApp } from './http/app.ts';
import type { HttpContext } from './http/context.ts';
import { createLogger, type Logger, loggableError } from './log.ts';
import { urlHost } from './loopback.ts';
import { HttpPeerTransport } from './peer_transport.ts';
import { reporter } from './report.ts';

/** Pause after which a silent event stream shows that it lives, in milliseconds. */
const HEARTBEAT_MS = 15_000;

/** What a server can be given instead of its own. */
export interface ServerDeps {
  readonly log?: Logger | undefined;
  /** Milliseconds since the epoch. */
  readonly clock?: (() => number) | undefined;
  readonly random?: ((length: number) => Uint8Array) | undefined;
  /** Another engine than `config.store` names. The server closes it. */
  readonly store?: Store | undefined;
}

export interface RunningServer {
  /** Where it listens, such as `http://127.0.0.1:8474`. */
  readonly url: string;
  readonly provider: Provider;
  readonly adminToken: string;
  /** The file the admin token was written to on this start, if it was made on this start. */
  readonly adminTokenFile: string | undefined;
  /** Refuses new requests, lets those under way finish for `http.drainMs`, closes the store. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a server; it serves when the promise resolves. On failure everything opened so far is closed again.
 * Throws ServerError (`portInUse`, `cannotListen`, `storeNotWritable`, `badConfig`) or StoreError
 * (`locked`, `notWritable`, `wrongVersion`, `corrupt`).
 */
export async function startServer(
  config: ServerConfig,
  deps: ServerDeps = {},
): Promise<RunningServer> {
  const opened: (() => Promise<unknown>)[] = [];
  try {
    return await assemble(config, deps, opened);
  } catch (error) {
    for (const undo of opened.reverse()) await undo();
    throw error;
  }
}

async function assemble(
  config: ServerConfig,
  deps: ServerDeps,
  opened: (() => Promise<unknown>)[],
): Promise<RunningServer> {
  const { domain, limits, deployment } = config;
  const clock = deps.clock ?? Date.now;
  const random = deps.random ?? ((length: number) => new Uint8Array(randomBytes(length)));
  const log = deps.log ?? createLogger(config.logLevel);

  const jwt = config.jwks === undefined ? undefined : await jwtCheck(domain, config.jwks, clock);
  const store = deps.store ?? (await openStore(config, clock));
  opened.push(() => store.close());
  const admin = await adminToken(config);
  const bodyBytes = limits.requestBytes ?? defaultLimits.requestBytes;
  const peers = new HttpPeerTransport({
    source: domain,
    peers: config.peers,
    timeoutMs: config.http.peerTimeoutMs,
    maxAnswerBytes: bodyBytes,
    clock,
  });
  opened.push(() => peers.close());
  const report = reporter(log);
  let healthy = true;
  const onEvent = (event: ProviderEvent) => {
    if (event.type === 'shardLost') healthy = false;
    report(event);
  };
  const provider = await Provider.open({
    domain,
    store,
    clock,
    random,
    peers,
    report: onEvent,
    limits,
    deployment,
    breakGlass: config.breakGlass,
  });
  opened.push(() => provider.close());

  const closing = new AbortController();
  let url = '';
  const context: HttpContext = {
    domain,
    publicUrl: () => config.publicUrl?.replace(/\/$/, '') ?? url,
    provider,
    checkDevice: deviceCheck(provider, jwt),
    checkPeer: peerCheck(domain, new Map(config.peers.map((peer) => [peer.domain, peer.secret]))),
    checkAdmin: (authorization) => {
      if (!secretsEqual(bearerToken(authorization) ?? '', admin.token)) {
        throw new ServerError('unauthorized');
      }
    },
    bounds: { ...config.http, bodyBytes, heartbeatMs: HEARTBEAT_MS },
    log,
    // A core that has trapped answers nothing any more: the process must be replaced.
    healthy: () => healthy && !instanceIsDead(),
    closing: closing.signal,
  };
  const app = createApp(context);
  const delivery = new DeliveryLoop(provider, { tickMs: config.http.deliveryTickMs, clock, log });
  opened.push(() => delivery.stop());
  const stopRenewing = keepLeases(provider, limits.leaseMs ?? defaultLimits.leaseMs, log);
  opened.push(async () => stopRenewing());
  url = await listen(app, config.listen);
  provider.onWork(() => delivery.wake());
  delivery.wake();

  const shutDown = async () => {
    closing.abort();
    const delivered = delivery.stop();
    try {
      await drain(app, config.http.drainMs);
      // Ends a call to a peer that does not answer, and with it the round of delivery that waits for it.
      await peers.close();
      await delivered;
      stopRenewing();
      await provider.close();
    } finally {
      await store.close();
    }
  };
  let closed: Promise<void> | undefined;
  return {
    url,
    provider,
    adminToken: admin.token,
    adminTokenFile: admin.createdAt,
    close: () => {
      closed ??= shutDown();
      return closed;
    },
  };
}

/** Renews the provider's leases three times within their life; answers how to stop. */
function keepLeases(provider: Provider, leaseMs: number, log: Logger): () => void {
  const timer = setInterval(() => {
    provider.renew().catch((error: unknown) => {
      log.error({ err: loggableError(error) }, 'renewing the leases failed');
    });
  }, leaseMs / 3);
  return () => clearInterval(timer);
}

async function openStore(config: ServerConfig, clock: () => number): Promise<Store> {
  if (config.store === 'memory') return openMemoryStore({ clock });
  return openLmdbStore({ path: config.storePath, clock });
}

async function listen(
  app: FastifyInstance,
  { host, port }: ServerConfig['listen'],
): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      throw new ServerError(
        'portInUse',
        `Port ${port} on ${host} is in use by another process; choose another with --port, or 0 for any free one.`,
        { cause, details: { path: 'listen.port' } },
      );
    }
    throw new ServerError(
      'cannotListen',
      `Cannot listen on ${host} port ${port} (${(cause as NodeJS.ErrnoException).code}); check the host and the port, and whether this user may listen there.`,
      { cause, details: { path: 'listen' } },
    );
  }
  const address = app.server.address() as AddressInfo;
  return `http://${urlHost(address.address)}:${address.port}`;
}

/** Closes the application; connections still busy after `drainMs` are cut. */
async function drain(app: FastifyInstance, drainMs: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), drainMs);
  await app.close();
  clearTimeout(cut);
}
