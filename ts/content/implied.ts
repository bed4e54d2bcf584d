// The values that a message does not carry but its receiver knows: draft-ietf-mimi-content, "Derived Data Values".

import { ARRAY, CborReader, TAG } from './cbor/reader.ts';
import { CborWriter } from './cbor/writer.ts';
import { readId, writeId } from './fields.ts';
import { MAX_U32 } from './limits.ts';
import type { MessageId, Profile } from './model.ts';
import { readTimestamp, type Timestamp, writeTimestamp } from './timestamp.ts';

const ITEMS = 7;
const URI_TAG = 32;

export interface DerivedValues {
  readonly messageId: MessageId;
  /** When the hub accepted the message, in milliseconds since the epoch; a bigint above 2^53 − 1. */
  readonly acceptedAt: Timestamp;
  readonly groupId: Uint8Array;
  readonly senderLeafIndex: number;
  readonly senderClientUri: string;
  readonly senderUri: string;
  readonly roomUri: string;
}

/** Reads MessageDerivedValues. Throws ContentError. */
export function decodeDerivedValues(bytes: Uint8Array, profile: Profile): DerivedValues {
  const reader = new CborReader(bytes);
  const uri = (name: string): string => {
    if (profile === 'draft04') reader.tag(URI_TAG, name);
    return reader.text(name);
  };
  reader.fixedArray(ITEMS, '');
  const values = {
    messageId: readId(reader, profile, 'messageId'),
    acceptedAt: readTimestamp(reader, profile, 'hubAcceptedTimestamp'),
    groupId: reader.byteString('mlsGroupId'),
    senderLeafIndex: reader.uint(MAX_U32, 'senderLeafIndex'),
    senderClientUri: uri('senderClientUrl'),
    senderUri: uri('senderUserUrl'),
    roomUri: uri('roomUrl'),
  };
  reader.finish();
  return values;
}

/** Writes MessageDerivedValues. Throws ContentError `unencodable`. */
export function encodeDerivedValues(values: DerivedValues, profile: Profile): Uint8Array {
  const writer = new CborWriter();
  const uri = (value: string, path: string): void => {
    if (profile === 'draft04') writer.head(TAG, URI_TAG);
    writer.text(value, path);
  };
  writer.head(ARRAY, ITEMS);
  writeId(writer, values.messageId, profile, 'messageId');
  writeTimestamp(writer, values.acceptedAt, profile, 'hubAcceptedTimestamp');
  writer.byteString(values.groupId, 'mlsGroupId');
  writer.uint(values.senderLeafIndex, MAX_U32, 'senderLeafIndex');
  uri(values.senderClientUri, 'senderClientUrl');
  uri(values.senderUri, 'senderUserUrl');
  uri(values.roomUri, 'roomUrl');
  return writer.finish();
}
