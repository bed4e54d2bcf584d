// Samples of what franking and reports put on the wire, octet by octet.

import * as wire from '../../../../ts/wire/index.ts';
import { hex } from './bytes.ts';
import * as mls from './mls_samples.ts';
import { a, aHex, frank, frankHex, sample } from './sample.ts';

sample<readonly wire.SafeAadItem[]>(
  'SafeAAD',
  wire.encodeSafeAad,
  wire.decodeSafeAad,
  [
    { id: 0x20, data: hex('aa') },
    { id: 0xf0e7, data: hex('') },
  ],
  '07 0020 01aa f0e7 00',
);
sample<wire.AbuseReport>(
  'AbuseReport',
  wire.encodeAbuseReport,
  wire.decodeAbuseReport,
  {
    reportingUser: a,
    allegedAbuserUri: a,
    reasonCode: 7,
    note: 'no',
    messages: [{ messageContent: hex('c0de'), frank, acceptedTimestamp: 1n }],
    extensions: [{ id: 0xf0e0, data: hex('bb') }],
  },
  `${aHex} ${aHex} 07 02 6e6f 2f 02c0de ${frankHex} 0000000000000001 04 f0e0 01bb`,
);
sample('ModeReport', wire.encodeModeReport, wire.decodeModeReport, hex('5ea1ed'), 'e0e5 03 5ea1ed');
sample<wire.ProvenReport>(
  'ProvenReport',
  wire.encodeProvenReport,
  wire.decodeProvenReport,
  { epoch: 3n, report: hex('aa'), proof: hex('bbbb') },
  '0000000000000003 01aa 02bbbb',
);
sample<wire.ModeMessage>(
  'ModeMessage',
  wire.encodeModeMessage,
  wire.decodeModeMessage,
  {
    request: { protocol: 'mls10', appMessage: mls.applicationView(), sendingUri: a },
    frank: { keyId: hex('22'.repeat(8)), blind: hex('33'.repeat(32)) },
    proof: hex('44'),
  },
  `e0e4 01 ${mls.application} ${aHex} 01 ${'22'.repeat(8)} ${'33'.repeat(32)} 01 44`,
);
