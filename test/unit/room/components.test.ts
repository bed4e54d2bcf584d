// The components of a room, byte by byte, and the resolver that applies updates to them.

import { describe, expect, test } from 'vitest';
import {
  CLOSING,
  decodeClosing,
  decodeHubKeys,
  decodeJoinLinks,
  decodeJoinLinksUpdate,
  decodeMandates,
  decodeParticipantList,
  decodeParticipantListUpdate,
  decodeRoles,
  decodeRoomMode,
  decodeSealedBans,
  decodeSealedBansUpdate,
  encodeClosing,
  encodeHubKeys,
  encodeJoinLinks,
  encodeJoinLinksUpdate,
  encodeMandates,
  encodeParticipantList,
  encodeParticipantListUpdate,
  encodeRoles,
  encodeRoomMode,
  encodeSealedBans,
  encodeSealedBansUpdate,
  HUB_KEYS,
  JOIN_LINKS,
  MANDATES,
  MODE,
  PARTICIPANT_LIST,
  type ParticipantList,
  type ParticipantListUpdate,
  participantListUpdate,
  ROLES_LIST,
  type Role,
  resolveComponent,
  SEALED_BANS,
  WRAPPER,
} from '../../../ts/room/index.ts';
import type { Decode, Encode } from '../../../ts/wire/index.ts';

/** Bytes of hexadecimal digits and quoted text, blanks between them. */
function bytes(written: string): Uint8Array {
  const parts = written.match(/"[^"]*"|[0-9a-f]{2}/g) ?? [];
  return Uint8Array.from(
    parts.flatMap((part) =>
      part.startsWith('"')
        ? [...new TextEncoder().encode(part.slice(1, -1))]
        : [Number.parseInt(part, 16)],
    ),
  );
}

const role: Role = {
  index: 2,
  name: 'ab',
  description: '',
  capabilities: [0x0100, 0x0006],
  participants: { minimum: 1 },
  active: { minimum: 0, maximum: 5 },
  authorizedRoleChanges: [{ from: 0, targets: [2, 3] }],
};

/** A value, its bytes written by hand, and the codec that must agree on them. */
interface Sample<Value> {
  readonly name: string;
  readonly value: Value;
  readonly written: string;
  readonly encode: Encode<Value>;
  readonly decode: Decode<Value>;
}
const sample = <Value>(one: Sample<Value>) => one as Sample<unknown>;

const samples = [
  sample({
    name: 'ParticipantListData',
    value: [
      { user: 'mimi://a.b/u/x', role: 4 },
      { user: 'y', role: 0x01020304 },
    ] as ParticipantList,
    written: '19 0e "mimi://a.b/u/x" 00 00 00 04 01 "y" 01 02 03 04',
    encode: encodeParticipantList,
    decode: decodeParticipantList,
  }),
  sample({
    name: 'ParticipantListUpdate',
    value: {
      changedRole: [{ index: 1, role: 3 }],
      removedIndices: [0, 258],
      added: [{ user: 'z', role: 2 }],
    } as ParticipantListUpdate,
    written: '08 00 00 00 01 00 00 00 03 08 00 00 00 00 00 00 01 02 06 01 "z" 00 00 00 02',
    encode: encodeParticipantListUpdate,
    decode: decodeParticipantListUpdate,
  }),
  sample({
    name: 'RoleData',
    value: [role] as readonly Role[],
    written: `29 00 00 00 02 02 "ab" 00 04 01 00 00 06 00 00 00 01 00 00 00 00 00 01 00 00 00 05
      0d 00 00 00 00 08 00 00 00 02 00 00 00 03`,
    encode: encodeRoles,
    decode: decodeRoles,
  }),
  sample({
    name: 'exedra_mode with a creator',
    value: { mode: 'open', creator: 'u' },
    written: '04 "open" 01 01 "u"',
    encode: encodeRoomMode,
    decode: decodeRoomMode,
  }),
  sample({
    name: 'exedra_mode without a creator',
    value: { mode: 'open' },
    written: '04 "open" 00',
    encode: encodeRoomMode,
    decode: decodeRoomMode,
  }),
  sample({
    name: 'closing',
    value: { newGroupId: bytes('07 08'), mode: 'open', creator: 'u' },
    written: '02 07 08 04 "open" 01 "u"',
    encode: encodeClosing,
    decode: decodeClosing,
  }),
  sample({
    name: 'mandates',
    value: 0x0102n,
    written: '00 00 00 00 00 00 01 02',
    encode: encodeMandates,
    decode: decodeMandates,
  }),
  sample({
    name: 'join_links',
    value: [{ id: bytes('09'), publicPart: bytes('aa bb'), role: 2, expiry: 256 }],
    written: '11 01 09 02 aa bb 00 00 00 02 00 00 00 00 00 00 01 00',
    encode: encodeJoinLinks,
    decode: decodeJoinLinks as Decode<ReturnType<typeof decodeJoinLinks>>,
  } as Sample<ReturnType<typeof decodeJoinLinks>>),
  sample({
    name: 'update of join_links',
    value: {
      removed: [bytes('09'), bytes('')],
      added: [{ id: bytes('0a'), publicPart: bytes('cc'), role: 3, expiry: 1 }],
    },
    written: '03 01 09 00 10 01 0a 01 cc 00 00 00 03 00 00 00 00 00 00 00 01',
    encode: encodeJoinLinksUpdate,
    decode: decodeJoinLinksUpdate,
  } as Sample<ReturnType<typeof decodeJoinLinksUpdate>>),
  sample({
    name: 'hub_keys',
    value: [{ id: bytes('01'), publicKey: bytes('02 03') }],
    written: '05 01 01 02 02 03',
    encode: encodeHubKeys,
    decode: decodeHubKeys,
  } as Sample<ReturnType<typeof decodeHubKeys>>),
  sample({
    name: 'sealed_bans',
    value: [{ user: 'u', generation: bytes('07'.repeat(32)), sealed: bytes('0a 0b') }],
    written: `25 01 "u" ${'07 '.repeat(32)} 02 0a 0b`,
    encode: encodeSealedBans,
    decode: decodeSealedBans,
  } as Sample<ReturnType<typeof decodeSealedBans>>),
  sample({
    name: 'update of sealed_bans',
    value: {
      removed: ['a', 'b'],
      added: [{ user: 'u', generation: bytes('07'.repeat(32)), sealed: bytes('0a') }],
    },
    written: `04 01 "a" 01 "b" 24 01 "u" ${'07 '.repeat(32)} 01 0a`,
    encode: encodeSealedBansUpdate,
    decode: decodeSealedBansUpdate,
  } as Sample<ReturnType<typeof decodeSealedBansUpdate>>),
];

describe.each(samples)('$name', ({ value, written, encode, decode }) => {
  test('is written as the struct says', () => {
    expect(encode(value)).toEqual(bytes(written));
  });

  test('is read back, and refused with a byte too many or too few', () => {
    const whole = bytes(written);
    expect(decode(whole)).toEqual(value);
    expect(() => decode(Uint8Array.of(...whole, 0))).toThrow(
      expect.objectContaining({ code: 'trailingBytes' }),
    );
    expect(() => decode(whole.subarray(0, -1))).toThrow(
      expect.objectContaining({ code: 'truncated' }),
    );
  });
});

test('a sealed ban entry that is longer than any that members make is refused', () => {
  const entry = { user: 'u', generation: new Uint8Array(32), sealed: new Uint8Array(1025) };
  expect(() => decodeSealedBans(encodeSealedBans([entry]))).toThrow(
    expect.objectContaining({ code: 'wrongContent' }),
  );
});

test('a join link that expires after all dates is refused', () => {
  const written = bytes('0f 01 09 00 00 00 00 02 ff ff ff ff ff ff ff ff');
  written[0] = written.length - 1;
  expect(() => decodeJoinLinks(written)).toThrow(expect.objectContaining({ code: 'wrongContent' }));
});

const people: ParticipantList = [
  { user: 'ann', role: 4 },
  { user: 'ben', role: 2 },
  { user: 'cat', role: 2 },
];
const update = (parts: Partial<ParticipantListUpdate>) =>
  encodeParticipantListUpdate({ changedRole: [], removedIndices: [], added: [], ...parts });
const resolved = (...updates: Uint8Array[]) =>
  decodeParticipantList(resolveComponent(PARTICIPANT_LIST, encodeParticipantList(people), updates));
const coded = (code: string) => expect.objectContaining({ name: 'RoomError', code });

describe('the resolver, on the participant list', () => {
  test('changes roles, then removes, then appends, all by the places of before', () => {
    const next = resolved(
      update({
        changedRole: [{ index: 2, role: 3 }],
        removedIndices: [0],
        added: [{ user: 'dan', role: 2 }],
      }),
    );
    expect(next).toEqual([
      { user: 'ben', role: 2 },
      { user: 'cat', role: 3 },
      { user: 'dan', role: 2 },
    ]);
  });

  test('takes the places of a second update from the list that the first one left', () => {
    expect(resolved(update({ removedIndices: [0] }), update({ removedIndices: [0] }))).toEqual([
      { user: 'cat', role: 2 },
    ]);
  });

  test.each<[string, string, Partial<ParticipantListUpdate>[]]>([
    [
      'userTwice',
      'a role change and a removal of one user',
      [{ changedRole: [{ index: 1, role: 3 }], removedIndices: [1] }],
    ],
    [
      'userTwice',
      'two role changes of one user',
      [
        {
          changedRole: [
            { index: 1, role: 3 },
            { index: 1, role: 4 },
          ],
        },
      ],
    ],
    ['userTwice', 'a user removed twice', [{ removedIndices: [1, 1] }]],
    [
      'userTwice',
      'a user added twice',
      [
        {
          added: [
            { user: 'dan', role: 2 },
            { user: 'dan', role: 3 },
          ],
        },
      ],
    ],
    ['userTwice', 'a user added who is there', [{ added: [{ user: 'ben', role: 3 }] }]],
    [
      'userTwice',
      'a user removed and added by one update',
      [{ removedIndices: [1], added: [{ user: 'ben', role: 3 }] }],
    ],
    [
      'userTwice',
      'a user touched by two updates',
      [{ removedIndices: [1] }, { added: [{ user: 'ben', role: 3 }] }],
    ],
    ['indexOutOfRange', 'a role change behind the end', [{ changedRole: [{ index: 3, role: 2 }] }]],
    ['indexOutOfRange', 'a removal behind the end', [{ removedIndices: [3] }]],
    ['sameRole', 'a change to the same role', [{ changedRole: [{ index: 1, role: 2 }] }]],
    ['roleZero', 'a change to role 0', [{ changedRole: [{ index: 1, role: 0 }] }]],
    ['roleZero', 'an addition with role 0', [{ added: [{ user: 'dan', role: 0 }] }]],
  ])('refuses as %s: %s', (code, _what, updates) => {
    expect(() => resolved(...updates.map(update))).toThrow(coded(code));
  });

  test('participantListUpdate names users by their places and passes over what is so already', () => {
    const wanted = [
      { user: 'cat', role: 3 },
      { user: 'ann', role: 0 },
      { user: 'ben', role: 2 },
      { user: 'dan', role: 2 },
      { user: 'eve', role: 0 },
    ];
    expect(participantListUpdate(people, wanted)).toEqual({
      changedRole: [{ index: 2, role: 3 }],
      removedIndices: [0],
      added: [{ user: 'dan', role: 2 }],
    });
  });
});

describe('the resolver', () => {
  const mode = encodeRoomMode({ mode: 'open' });
  const closed = encodeClosing({ newGroupId: bytes('07'), mode: 'open', creator: 'ann' });
  const link = { id: bytes('01'), publicPart: bytes('02'), role: 2, expiry: 9 };
  const links = encodeJoinLinks([link]);
  const ban = { user: 'u', generation: bytes('07'.repeat(32)), sealed: bytes('0a') };
  const bans = encodeSealedBans([ban]);

  test('refuses a component that rooms do not have', () => {
    expect(() => resolveComponent(0x0023, undefined, [mode])).toThrow(coded('unknownComponent'));
    expect(() => resolveComponent(WRAPPER, undefined, [mode])).toThrow(coded('unknownComponent'));
  });

  test.each([CLOSING, HUB_KEYS, JOIN_LINKS, MANDATES, MODE, PARTICIPANT_LIST, ROLES_LIST])(
    'refuses to take component %i out, and an update that is not its struct',
    (id) => {
      expect(() => resolveComponent(id, undefined, [undefined])).toThrow(coded('notRemovable'));
      expect(() => resolveComponent(id, undefined, [bytes('ff')])).toThrow(
        coded('malformedUpdate'),
      );
    },
  );

  test('says where in an update the fault is', () => {
    const cut = update({ removedIndices: [1] }).subarray(0, -1);
    expect(() => resolved(cut)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ component: 'participant_list' }),
      }),
    );
  });

  test('refuses content that is not what the component holds', () => {
    expect(() => resolveComponent(MANDATES, bytes('01'), [encodeMandates(1n)])).toThrow(
      coded('badRoomState'),
    );
  });

  test('never changes the mode, be it to the same', () => {
    expect(() => resolveComponent(MODE, mode, [mode])).toThrow(coded('modePinned'));
  });

  test('closes a room once', () => {
    expect(resolveComponent(CLOSING, undefined, [closed])).toEqual(closed);
    expect(() => resolveComponent(CLOSING, closed, [closed])).toThrow(coded('closedAlready'));
    expect(() => resolveComponent(CLOSING, undefined, [closed, closed])).toThrow(
      coded('closedAlready'),
    );
  });

  test('moves the mandate number forward only', () => {
    const five = encodeMandates(5n);
    expect(resolveComponent(MANDATES, undefined, [five])).toEqual(five);
    expect(resolveComponent(MANDATES, five, [encodeMandates(7n)])).toEqual(encodeMandates(7n));
    expect(() => resolveComponent(MANDATES, five, [five])).toThrow(coded('mandateNotNewer'));
  });

  test('removes join links by id and adds others', () => {
    const other = { ...link, id: bytes('03') };
    const change = encodeJoinLinksUpdate({ removed: [link.id], added: [other] });
    expect(resolveComponent(JOIN_LINKS, links, [change])).toEqual(encodeJoinLinks([other]));
  });

  test('refuses a join link under an id that is taken, and the removal of one that is not there', () => {
    const again = encodeJoinLinksUpdate({ removed: [], added: [link] });
    const absent = encodeJoinLinksUpdate({ removed: [bytes('04')], added: [] });
    expect(() => resolveComponent(JOIN_LINKS, links, [again])).toThrow(coded('linkTwice'));
    expect(() => resolveComponent(JOIN_LINKS, links, [absent])).toThrow(coded('unknownLink'));
  });

  test('removes sealed bans by user and adds others', () => {
    const other = { ...ban, user: 'mimi://a.example/u/other' };
    const change = encodeSealedBansUpdate({ removed: [ban.user], added: [other] });
    expect(resolveComponent(SEALED_BANS, bans, [change])).toEqual(encodeSealedBans([other]));
  });

  test('bans a user again in the update that lifts its former ban', () => {
    const change = encodeSealedBansUpdate({ removed: [ban.user], added: [ban] });
    expect(resolveComponent(SEALED_BANS, bans, [change])).toEqual(bans);
  });

  test('refuses a second sealed ban of one user, and the removal of one that is not there', () => {
    const again = encodeSealedBansUpdate({ removed: [], added: [ban] });
    const absent = encodeSealedBansUpdate({ removed: ['mimi://a.example/u/other'], added: [] });
    expect(() => resolveComponent(SEALED_BANS, bans, [again])).toThrow(coded('banTwice'));
    expect(() => resolveComponent(SEALED_BANS, bans, [absent])).toThrow(coded('unknownBan'));
  });

  test('puts the last role definitions and hub keys in the place of the former', () => {
    const other = encodeRoles([{ ...role, name: 'cd' }]);
    expect(resolveComponent(ROLES_LIST, encodeRoles([role]), [other])).toEqual(other);
    const keys = encodeHubKeys([{ id: bytes('01'), publicKey: bytes('02') }]);
    expect(resolveComponent(HUB_KEYS, undefined, [keys])).toEqual(keys);
  });

  test.each<[string, Role[]]>([
    ['one index twice', [role, role]],
    ['a role 1 of another name than banned', [{ ...role, index: 1 }]],
    ['a maximum below the minimum', [{ ...role, active: { minimum: 2, maximum: 1 } }]],
  ])('refuses role definitions with %s', (_what, roles) => {
    expect(() => resolveComponent(ROLES_LIST, undefined, [encodeRoles(roles)])).toThrow(
      coded('badRoles'),
    );
  });
});
