// What is read of MLS messages (RFC 9420): the working group's vectors, then every branch by hand.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  decodeCapabilities,
  decodeCredential,
  decodeExtensions,
  decodeGroupInfo,
  decodeKeyPackage,
  decodeLeafNode,
  decodeMlsMessage,
  decodeWelcome,
  encodeCredential,
  mlsMessageHeader,
  Reader,
  toMlsMessage,
} from '../../../ts/wire/index.ts';
import { skipCommit } from '../../../ts/wire/mls/commit.ts';
import { skipProposal } from '../../../ts/wire/mls/proposal.ts';
import { concat, hex, toHex, utf8Hex } from './support/bytes.ts';
import * as mls from './support/mls_samples.ts';
import { refusal } from './support/refusal.ts';

function vectorFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../vectors/mls/${name}`, import.meta.url), 'utf8'));
}

const messages = vectorFile('messages.json') as Record<string, string>[];
const epoch = vectorFile('passive-client-random-epoch.json') as {
  proposals: string[];
  commit: string;
};

function bytesOf(entry: Record<string, string>, name: string): Uint8Array {
  return hex(entry[name] as string);
}

/** Asserts that `skip` consumes all of it, and none of its prefixes. */
function expectDelimited(bytes: Uint8Array, skip: (reader: Reader) => unknown): void {
  const reader = new Reader(concat(bytes, hex('ff')));
  skip(reader);
  expect(reader.offset).toBe(bytes.length);
  for (let length = 0; length < bytes.length; length++) {
    expect(refusal(() => skip(new Reader(bytes.subarray(0, length)))).code).toBe('truncated');
  }
}

describe.each(messages.map((entry, index) => ({ entry, index })))(
  "entry $index of the working group's messages",
  ({ entry }) => {
    const wireFormats = {
      mls_welcome: 'welcome',
      mls_group_info: 'groupInfo',
      mls_key_package: 'keyPackage',
      public_message_application: 'publicMessage',
      public_message_proposal: 'publicMessage',
      public_message_commit: 'publicMessage',
      private_message: 'privateMessage',
    };

    it.each(Object.entries(wireFormats))('%s is delimited as %s', (name, wireFormat) => {
      const bytes = bytesOf(entry, name);
      const view = decodeMlsMessage(bytes);
      expect(view.wireFormat).toBe(wireFormat);
      expect(view.bytes).toEqual(bytes);
      const trailing = refusal(() => decodeMlsMessage(concat(bytes, hex('00'))));
      expect(trailing.code).toBe('trailingBytes');
      for (let length = 0; length < bytes.length; length++) {
        const error = refusal(() => decodeMlsMessage(bytes.subarray(0, length)));
        expect(error.code).toBe('truncated');
      }
    });

    it('the key package shows its leaf', () => {
      const view = decodeKeyPackage(bytesOf(entry, 'mls_key_package').subarray(4));
      expect(view.version).toBe(1);
      expect(view.credential.type).toBe(1);
      expect(new TextDecoder().decode(view.credential.bytes)).toBe('Alice');
      // 84 days and an hour, as the entries of all suites have it
      expect(view.lifetime.notAfter - view.lifetime.notBefore).toBe(7_261_200n);
      expect(decodeCapabilities(view.leafNode.capabilities).versions).toEqual([1]);
      expect(decodeExtensions(view.leafNode.extensions)).toEqual([]);
    });

    it('the GroupInfo shows its tree as the ratchet_tree extension', () => {
      const view = decodeGroupInfo(bytesOf(entry, 'mls_group_info').subarray(4));
      const extensions = decodeExtensions(view.extensions);
      expect(extensions.map((extension) => extension.type)).toEqual([2, 4]);
      expect(toHex(extensions[0]?.data as Uint8Array)).toBe(entry.ratchet_tree);
      expect(view.epoch).toBe(0n);
      expect(view.groupId.length).toBe(16);
      expect(view.treeHash.length).toBe(32);
      expect(view.signer).toBe(0);
    });

    it('the Welcome names its one new member', () => {
      const view = decodeWelcome(bytesOf(entry, 'mls_welcome').subarray(4));
      expect(view.newMembers.map((ref) => ref.length)).toEqual([32]);
    });

    it.each([
      ['add_proposal', '0001'],
      ['update_proposal', '0002'],
      ['remove_proposal', '0003'],
      ['pre_shared_key_proposal', '0004'],
      ['re_init_proposal', '0005'],
      ['external_init_proposal', '0006'],
      ['group_context_extensions_proposal', '0007'],
    ])('%s is delimited as proposal type %s', (name, type) => {
      expectDelimited(concat(hex(type), bytesOf(entry, name)), skipProposal);
    });

    it('the commit is delimited', () => {
      expectDelimited(bytesOf(entry, 'commit'), skipCommit);
    });
  },
);

describe("an epoch of the working group's random group", () => {
  it('is three proposals by members and the commit that refers to them', () => {
    const views = [...epoch.proposals, epoch.commit].map((text) => decodeMlsMessage(hex(text)));
    const contents = views.map((view) =>
      view.wireFormat === 'publicMessage' ? [view.contentType, view.sender.type] : [],
    );
    expect(contents).toEqual([
      ['proposal', 'member'],
      ['proposal', 'member'],
      ['proposal', 'member'],
      ['commit', 'member'],
    ]);
    const [first, last] = [views[0], views[3]];
    if (first?.wireFormat !== 'publicMessage' || last?.wireFormat !== 'publicMessage') {
      throw new Error('The contents were just compared.');
    }
    expect(first.epoch).toBe(last.epoch);
    expect(last.confirmationTag?.length).toBe(32);
  });
});

describe('MLSMessage', () => {
  it('shows the clear fields of a PrivateMessage', () => {
    const bytes = hex(mls.application);
    const fields = {
      groupId: hex('67'),
      epoch: 5n,
      contentType: 'application',
      authenticatedData: hex('a1'),
    };
    expect(decodeMlsMessage(bytes)).toStrictEqual({
      wireFormat: 'privateMessage',
      bytes,
      ...fields,
    });
    expect(mlsMessageHeader(bytes)).toStrictEqual(fields);
  });

  it.each([
    ['member', mls.commit, { type: 'member', leafIndex: 3 }],
    ['external', mls.externalRemove, { type: 'external', index: 0 }],
    [
      'new member proposing',
      mls.externalRemove.replace('02 00000000 00 02 0003', '03 00 02 0003'),
      { type: 'newMemberProposal' },
    ],
    [
      'new member committing',
      mls.commit.replace('01 00000003 00', '04 00').replace(/01e3$/, ''),
      { type: 'newMemberCommit' },
    ],
  ])('shows the sender of a PublicMessage: %s', (_, text, sender) => {
    const view = decodeMlsMessage(hex(text));
    expect(view.wireFormat === 'publicMessage' && view.sender).toEqual(sender);
  });

  it('shows the confirmation tag of a commit and the type of a proposal', () => {
    expect(mls.handshakeView(mls.commit)).toMatchObject({ confirmationTag: hex('e2') });
    expect(mls.handshakeView(mls.selfRemove)).toMatchObject({ proposalType: 10 });
  });

  it('is made of a Welcome, GroupInfo or KeyPackage by its header', () => {
    expect(toMlsMessage('welcome', hex(mls.welcome))).toEqual(hex(mls.welcomeMessage));
    expect(toMlsMessage('groupInfo', hex(mls.groupInfo))).toEqual(hex(mls.groupInfoMessage));
    expect(toMlsMessage('keyPackage', hex(mls.keyPackage))).toEqual(hex(mls.keyPackageMessage));
  });

  it.each([
    ['another version', '0002 0002', 'unsupportedVersion', '/version'],
    ['wire format 0', '0001 0000', 'unknownValue', '/wireFormat'],
    ['wire format 6', '0001 0006', 'unknownValue', '/wireFormat'],
    ['content type 0', '0001 0002 0167 0000000000000005 00', 'unknownValue', '/contentType'],
    ['content type 4', '0001 0002 0167 0000000000000005 04', 'unknownValue', '/contentType'],
    [
      'sender type 5',
      '0001 0001 0167 0000000000000005 05',
      'unknownValue',
      '/publicMessage/sender/senderType',
    ],
    [
      'a key package of another version',
      '0001 0005 0002',
      'unsupportedVersion',
      '/keyPackage/version',
    ],
  ])('is refused with %s', (_, text, code, path) => {
    const error = refusal(() => decodeMlsMessage(concat(hex(text), new Uint8Array(64))));
    expect([error.code, error.details.path]).toEqual([code, path]);
  });

  it('gives its header only for a PrivateMessage', () => {
    expect(refusal(() => mlsMessageHeader(hex(mls.commit))).code).toBe('wrongContent');
    const trailing = refusal(() => mlsMessageHeader(hex(`${mls.application} 00`)));
    expect(trailing.code).toBe('trailingBytes');
  });
});

describe('proposals', () => {
  it.each([
    ['AppDataUpdate that updates', '0008 0022 01 02aabb'],
    ['AppDataUpdate that removes', '0008 0022 02'],
    ['AppEphemeral', '0009 0020 02aabb'],
    ['SelfRemove', '000a'],
    ['GREASE', '0a0a 02aabb'],
    ['private use', 'f123 02aabb'],
    ['PSK of a resumption', '0004 02 01 0167 0000000000000001 01aa'],
    ['PSK of an application component', '0004 03 0020 01bb 01aa'],
  ])('%s is delimited', (_, text) => {
    expectDelimited(hex(text), skipProposal);
  });

  it.each([
    ['an unknown type', '0010 02aabb', 'undelimitable', '/proposalType'],
    ['type 0', '0000', 'undelimitable', '/proposalType'],
    ['an unknown operation on application data', '0008 0022 03', 'unknownValue', '/operation'],
    ['an unknown PSK type', '0004 04', 'unknownValue', '/psk/pskType'],
    ['an unknown resumption usage', '0004 02 04', 'unknownValue', '/psk/usage'],
  ])('%s is refused', (_, text, code, path) => {
    const error = refusal(() => skipProposal(new Reader(hex(text))));
    expect([error.code, error.details.path]).toEqual([code, path]);
  });

  it('a commit names the proposal that is at fault', () => {
    const text = '06 02 01f1 01 0010'; // the second entry is a proposal of unknown type
    const error = refusal(() => skipCommit(new Reader(hex(text))));
    expect([error.code, error.details.path]).toEqual([
      'undelimitable',
      '/proposals/1/proposal/proposalType',
    ]);
    expect(refusal(() => skipCommit(new Reader(hex('02 0301')))).code).toBe('unknownValue');
    expect(refusal(() => skipCommit(new Reader(hex('00 02')))).code).toBe('invalidPresence');
  });
});

describe('leaves and credentials', () => {
  const { leafNode } = mls;
  const keyPackageSource = '01 0000000000000001 0000000000000002';

  it('a leaf shows where it comes from', () => {
    expect(decodeLeafNode(hex(leafNode))).toMatchObject({
      source: 'keyPackage',
      lifetime: { notBefore: 1n, notAfter: 2n },
    });
    expect(decodeLeafNode(hex(leafNode.replace(keyPackageSource, '02')))).toMatchObject({
      source: 'update',
    });
    expect(decodeLeafNode(hex(leafNode.replace(keyPackageSource, '03 01fa')))).toMatchObject({
      source: 'commit',
      parentHash: hex('fa'),
    });
  });

  it('a leaf of an unknown source is refused', () => {
    for (const source of ['00', '04', 'ff']) {
      const error = refusal(() => decodeLeafNode(hex(leafNode.replace(keyPackageSource, source))));
      expect([error.code, error.details.path]).toEqual(['unknownValue', '/leafNodeSource']);
    }
  });

  it('a key package with a leaf that is not of a key package is refused', () => {
    const text = mls.keyPackage.replace(keyPackageSource, '02');
    const error = refusal(() => decodeKeyPackage(hex(text)));
    expect([error.code, error.details.path]).toEqual(['wrongContent', '/leafNode']);
  });

  it('a credential of a type without known grammar is neither read nor written', () => {
    for (const type of [0, 3, 0x1234, 0xefff]) {
      const head = type.toString(16).padStart(4, '0');
      expect(refusal(() => decodeCredential(hex(`${head} 00`))).code).toBe('undelimitable');
      const value = { type, bytes: new Uint8Array(0) };
      expect(refusal(() => encodeCredential(value)).code).toBe('unencodable');
    }
  });

  it('a credential of GREASE or private use is one opaque vector', () => {
    for (const type of [0x0a0a, 0x7a7a, 0xeaea, 0xf000, 0xffff]) {
      const head = type.toString(16).padStart(4, '0');
      expect(decodeCredential(hex(`${head} 0161`))).toEqual({ type, bytes: hex('61') });
    }
  });

  it('a certificate that runs over the end of its chain is refused', () => {
    const error = refusal(() => decodeCredential(hex('0002 02 02c1 c2')));
    expect([error.code, error.details.path]).toEqual(['truncated', '/certificates/certificate']);
  });

  it('an identity may hold any bytes', () => {
    const bytes = hex(utf8Hex('mimi://a/u/al'));
    expect(decodeCredential(encodeCredential({ type: 1, bytes }))).toEqual({ type: 1, bytes });
  });
});
