// Rows with a version octet before their fields: one encoder and one decoder for each kind.

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';

/** `version` counts the forms that a kind of row has had: nothing of another form is read. */
export function rowEncoder<Row>(write: (writer: Writer, row: Row) => void, version = 1) {
  return encoder((writer: Writer, row: Row) => {
    writer.u8(version, 'version');
    write(writer, row);
  });
}

export function rowDecoder<Row>(read: (reader: Reader) => Row, version = 1) {
  return decoder((reader): Row => {
    const found = reader.u8('version');
    if (found !== version) {
      throw reader.error('unknownValue', `Rows of version ${found} are not known.`, 'version');
    }
    return read(reader);
  });
}
