// The server layer's surface: a provider over HTTP, for programs that run one themselves.

export {
  parseConfig,
  readConfigFile,
  type ServerConfig,
  type ServerConfigInput,
} from './config.ts';
export { ServerError } from './errors.ts';
export { type RunningServer, type ServerDeps, startServer } from './runtime.ts';
