// The removal of a leaf that the hub proposes as an external sender: RFC 9420, sections 6.1, 6.2 and 12.1.8.1. Written
// here, since OpenMLS gives external proposals no authenticated data, which rooms with Safe AAD ask for
// (draft-ietf-mls-extensions, "Safe Additional Authenticated Data (AAD)").

import { type CipherSuite, signWithLabel } from '../../mls/index.ts';
import { SAFE_AAD } from '../../room/index.ts';
import { encodeSafeAad, Writer } from '../../wire/index.ts';
import { concat } from '../bytes.ts';

const MLS10 = 1;
const PUBLIC_MESSAGE = 1;
const EXTERNAL = 2;
const PROPOSAL = 2;
const REMOVE = 3;
/** The hub is the first external sender of a room. */
const HUB_INDEX = 0;

/** The group of the room. */
export interface RemovalGroup {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  component(id: number): Uint8Array | undefined;
}

/** The MLSMessage of a Remove by the hub, signed by its key of the room's suite. */
export function externalRemoval(
  group: RemovalGroup,
  privateKey: Uint8Array,
  leafIndex: number,
): Uint8Array {
  const safe = group.component(SAFE_AAD) !== undefined;
  const writer = new Writer();
  writer.u16(MLS10, 'version');
  writer.u16(PUBLIC_MESSAGE, 'wire_format');
  writer.opaque(group.groupId, 'group_id');
  writer.u64(group.epoch, 'epoch');
  writer.u8(EXTERNAL, 'sender_type');
  writer.u32(HUB_INDEX, 'sender_index');
  writer.opaque(safe ? encodeSafeAad([]) : new Uint8Array(), 'authenticated_data');
  writer.u8(PROPOSAL, 'content_type');
  writer.u16(REMOVE, 'proposal_type');
  writer.u32(leafIndex, 'removed');
  const content = writer.finish();
  // Of an external sender the context of the group is not signed.
  const signature = new Writer();
  signature.opaque(
    signWithLabel(group.suite, privateKey, 'FramedContentTBS', content),
    'signature',
  );
  return concat([content, signature.finish()]);
}
