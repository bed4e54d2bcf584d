// Calls of the admin endpoints of a running provider.
import { readFile } from 'node:fs/promises';
import { OperatorError } from './error.ts';

/** Where the provider listens, and the file with its admin token. */
export interface ProviderOptions {
  readonly url: string;
  readonly tokenFile: string;
}

/** Makes one call, a POST where it has a body and nothing else is said; gives the JSON of the answer. Throws OperatorError. */
export async function callAdmin(
  { url, tokenFile }: ProviderOptions,
  path: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<unknown> {
  const token = await readToken(tokenFile);
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(path, url), {
      method,
      headers,
      redirect: 'error',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (cause) {
    throw new OperatorError('unreachable', `No answer came from ${url}.`, cause);
  }
  if (response.ok) return text === '' ? undefined : JSON.parse(text);
  throw new OperatorError('refused', `${response.status} ${reasonOf(text)}`);
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new OperatorError('badFile', `${path} cannot be read.`, cause);
  }
}

function reasonOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as {
      error: { code: string; message: string; rule?: string };
    };
    const rule = error.rule === undefined ? '' : ` (rule ${error.rule})`;
    return `${error.code}: ${error.message}${rule}`;
  } catch {
    return 'with no reason that can be read';
  }
}
