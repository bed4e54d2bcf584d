// The row of an own key package that is in a set: what it takes to take part in the room that it will be used for.

import type { ClientUri, Reader, Writer } from '../../wire/index.ts';
import { rowCodec } from './row_codec.ts';

export interface KeyPackageRow {
  /** KeyPackageRef. */
  readonly ref: Uint8Array;
  /** Names the set, and the pseudonym that follows from it. */
  readonly set: Uint8Array;
  /** Where identities are hidden: the client pseudonym and the key of its identity link. */
  readonly link: { readonly client: ClientUri; readonly linkKey: Uint8Array } | undefined;
}

function writeKeyPackageRow(writer: Writer, row: KeyPackageRow): void {
  writer.opaque(row.ref, 'ref');
  writer.opaque(row.set, 'set');
  writer.optional(row.link, (to, { client, linkKey }) => {
    to.text(client, 'client');
    to.opaque(linkKey, 'linkKey');
  });
}

function readKeyPackageRow(reader: Reader): KeyPackageRow {
  return {
    ref: reader.opaque('ref').slice(),
    set: reader.opaque('set').slice(),
    link: reader.optional('link', (item) => ({
      client: item.text('client') as ClientUri,
      linkKey: item.opaque('linkKey').slice(),
    })),
  };
}

export const keyPackageRows = rowCodec('key package row', writeKeyPackageRow, readKeyPackageRow);
