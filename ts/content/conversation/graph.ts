// Chains of replies: which messages lead back to themselves (draft-ietf-mimi-content, "Message Behavior Fields").

/**
 * The keys on a cycle of `next`, where every key has at most one successor. Each key is visited once, so that a chain of
 * a million replies takes time in proportion.
 */
export function keysOnCycles(keys: Iterable<string>, next: (key: string) => string | undefined) {
  const onCycle = new Set<string>();
  const done = new Set<string>();
  for (const start of keys) {
    const path = new Map<string, number>();
    const order: string[] = [];
    let key: string | undefined = start;
    while (key !== undefined && !done.has(key) && !path.has(key)) {
      path.set(key, order.length);
      order.push(key);
      key = next(key);
    }
    const from = key === undefined ? undefined : path.get(key);
    if (from !== undefined) for (const each of order.slice(from)) onCycle.add(each);
    for (const each of order) done.add(each);
  }
  return onCycle;
}
