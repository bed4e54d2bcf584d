// Instances of every struct with the bytes that the drafts' grammar gives them, written by hand.

import * as wire from '../../../../ts/wire/index.ts';
import { hex, utf8Hex } from './bytes.ts';
import * as mls from './mls_samples.ts';
import './franking_samples.ts';
import './token_samples.ts';
import {
  a,
  aHex,
  b,
  basic,
  bHex,
  device,
  deviceHex,
  frank,
  frankHex,
  room,
  roomHex,
  sample,
  samples,
} from './sample.ts';

sample('IdentifierUri', wire.encodeIdentifierUri, wire.decodeIdentifierUri, a, aHex);
sample(
  'ClientIdentity',
  wire.encodeClientIdentity,
  wire.decodeClientIdentity,
  { userUri: wire.asUserUri(a), clientUri: wire.asClientUri(device) },
  `${aHex} ${deviceHex}`,
);

sample('Credential basic', wire.encodeCredential, wire.decodeCredential, basic, '0001 026964');
sample(
  'Credential x509 of two certificates',
  wire.encodeCredential,
  wire.decodeCredential,
  { type: 2, bytes: hex('01c1 02c2c3') },
  '0002 05 01c1 02c2c3',
);
sample(
  'Credential of a private-use type',
  wire.encodeCredential,
  wire.decodeCredential,
  { type: 0xf001, bytes: hex('beef') },
  'f001 02beef',
);
sample(
  'Capabilities',
  wire.encodeCapabilities,
  wire.decodeCapabilities,
  { versions: [1], cipherSuites: [1, 3], extensions: [], proposals: [0x0a0a], credentials: [1] },
  '020001 0400010003 00 020a0a 020001',
);
sample(
  'RequiredCapabilities',
  wire.encodeRequiredCapabilities,
  wire.decodeRequiredCapabilities,
  { extensions: [6], proposals: [8, 10], credentials: [] },
  '020006 040008000a 00',
);
sample(
  'Extensions',
  wire.encodeExtensions,
  wire.decodeExtensions,
  [
    { type: 4, data: hex('ee') },
    { type: 5, data: hex('') },
  ],
  '07 0004 01ee 0005 00',
);
sample(
  'HPKECiphertext',
  wire.encodeHpkeCiphertext,
  wire.decodeHpkeCiphertext,
  { kemOutput: hex('aa'), ciphertext: hex('bbcc') },
  '01aa 02bbcc',
);
sample(
  'ExternalSender',
  wire.encodeExternalSender,
  wire.decodeExternalSender,
  { signatureKey: hex('d1'), credential: basic },
  '01d1 0001 026964',
);

const keyMaterialRequest: wire.KeyMaterialRequest = {
  protocol: 'mls10',
  requestingUser: a,
  targetUser: b,
  roomId: room,
  acceptableCipherSuites: [1, 2],
  requiredCapabilities: { extensions: [], proposals: [8], credentials: [1] },
  requesterSignatureKey: hex('d1d2'),
  requesterCredential: basic,
  signature: hex('5151'),
};
const keyMaterialTbs = `01 ${aHex} ${bHex} ${roomHex} 0400010002 00 020008 020001
  02d1d2 0001 026964`;
sample(
  'KeyMaterialRequest',
  wire.encodeKeyMaterialRequest,
  wire.decodeKeyMaterialRequest,
  keyMaterialRequest,
  `${keyMaterialTbs} 025151`,
);
sample(
  'KeyMaterialRequest for no room',
  wire.encodeKeyMaterialRequest,
  wire.decodeKeyMaterialRequest,
  { ...keyMaterialRequest, roomId: undefined },
  `${keyMaterialTbs} 025151`.replace(roomHex, '00'),
);
sample(
  'KeyMaterialResponse',
  wire.encodeKeyMaterialResponse,
  wire.decodeKeyMaterialResponse,
  {
    protocol: 'mls10',
    userStatus: 'partialSuccess',
    userUri: b,
    clients: [
      { clientStatus: 'success', clientUri: device, keyPackage: hex(mls.keyPackage) },
      { clientStatus: 'keyMaterialExhausted', clientUri: device },
      { clientStatus: 'nothingCompatible', clientUri: device, capabilities: undefined },
      {
        clientStatus: 'nothingCompatible',
        clientUri: device,
        capabilities: hex(mls.capabilities),
      },
    ],
  },
  // 14 + 52 (the key package) + 14 + 15 + 26 = 121 = 0x79 bytes of clients
  `01 01 ${bHex} 4079 00 ${deviceHex} ${mls.keyPackage} 01 ${deviceHex} 02 ${deviceHex} 00
   02 ${deviceHex} 01 ${mls.capabilities}`,
);
sample(
  'KeyMaterialResponse of a refusal',
  wire.encodeKeyMaterialResponse,
  wire.decodeKeyMaterialResponse,
  { protocol: 'mls10', userStatus: 'noConsent', userUri: b, clients: [] },
  `01 05 ${bHex} 00`,
);

sample<wire.RatchetTreeOption>(
  'RatchetTreeOption full',
  wire.encodeRatchetTreeOption,
  wire.decodeRatchetTreeOption,
  { representation: 'full', ratchetTree: hex('020000') },
  '01 020000',
);
sample<wire.RatchetTreeOption>(
  'RatchetTreeOption httpsUri',
  wire.encodeRatchetTreeOption,
  wire.decodeRatchetTreeOption,
  { representation: 'httpsUri', url: 'https://a/t', treeSignature: hex('5a') },
  `02 0b${utf8Hex('https://a/t')} 015a`,
);
sample<wire.RatchetTreeOption>(
  'RatchetTreeOption outOfBand',
  wire.encodeRatchetTreeOption,
  wire.decodeRatchetTreeOption,
  { representation: 'outOfBand', treeSignature: hex('5a5b') },
  '03 025a5b',
);
sample<wire.RatchetTreeOption>(
  'RatchetTreeOption distributionService',
  wire.encodeRatchetTreeOption,
  wire.decodeRatchetTreeOption,
  { representation: 'distributionService' },
  '04',
);
sample<wire.PartialGroupInfo>(
  'PartialGroupInfo',
  wire.encodePartialGroupInfo,
  wire.decodePartialGroupInfo,
  {
    ratchetTreePresence: 'removed',
    extensions: [{ type: 4, data: hex('ee') }],
    signature: hex('77'),
  },
  '02 04 0004 01ee 0177',
);
sample<wire.GroupInfoOption>(
  'GroupInfoOption full',
  wire.encodeGroupInfoOption,
  wire.decodeGroupInfoOption,
  { representation: 'full', groupInfo: hex(mls.groupInfo) },
  `01 ${mls.groupInfo}`,
);
sample<wire.GroupInfoOption>(
  'GroupInfoOption partial',
  wire.encodeGroupInfoOption,
  wire.decodeGroupInfoOption,
  {
    representation: 'partial',
    ratchetTreePresence: 'noRatchetTree',
    extensions: [],
    signature: hex('77'),
  },
  '02 00 00 0177',
);
sample<wire.UpdateRequest>(
  'UpdateRequest with a commit',
  wire.encodeUpdateRequest,
  wire.decodeUpdateRequest,
  {
    kind: 'commit',
    message: mls.handshakeView(mls.commit),
    welcome: hex(mls.welcome),
    groupInfo: { representation: 'full', groupInfo: hex(mls.groupInfo) },
    ratchetTree: { representation: 'distributionService' },
  },
  `${mls.commit} 01 ${mls.welcome} 01 ${mls.groupInfo} 04`,
);
sample<wire.UpdateRequest>(
  'UpdateRequest with a commit that adds no one',
  wire.encodeUpdateRequest,
  wire.decodeUpdateRequest,
  {
    kind: 'commit',
    message: mls.handshakeView(mls.commit),
    welcome: undefined,
    groupInfo: { representation: 'full', groupInfo: hex(mls.groupInfo) },
    ratchetTree: { representation: 'full', ratchetTree: hex('0100') },
  },
  `${mls.commit} 00 01 ${mls.groupInfo} 01 0100`,
);
sample<wire.UpdateRequest>(
  'UpdateRequest with two proposals',
  wire.encodeUpdateRequest,
  wire.decodeUpdateRequest,
  {
    kind: 'proposal',
    message: mls.handshakeView(mls.selfRemove),
    moreProposals: [mls.handshakeView(mls.externalRemove)],
  },
  // the second message has 29 = 0x1d bytes
  `${mls.selfRemove} 1d ${mls.externalRemove}`,
);
sample<wire.UpdateRoomResponse>(
  'UpdateRoomResponse success',
  wire.encodeUpdateRoomResponse,
  wire.decodeUpdateRoomResponse,
  { code: 'success', errorDescription: '', acceptedTimestamp: 1_700_000_000_000n },
  '00 00 0000018bcfe56800',
);
sample<wire.UpdateRoomResponse>(
  'UpdateRoomResponse wrongEpoch',
  wire.encodeUpdateRoomResponse,
  wire.decodeUpdateRoomResponse,
  { code: 'wrongEpoch', errorDescription: 'späť', currentEpoch: 0xffff_ffff_ffff_ffffn },
  '01 06 7370c3a4c5a5 ffffffffffffffff',
);
sample<wire.UpdateRoomResponse>(
  'UpdateRoomResponse notAllowed',
  wire.encodeUpdateRoomResponse,
  wire.decodeUpdateRoomResponse,
  { code: 'notAllowed', errorDescription: 'no' },
  '02 02 6e6f',
);
sample<wire.UpdateRoomResponse>(
  'UpdateRoomResponse invalidProposal',
  wire.encodeUpdateRoomResponse,
  wire.decodeUpdateRoomResponse,
  { code: 'invalidProposal', errorDescription: '', invalidProposals: [hex('aa'), hex('bbcc')] },
  '03 00 05 01aa 02bbcc',
);

sample('Frank', wire.encodeFrank, wire.decodeFrank, frank, frankHex);
sample<wire.SubmitMessageRequest>(
  'SubmitMessageRequest',
  wire.encodeSubmitMessageRequest,
  wire.decodeSubmitMessageRequest,
  { protocol: 'mls10', appMessage: mls.applicationView(), sendingUri: a },
  `01 ${mls.application} ${aHex}`,
);
sample<wire.SubmitMessageResponse>(
  'SubmitMessageResponse accepted',
  wire.encodeSubmitMessageResponse,
  wire.decodeSubmitMessageResponse,
  { code: 'accepted', acceptedTimestamp: 0x0102030405060708n, frank },
  `01 00 0102030405060708 01 ${frankHex}`,
);
sample<wire.SubmitMessageResponse>(
  'SubmitMessageResponse accepted without a frank',
  wire.encodeSubmitMessageResponse,
  wire.decodeSubmitMessageResponse,
  { code: 'accepted', acceptedTimestamp: 1n, frank: undefined },
  '01 00 0000000000000001 00',
);
sample<wire.SubmitMessageResponse>(
  'SubmitMessageResponse notAllowed',
  wire.encodeSubmitMessageResponse,
  wire.decodeSubmitMessageResponse,
  { code: 'notAllowed' },
  '01 01',
);
sample<wire.SubmitMessageResponse>(
  'SubmitMessageResponse epochTooOld',
  wire.encodeSubmitMessageResponse,
  wire.decodeSubmitMessageResponse,
  { code: 'epochTooOld', currentEpoch: 6n },
  '01 02 0000000000000006',
);

sample<wire.FanoutMessage>(
  'FanoutMessage of an application message',
  wire.encodeFanoutMessage,
  wire.decodeFanoutMessage,
  { kind: 'application', timestamp: 7n, message: mls.applicationView(), frank },
  `0000000000000007 ${mls.application} 01 ${frankHex}`,
);
sample<wire.FanoutMessage>(
  'FanoutMessage of a Welcome',
  wire.encodeFanoutMessage,
  wire.decodeFanoutMessage,
  {
    kind: 'welcome',
    timestamp: 7n,
    message: wire.decodeMlsMessage(hex(mls.welcomeMessage)) as wire.WelcomeMessageView,
    ratchetTree: { representation: 'full', ratchetTree: hex('0100') },
  },
  `0000000000000007 ${mls.welcomeMessage} 01 0100`,
);
sample<wire.FanoutMessage>(
  'FanoutMessage of a proposal',
  wire.encodeFanoutMessage,
  wire.decodeFanoutMessage,
  {
    kind: 'proposal',
    timestamp: 7n,
    message: mls.handshakeView(mls.selfRemove),
    moreProposals: [],
  },
  `0000000000000007 ${mls.selfRemove} 00`,
);
sample<wire.FanoutMessage>(
  'FanoutMessage of a commit',
  wire.encodeFanoutMessage,
  wire.decodeFanoutMessage,
  {
    kind: 'commit',
    timestamp: 7n,
    message: mls.handshakeView(mls.commit),
    externalProposals: [mls.handshakeView(mls.externalRemove)],
  },
  `0000000000000007 ${mls.commit} 1d ${mls.externalRemove}`,
);

const groupInfoRequest: wire.GroupInfoRequest = {
  protocol: 'mls10',
  cipherSuite: 1,
  requestingSignatureKey: hex('d1'),
  requestingCredential: basic,
  groupInfoPublicKey: hex('ab'),
  joiningCode: hex('c0de'),
  signature: hex('51'),
};
sample(
  'GroupInfoRequest',
  wire.encodeGroupInfoRequest,
  wire.decodeGroupInfoRequest,
  groupInfoRequest,
  '01 0001 01d1 0001 026964 01ab 01 02c0de 0151',
);
sample(
  'GroupInfoRequest without a joining code',
  wire.encodeGroupInfoRequest,
  wire.decodeGroupInfoRequest,
  { ...groupInfoRequest, joiningCode: undefined },
  '01 0001 01d1 0001 026964 01ab 00 0151',
);
const groupInfoResponse: wire.GroupInfoResponse = {
  protocol: 'mls10',
  roomId: room,
  status: 'success',
  cipherSuite: 1,
  hubSender: { signatureKey: hex('d1'), credential: basic },
  encryptedGroupInfoAndTree: { kemOutput: hex('aa'), ciphertext: hex('bb') },
  signature: hex('51'),
};
const groupInfoResponseTbs = `01 ${roomHex} 01 0001 01d1 0001 026964 01aa 01bb`;
sample<wire.GroupInfoResponse>(
  'GroupInfoResponse',
  wire.encodeGroupInfoResponse,
  wire.decodeGroupInfoResponse,
  groupInfoResponse,
  `${groupInfoResponseTbs} 0151`,
);
sample<wire.GroupInfoResponse>(
  'GroupInfoResponse of a refusal',
  wire.encodeGroupInfoResponse,
  wire.decodeGroupInfoResponse,
  { protocol: 'mls10', roomId: room, status: 'noSuchRoom' },
  `01 ${roomHex} 03`,
);
sample<wire.GroupInfoRatchetTreeTBE>(
  'GroupInfoRatchetTreeTBE',
  wire.encodeGroupInfoRatchetTreeTBE,
  wire.decodeGroupInfoRatchetTreeTBE,
  {
    groupInfo: hex(mls.groupInfo),
    ratchetTree: { representation: 'full', ratchetTree: hex('0100') },
    pendingProposals: [
      { proposal: mls.handshakeView(mls.externalRemove), hubAcceptedTime: 0x0102n },
    ],
  },
  // 29 + 8 = 37 = 0x25 bytes of pending proposals
  `${mls.groupInfo} 01 0100 25 ${mls.externalRemove} 0000000000000102`,
);

sample(
  'RegisterDevice',
  wire.encodeRegisterDevice,
  wire.decodeRegisterDevice,
  { clientUri: device, suite: 3, signatureKey: hex('d1d2') },
  `${deviceHex} 0003 02d1d2`,
);
sample<wire.LocalConsent>(
  'LocalConsent for one room',
  wire.encodeLocalConsent,
  wire.decodeLocalConsent,
  { operation: 'grant', roomUri: room },
  `02 01 ${roomHex}`,
);
sample<wire.LocalConsent>(
  'LocalConsent for every room',
  wire.encodeLocalConsent,
  wire.decodeLocalConsent,
  { operation: 'revoke', roomUri: undefined },
  '03 00',
);
sample(
  'UploadKeyPackages',
  wire.encodeUploadKeyPackages,
  wire.decodeUploadKeyPackages,
  { keyPackages: [hex('aa'), hex('bbcc')], lastResort: hex('dd') },
  '05 01aa 02bbcc 01 01dd',
);
sample(
  'UploadKeyPackages without a last resort',
  wire.encodeUploadKeyPackages,
  wire.decodeUploadKeyPackages,
  { keyPackages: [], lastResort: undefined },
  '00 00',
);
sample(
  'UploadKeyPackagesResponse',
  wire.encodeUploadKeyPackagesResponse,
  wire.decodeUploadKeyPackagesResponse,
  { stored: 2, stock: 0xfffffffe },
  '00000002 fffffffe',
);
sample(
  'CreateRoom',
  wire.encodeCreateRoom,
  wire.decodeCreateRoom,
  { roomUri: room, groupInfo: hex('6161'), ratchetTree: hex('0100') },
  `${roomHex} 026161 020100`,
);
sample(
  'SyncRequest',
  wire.encodeSyncRequest,
  wire.decodeSyncRequest,
  { cursor: hex('c1'), waitMs: 30_000, limit: 100 },
  '01c1 00007530 0064',
);
sample(
  'SyncEvent',
  wire.encodeSyncEvent,
  wire.decodeSyncEvent,
  { roomUri: room, seq: 9n, fanout: hex('f0') },
  `${roomHex} 0000000000000009 01f0`,
);
sample(
  'SyncResponse',
  wire.encodeSyncResponse,
  wire.decodeSyncResponse,
  { cursor: hex('c2'), more: true, events: [{ roomUri: room, seq: 9n, fanout: hex('f0') }] },
  `01c2 01 17 ${roomHex} 0000000000000009 01f0`,
);

export {
  groupInfoRequest,
  groupInfoResponse,
  groupInfoResponseTbs,
  keyMaterialRequest,
  keyMaterialTbs,
  samples,
};
