// MLSMessage: RFC 9420, 6. It carries no length of its own; this finds its end and its clear fields.

import { enumTable, type NameOf } from '../codec/enum.ts';
import { Reader, type WireLimits } from '../codec/reader.ts';
import { treeDecoder } from '../codec/struct.ts';
import { Writer } from '../codec/writer.ts';
import {
  type PrivateMessageFields,
  type PublicMessageFields,
  readPrivateMessage,
  readPublicMessage,
} from './framing.ts';
import { type GroupInfoView, readGroupInfo } from './group_info.ts';
import { type KeyPackageView, readKeyPackage } from './key_package.ts';
import { MLS10, readVersion } from './version.ts';
import { readWelcome, type WelcomeView } from './welcome.ts';

/** WireFormat (RFC 9420, 6). */
const wireFormats = enumTable({
  publicMessage: 1,
  privateMessage: 2,
  welcome: 3,
  groupInfo: 4,
  keyPackage: 5,
});

type WireFormat = NameOf<typeof wireFormats>;

interface Whole<Format extends WireFormat> {
  readonly wireFormat: Format;
  /** The whole MLSMessage, as received. */
  readonly bytes: Uint8Array;
}

export type PublicMessageView = Whole<'publicMessage'> & PublicMessageFields;
export type PrivateMessageView = Whole<'privateMessage'> & PrivateMessageFields;
/** `welcome.bytes` is the Welcome without the header of the MLSMessage. */
export type WelcomeMessageView = Whole<'welcome'> & {
  readonly welcome: WelcomeView;
  readonly suite: number;
  /** KeyPackageRefs. */
  readonly newMembers: Uint8Array[];
};
/** `groupInfo.bytes` is the GroupInfo without the header of the MLSMessage. */
export type GroupInfoMessageView = Whole<'groupInfo'> & {
  readonly groupInfo: GroupInfoView;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
};
/** `keyPackage.bytes` is the KeyPackage without the header of the MLSMessage. */
export type KeyPackageMessageView = Whole<'keyPackage'> & { readonly keyPackage: KeyPackageView };

/** An MLSMessage: its bytes, and what can be read of it without a key. Nothing is verified. */
export type MlsMessageView =
  | PublicMessageView
  | PrivateMessageView
  | WelcomeMessageView
  | GroupInfoMessageView
  | KeyPackageMessageView;

/** A proposal or commit, in the clear or encrypted. */
export type HandshakeView = PublicMessageView | PrivateMessageView;

export function readMlsMessage(reader: Reader): MlsMessageView {
  const start = reader.offset;
  readVersion(reader);
  const wireFormat = reader.enum16(wireFormats, 'wireFormat');
  switch (wireFormat) {
    case 'privateMessage': {
      const { groupId, epoch, contentType, authenticatedData } = readPrivateMessage(reader);
      const bytes = reader.since(start);
      return { wireFormat, bytes, groupId, epoch, contentType, authenticatedData };
    }
    case 'publicMessage': {
      const fields = reader.struct('publicMessage', readPublicMessage);
      return { wireFormat, bytes: reader.since(start), ...fields };
    }
    case 'welcome': {
      const welcome = reader.struct('welcome', readWelcome);
      const { suite, newMembers } = welcome;
      return { wireFormat, bytes: reader.since(start), welcome, suite, newMembers };
    }
    case 'groupInfo': {
      const groupInfo = reader.struct('groupInfo', readGroupInfo);
      const { groupId, epoch } = groupInfo;
      return { wireFormat, bytes: reader.since(start), groupInfo, groupId, epoch };
    }
    case 'keyPackage': {
      const keyPackage = reader.struct('keyPackage', readKeyPackage);
      return { wireFormat, bytes: reader.since(start), keyPackage };
    }
  }
}

/** Writes the message as it was received; the view was made by a decoder, so it is not read again. */
export function writeMlsMessage(writer: Writer, value: MlsMessageView): void {
  writer.raw(value.bytes);
}

/** Reads one MLSMessage of any wire format of RFC 9420. Another, such as SemiPrivateMessage, is `unknownValue`. */
export const decodeMlsMessage = treeDecoder(readMlsMessage);

/**
 * The clear fields of a PrivateMessage, by the shortest way: for the path of application messages.
 * Throws `wrongContent` for any other wire format.
 */
export function mlsMessageHeader(bytes: Uint8Array, limits?: WireLimits): PrivateMessageFields {
  const reader = new Reader(bytes, limits);
  readVersion(reader);
  const wireFormat = reader.enum16(wireFormats, 'wireFormat');
  if (wireFormat !== 'privateMessage') {
    const what = `A privateMessage is expected, not a ${wireFormat}.`;
    throw reader.error('wrongContent', what, 'wireFormat', 2);
  }
  const fields = readPrivateMessage(reader);
  reader.finish();
  return fields;
}

/** Puts the header of an MLSMessage before a Welcome, GroupInfo or KeyPackage. */
export function toMlsMessage(
  wireFormat: 'welcome' | 'groupInfo' | 'keyPackage',
  struct: Uint8Array,
): Uint8Array {
  const writer = new Writer();
  writer.u16(MLS10, 'version');
  writer.u16(wireFormats.values[wireFormat], 'wireFormat');
  writer.raw(struct);
  return writer.finish();
}
