// A real server on a free port over a memory store that counts what is asked of it.
import {
  Account,
  type Connection,
  Device,
  httpConnection,
  memoryKeyValue,
} from '../../ts/client/index.ts';
import { freePorts } from '../../ts/evidence/loopback/free_ports.ts';
import type { Store } from '../../ts/provider/index.ts';
import { parseConfig, type ServerConfigInput } from '../../ts/server/config.ts';
import { type RunningServer, type ServerDeps, startServer } from '../../ts/server/runtime.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import { asClientUri, asUserUri, clientUri, providerUri, userUri } from '../../ts/wire/index.ts';
import { type HttpAnswer, httpCall } from './http_call.ts';

export const ADMIN_TOKEN = 'admin-token-of-the-tests';
export const BINARY = 'application/octet-stream';

/** The calls a store has got, by method. */
export type StoreCalls = Map<string, number>;

/** A memory store, and the count of what it was asked to do. */
export function countedStore(): { store: Store; calls: StoreCalls } {
  const calls: StoreCalls = new Map();
  const store = new Proxy(openMemoryStore(), {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return (...args: unknown[]) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return member.apply(target, args);
      };
    },
  });
  return { store, calls };
}

/** Starts a server of `domain` on a free port, silent, with the admin token above. */
export function start(
  domain: string,
  settings: Partial<ServerConfigInput> = {},
  deps: ServerDeps = {},
): Promise<RunningServer> {
  const config = parseConfig({
    domain,
    listen: { port: 0 },
    store: 'memory',
    admin: { token: ADMIN_TOKEN },
    logLevel: 'silent',
    ...settings,
  });
  return startServer(config, deps);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

export async function mintToken(
  url: string,
  domain: string,
  user: string,
  device: string,
): Promise<string> {
  const answer = await httpCall(url, '/admin/v1/devices', {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ user: userUri(domain, user), client: clientUri(domain, device) }),
  });
  if (answer.status !== 201) throw new Error(`minting a token got ${answer.status}`);
  return (JSON.parse(answer.body.toString()) as { token: string }).token;
}

/** A call of the local client API. */
export function deviceCall(
  url: string,
  token: string,
  path: string,
  body: Uint8Array | string = '',
): Promise<HttpAnswer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': BINARY };
  return httpCall(url, `/client/v1/${path}`, { headers, body });
}

/** Opens a client's device over HTTP, with a token minted for it and key packages published. */
export async function openDevice(
  url: string,
  domain: string,
  user: string,
  device: string,
  wrap: (connection: Connection) => Connection = (connection) => connection,
): Promise<Device> {
  const token = await mintToken(url, domain, user, device);
  const opened = await Device.open({
    account: new Account({
      user: asUserUri(userUri(domain, user)),
      provider: providerUri(domain),
    }),
    client: asClientUri(clientUri(domain, device)),
    connection: wrap(httpConnection({ baseUrl: url, token })),
    storage: memoryKeyValue(),
  });
  await opened.publishKeyPackages(4);
  return opened;
}
