// What the store layer offers: the engines of the Store interface, their limits and their errors.

export { type DeviceRow, type DeviceRows, openLmdbKeyValue } from './device_rows.ts';
export { StoreError, storeErrors } from './errors.ts';
export { defaultLimits, type StoreLimits } from './limits.ts';
export { type LmdbStoreOptions, openLmdbStore } from './lmdb/store.ts';
export { type MemoryStoreOptions, openMemoryStore } from './memory.ts';
