// Rows with a version octet before their fields: one encoder and one decoder for each kind.

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';

const ROW_VERSION = 1;

export function rowEncoder<Row>(write: (writer: Writer, row: Row) => void) {
  return encoder((writer: Writer, row: Row) => {
    writer.u8(ROW_VERSION, 'version');
    write(writer, row);
  });
}

export function rowDecoder<Row>(read: (reader: Reader) => Row) {
  return decoder((reader): Row => {
    const version = reader.u8('version');
    if (version !== ROW_VERSION) {
      throw reader.error('unknownValue', `Rows of version ${version} are not known.`, 'version');
    }
    return read(reader);
  });
}
