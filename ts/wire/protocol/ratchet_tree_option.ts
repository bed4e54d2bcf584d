// struct RatchetTreeOption: draft-mahy-mls-ratchet-tree-options, "Conveying the Ratchet Tree".
// Its `Node ratchet_tree<V>` is read as the ratchet_tree extension, `optional<Node> ratchet_tree<V>`
// (RFC 9420, 12.4.3.3): a tree has blanks. `httpsUrl` in its select is the value `httpsUri`.

import { enumTable } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { WireError } from '../errors.ts';

const representations = enumTable({ full: 1, httpsUri: 2, outOfBand: 3, distributionService: 4 });

/** How the ratchet tree that belongs to a GroupInfo is had. */
export type RatchetTreeOption =
  | {
      readonly representation: 'full';
      /** The whole vector, length included; its nodes are the core's to check. */
      readonly ratchetTree: Uint8Array;
    }
  | {
      readonly representation: 'httpsUri';
      readonly url: string;
      readonly treeSignature: Uint8Array;
    }
  | { readonly representation: 'outOfBand'; readonly treeSignature: Uint8Array }
  | { readonly representation: 'distributionService' };

const HTTPS = 'https://';

function skipTree(reader: Reader): void {
  reader.skipOpaque('ratchetTree');
}

function readTree(reader: Reader): Uint8Array {
  const tree = reader.delimit('full', skipTree);
  if (tree.length > reader.maxTreeBytes) {
    const what = `The ratchet tree has ${tree.length} bytes; ${reader.maxTreeBytes} are allowed.`;
    throw reader.error('tooLarge', what, 'ratchetTree', reader.offset - tree.length);
  }
  return tree;
}

/** Besides malformed input, refuses a URL of another scheme than https (`wrongContent`). */
export function readRatchetTreeOption(reader: Reader): RatchetTreeOption {
  const representation = reader.enum8(representations, 'representation');
  switch (representation) {
    case 'full':
      return { representation, ratchetTree: readTree(reader) };
    case 'httpsUri': {
      const at = reader.offset;
      const url = reader.text('ratchetTreeUrl');
      if (!url.startsWith(HTTPS)) {
        throw reader.error('wrongContent', 'The URL is not https.', 'ratchetTreeUrl', at);
      }
      return { representation, url, treeSignature: reader.opaque('treeSignature') };
    }
    case 'outOfBand':
      return { representation, treeSignature: reader.opaque('treeSignature') };
    case 'distributionService':
      return { representation };
  }
}

export function writeRatchetTreeOption(writer: Writer, value: RatchetTreeOption): void {
  writer.enum8(representations, value.representation, 'representation');
  switch (value.representation) {
    case 'full':
      writer.embed(value.ratchetTree, 'ratchetTree', skipTree);
      break;
    case 'httpsUri':
      if (!value.url.startsWith(HTTPS)) {
        throw new WireError('unencodable', 'The URL of a ratchet tree must begin with https://.');
      }
      writer.text(value.url, 'url');
      writer.opaque(value.treeSignature, 'treeSignature');
      break;
    case 'outOfBand':
      writer.opaque(value.treeSignature, 'treeSignature');
      break;
    case 'distributionService':
      break;
  }
}

export const encodeRatchetTreeOption = encoder(writeRatchetTreeOption);
export const decodeRatchetTreeOption = treeDecoder(readRatchetTreeOption);
