// mandates: the number of the hub's last mandate that a commit carried, so that none is applied twice. Ours: stock MLS
// refuses room-state changes by the hub as external proposals. An update has the form of the value.
// struct { uint64 last_sequence_number; } MandatesData;

import { decoder, encoder } from '../../wire/index.ts';
import { RoomError } from '../errors.ts';
import type { Component } from './component.ts';
import { MANDATES } from './ids.ts';

export const encodeMandates = encoder((writer, last: bigint) =>
  writer.u64(last, 'last_sequence_number'),
);
export const decodeMandates = decoder((reader) => reader.u64('last_sequence_number'));

export const mandates: Component<bigint, bigint> = {
  id: MANDATES,
  name: 'mandates',
  encode: encodeMandates,
  decode: decodeMandates,
  decodeUpdate: decodeMandates,
  apply: (current, updates) => {
    let last = current ?? 0n;
    for (const update of updates) {
      if (update <= last) throw new RoomError('mandateNotNewer');
      last = update;
    }
    return last;
  },
};
