// PreSharedKeyID: RFC 9420, 8.4; PSKType application: draft-ietf-mls-extensions, "Pre-Shared Keys (PSKs)".

import { enumTable } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';

const pskType = enumTable({ external: 1, resumption: 2, application: 3 });
const resumptionUsage = enumTable({ application: 1, reinit: 2, branch: 3 });

export function skipPreSharedKeyId(reader: Reader): void {
  switch (reader.enum8(pskType, 'pskType')) {
    case 'external':
      reader.skipOpaque('pskId');
      break;
    case 'resumption':
      reader.enum8(resumptionUsage, 'usage');
      reader.skipOpaque('pskGroupId');
      reader.u64('pskEpoch');
      break;
    case 'application':
      reader.u16('componentId');
      reader.skipOpaque('pskId');
      break;
  }
  reader.skipOpaque('pskNonce');
}
