// A connection that loses, repeats and delays what goes through it.

import { ClientError, type ClientOperation, type Connection } from '../../ts/client/index.ts';

/** What happens to a call: lost on the way there, lost on the way back, sent twice, or held up. */
export type Fault = 'dropRequest' | 'dropResponse' | 'duplicate' | { readonly delayMs: number };

/** Which fault meets a call; `nth` counts the calls of the operation from 1. */
export type FaultPlan = (operation: ClientOperation, nth: number) => Fault | undefined;

/** Passes calls on, with faults as planned. `unavailable` says that a dropped request is known not to have arrived. */
export function faultConnection(
  inner: Connection,
  plan: FaultPlan,
  dropped: 'unavailable' | 'unknown' = 'unknown',
): Connection {
  const counts = new Map<ClientOperation, number>();
  return {
    async call(operation, id, body, options) {
      const nth = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, nth);
      const fault = plan(operation, nth);
      if (fault === 'dropRequest') throw new ClientError(dropped);
      if (typeof fault === 'object') {
        await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      }
      if (fault === 'duplicate') await inner.call(operation, id, body, options);
      const answer = await inner.call(operation, id, body, options);
      if (fault === 'dropResponse') throw new ClientError('unknown');
      return answer;
    },
  };
}
