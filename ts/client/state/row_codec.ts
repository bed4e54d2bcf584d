// Makes the two functions of a row format from its reader and writer. Rows are our own: their size has no limit
// but the vector's, and a row that cannot be read means that the storage is damaged.

import { Reader, WireError, Writer } from '../../wire/index.ts';
import { ClientError } from '../errors.ts';

/** The longest vector of RFC 9420, section 2.1.2. */
const MAX_ROW_BYTES = 1 << 30;

export interface RowCodec<Row> {
  encode(row: Row): Uint8Array;
  /** Throws ClientError `wrongStorage`. */
  decode(bytes: Uint8Array): Row;
}

export function rowCodec<Row>(
  name: string,
  write: (writer: Writer, row: Row) => void,
  read: (reader: Reader) => Row,
): RowCodec<Row> {
  return {
    encode(row) {
      const writer = new Writer();
      write(writer, row);
      return writer.finish();
    },
    decode(bytes) {
      try {
        const reader = new Reader(bytes, { maxBytes: MAX_ROW_BYTES });
        const row = read(reader);
        reader.finish();
        return row;
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        throw new ClientError('wrongStorage', `A stored ${name} cannot be read.`, { cause: error });
      }
    },
  };
}

/** One of a list of names as an octet; a name's place in the list is its number, so names are only ever added. */
export function nameCodec<const Names extends readonly string[]>(names: Names) {
  return {
    write(writer: Writer, name: Names[number]): void {
      writer.u8(names.indexOf(name), 'name');
    },
    read(reader: Reader): Names[number] {
      const name = names[reader.u8('name')];
      if (name === undefined) throw reader.error('unknownValue', 'The stored name is not known.');
      return name;
    },
  };
}
