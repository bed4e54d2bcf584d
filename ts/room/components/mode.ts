// exedra_mode: the privacy mode of a room, pinned when it is created. Ours: no draft has such a component, and without
// it a hub could serve the messages of one mode to a room of another.
// struct { opaque mode<V>; optional<opaque<V>> creator; } RoomModeData;

import { decoder, encoder } from '../../wire/index.ts';
import { RoomError } from '../errors.ts';
import type { Component } from './component.ts';
import { MODE } from './ids.ts';

export interface RoomMode {
  /** Name of the mode, such as `open`. */
  readonly mode: string;
  /** Who created the room, as its leaf names the user. */
  readonly creator?: string | undefined;
}

export const encodeRoomMode = encoder((writer, { mode, creator }: RoomMode) => {
  writer.text(mode, 'mode');
  writer.optional(creator, (inner, value) => inner.text(value, 'creator'));
});
export const decodeRoomMode = decoder<RoomMode>((reader) => {
  const mode = reader.text('mode');
  const creator = reader.optional('creator', (inner) => inner.text('value'));
  return creator === undefined ? { mode } : { mode, creator };
});

export const roomMode: Component<RoomMode, RoomMode> = {
  id: MODE,
  name: 'exedra_mode',
  encode: encodeRoomMode,
  decode: decodeRoomMode,
  decodeUpdate: decodeRoomMode,
  apply: () => {
    throw new RoomError('modePinned');
  },
};
