// A conversation converges: the same messages and reports, in whatever order and however often they come, give the same
// view, problems included.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Conversation,
  type ConversationPolicy,
  type MessageEvent,
  type MimiContent,
  type ProblemCode,
  type Profile,
  part,
  type ReportEvent,
} from '../../ts/content/index.ts';
import {
  alice,
  bob,
  carol,
  composerOf,
  eventOf,
  idOf,
  plainView,
  START,
} from '../support/conversation_events.ts';

const allCodes = Object.keys({
  duplicateId: true,
  implausibleTimestamp: true,
  notAllowed: true,
  notFirstVersion: true,
  replyLoop: true,
  wrongReplyHash: true,
  wrongTopic: true,
} satisfies Record<ProblemCode, true>);

/** Few ids, so that messages meet. */
const number = fc.nat(7);
const sender = fc.constantFrom(alice, bob, carol);
const text = fc.constantFrom('Hello', 'Tea?', '❤', '👍');
const topic = fc.constantFrom(undefined, undefined, undefined, Uint8Array.of(1), Uint8Array.of(2));
/** Mostly plausible, often the same. */
const acceptedAt = fc.oneof(
  { arbitrary: fc.nat(4).map((seconds) => START + seconds * 1000), weight: 12 },
  { arbitrary: fc.constantFrom(0, START + 3_600_000), weight: 1 },
);
const expires = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  { at: START + 4000 },
  { afterReading: 5 },
);

/** What a message is made of; each kind of message takes what it needs. */
const draft = fc.record({
  kind: fc.constantFrom('text', 'reply', 'react', 'reactTwice', 'edit', 'delete', 'unlike'),
  id: number,
  to: number,
  sender,
  acceptedAt,
  text,
  topicId: topic,
  expires,
  hash: fc.constantFrom(undefined, new Uint8Array(32).fill(7)),
  hasContainer: fc.boolean(),
});
type Draft = typeof draft extends fc.Arbitrary<infer Value> ? Value : never;

function contentOf(profile: Profile, made: Draft, containerOf: (id: number) => Uint8Array) {
  const composer = composerOf(profile);
  const { topicId, expires: given } = made;
  // draft04 knows no time after reading.
  const options = {
    topicId,
    expires: profile === 'draft04' && given && 'afterReading' in given ? undefined : given,
  };
  const target = {
    id: idOf(made.to),
    ...(made.hash ? { hash: made.hash } : { container: containerOf(made.to) }),
  };
  const kinds: Readonly<Record<Draft['kind'], () => MimiContent>> = {
    text: () => composer.text(made.text, options),
    reply: () => composer.reply(target, part.text(made.text), options),
    react: () => composer.react(target, made.text, options),
    reactTwice: () => composer.react(target, [made.text, '🎉'], options),
    edit: () => composer.edit(idOf(made.to), part.text(`${made.text}!`), options),
    delete: () => composer.delete(idOf(made.to), options),
    unlike: () => composer.unlike(idOf(made.to), target, options),
  };
  return kinds[made.kind]();
}

/** The messages of one case; a reply has the right hash of the first message with that id which is made before it. */
function eventsOf(profile: Profile, drafts: readonly Draft[]): MessageEvent[] {
  const containers = new Map<number, Uint8Array>();
  return drafts.map((made) => {
    const content = contentOf(profile, made, (id) => containers.get(id) ?? new Uint8Array());
    const event = eventOf(made.id, content, { sender: made.sender, acceptedAt: made.acceptedAt });
    if (!containers.has(made.id)) containers.set(made.id, event.container as Uint8Array);
    return made.hasContainer ? event : { ...event, container: undefined };
  });
}

const report: fc.Arbitrary<ReportEvent> = fc.record({
  sender,
  acceptedAt,
  report: fc.record({
    profile: fc.constant<Profile>('draft08'),
    statuses: fc.array(fc.record({ messageId: number.map(idOf), status: fc.nat(6) }), {
      maxLength: 3,
    }),
  }),
});
const reading = fc.record({ id: number, at: fc.nat(9000).map((after) => START + after) });

type Step = (conversation: Conversation) => void;

const scene = fc
  .record({
    profile: fc.constantFrom<Profile[]>('draft04', 'draft08'),
    drafts: fc.array(draft, { minLength: 1, maxLength: 14 }),
    reports: fc.array(report, { maxLength: 4 }),
    readings: fc.array(reading, { maxLength: 3 }),
    moderated: fc.boolean(),
    now: fc.constantFrom(START + 4500, START + 60_000),
  })
  .chain(({ profile, drafts, reports, readings, moderated, now }) => {
    const steps: Step[] = [
      ...eventsOf(profile, drafts).map((event) => (to: Conversation) => to.add(event)),
      ...reports.map((each) => (to: Conversation) => to.addReport(each)),
      ...readings.map(
        ({ id, at }) =>
          (to: Conversation) =>
            to.markRead(idOf(id), at),
      ),
    ];
    const policy: ConversationPolicy = {
      roomCreatedAt: START,
      ...(moderated && { mayDelete: ({ sender: by }) => by === carol }),
    };
    const shuffled = fc.shuffledSubarray([...steps, ...steps], { minLength: 2 * steps.length });
    return fc.record({
      steps: fc.constant(steps),
      shuffled,
      policy: fc.constant(policy),
      now: fc.constant(now),
      cut: fc.nat(steps.length),
    });
  });

function viewAfter(steps: readonly Step[], policy: ConversationPolicy, now: number): unknown {
  const conversation = new Conversation(policy);
  for (const step of steps) step(conversation);
  return plainView(conversation.view(now));
}

describe('a conversation', () => {
  test('gives the same view whatever the order of its events, each once or twice', () => {
    fc.assert(
      fc.property(scene, ({ steps, shuffled, policy, now }) => {
        expect(viewAfter(shuffled, policy, now)).toEqual(viewAfter(steps, policy, now));
      }),
      { numRuns: 2000 },
    );
  });

  test('gives the same view in batches, looked at in between, as all at once', () => {
    fc.assert(
      fc.property(scene, ({ steps, policy, now, cut }) => {
        const conversation = new Conversation(policy);
        for (const step of steps.slice(0, cut)) step(conversation);
        conversation.view(now);
        for (const step of steps.slice(cut)) step(conversation);
        expect(plainView(conversation.view(now))).toEqual(viewAfter(steps, policy, now));
      }),
      { numRuns: 500 },
    );
  });

  test('the events of these tests meet every problem, and reactions, edits, deletions, expiry and receipts', () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(scene, ({ steps, policy, now }) => {
        const conversation = new Conversation(policy);
        for (const step of steps) step(conversation);
        const { messages, problems } = conversation.view(now);
        for (const { code } of problems) met.add(code);
        for (const { state, versions, reactions, reply, receipts } of messages) {
          met.add(state);
          if (versions.length > 1) met.add('edited');
          if (reactions.length > 1) met.add('reactions');
          if (reply?.outdated) met.add('outdated reply');
          if (receipts.size > 0) met.add('receipts');
        }
      }),
      { numRuns: 2000 },
    );
    const others = [
      'shown',
      'deleted',
      'expired',
      'edited',
      'reactions',
      'outdated reply',
      'receipts',
    ];
    expect([...met].sort()).toEqual([...allCodes, ...others].sort());
  });
});
