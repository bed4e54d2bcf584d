// What the content commands read: a file or standard input, as bytes or as hexadecimal text.
import { readFile } from 'node:fs/promises';
import { ContentError } from '../../content/index.ts';

/** All bytes of a file, or of standard input where the name is `-`. Throws ContentError `invalidArgument`. */
export async function readInput(file: string): Promise<Uint8Array> {
  if (file !== '-') {
    try {
      return new Uint8Array(await readFile(file));
    } catch (cause) {
      throw new ContentError('invalidArgument', `${file} cannot be read.`, { cause });
    }
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Bytes from hexadecimal digits, with or without white space. Throws ContentError `invalidArgument`. */
export function bytesOfHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) {
    throw new ContentError('invalidArgument', 'An even number of hexadecimal digits is expected.');
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A message from a file, which holds its bytes, or with `hex` its digits. */
export async function readMessage(file: string, hex: boolean): Promise<Uint8Array> {
  const bytes = await readInput(file);
  return hex ? bytesOfHex(new TextDecoder().decode(bytes)) : bytes;
}
