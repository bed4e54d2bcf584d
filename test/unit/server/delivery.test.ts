// The run loop of fan-out: woken, on a tick and when a retry is due, and never after it was stopped.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type Delivering, DeliveryLoop } from '../../../ts/server/delivery.ts';
import { createLogger } from '../../../ts/server/log.ts';

const log = createLogger('silent');
const NEVER = 60_000;
const loops: DeliveryLoop[] = [];
afterEach(() => Promise.all(loops.splice(0).map((loop) => loop.stop())));

function loopOver(deliver: () => Promise<void>, tickMs = NEVER, nextRetryAt?: () => number) {
  const provider: Delivering = {
    deliver,
    get nextRetryAt() {
      return nextRetryAt?.();
    },
  };
  const loop = new DeliveryLoop(provider, { tickMs, clock: Date.now, log });
  loops.push(loop);
  return loop;
}

describe('the delivery loop', () => {
  test('makes one round of any number of wakes in one turn', async () => {
    let rounds = 0;
    const loop = loopOver(async () => {
      rounds += 1;
    });
    for (let wake = 0; wake < 5; wake += 1) loop.wake();
    await sleep(50);
    expect(rounds).toBe(1);
  });

  test('starts a round although an earlier one waits for a peer that does not answer', async () => {
    let rounds = 0;
    let answer = () => {};
    const loop = loopOver(() => {
      rounds += 1;
      if (rounds > 1) return Promise.resolve();
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    loop.wake();
    await sleep(20);
    loop.wake();
    await sleep(20);
    expect(rounds).toBe(2);
    answer();
  });

  test('runs a round on every tick although nothing wakes it', async () => {
    let rounds = 0;
    loopOver(async () => {
      rounds += 1;
    }, 10).wake();
    await sleep(300);
    expect(rounds).toBeGreaterThan(3);
  });

  test('runs a round when a retry is due, long before the tick', async () => {
    let rounds = 0;
    const due = Date.now() + 80;
    loopOver(
      async () => {
        rounds += 1;
      },
      NEVER,
      () => due,
    ).wake();
    await sleep(40);
    expect(rounds).toBe(1);
    await sleep(200);
    expect(rounds).toBeGreaterThan(1);
  });

  test('goes on after a round that failed, at the pace of its ticks', async () => {
    let rounds = 0;
    loopOver(async () => {
      rounds += 1;
      throw new Error('no');
    }, 50).wake();
    await sleep(270);
    expect(rounds).toBeGreaterThan(1);
    expect(rounds).toBeLessThan(8);
  });

  test('stops after the round under way, and stays stopped', async () => {
    let rounds = 0;
    let finished = 0;
    const loop = loopOver(async () => {
      rounds += 1;
      await sleep(30);
      finished += 1;
    }, 1000);
    loop.wake();
    await sleep(10);
    await loop.stop();
    expect({ rounds, finished }).toEqual({ rounds: 1, finished: 1 });
    loop.wake();
    await sleep(50);
    expect(rounds).toBe(1);
  });
});
