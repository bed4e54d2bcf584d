// The version of this package, from its package.json (two folders up, in the sources as in dist).
import { readFileSync } from 'node:fs';

const manifest: unknown = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

export const VERSION = (manifest as { version: string }).version;
