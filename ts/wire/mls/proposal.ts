// Proposal: RFC 9420, 12.1; app_data_update, app_ephemeral and self_remove: draft-ietf-mls-extensions.

import { enumTable } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { delimitExtensions } from './extension.ts';
import { isOpaqueType } from './extension_types.ts';
import { readKeyPackage } from './key_package.ts';
import { readLeafNode } from './leaf_node.ts';
import { skipPreSharedKeyId } from './psk.ts';

/** ProposalType values: RFC 9420, 17.4, and the code points of draft-ietf-mls-extensions. */
export const proposalTypes = {
  add: 1,
  update: 2,
  remove: 3,
  psk: 4,
  reinit: 5,
  externalInit: 6,
  groupContextExtensions: 7,
  appDataUpdate: 8,
  appEphemeral: 9,
  selfRemove: 10,
} as const;

/** AppDataUpdateOperation (draft-ietf-mls-extensions, "AppDataUpdate"). */
const appDataOperation = enumTable({ update: 1, remove: 2 });

/**
 * Steps over a proposal and gives its type. Throws `undelimitable` for a type that is neither listed
 * above nor GREASE or private use (which are taken as one `opaque<V>`).
 */
export function skipProposal(reader: Reader): number {
  const type = reader.u16('proposalType');
  switch (type) {
    case proposalTypes.add:
      reader.struct('keyPackage', readKeyPackage);
      break;
    case proposalTypes.update:
      reader.struct('leafNode', readLeafNode);
      break;
    case proposalTypes.remove:
      reader.u32('removed');
      break;
    case proposalTypes.psk:
      reader.struct('psk', skipPreSharedKeyId);
      break;
    case proposalTypes.reinit:
      reader.skipOpaque('groupId');
      reader.u16('version');
      reader.u16('cipherSuite');
      delimitExtensions(reader);
      break;
    case proposalTypes.externalInit:
      reader.skipOpaque('kemOutput');
      break;
    case proposalTypes.groupContextExtensions:
      delimitExtensions(reader);
      break;
    case proposalTypes.appDataUpdate:
      reader.u16('componentId');
      if (reader.enum8(appDataOperation, 'operation') === 'update') reader.skipOpaque('update');
      break;
    case proposalTypes.appEphemeral:
      reader.u16('componentId');
      reader.skipOpaque('data');
      break;
    case proposalTypes.selfRemove:
      break;
    default:
      if (!isOpaqueType(type)) {
        const what = `Proposal type ${type} is not known.`;
        throw reader.error('undelimitable', what, 'proposalType', reader.offset - 2);
      }
      reader.skipOpaque('proposal');
  }
  return type;
}
