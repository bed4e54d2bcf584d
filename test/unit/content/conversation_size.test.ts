// How long a view of many messages takes.

import { expect, test } from 'vitest';
import { Conversation } from '../../../ts/content/index.ts';
import { alice, composerOf, eventOf, idOf, START } from '../../support/conversation_events.ts';

const d8 = composerOf('draft08');
const d4 = composerOf('draft04');
const later = START + 86_400_000;

/** How long a view of so many messages takes, each answering the last one or editing it. */
function millisecondsFor(count: number): number {
  const [reply, edit] = [d8.reply({ id: idOf(0) }, 'x'), d8.edit(idOf(0), 'y')];
  const conversation = new Conversation();
  for (let number = 1; number <= count; number += 1) {
    const target = idOf(number - 1);
    const content =
      number % 4 === 3
        ? { ...edit, replaces: target }
        : { ...reply, inReplyTo: { messageId: target } };
    conversation.add({ id: idOf(number), sender: alice, acceptedAt: START, content });
  }
  const started = performance.now();
  expect(conversation.view(later).messages.length).toBeGreaterThan(count / 2);
  return performance.now() - started;
}

test('a chain of 100,000 replies is followed in seconds, in a time that grows with its length', () => {
  // Alternating, and the fastest of each, as the machine may be busy with other things.
  const runs = [1, 2, 3].map(() => [25_000, 100_000].map(millisecondsFor));
  const [quarter, whole] = [0, 1].map((size) => Math.min(...runs.map((run) => run[size] ?? 0)));
  expect(whole).toBeLessThan(5000);
  // Less than three times for each doubling.
  expect((whole ?? 0) / (quarter ?? 1)).toBeLessThan(9);
}, 60_000);

test('as many reactions to one message are gathered as quickly', () => {
  const conversation = new Conversation();
  conversation.add(eventOf(1, d8.text('x')));
  const content = d8.react({ id: idOf(1) }, '❤');
  for (let number = 2; number <= 50_000; number += 1) {
    conversation.add({
      id: idOf(number),
      sender: `mimi://a.example/u/${number}`,
      acceptedAt: START + 2000,
      content,
    });
  }
  const started = performance.now();
  expect(conversation.view(later).messages[0]?.reactions).toHaveLength(49_999);
  expect(performance.now() - started).toBeLessThan(3000);
});

test('as many replies to one large message have it hashed once', () => {
  const large = eventOf(1, d4.text('x'.repeat(500_000)));
  const conversation = new Conversation();
  conversation.add(large);
  const content = d4.reply({ id: idOf(1), container: large.container }, 'y');
  for (let number = 2; number <= 2000; number += 1) {
    conversation.add(eventOf(number, content, { container: undefined }));
  }
  const started = performance.now();
  expect(conversation.view(later).messages).toHaveLength(2000);
  expect(performance.now() - started).toBeLessThan(1000);
});
