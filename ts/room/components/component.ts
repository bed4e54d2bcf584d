// What all room components share: a value, updates to it, and one way to apply them.
// AppDataUpdate and app_data_dictionary: draft-ietf-mls-extensions, "Application Data".

import type { ExedraError } from '../../errors.ts';
import { type Decode, type Encode, type Reader, WireError, type Writer } from '../../wire/index.ts';
import { RoomError } from '../errors.ts';

/** A kind of component: how its value and its updates are written, and what an update does. */
export interface Component<Value, Update> {
  readonly id: number;
  /** As the drafts or we spell it, for errors. */
  readonly name: string;
  readonly encode: Encode<Value>;
  readonly decode: Decode<Value>;
  readonly decodeUpdate: Decode<Update>;
  /**
   * The value after all updates of one commit, in their order; `current` is `undefined` where the room has none.
   * @throws RoomError
   */
  readonly apply: (current: Value | undefined, updates: readonly Update[]) => Value;
}

/** A proposed change of a component; `undefined` asks for its removal. */
export interface ComponentChange {
  readonly id: number;
  readonly update: Uint8Array | undefined;
}

/** What it takes to read a value. */
export type ValueReader<Value> = Pick<Component<Value, unknown>, 'id' | 'name' | 'decode'>;

/** Reads the value of a component. @throws RoomError `badRoomState`. */
export function readValue<Value>(component: ValueReader<Value>, data: Uint8Array): Value {
  try {
    return component.decode(data);
  } catch (cause) {
    throw readFault('badRoomState', component.name, cause);
  }
}

/** Reads the updates of a component. @throws RoomError `notRemovable`, `malformedUpdate`. */
export function readUpdates<Update>(
  component: Pick<Component<unknown, Update>, 'name' | 'decodeUpdate'>,
  updates: readonly (Uint8Array | undefined)[],
): Update[] {
  return updates.map((update) => {
    if (update === undefined) {
      throw new RoomError('notRemovable', undefined, { details: { component: component.name } });
    }
    try {
      return component.decodeUpdate(update);
    } catch (cause) {
      throw readFault('malformedUpdate', component.name, cause);
    }
  });
}

function readFault(code: 'badRoomState' | 'malformedUpdate', component: string, cause: unknown) {
  if (!(cause instanceof WireError)) return cause;
  const { offset, path } = (cause as ExedraError).details;
  return new RoomError(code, undefined, { cause, details: { component, offset, path } });
}

/** `uint32 name<V>`. */
export function readU32s(reader: Reader, name: string): number[] {
  return reader.list(name, (item) => item.u32('item'));
}

export function writeU32s(writer: Writer, values: readonly number[], name: string): void {
  writer.list(values, name, (inner, value) => inner.u32(value, name));
}
