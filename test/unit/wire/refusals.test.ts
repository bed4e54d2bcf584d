// What each struct refuses though its syntax holds: values that no enum has, and contents out of place.

import { describe, expect, it } from 'vitest';
import * as wire from '../../../ts/wire/index.ts';
import { concat, hex, utf8Hex } from './support/bytes.ts';
import * as mls from './support/mls_samples.ts';
import { refusal } from './support/refusal.ts';
import { keyMaterialRequest } from './support/samples.ts';

const uri = `0d${utf8Hex('mimi://a/u/al')}`;
/** Enough bytes that the refusal is for the value and not for what is missing after it. */
const padding = new Uint8Array(200);

describe('an enumerated octet that the struct does not define is refused', () => {
  it.each<[string, (bytes: Uint8Array) => unknown, string, number[], string]>([
    ['KeyMaterialUserCode', wire.decodeKeyMaterialResponse, '01', [8, 255], '/userStatus'],
    [
      'KeyMaterialClientCode',
      wire.decodeKeyMaterialResponse,
      `01 00 ${uri} 3f`,
      [3, 255],
      '/clients/0/clientStatus',
    ],
    ['UpdateResponseCode', wire.decodeUpdateRoomResponse, '', [4, 255], '/responseCode'],
    ['SubmitResponseCode', wire.decodeSubmitMessageResponse, '01', [3, 255], '/statusCode'],
    ['GroupInfoCode', wire.decodeGroupInfoResponse, '01 00', [0, 4, 255], '/status'],
    ['RatchetTreeRepresentation', wire.decodeRatchetTreeOption, '', [0, 5, 255], '/representation'],
    ['ConsentOperation', wire.decodeLocalConsent, '', [0, 1, 4, 255], '/operation'],
    [
      'GroupInfoRepresentation',
      wire.decodeUpdateRequest,
      `${mls.commit} 00`,
      [0, 3, 255],
      '/groupInfoOption/representation',
    ],
    [
      'RatchetTreePresence',
      wire.decodeGroupInfoOption,
      '02',
      [4, 255],
      '/partialGroupInfo/ratchetTreePresence',
    ],
  ])('%s', (_, decode, before, values, path) => {
    for (const value of values) {
      const error = refusal(() => decode(concat(hex(before), Uint8Array.of(value), padding)));
      expect([error.code, error.details.path]).toEqual(['unknownValue', path]);
      expect(error.details.offset).toBe(hex(before).length);
    }
  });
});

describe('another protocol than MLS 1.0 is refused', () => {
  it.each([
    ['KeyMaterialRequest', wire.decodeKeyMaterialRequest],
    ['KeyMaterialResponse', wire.decodeKeyMaterialResponse],
    ['SubmitMessageRequest', wire.decodeSubmitMessageRequest],
    ['SubmitMessageResponse', wire.decodeSubmitMessageResponse],
    ['GroupInfoRequest', wire.decodeGroupInfoRequest],
    ['GroupInfoResponse', wire.decodeGroupInfoResponse],
  ])('in %s', (_, decode) => {
    for (const protocol of [0, 2, 255]) {
      const error = refusal(() => decode(concat(Uint8Array.of(protocol), padding)));
      expect(error.code).toBe('unsupportedVersion');
      expect(error.details).toEqual({ offset: 0, path: '/protocol' });
    }
  });
});

describe('a presence octet other than 0 and 1 is refused', () => {
  it.each<[string, (bytes: Uint8Array) => unknown, string, string]>([
    ['of a Welcome', wire.decodeUpdateRequest, mls.commit, '/welcome'],
    ['of a frank', wire.decodeSubmitMessageResponse, '01 00 0000000000000001', '/frank'],
    ['of a joining code', wire.decodeGroupInfoRequest, '01 0001 00 000100 00', '/joiningCode'],
    ['of a last resort', wire.decodeUploadKeyPackages, '00', '/lastResort'],
    ['of more events', wire.decodeSyncResponse, '00', '/more'],
    [
      'of capabilities',
      wire.decodeKeyMaterialResponse,
      `01 03 00 10 02 ${uri}`,
      '/clients/0/clientCapabilities',
    ],
  ])('%s', (_, decode, before, path) => {
    for (const octet of [2, 255]) {
      const error = refusal(() => decode(concat(hex(before), Uint8Array.of(octet), padding)));
      expect([error.code, error.details.path]).toEqual(['invalidPresence', path]);
    }
  });
});

describe('text that is not UTF-8 is refused', () => {
  it.each<[string, (bytes: Uint8Array) => unknown, string, string]>([
    ['an IdentifierUri', wire.decodeIdentifierUri, '', '/uri'],
    ['an error description', wire.decodeUpdateRoomResponse, '02', '/errorDescription'],
    ['a room id', wire.decodeGroupInfoResponse, '01', '/roomId'],
    ['a tree URL', wire.decodeRatchetTreeOption, '02', '/ratchetTreeUrl'],
    ['a user URI of an identity', wire.decodeClientIdentity, '', '/userUri'],
  ])('%s', (_, decode, before, path) => {
    const error = refusal(() => decode(concat(hex(before), hex('02c328'), padding)));
    expect([error.code, error.details.path]).toEqual(['invalidUtf8', path]);
  });
});

describe('a content out of its place is refused', () => {
  const timestamp = '0000000000000001';
  const sendingUri = uri;
  const publicApplication = '0001 0001 0167 0000000000000005 01 00000003 00 01 0161 01e1 01e3';

  it.each([
    ['a commit', mls.commit],
    ['a private proposal', mls.application.replace('05 01', '05 02')],
    ['an application message in the clear', publicApplication],
    ['a Welcome', mls.welcomeMessage],
    ['a key package', mls.keyPackageMessage],
  ])('%s may not be submitted as a message', (_, text) => {
    const error = refusal(() => wire.decodeSubmitMessageRequest(hex(`01 ${text} ${sendingUri}`)));
    expect([error.code, error.details.path]).toEqual(['wrongContent', '/appMessage']);
  });

  it.each([
    ['an application message', mls.application],
    ['an application message in the clear', publicApplication],
    ['a Welcome', mls.welcomeMessage],
    ['a GroupInfo', mls.groupInfoMessage],
  ])('%s may not be sent as an update', (_, text) => {
    const error = refusal(() => wire.decodeUpdateRequest(hex(`${text} 00`)));
    expect([error.code, error.details.path]).toEqual(['wrongContent', '/proposalOrCommit']);
    expect(refusal(() => wire.decodeHandshake(hex(text))).code).toBe('wrongContent');
  });

  it.each([
    ['an application message in the clear', publicApplication],
    ['a GroupInfo', mls.groupInfoMessage],
    ['a key package', mls.keyPackageMessage],
  ])('%s may not be fanned out', (_, text) => {
    const error = refusal(() => wire.decodeFanoutMessage(hex(`${timestamp} ${text} 00`)));
    expect([error.code, error.details.path]).toEqual(['wrongContent', '/message']);
  });

  it('a commit may not be listed among proposals', () => {
    const count = hex(mls.commit).length.toString(16);
    const cases: [() => unknown, string][] = [
      [
        () => wire.decodeUpdateRequest(hex(`${mls.selfRemove} ${count} ${mls.commit}`)),
        '/moreProposals/0',
      ],
      [
        () => wire.decodeFanoutMessage(hex(`${timestamp} ${mls.commit} ${count} ${mls.commit}`)),
        '/externalProposals/0',
      ],
      [
        () =>
          wire.decodeGroupInfoRatchetTreeTBE(
            hex(`${mls.groupInfo} 04 3f ${mls.commit} ${'00'.repeat(64)}`),
          ),
        '/pendingProposals/0/proposal',
      ],
    ];
    for (const [decode, path] of cases) {
      const error = refusal(decode);
      expect([error.code, error.details.path]).toEqual(['wrongContent', path]);
    }
  });

  it('a key material request without a cipher suite', () => {
    const error = refusal(() =>
      wire.decodeKeyMaterialRequest(concat(hex(`01 ${uri} ${uri} 00 00`), padding)),
    );
    expect([error.code, error.details.path]).toEqual(['wrongContent', '/acceptableCiphersuites']);
    const empty = { ...keyMaterialRequest, acceptableCipherSuites: [] };
    expect(refusal(() => wire.encodeKeyMaterialRequest(empty)).code).toBe('unencodable');
  });

  it('clients listed with a code that forbids it', () => {
    for (const status of [2, 4, 5, 6, 7]) {
      const text = `01 0${status} ${uri} 0f 01 ${uri}`;
      const error = refusal(() => wire.decodeKeyMaterialResponse(hex(text)));
      expect([error.code, error.details.path]).toEqual(['wrongContent', '/clients']);
    }
    for (const status of [0, 1, 3]) {
      wire.decodeKeyMaterialResponse(hex(`01 0${status} ${uri} 0f 01 ${uri}`));
    }
  });

  it('a ratchet tree at a URL that is not https', () => {
    const text = `02 0a${utf8Hex('http://a/t')} 00`;
    const error = refusal(() => wire.decodeRatchetTreeOption(hex(text)));
    expect([error.code, error.details.path]).toEqual(['wrongContent', '/ratchetTreeUrl']);
  });

  it('a ratchet tree larger than its own limit', () => {
    const text = '01 0a 00000000000000000000';
    const error = refusal(() =>
      wire.decodeRatchetTreeOption(hex(text), { maxBytes: 100, maxTreeBytes: 10 }),
    );
    expect([error.code, error.details.path]).toEqual(['tooLarge', '/ratchetTree']);
    wire.decodeRatchetTreeOption(hex(text), { maxBytes: 100, maxTreeBytes: 11 });
  });
});

describe('more items than the limit allows are refused', () => {
  it.each<[string, (bytes: Uint8Array, limits: wire.WireLimits) => unknown, string, string]>([
    ['key packages', wire.decodeUploadKeyPackages, '03 000000 00', '/keyPackages'],
    [
      'events',
      wire.decodeSyncResponse,
      `00 00 1e ${'00 0000000000000001 00'.repeat(3)}`,
      '/events/2',
    ],
    [
      'messages of a notify',
      wire.decodeFanoutMessages,
      `0000000000000001 ${mls.application} 00`.repeat(3),
      '/2',
    ],
  ])('%s', (_, decode, text, path) => {
    decode(hex(text), { maxItems: 3 });
    const error = refusal(() => decode(hex(text), { maxItems: 2 }));
    expect([error.code, error.details.path]).toEqual(['tooLarge', path]);
  });
});

describe('a nested struct that the caller holds as bytes is proved before it is written', () => {
  const commit = {
    kind: 'commit',
    message: mls.handshakeView(mls.commit),
    groupInfo: { representation: 'full', groupInfo: hex(mls.groupInfo) },
    ratchetTree: { representation: 'distributionService' },
  } as const;

  it.each<[string, () => unknown]>([
    [
      'a Welcome with the header of an MLSMessage',
      () => wire.encodeUpdateRequest({ ...commit, welcome: hex(mls.welcomeMessage) }),
    ],
    [
      'a GroupInfo with a byte too many',
      () =>
        wire.encodeGroupInfoOption({
          representation: 'full',
          groupInfo: concat(hex(mls.groupInfo), hex('00')),
        }),
    ],
    [
      'a ratchet tree without its length',
      () => wire.encodeRatchetTreeOption({ representation: 'full', ratchetTree: hex('010200') }),
    ],
    [
      'a proposal where a commit is announced',
      () => wire.encodeUpdateRequest({ ...commit, message: mls.handshakeView(mls.selfRemove) }),
    ],
    [
      'a kind of fan-out that its message is not',
      () =>
        wire.encodeFanoutMessage({
          kind: 'commit',
          timestamp: 1n,
          message: mls.handshakeView(mls.selfRemove),
          externalProposals: [],
        }),
    ],
  ])('%s cannot be written', (_, encode) => {
    const error = refusal(encode);
    expect([error.code, error.kind]).toEqual(['unencodable', 'caller']);
  });
});

describe('the body of notify', () => {
  const first = `0000000000000001 ${mls.application} 00`;
  const second = `0000000000000002 ${mls.selfRemove} 00`;

  it('is one message after the other', () => {
    const body = hex(first + second);
    const messages = wire.decodeFanoutMessages(body);
    expect(messages.map((message) => [message.timestamp, message.kind])).toEqual([
      [1n, 'application'],
      [2n, 'proposal'],
    ]);
    expect(wire.encodeFanoutMessages(messages)).toEqual(body);
  });

  it('is refused when empty', () => {
    expect(refusal(() => wire.decodeFanoutMessages(new Uint8Array(0))).code).toBe('truncated');
  });

  it('is refused when cut anywhere but between two messages', () => {
    const body = hex(first + second);
    for (let length = 0; length < body.length; length++) {
      if (length === hex(first).length) continue;
      const error = refusal(() => wire.decodeFanoutMessages(body.subarray(0, length)));
      expect(error.code).toBe('truncated');
      expect(error.details.path).toMatch(length < hex(first).length ? /^\/0/ : /^\/1/);
    }
  });
});
