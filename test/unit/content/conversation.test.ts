// The conversation layer, rule by rule: draft-ietf-mimi-content-08, "Message Behavior Fields", "Examples" and "Security
// Considerations"; -04 where it says more.

import { describe, expect, test } from 'vitest';
import {
  Conversation,
  type ConversationPolicy,
  type ConversationView,
  Disposition,
  type MessageEvent,
  MessageStatus,
  type MessageView,
  part,
  type ReportEvent,
} from '../../../ts/content/index.ts';
import {
  alice,
  bob,
  carol,
  composerOf,
  eventOf,
  idOf,
  numberOf,
  plainView,
  problemsOf,
  START,
} from '../../support/conversation_events.ts';

const d8 = composerOf('draft08');
const d4 = composerOf('draft04');
const later = START + 86_400_000;
const byBob = { sender: bob };
const byCarol = { sender: carol };
const utf8 = new TextDecoder();

function viewOf(
  events: readonly MessageEvent[],
  { now = later, ...policy }: ConversationPolicy & { readonly now?: number } = {},
): ConversationView {
  const conversation = new Conversation(policy);
  for (const event of events) conversation.add(event);
  return conversation.view(now);
}

/** The one message with this number. */
function shown(view: ConversationView, number: number): MessageView {
  const found = view.messages.filter(({ id }) => numberOf(id) === number);
  expect(found).toHaveLength(1);
  return found[0] as MessageView;
}

const textOf = ({ body }: Pick<MessageView, 'body'>): string | undefined =>
  body?.kind === 'single' ? utf8.decode(body.content) : undefined;
const numbersOf = ({ messages }: ConversationView): number[] =>
  messages.map(({ id }) => numberOf(id));
const text = (number: number, says = `text ${number}`, changed: Partial<MessageEvent> = {}) =>
  eventOf(number, d8.text(says), changed);
const to = (number: number) => ({ id: idOf(number) });

describe('order', () => {
  test('messages are sorted by the time of acceptance', () => {
    expect(numbersOf(viewOf([text(3), text(1), text(2)]))).toEqual([1, 2, 3]);
  });

  test('of messages of the same time the lexically lowest id sorts earlier', () => {
    const events = [300, 2, 1].map((number) => text(number, 'x', { acceptedAt: START }));
    expect(numbersOf(viewOf(events))).toEqual([1, 2, 300]);
  });

  test('a time that is no whole number of milliseconds is refused', () => {
    for (const acceptedAt of [Number.NaN, 0.5, Number.POSITIVE_INFINITY]) {
      expect(() => new Conversation().add(text(1, 'x', { acceptedAt }))).toThrow(
        expect.objectContaining({ code: 'invalidArgument' }),
      );
    }
  });
});

describe('edits', () => {
  const original = text(1, 'borow');
  const edit = eventOf(2, d8.edit(idOf(1), part.text('borrow')));

  test('an edit replaces the body and shows that there were versions', () => {
    const message = shown(viewOf([original, edit]), 1);
    expect(textOf(message)).toBe('borrow');
    expect(message.versions.map(({ id }) => numberOf(id))).toEqual([1, 2]);
    expect(message.acceptedAt).toBe(original.acceptedAt);
  });

  test('an edit that comes before its message waits for it', () => {
    expect(viewOf([edit])).toEqual({ messages: [], problems: [] });
    expect(textOf(shown(viewOf([edit, original]), 1))).toBe('borrow');
  });

  test('of several edits the latest one counts, whichever came first', () => {
    const third = eventOf(3, d8.edit(idOf(1), part.text('lend')));
    expect(textOf(shown(viewOf([third, original, edit]), 1))).toBe('lend');
  });

  test('replaces refers to the first instance of the message, not to an edit', () => {
    const third = eventOf(3, d8.edit(idOf(2), part.text('lend')));
    const view = viewOf([original, edit, third]);
    expect(problemsOf(view)).toEqual([['notFirstVersion', 3]]);
    expect(textOf(shown(view, 1))).toBe('borrow');
  });

  test('parties other than the original sender must not edit', () => {
    const view = viewOf([original, { ...edit, ...byBob }]);
    expect(problemsOf(view)).toEqual([['notAllowed', 2]]);
    expect(textOf(shown(view, 1))).toBe('borow');
  });

  test('a concrete policy may allow others to edit', () => {
    const mayEdit: ConversationPolicy['mayEdit'] = (by, first) =>
      by.sender === bob && first.sender === alice;
    const view = viewOf([original, { ...edit, ...byBob }], { mayEdit });
    expect(view.problems).toEqual([]);
    expect(shown(view, 1).versions.at(-1)?.by).toBe(bob);
  });

  test('a policy for edits allows no deletions', () => {
    const deletion = eventOf(2, d8.delete(idOf(1)), byBob);
    const view = viewOf([original, deletion], { mayEdit: () => true });
    expect(problemsOf(view)).toEqual([['notAllowed', 2]]);
  });

  test('an edit changes the contents of the NestedPart and nothing else', () => {
    const first = eventOf(1, d8.reply(to(9), 'x', { topicId: Uint8Array.of(1) }));
    const second = eventOf(2, {
      ...d8.edit(idOf(1), 'y', { topicId: Uint8Array.of(2), expires: { at: START } }),
      inReplyTo: { messageId: idOf(8) },
    });
    const message = shown(viewOf([first, second]), 1);
    expect(textOf(message)).toBe('y');
    expect(message.state).toBe('shown');
    expect([...message.topicId]).toEqual([1]);
    expect(numberOf(message.reply?.to as Uint8Array)).toBe(9);
  });

  test('an edit of a message that was refused waits as if the message were not known', () => {
    const early = text(1, 'x', { acceptedAt: 0 });
    expect(problemsOf(viewOf([early, edit]))).toEqual([['implausibleTimestamp', 1]]);
    const wrong = eventOf(3, d4.reply({ id: idOf(1), hash: new Uint8Array(32) }, 'x'));
    const view = viewOf([text(1), wrong, eventOf(4, d4.edit(idOf(3), 'y'))]);
    expect(problemsOf(view)).toEqual([['wrongReplyHash', 3]]);
  });

  test('a message that replaces itself is not shown', () => {
    const view = viewOf([eventOf(1, d8.edit(idOf(1), 'x'))]);
    expect(view.messages).toEqual([]);
    expect(problemsOf(view)).toEqual([['notFirstVersion', 1]]);
  });
});

describe('deletions', () => {
  const deletion = eventOf(3, d8.delete(idOf(1)));

  test('a placeholder remains of a deleted message, without any version', () => {
    const edit = eventOf(2, d8.edit(idOf(1), 'y'));
    const message = shown(viewOf([text(1), edit, deletion]), 1);
    expect(message).toMatchObject({ state: 'deleted', body: undefined, versions: [] });
  });

  test('a deletion of the same time as an edit, or before it, prevails', () => {
    for (const acceptedAt of [START + 3000, START + 9000]) {
      const edit = eventOf(2, d8.edit(idOf(1), 'y'), { acceptedAt });
      expect(shown(viewOf([edit, text(1), deletion]), 1).state).toBe('deleted');
    }
  });

  test('parties other than the original sender must not delete, unless a policy allows it', () => {
    const byOther = { ...deletion, ...byBob };
    expect(problemsOf(viewOf([text(1), byOther]))).toEqual([['notAllowed', 3]]);
    expect(shown(viewOf([text(1), byOther], { mayDelete: () => true }), 1).state).toBe('deleted');
  });

  test('a reply to a deleted message still names it', () => {
    const reply = eventOf(2, d8.reply(to(1), 'x'));
    const view = viewOf([text(1), reply, deletion]);
    expect(numberOf(shown(view, 2).reply?.first as Uint8Array)).toBe(1);
  });
});

describe('replies', () => {
  test('a reply refers to a version, and shows when there is a later one', () => {
    const events = [
      text(1),
      eventOf(2, d8.reply(to(1), 'x'), byBob),
      eventOf(3, d8.edit(idOf(1), 'y')),
    ];
    const reply = shown(viewOf(events), 2).reply;
    expect(reply).toEqual({ to: idOf(1), first: idOf(1), outdated: true });
    const current = [...events, eventOf(4, d8.reply(to(3), 'z'), byBob)];
    expect(shown(viewOf(current), 4).reply).toEqual({
      to: idOf(3),
      first: idOf(1),
      outdated: false,
    });
  });

  test('a reply to an unknown message is legitimate', () => {
    const view = viewOf([eventOf(2, d8.reply(to(1), 'x'))]);
    expect(view.problems).toEqual([]);
    expect(shown(view, 2).reply).toEqual({ to: idOf(1), first: undefined, outdated: false });
  });

  test('a reply to an edit that was not obeyed answers nothing that is shown', () => {
    const edit = eventOf(2, d8.edit(idOf(1), 'y'), byBob);
    const view = viewOf([text(1), edit, eventOf(3, d8.reply(to(2), 'x'))]);
    expect(shown(view, 3).reply?.first).toBeUndefined();
  });

  test('replies that lead back to themselves are refused, those that only lead there are shown', () => {
    const reply = (number: number, target: number) => eventOf(number, d8.reply(to(target), 'x'));
    const view = viewOf([reply(1, 3), reply(2, 1), reply(3, 2), reply(4, 2), reply(5, 5)]);
    expect(problemsOf(view)).toEqual([1, 2, 3, 5].map((number) => ['replyLoop', number]));
    expect(numbersOf(view)).toEqual([4]);
  });

  test('draft04: the receiver verifies that the hash is that of the message', () => {
    const original = eventOf(1, d4.text('x'));
    const right = eventOf(2, d4.reply({ id: idOf(1), container: original.container }, 'y'));
    const wrong = eventOf(3, d4.reply({ id: idOf(1), hash: new Uint8Array(32) }, 'y'));
    const view = viewOf([original, right, wrong]);
    expect(problemsOf(view)).toEqual([['wrongReplyHash', 3]]);
    expect(numbersOf(view)).toEqual([1, 2]);
  });

  test('draft04: SHA-256 cut short is verified as far as it goes', () => {
    const original = eventOf(1, d4.text('x'));
    const reply = d4.reply({ id: idOf(1), container: original.container }, 'y');
    const cut = (number: number, first: number) => {
      const hash = (reply.inReplyTo as { hash: Uint8Array }).hash.slice(0, 16);
      hash[0] = (hash[0] as number) ^ first;
      return eventOf(number, { ...reply, inReplyTo: { messageId: idOf(1), hashAlg: 2, hash } });
    };
    expect(problemsOf(viewOf([original, cut(2, 0), cut(3, 1)]))).toEqual([['wrongReplyHash', 3]]);
  });

  test('draft04: without the container of the message there is nothing to verify by', () => {
    const original = eventOf(1, d4.text('x'), { container: undefined });
    const reply = eventOf(2, d4.reply({ id: idOf(1), hash: new Uint8Array(32) }, 'y'));
    expect(viewOf([original, reply]).problems).toEqual([]);
    const again = eventOf(1, d4.text('x'));
    expect(problemsOf(viewOf([original, reply, again]))).toEqual([['wrongReplyHash', 2]]);
  });
});

describe('reactions', () => {
  const like = eventOf(2, d8.react(to(1), '❤'), byCarol);

  test('a reaction stands at the message that it is to, and is no message', () => {
    const view = viewOf([text(1), like]);
    expect(numbersOf(view)).toEqual([1]);
    expect(shown(view, 1).reactions).toEqual([
      { text: '❤', sender: carol, id: idOf(2), to: idOf(1) },
    ]);
  });

  test('a reaction to an edit stands at the message and names the version', () => {
    const edit = eventOf(3, d8.edit(idOf(1), 'y'));
    const view = viewOf([text(1), edit, eventOf(4, d8.react(to(3), '👍'), byBob)]);
    expect(shown(view, 1).reactions.map(({ to }) => numberOf(to))).toEqual([3]);
  });

  test('several reactions of one message are parts that are processed one by one', () => {
    const three = eventOf(2, d8.react(to(1), ['❤', '🥳', '🤞']), byCarol);
    const { reactions } = shown(viewOf([text(1), three]), 1);
    expect(reactions.map(({ text }) => text)).toEqual(['❤', '🥳', '🤞']);
  });

  test('the same reaction of one sender counts once', () => {
    const again = eventOf(3, d8.react(to(1), '❤'), byCarol);
    const other = eventOf(4, d8.react(to(1), '❤'), byBob);
    expect(
      shown(viewOf([text(1), like, again, other]), 1).reactions.map(({ sender }) => sender),
    ).toEqual([carol, bob]);
  });

  test('deleting the message that made a reaction removes it', () => {
    const unlike = eventOf(3, d8.unlike(idOf(2), to(1)), byCarol);
    expect(shown(viewOf([unlike, like, text(1)]), 1).reactions).toEqual([]);
  });

  test('nobody else can remove a reaction', () => {
    const view = viewOf([text(1), like, eventOf(3, d8.unlike(idOf(2)), byBob)]);
    expect(problemsOf(view)).toEqual([['notAllowed', 3]]);
    expect(shown(view, 1).reactions).toHaveLength(1);
  });

  test('replaces adjusts a reaction that was made before', () => {
    const body = part.text('🎉', { disposition: Disposition.reaction });
    const view = viewOf([text(1), like, eventOf(3, d8.edit(idOf(2), body), byCarol)]);
    expect(shown(view, 1).reactions.map(({ text }) => text)).toEqual(['🎉']);
  });

  test('a reaction that is no text is called by its media type', () => {
    const body = part.single('image/png', new Uint8Array(4), { disposition: Disposition.reaction });
    const view = viewOf([text(1), eventOf(2, d8.reply(to(1), body), byBob)]);
    expect(shown(view, 1).reactions.map(({ text }) => text)).toEqual(['image/png']);
  });

  test('a reaction expires as a message does', () => {
    const brief = eventOf(2, d8.react(to(1), '❤', { expires: { at: START + 5000 } }), byBob);
    expect(shown(viewOf([text(1), brief], { now: START + 4999 }), 1).reactions).toHaveLength(1);
    expect(shown(viewOf([text(1), brief], { now: START + 5000 }), 1).reactions).toEqual([]);
  });
});

describe('topics', () => {
  const topicId = Uint8Array.of(7);

  test('a message keeps the topic that it belongs to', () => {
    expect(shown(viewOf([eventOf(1, d8.text('x', { topicId }))]), 1).topicId).toEqual(topicId);
  });

  test('draft04: a message of a topic refers to none outside of it', () => {
    const events = (composer: typeof d4) => {
      const outside = eventOf(1, composer.text('x'));
      const answered = { id: idOf(1), container: outside.container };
      const foreign = eventOf(2, composer.text('x', { topicId: Uint8Array.of(8) }));
      return [
        outside,
        foreign,
        eventOf(3, composer.reply(answered, 'y', { topicId })),
        eventOf(4, composer.edit(idOf(2), 'y', { topicId })),
      ];
    };
    expect(problemsOf(viewOf(events(d4)))).toEqual([
      ['wrongTopic', 3],
      ['wrongTopic', 4],
    ]);
    // draft08 has lifted this.
    expect(viewOf(events(d8)).problems).toEqual([]);
  });

  test('the message whose id a topic is called by is in it', () => {
    const first = eventOf(1, d4.text('x'));
    const reply = d4.reply({ id: idOf(1), container: first.container }, 'y', { topicId: idOf(1) });
    expect(viewOf([first, eventOf(2, reply)]).problems).toEqual([]);
  });
});

describe('expiry', () => {
  test('an absolute time deletes the message whether it was read or not', () => {
    const event = eventOf(1, d8.text('x', { expires: { at: START + 60_000 } }));
    expect(shown(viewOf([event], { now: START + 59_999 }), 1).state).toBe('shown');
    expect(shown(viewOf([event], { now: START + 60_000 }), 1)).toMatchObject({
      state: 'expired',
      body: undefined,
      versions: [],
    });
  });

  test('a relative time runs from when the receiving client read the message, the first time', () => {
    const conversation = new Conversation();
    conversation.add(eventOf(1, d8.text('x', { expires: { afterReading: 60 } })));
    expect(shown(conversation.view(later), 1).state).toBe('shown');
    conversation.markRead(idOf(1), START + 10_000);
    conversation.markRead(idOf(1), START + 50_000);
    expect(shown(conversation.view(START + 69_999), 1).state).toBe('shown');
    expect(shown(conversation.view(START + 70_000), 1).state).toBe('expired');
  });

  test('a message was read when any version of it was', () => {
    const conversation = new Conversation();
    conversation.add(eventOf(1, d8.text('x', { expires: { afterReading: 60 } })));
    conversation.add(eventOf(2, d8.edit(idOf(1), 'y')));
    conversation.markRead(idOf(2), START + 10_000);
    expect(shown(conversation.view(START + 70_000), 1).state).toBe('expired');
  });
});

describe('nonsensical messages', () => {
  test('a message id that was encountered already is refused, the earlier message counts', () => {
    const view = viewOf([text(1, 'later', { acceptedAt: START + 9000 }), text(1, 'first')]);
    expect(textOf(shown(view, 1))).toBe('first');
    expect(problemsOf(view)).toEqual([['duplicateId', 1]]);
  });

  test('of two messages that differ in their content only the same one counts, whichever came first', () => {
    const [left, right] = [text(1, 'left'), text(1, 'right')];
    expect(plainView(viewOf([left, right]))).toEqual(plainView(viewOf([right, left])));
    expect(problemsOf(viewOf([left, right]))).toEqual([['duplicateId', 1]]);
  });

  test('a message with an implausible time cannot displace the one whose id it has', () => {
    const view = viewOf([text(1, 'true'), text(1, 'forged', { acceptedAt: 0 })]);
    expect(textOf(shown(view, 1))).toBe('true');
    expect(problemsOf(view)).toEqual([['implausibleTimestamp', 1]]);
  });

  test('the same message again is no duplicate', () => {
    expect(viewOf([text(1), text(1)]).problems).toEqual([]);
  });

  test('times more than a few minutes in the future are refused, until they are past', () => {
    const event = text(1, 'x', { acceptedAt: START + 300_001 });
    expect(problemsOf(viewOf([event], { now: START }))).toEqual([['implausibleTimestamp', 1]]);
    expect(viewOf([event], { now: START + 1 }).problems).toEqual([]);
  });

  test('times before the format was published, or before the room was made, are refused', () => {
    const old = text(1, 'x', { acceptedAt: Date.UTC(2022, 0, 31) });
    expect(problemsOf(viewOf([old]))).toEqual([['implausibleTimestamp', 1]]);
    const before = text(1, 'x', { acceptedAt: START - 1 });
    expect(problemsOf(viewOf([before], { roomCreatedAt: START }))).toEqual([
      ['implausibleTimestamp', 1],
    ]);
    expect(viewOf([before], { roomCreatedAt: START - 1 }).problems).toEqual([]);
  });
});

describe('receipts', () => {
  const { delivered, read, unread } = MessageStatus;
  const report = (seconds: number, number: number, status: number, sender = bob): ReportEvent => ({
    sender,
    acceptedAt: START + seconds * 1000,
    report: { profile: 'draft08', statuses: [{ messageId: idOf(number), status }] },
  });
  const receiptsOf = (reports: readonly ReportEvent[]) => {
    const conversation = new Conversation();
    for (const event of [
      text(1),
      eventOf(2, d8.edit(idOf(1), 'y')),
      eventOf(3, d8.delete(idOf(1)), byBob),
    ]) {
      conversation.add(event);
    }
    for (const each of reports) conversation.addReport(each);
    return [...shown(conversation.view(later), 1).receipts];
  };

  test('the status can be updated in a subsequent notification', () => {
    expect(receiptsOf([report(9, 1, unread), report(5, 1, read), report(4, 1, delivered)])).toEqual(
      [[bob, unread]],
    );
  });

  test('of two reports of the same time the greater status counts', () => {
    expect(receiptsOf([report(5, 1, read), report(5, 1, delivered)])).toEqual([[bob, read]]);
  });

  test('a receipt of an edit is one of the message; one of a message that is not known is none', () => {
    expect(
      receiptsOf([report(5, 2, read), report(5, 9, read, carol), report(5, 3, read, carol)]),
    ).toEqual([[bob, read]]);
  });

  test('reports with implausible times are not heeded', () => {
    expect(receiptsOf([report(5, 1, read), report(1_000_000_000, 1, unread)])).toEqual([
      [bob, read],
    ]);
  });
});
