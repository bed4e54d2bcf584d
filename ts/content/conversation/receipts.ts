// Who has received and read what: the latest status that each user has reported of each message.

import type { MessageId } from '../model.ts';
import type { ReportEvent } from './event.ts';
import { keyOf } from './key.ts';

/** User -> status (see MessageStatus). */
export type Receipts = ReadonlyMap<string, number>;

/** The receipts of each message, by the id of its first version. */
export function receiptsOf(
  reports: readonly ReportEvent[],
  firstOf: (id: MessageId) => MessageId | undefined,
): Map<string, Receipts> {
  const receipts = new Map<string, Map<string, number>>();
  const since = new Map<string, readonly [at: number, status: number]>();
  for (const { sender, acceptedAt, report } of reports) {
    for (const { messageId, status } of report.statuses) {
      const first = firstOf(messageId);
      if (first === undefined) continue;
      const key = keyOf(first);
      const [at, last] = since.get(`${key} ${sender}`) ?? [-1, -1];
      // Of two reports of the same time the greater status counts, whichever came first.
      if (acceptedAt < at || (acceptedAt === at && status <= last)) continue;
      since.set(`${key} ${sender}`, [acceptedAt, status]);
      const ofMessage = receipts.get(key) ?? new Map<string, number>();
      receipts.set(key, ofMessage.set(sender, status));
    }
  }
  // In an order that does not depend on that of the reports.
  return new Map(
    Array.from(receipts, ([key, users]) => [
      key,
      new Map([...users].sort(([a], [b]) => (a < b ? -1 : 1))),
    ]),
  );
}
