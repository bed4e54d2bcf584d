// Of what values mean: rules C7, C8 and C10.

import {
  type ContentCase,
  c,
  d4,
  d8,
  external08,
  id04,
  message04,
  message08,
  multi08,
  null04,
  null08,
  single04,
  zeros,
} from './build.ts';

export const valuesCases: Readonly<Record<'C7' | 'C8' | 'C10', readonly ContentCase[]>> = {
  C7: [
    c('processAll', d8, message08({ body: multi08([null08, null08], '02') })),
    c(
      'part semantics 3',
      d8,
      message08({ body: multi08([null08, null08], '03') }),
      'unknownSemantics',
      '/6/partSemantics',
    ),
    c(
      'part semantics of 64 bits',
      d8,
      message08({ body: multi08([null08, null08], '1bffffffffffffffff') }),
      'unknownSemantics',
      '/6/partSemantics',
    ),
    c('cardinality 4', d8, message08({ body: '83016004' }), 'unknownCardinality', '/6/cardinality'),
    c(
      'cardinality 4',
      d4,
      message04({ body: '8401600004' }),
      'unknownCardinality',
      '/6/cardinality',
    ),
    c('an unknown disposition', d8, message08({ body: '8318636000' })),
    c('an unknown AEAD', d8, message08({ body: external08({ encAlg: '19ffff' }) })),
    c('an unknown content type', d8, message08({ body: '8501600163782f7940' })),
    c('a language that is none', d8, message08({ body: '83016321212100' })),
  ],
  C8: [
    c('an id of SHA-384', d8, message08({ replaces: `582007${zeros(31)}` }), 'unknownHash', '/1'),
    c('an id of no hash', d8, message08({ inReplyTo: `582000${zeros(31)}` }), 'unknownHash', '/4'),
    c('any id', d4, message04({ replaces: `5820${'ff'.repeat(32)}` })),
    c(
      'a reply without a hash',
      d4,
      message04({ inReplyTo: `83${id04}0040` }),
      'unknownHash',
      '/3/hashAlg',
    ),
    c(
      'a reply with an unknown hash',
      d4,
      message04({ inReplyTo: `83${id04}1863${id04}` }),
      'unknownHash',
      '/3/hashAlg',
    ),
    c(
      'a reply with a hash of 64 bits',
      d4,
      message04({ inReplyTo: `83${id04}1bffffffffffffffff${id04}` }),
      'unknownHash',
      '/3/hashAlg',
    ),
    c(
      'a reply with a short hash',
      d4,
      message04({ inReplyTo: `83${id04}0141ff` }),
      'hashLength',
      '/3/hash',
    ),
    c('a reply with SHA-512', d4, message04({ inReplyTo: `83${id04}085840${zeros(64)}` })),
  ],
  C10: [
    c(
      'indices depth first',
      d4,
      message04({ body: `86016000030082${single04('01')}${null04('02')}` }),
    ),
    c(
      'an index that begins with 1',
      d4,
      message04({ body: null04('01') }),
      'wrongPartIndex',
      '/6/partIndex',
    ),
    c(
      'an index twice',
      d4,
      message04({ body: `86016000030082${null04('01')}${null04('01')}` }),
      'wrongPartIndex',
      '/6/1/partIndex',
    ),
    c(
      'an index left out',
      d4,
      message04({ body: `86016000030082${null04('01')}${null04('03')}` }),
      'wrongPartIndex',
      '/6/1/partIndex',
    ),
    c('the sender it is of', d8, message08({ extensions: 'a1016161' }), undefined, undefined, {
      sender: 'a',
    }),
    c('another sender', d8, message08({ extensions: 'a1016161' }), 'wrongSender', '/5/1', {
      sender: 'b',
    }),
    c('no sender', d8, message08(), undefined, undefined, { sender: 'b', room: 'r' }),
    c('the room it is in', d8, message08({ extensions: 'a1026172' }), undefined, undefined, {
      room: 'r',
    }),
    c('another room', d8, message08({ extensions: 'a1026172' }), 'wrongRoom', '/5/2', {
      room: 'other',
    }),
  ],
};
