// `exedra serve`: one provider, until it is told to stop.
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  DEFAULT_PORT,
  parseConfig,
  peerSecretVariable,
  readConfigFile,
  type ServerConfig,
} from '../../server/config.ts';
import { LOG_LEVELS, type LogLevel } from '../../server/log.ts';
import { startServer } from '../../server/runtime.ts';
import { aborted, stopSignal } from '../signals.ts';
import { type DemoRunner, runDemoCommand } from './demo.ts';

/** The domain served when none is given: the machine itself, for trying things out. */
const DEFAULT_DOMAIN = 'localhost';

/** What closing may take beyond `http.drainMs` before the process ends anyway, in milliseconds. */
const CLOSE_GRACE_MS = 1500;

interface ServeOptions {
  readonly config?: string;
  readonly domain?: string;
  readonly host?: string;
  readonly port?: number;
  readonly store?: string;
  readonly peer?: readonly { domain: string; url: string }[];
  readonly deployment?: string;
  readonly logLevel?: LogLevel;
  readonly demo?: boolean;
}

/** The subcommand; `demo` is what `--demo` plays. */
export function serveCommand(demo: DemoRunner): Command {
  return new Command('serve')
    .description('Serve a provider over HTTP on this machine until SIGINT or SIGTERM.')
    .option('-c, --config <file>', 'JSON configuration; the options below override it')
    .option('-d, --domain <domain>', `domain of the provider (default: ${DEFAULT_DOMAIN})`)
    .option('--host <address>', 'loopback address to listen on (default: 127.0.0.1)')
    .option(
      '-p, --port <number>',
      `port to listen on, 0 for any free one (default: ${DEFAULT_PORT})`,
      parsePort,
    )
    .option('-s, --store <path>', 'directory of the store (default: ./.exedra/<domain>)')
    .option(
      '--peer <domain=url>',
      'another provider; repeat for more. Its secret comes from the configuration or the environment',
      collectPeer,
    )
    .addOption(
      new Option(
        '--deployment <kind>',
        'whether the provider maps pseudonyms to its users (default: enterprise)',
      ).choices(['enterprise', 'consumer']),
    )
    .addOption(
      new Option(
        '--log-level <level>',
        'what is logged, as JSON on stderr (default: warn)',
      ).choices(LOG_LEVELS),
    )
    .option('--demo', 'play a room’s life in all four privacy modes first, then keep serving')
    .addHelpText('after', SERVE_HELP)
    .action(async (options: ServeOptions) => {
      if (options.demo !== true) return serve(serveConfig(options, process.env));
      const { host, port, store, logLevel } = options;
      const where = { host, port, store, logLevel };
      return runDemoCommand(demo, { mode: 'all', json: false, keepServing: true, ...where });
    });
}

const SERVE_HELP = `
Prints "exedra: listening on <url>" on stdout once it serves. On the first start an admin
token is made in <store>/admin.token; it mints the tokens of devices:

  curl -X POST http://127.0.0.1:${DEFAULT_PORT}/admin/v1/devices \\
    -H "authorization: Bearer $(cat .exedra/localhost/admin.token)" \\
    -H "content-type: application/json" \\
    -d '{"user":"mimi://localhost/u/alice","client":"mimi://localhost/d/phone"}'

Two providers on one machine, with a secret of their own (16 characters or more):

  export ${peerSecretVariable('b.example')}=... ${peerSecretVariable('a.example')}=...
  exedra serve --domain a.example --port 8474 --peer b.example=http://127.0.0.1:8475
  exedra serve --domain b.example --port 8475 --peer a.example=http://127.0.0.1:8474

Plain HTTP is for loopback only; put a TLS proxy in front for anything else.
Documentation: README.md and docs/ of the package.`;

/** The configuration of the file with the options laid over it. Throws ServerError. */
export function serveConfig(
  options: Omit<ServeOptions, 'demo'>,
  environment: NodeJS.ProcessEnv,
): ServerConfig {
  const file = options.config === undefined ? {} : readConfigFile(options.config);
  const fileListen = typeof file.listen === 'object' ? file.listen : undefined;
  const listen = {
    ...fileListen,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: options.port }),
  };
  const filePeers = Array.isArray(file.peers) ? file.peers : [];
  return parseConfig(
    {
      domain: DEFAULT_DOMAIN,
      ...file,
      ...(options.domain === undefined ? {} : { domain: options.domain }),
      // A listen or peers of a wrong type stays as it is, to be refused by name.
      ...(file.listen === undefined || fileListen !== undefined ? { listen } : {}),
      ...(options.store === undefined ? {} : { storePath: options.store }),
      ...(options.peer === undefined ? {} : { peers: [...filePeers, ...options.peer] }),
      ...(options.deployment === undefined ? {} : { deployment: options.deployment }),
      ...(options.logLevel === undefined ? {} : { logLevel: options.logLevel }),
    },
    environment,
  );
}

async function serve(config: ServerConfig): Promise<void> {
  const stop = stopSignal();
  const server = await startServer(config);
  if (server.adminTokenFile !== undefined) {
    process.stderr.write(`exedra: made an admin token in ${server.adminTokenFile}\n`);
  }
  process.stdout.write(`exedra: listening on ${server.url}\n`);
  await aborted(stop.signal);
  const late = setTimeout(() => process.exit(1), config.http.drainMs + CLOSE_GRACE_MS);
  await server.close();
  clearTimeout(late);
  stop.release();
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  }
  return port;
}

function collectPeer(
  text: string,
  before: readonly { domain: string; url: string }[] = [],
): { domain: string; url: string }[] {
  const split = text.indexOf('=');
  if (split < 1 || !URL.canParse(text.slice(split + 1))) {
    throw new InvalidArgumentError('A peer is given as domain=url.');
  }
  return [...before, { domain: text.slice(0, split), url: text.slice(split + 1) }];
}
