// For each production of the drafts' schemas, and for each field in one, items that fit it and items that do not, put
// into messages that are right otherwise: test/vectors/content-04/*.cddl, content-08/*.cddl and status-01/*.cddl.

import type { Profile } from '../../ts/content/index.ts';
import { message04, message08 } from './content_cases.ts';
import { head } from './content_growth.ts';

/** What of a type fits and what does not, as items in hexadecimal. */
interface Examples {
  readonly fits: readonly string[];
  readonly not: readonly string[];
}

export interface Production {
  readonly profile: Profile;
  readonly schema:
    | 'content-04/mimi-content'
    | 'content-04/delivery-report'
    | 'content-08/mimi-content'
    | 'status-01/status';
  /** As it is called in the schema; of a field, behind the group that it is in. */
  readonly name: string;
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

const zeros = (count: number): string => '00'.repeat(count);
const array = (...items: readonly string[]): string => head(4, items.length) + items.join('');

// Types.

const text: Examples = { fits: ['60', '6161', '63e299a5'], not: ['40', 'f6', '00', '80', '61ff'] };
const bytes: Examples = { fits: ['40', '4100', `5818${zeros(24)}`], not: ['60', 'f6', '00', '80'] };
const flag: Examples = { fits: ['f4', 'f5'], not: ['00', 'f6', '6161'] };
const uint = (size: 1 | 2 | 4 | 8): Examples => {
  const largest = 2n ** BigInt(8 * size) - 1n;
  const beyond = size === 8 ? `c249${'01'}${zeros(8)}` : head(0, largest + 1n);
  return {
    fits: ['00', '17', '1818', head(0, largest)],
    not: [beyond, '20', 'f93c00', '60', 'f6'],
  };
};
const id04: Examples = {
  fits: [`5820${zeros(32)}`, `5820${'ff'.repeat(32)}`],
  not: [`581f${zeros(31)}`, `5821${zeros(33)}`, '40', `7820${zeros(32)}`, '00'],
};
const id08: Examples = {
  fits: [`582001${zeros(31)}`],
  not: [`581f01${zeros(30)}`, `582101${zeros(32)}`, '40', `782001${zeros(31)}`, `5820${zeros(32)}`],
};
/** Null is allowed beside the type. */
const orNull = ({ fits, not }: Examples): Examples => ({
  fits: ['f6', ...fits],
  not: [...not.filter((item) => item !== 'f6'), 'f4'],
});
const arrayOf = (item: string, otherwise: readonly string[]): Examples => ({
  fits: ['80', array(item), array(item, item)],
  not: ['a0', 'f6', '40', ...otherwise.map((wrong) => array(item, wrong))],
});

/** Places an item in a message. */
type Place = (item: string) => string;

function production(
  schema: Production['schema'],
  name: string,
  place: Place,
  { fits, not }: Examples,
): Production {
  const profile = schema.startsWith('content-04') ? 'draft04' : 'draft08';
  return { profile, schema, name, accepted: fits.map(place), refused: not.map(place) };
}

/** Fields of an array, from the one at `first` on, each with the others as in `usual`. */
function fields(
  schema: Production['schema'],
  group: string,
  around: Place,
  usual: readonly string[],
  named: readonly (readonly [name: string, examples: Examples])[],
  first = 0,
): Production[] {
  return named.map(([name, examples], index) =>
    production(
      schema,
      `${group}.${name}`,
      (item) => around(array(...replaced(usual, first + index, item))),
      examples,
    ),
  );
}

const replaced = (items: readonly string[], index: number, item: string): string[] =>
  items.map((other, at) => (at === index ? item : other));

const itself: Place = (item) => item;

// Both profiles: the parts. What comes before the cardinality differs.

interface PartForm {
  readonly schema: 'content-04/mimi-content' | 'content-08/mimi-content';
  readonly body: Place;
  /** Disposition, language, and in draft04 the part index. */
  readonly start: readonly string[];
  readonly url: Examples;
  readonly ending: readonly string[];
}

const form04: PartForm = {
  schema: 'content-04/mimi-content',
  body: (body) => message04({ body }),
  start: ['01', '60', '00'],
  url: { fits: ['d82060', 'd8206161'], not: ['60', 'd82160', 'd82040', '40', 'f6'] },
  ending: [],
};
const form08: PartForm = {
  schema: 'content-08/mimi-content',
  body: (body) => message08({ body }),
  start: ['01', '60'],
  url: { fits: text.fits, not: [...text.not, 'd82060'] },
  ending: ['60'],
};

/** The smallest part of each kind, as its items. */
function partsOf({ start, url, ending }: PartForm) {
  // The parts in it have the indices 1 and 2, in draft04.
  const inner = (index: string) =>
    array(...start.map((item, at) => (at === 2 ? index : item)), '00');
  const location = [url.fits[0] ?? '', '00', '00'];
  const encryption = ['00', '40', '40', '40'];
  return {
    NullPart: [...start, '00'],
    SinglePart: [...start, '01', '60', '40'],
    ExternalPart: [...start, '02', '60', ...location, ...encryption, '00', '40', '60', ...ending],
    MultiPart: [...start, '03', '00', array(inner('01'), inner('02'))],
  };
}

/** A production that these items fit, and others do not. */
function wholeParts(
  { schema, body }: PartForm,
  name: string,
  items: readonly string[],
  wrong: readonly (readonly string[])[],
): Production {
  const examples = { fits: [array(...items)], not: wrong.map((one) => array(...one)) };
  return production(schema, name, body, examples);
}

const shorterAndLonger = (items: readonly string[]): string[][] => [
  items.slice(0, -1),
  [...items, '60'],
];

function partProductions(form: PartForm): Production[] {
  return [
    ...nestedPartProductions(form),
    ...partGroups(form),
    ...partFields(form),
    ...partConstants(form),
  ];
}

function nestedPartProductions(form: PartForm): Production[] {
  const { schema, body } = form;
  const { NullPart } = partsOf(form);
  const disposed: Place = (item) => body(array(...replaced(NullPart, 0, item)));
  return [
    wholeParts(form, 'NestedPart', NullPart, [[], ['01'], ...shorterAndLonger(NullPart)]),
    production(schema, 'NestedPart.disposition', disposed, uint(1)),
    production(schema, 'baseDispos', disposed, {
      fits: ['00', '01', '02', '03', '04', '05', '06', '07', '08'],
      not: ['20', '6161', 'f6'],
    }),
    production(schema, 'unknownDispos', disposed, {
      fits: ['09', '1818', '18ff'],
      not: ['190100'],
    }),
    ...fields(schema, 'NestedPart', body, NullPart, [['language', text]], 1),
  ];
}

/** The kinds of parts, with too many and too few items, and with the cardinality of another kind. */
function partGroups(form: PartForm): Production[] {
  const at = form.start.length;
  return Object.entries(partsOf(form)).flatMap(([name, items]) => {
    const others = ['04', '60', name === 'SinglePart' ? '02' : '01'];
    return [
      wholeParts(form, name, items, shorterAndLonger(items)),
      wholeParts(
        form,
        `${name}.cardinality`,
        items,
        others.map((other) => replaced(items, at, other)),
      ),
    ];
  });
}

function partFields(form: PartForm): Production[] {
  const { schema, body, start, url, ending } = form;
  const { SinglePart, ExternalPart, MultiPart } = partsOf(form);
  const first = start.length + 1;
  const parts = MultiPart.at(-1) ?? '';
  const externalFields = [
    ['contentType', text],
    ['url', url],
    ['expires', uint(4)],
    ['size', uint(8)],
    ['encAlg', uint(2)],
    ['key', bytes],
    ['nonce', bytes],
    ['aad', bytes],
    ['hashAlg', uint(1)],
    ['contentHash', bytes],
    ['description', text],
    ...ending.map(() => ['filename', text] as const),
  ] as const;
  const singleFields = [
    ['contentType', text],
    ['content', bytes],
  ] as const;
  const multiFields = [
    ['partSemantics', { fits: ['00', '01', '02'], not: ['03', '20', '60', 'f6'] }],
    [
      'parts',
      { fits: [parts], not: ['80', array(array(...start, '00')), 'a0', array('00', '00')] },
    ],
  ] as const;
  return [
    ...fields(schema, 'SinglePart', body, SinglePart, singleFields, first),
    ...fields(schema, 'ExternalPart', body, ExternalPart, externalFields, first),
    ...fields(schema, 'MultiPart', body, MultiPart, multiFields, first),
  ];
}

/** The numbers with names: cardinalities, and what comes behind one. */
function partConstants(form: PartForm): Production[] {
  const { NullPart, SinglePart, ExternalPart, MultiPart } = partsOf(form);
  const at = form.start.length;
  const semantics = (number: string): string[] => replaced(MultiPart, at + 1, number);
  const constants = [
    ['nullpart', NullPart, at, '20'],
    ['single', SinglePart, at, '04'],
    ['external', ExternalPart, at, '03'],
    ['multi', MultiPart, at, '00'],
    ['chooseOne', semantics('00'), at + 1, '20'],
    ['singleUnit', semantics('01'), at + 1, '03'],
    ['processAll', semantics('02'), at + 1, 'f93c00'],
  ] as const;
  return constants.map(([name, items, place, wrong]) =>
    wholeParts(form, name, items, [replaced(items, place, wrong)]),
  );
}

// draft-ietf-mimi-content-04.

const content04 = 'content-04/mimi-content';
const null04 = '8401600000';
const message04Items = ['f6', '40', '00', 'f6', '80', 'a0', null04];
const id04Item = id04.fits[0] ?? '';
const reply04 = [id04Item, '01', id04Item];
const name: Examples = {
  fits: ['6161', `78ff${'61'.repeat(255)}`],
  not: ['60', `790100${'61'.repeat(256)}`, '01', '4161', 'f6'],
};

const productions04: readonly Production[] = [
  production(content04, 'mimiContent', itself, {
    fits: [array(...message04Items)],
    not: ['80', array(...message04Items.slice(1)), array(...message04Items, 'f6'), 'a0', 'f6'],
  }),
  ...fields(content04, 'mimiContent', itself, message04Items, [
    ['replaces', orNull(id04)],
    ['topicId', bytes],
    ['expires', uint(4)],
    ['inReplyTo', orNull({ fits: [array(...reply04)], not: [id04Item, '00'] })],
    ['lastSeen', arrayOf(id04Item, id04.not)],
    ['extensions', { fits: ['a0', 'a1616140'], not: ['80', 'f6', 'a10140', 'a1616160'] }],
    ['nestedPart', { fits: [null04], not: ['80', 'f6', 'a0', '83016000'] }],
  ]),
  production(content04, 'InReplyTo', (inReplyTo) => message04({ inReplyTo }), {
    fits: [array(...reply04)],
    not: [array(...reply04.slice(1)), array(...reply04, '00'), 'a0'],
  }),
  ...fields(content04, 'InReplyTo', (inReplyTo) => message04({ inReplyTo }), reply04, [
    ['message', id04],
    ['hashAlg', { fits: ['01', '0a'], not: ['00', '20', '60', '1bffffffffffffffff'] }],
    ['hash', { fits: [id04Item], not: ['40', `581f${zeros(31)}`, `7820${zeros(32)}`, 'f6'] }],
  ]),
  production(
    content04,
    'NestedPart.partIndex',
    (index) => message04({ body: array('01', '60', index, '00') }),
    {
      fits: ['00'],
      not: ['01', '20', '60', '1a00010000'],
    },
  ),
  production(content04, 'MessageId', (replaces) => message04({ replaces }), id04),
  production(content04, 'name', (key) => message04({ extensions: `a1${key}40` }), name),
  production(content04, 'value', (value) => message04({ extensions: `a16161${value}` }), {
    fits: ['40', `590fff${zeros(4095)}`],
    not: [`591000${zeros(4096)}`, '60', '00', 'f6'],
  }),
  ...partProductions(form04),
];

// draft-ietf-mimi-content-08.

const content08 = 'content-08/mimi-content';
const null08 = '83016000';
const message08Items = [`50${zeros(16)}`, 'f6', '40', 'f6', 'f6', 'a0', null08];
const expiration = ['f5', '00'];
const anything: Examples = {
  fits: [
    '00',
    '20',
    '40',
    '60',
    '80',
    'a0',
    'd8206161',
    'f4',
    'f6',
    'f93e00',
    '1bffffffffffffffff',
    'a1410000',
  ],
  not: ['f7', 'e0', '61ff', 'f97e01', '81818180', 'a1f600', 'c26161'],
};

const productions08: readonly Production[] = [
  production(content08, 'mimiContent', itself, {
    fits: [array(...message08Items)],
    not: ['80', array(...message08Items.slice(1)), array(...message08Items, 'f6'), 'a0', 'f6'],
  }),
  ...fields(content08, 'mimiContent', itself, message08Items, [
    [
      'salt',
      {
        fits: [`50${zeros(16)}`],
        not: [`4f${zeros(15)}`, `51${zeros(17)}`, '40', 'f6', `70${zeros(16)}`],
      },
    ],
    ['replaces', orNull(id08)],
    ['topicId', bytes],
    ['expires', orNull({ fits: [array(...expiration)], not: ['00', '1a6553f100'] })],
    ['inReplyTo', orNull(id08)],
    ['mimiExtensions', { fits: ['a0', 'a1036161'], not: ['80', 'f6', 'a140f6'] }],
    ['nestedPart', { fits: [null08], not: ['80', 'f6', 'a0', null04] }],
  ]),
  production(content08, 'Expiration', (expires) => message08({ expires }), {
    fits: [array(...expiration)],
    not: ['80', array('f5'), array('f5', '00', '00'), 'a0'],
  }),
  ...fields(content08, 'Expiration', (expires) => message08({ expires }), expiration, [
    ['relative', flag],
  ]),
  production(
    content08,
    'Expiration.time',
    (time) => message08({ expires: array('f4', time) }),
    uint(4),
  ),
  production(content08, 'MessageId', (replaces) => message08({ replaces }), id08),
  production(content08, 'extensions', (extensions) => message08({ extensions }), {
    fits: ['a0', 'a1016161', 'a1026161', 'a3016161026161036161'],
    not: ['80', 'a10100', 'a10240', 'a201616102f6'],
  }),
  production(
    content08,
    'extensions.senderUri',
    (uri) => message08({ extensions: `a101${uri}` }),
    text,
  ),
  production(
    content08,
    'extensions.roomUri',
    (uri) => message08({ extensions: `a102${uri}` }),
    text,
  ),
  production(content08, 'unknownExtension', (extensions) => message08({ extensions }), {
    fits: ['a120f6', 'a1617800', 'a1190100a0'],
    not: ['a1f600', 'a1410000', 'a120f7'],
  }),
  production(content08, 'name', (key) => message08({ extensions: `a1${key}00` }), {
    fits: ['03', '20', '1b001fffffffffffff', ...name.fits],
    not: [
      ...name.not.filter((key) => key !== '01'),
      '1b0020000000000000',
      'f93c00',
      '80',
      'c24103',
    ],
  }),
  production(content08, 'value', (value) => message08({ extensions: `a120${value}` }), anything),
  ...partProductions(form08),
];

// Reports: of the two drafts, in draft04 and in draft08 rooms.

const status: Examples = uint(1);
const named: Examples = {
  fits: ['00', '01', '02', '03', '04', '05', '06'],
  not: ['20', '60', 'f6'],
};
const unknown: Examples = { fits: ['07', '1818', '18ff'], not: ['190100'] };

function reportProductions(
  schema: 'content-04/delivery-report' | 'status-01/status',
  report: (statuses: string) => string,
  id: Examples,
): Production[] {
  const one = [id.fits[0] ?? '', '00'];
  const around: Place = (pair) => report(array(pair));
  const place: Place = (item) => around(array(one[0] ?? '', item));
  return [
    production(schema, 'PerMessageStatus', around, {
      fits: [array(...one)],
      not: ['80', array(...one.slice(1)), array(...one, '00'), 'a0'],
    }),
    ...fields(schema, 'PerMessageStatus', around, one, [
      ['messageId', id],
      ['status', status],
    ]),
    production(schema, 'baseStatus', place, named),
    production(schema, 'unknownStatus', place, unknown),
    production(schema, 'MessageId', (item) => around(array(item, '00')), id),
  ];
}

const report04 = 'content-04/delivery-report';
const timestamp: Examples = {
  fits: ['d83e00', 'd83e1b0000017ed9f6d31b', 'd83e1bffffffffffffffff'],
  not: ['00', 'd83f00', 'd83e20', 'd83e60', 'f6'],
};
const statuses = (id: Examples): Examples => ({
  fits: ['80', array(array(id.fits[0] ?? '', '00'))],
  not: ['f6', 'a0', array('00')],
});

const productionsOfReports: readonly Production[] = [
  production(report04, 'MessageStatusReport', itself, {
    fits: [array('d83e00', '80')],
    not: ['80', array('d83e00'), array('d83e00', '80', '80'), 'a0'],
  }),
  ...fields(
    report04,
    'MessageStatusReport',
    itself,
    ['d83e00', '80'],
    [
      ['timestamp', timestamp],
      ['statuses', statuses(id04)],
    ],
  ),
  production(report04, 'Timestamp', (time) => array(time, '80'), timestamp),
  ...reportProductions(report04, (list) => array('d83e00', list), id04),
  production('status-01/status', 'MessageStatusReport', itself, statuses(id08)),
  ...reportProductions('status-01/status', itself, id08),
];

export const productions: readonly Production[] = [
  ...productions04,
  ...productions08,
  ...productionsOfReports,
];
