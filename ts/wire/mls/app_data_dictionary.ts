// AppDataDictionary, content of the extension app_data_dictionary: draft-ietf-mls-extensions, "Application Data
// Dictionary". Read only: the core makes it.
//   struct { ComponentID component_id; opaque data<V>; } ComponentData;  ComponentData component_data<V>;

import type { Reader } from '../codec/reader.ts';
import { decoder } from '../codec/struct.ts';
import { decodeExtensions } from './extension.ts';
import { type GroupContextView, MAX_CONTEXT_BYTES } from './group_info.ts';

/** ExtensionType of the dictionary. */
export const APP_DATA_DICTIONARY = 6;

export interface ComponentData {
  readonly id: number;
  readonly data: Uint8Array;
}

const decode = decoder((reader: Reader): ComponentData[] =>
  reader.list('componentData', (item) => ({
    id: item.u16('componentId'),
    data: item.opaque('data'),
  })),
);

/** The components of a group, as its context has them; none without the extension. Throws WireError. */
export function componentsOf({ extensions }: GroupContextView): ComponentData[] {
  const found = decodeExtensions(extensions, { maxBytes: MAX_CONTEXT_BYTES }).find(
    ({ type }) => type === APP_DATA_DICTIONARY,
  );
  return found === undefined ? [] : decode(found.data, { maxBytes: MAX_CONTEXT_BYTES });
}
