// Messages of a conversation for tests: short to write, ids told by a number.

import {
  Composer,
  type ConversationView,
  encodeContent,
  type MessageEvent,
  type MimiContent,
  type ProblemCode,
  type Profile,
} from '../../ts/content/index.ts';

/** A plausible time, in milliseconds since the epoch. */
export const START = Date.UTC(2026, 2, 2);
export const alice = 'mimi://a.example/u/alice';
export const bob = 'mimi://b.example/u/bob';
export const carol = 'mimi://c.example/u/carol';

/** An id as draft08 has them: 01, zeros and the number. */
export function idOf(number: number): Uint8Array {
  const id = new Uint8Array(32);
  id[0] = 1;
  new DataView(id.buffer).setUint32(28, number);
  return id;
}

/** The number of an id that `idOf` has made. */
export const numberOf = (id: Uint8Array): number =>
  new DataView(id.buffer, id.byteOffset).getUint32(28);

/** Makes messages, whose salts depend on nothing. */
export const composerOf = (profile: Profile): Composer =>
  new Composer({ profile, random: (length) => new Uint8Array(length) });

/** A message by Alice as it is received, with its container; the number is its id and the seconds since the start. */
export function eventOf(
  number: number,
  content: MimiContent,
  changed: Partial<MessageEvent> = {},
): MessageEvent {
  return {
    id: idOf(number),
    sender: alice,
    acceptedAt: START + number * 1000,
    content,
    container: encodeContent(content),
    ...changed,
  };
}

/** A view as plain data in which every order shows: bytes in hexadecimal, maps as pairs. */
export function plainView(view: ConversationView): unknown {
  return JSON.parse(
    JSON.stringify(view, (_, value: unknown) => {
      if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
      return value instanceof Map ? [...value] : value;
    }),
  );
}

/** What went wrong, as codes with the numbers of the messages. */
export const problemsOf = ({ problems }: ConversationView): [ProblemCode, number][] =>
  problems.map(({ code, id }) => [code, numberOf(id)]);
