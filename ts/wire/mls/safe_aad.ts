// SafeAAD: the authenticated data of a message, shared by components. draft-ietf-mls-extensions, "Safe Additional
// Authenticated Data (AAD)".
//   struct { ComponentID component_id; opaque aad_item_data<V>; } SafeAADItem;
//   struct { SafeAADItem aad_items<V>; } SafeAAD;

import { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

export interface SafeAadItem {
  /** The component whose data it is. */
  readonly id: number;
  readonly data: Uint8Array;
}

/** The items in any order, of each component one. */
export const encodeSafeAad = encoder((writer: Writer, items: readonly SafeAadItem[]) => {
  const sorted = [...items].sort((one, other) => one.id - other.id);
  writer.list(sorted, 'aadItems', (to, { id, data }) => {
    to.u16(id, 'componentId');
    to.opaque(data, 'aadItemData');
  });
});

function readItems(reader: Reader): SafeAadItem[] {
  let last = -1;
  return reader.list('aadItems', (item) => {
    const at = item.offset;
    const id = item.u16('componentId');
    if (id <= last) {
      const rule = 'The items of a SafeAAD go by rising component, each once.';
      throw item.error('unknownValue', rule, 'componentId', at);
    }
    last = id;
    return { id, data: item.opaque('aadItemData') };
  });
}

/** Besides malformed input, refuses items that do not go by rising component, each once (`unknownValue`). */
export const decodeSafeAad = decoder(readItems);

/** A SafeAAD and what follows it. Throws as `decodeSafeAad`. */
export function readSafeAad(bytes: Uint8Array): {
  readonly items: readonly SafeAadItem[];
  readonly rest: Uint8Array;
} {
  const reader = new Reader(bytes);
  const items = readItems(reader);
  return { items, rest: bytes.subarray(reader.offset) };
}
