// What a device keeps of a room's log.

import type { RoomUri } from '../wire/index.ts';
import type { KeyValue } from './key_value.ts';
import { type HistoryRow, historyRows } from './state/history_row.ts';
import { roomKey } from './state/keys.ts';
import { loadRows } from './state/load_rows.ts';

/** The room's history in the order of the log. Throws ClientError `storageFailed`, `wrongStorage`. */
export async function readHistory(storage: KeyValue, room: RoomUri): Promise<HistoryRow[]> {
  const rows = await loadRows(storage, roomKey('history', room));
  return rows.map(({ value }) => historyRows.decode(value));
}
