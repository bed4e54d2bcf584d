// What a provider has at rest: every row, record and cursor that it gives to its store, noted before it is written.

import type { AppendBatch, Store } from '../../provider/store.ts';

/** Hears of everything that is stored. */
export type StoreListener = (
  place: 'store row' | 'log record',
  /** The shard, and of a row the letter that says its kind. */
  what: string,
  bytes: Uint8Array,
) => void;

const encoder = new TextEncoder();

/** The kind of a row, which its key begins with. */
export const letterOf = (key: Uint8Array): string => String.fromCharCode(key[0] ?? 0);

/** Tells what one write carries. */
export function noteBatch(
  shard: string,
  { rows, records }: AppendBatch,
  note: StoreListener,
): void {
  for (const { key, value } of rows) {
    const what = `${shard} ${letterOf(key)}`;
    note('store row', what, key);
    if (value !== undefined) note('store row', what, value);
  }
  for (const { bytes, requestId } of records) {
    note('log record', shard, bytes);
    if (requestId !== undefined) note('log record', shard, requestId);
  }
}

/** A store that tells what is written to it. */
export function tappedStore(store: Store, note: StoreListener): Store {
  const tapped: Partial<Store> = {
    append: (shard, epoch, expectHead, batch) => {
      noteBatch(shard, batch, note);
      return store.append(shard, epoch, expectHead, batch);
    },
    advance: (shard, cursors) => {
      for (const { follower } of cursors) {
        note('store row', `${shard} cursor`, encoder.encode(follower));
      }
      return store.advance(shard, cursors);
    },
  };
  return new Proxy(store, {
    get: (target, name) => {
      const own: unknown = Reflect.get(tapped, name);
      if (own !== undefined) return own;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
