// closing: the room goes on in another group, of another mode or without a client that wedged this one. Ours, in the
// place of ReInit (RFC 9420, 11.2), which this MLS core does not have. An update has the form of the value.
// struct { opaque new_group_id<V>; opaque mode<V>; opaque creator<V>; } ClosingData;

import { decoder, encoder } from '../../wire/index.ts';
import { RoomError } from '../errors.ts';
import type { Component } from './component.ts';
import { CLOSING } from './ids.ts';

/** The successor of a room. */
export interface Closing {
  readonly newGroupId: Uint8Array;
  /** Mode of the successor. */
  readonly mode: string;
  /** Who creates the successor, as the successor's leaves name users. */
  readonly creator: string;
}

export const encodeClosing = encoder((writer, value: Closing) => {
  writer.opaque(value.newGroupId, 'new_group_id');
  writer.text(value.mode, 'mode');
  writer.text(value.creator, 'creator');
});
export const decodeClosing = decoder<Closing>((reader) => ({
  newGroupId: reader.opaque('new_group_id'),
  mode: reader.text('mode'),
  creator: reader.text('creator'),
}));

export const closing: Component<Closing, Closing> = {
  id: CLOSING,
  name: 'closing',
  encode: encodeClosing,
  decode: decodeClosing,
  decodeUpdate: decodeClosing,
  apply: (current, [first, ...more]) => {
    if (current !== undefined || first === undefined || more.length > 0) {
      throw new RoomError('closedAlready');
    }
    return first;
  },
};
