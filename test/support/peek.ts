// Reads what a device has stored, as the device itself would after it was closed.

import type { Device, KeyValue } from '../../ts/client/index.ts';
import { DeviceState } from '../../ts/client/state/device_state.ts';
import { HOT_PREFIX } from '../../ts/client/state/keys.ts';

/** Reads the stored state of a seat. */
export async function peek<Value>(
  { device, storage }: { readonly device: Device; readonly storage: KeyValue },
  read: (state: DeviceState) => Value,
): Promise<Value> {
  const rows = await storage.load(HOT_PREFIX);
  const state = DeviceState.load(rows, device.account, device.client);
  try {
    return read(state);
  } finally {
    state[Symbol.dispose]();
  }
}
