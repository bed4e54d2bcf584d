// Arbitrary values of every struct; MLS structs are assembled here, without the codec under test.

import fc from 'fast-check';
import * as wire from '../../../../ts/wire/index.ts';
import { concat, hex, vector } from './bytes.ts';
import * as mls from './mls_samples.ts';
import { bytes, maybe, type Row, row, text, u16, u32, u64 } from './row.ts';

const u16List = fc.array(u16, { maxLength: 40 });
const few = { maxLength: 3 };
const protocol = fc.constant('mls10' as const);

function bigEndian(value: bigint, width: number): Uint8Array {
  return hex(value.toString(16).padStart(width * 2, '0'));
}

const id = fc.stringMatching(/^[A-Za-z0-9_~-]{1,20}$/);
const domain = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(\.[a-z][a-z0-9]{0,8}){0,2}$/);

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const room = fc.tuple(domain, id).map(([host, name]) => wire.roomUri(host, name));
const user = fc.tuple(domain, id).map(([host, name]) => wire.userUri(host, name));
const client = fc.tuple(domain, id).map(([host, name]) => wire.clientUri(host, name));
const openedPseudonym = fc.record({ pseudonym: user, linkKey: octets(32) });

const credential: fc.Arbitrary<wire.Credential> = fc.oneof(
  fc.record({ type: fc.constantFrom(1, 0x0a0a, 0xf000, 0xffff), bytes }),
  fc
    .array(bytes, few)
    .map((chain) => ({ type: 2, bytes: concat(new Uint8Array(0), ...chain.map(vector)) })),
);
const extension = fc.record({ type: u16, data: bytes });
const extensions = fc.array(extension, few);
const hpkeCiphertext = fc.record({ kemOutput: bytes, ciphertext: bytes });
const externalSender = fc.record({ signatureKey: bytes, credential });
const capabilities = fc.record({
  versions: u16List,
  cipherSuites: u16List,
  extensions: u16List,
  proposals: u16List,
  credentials: u16List,
});
const requiredCapabilities = fc.record({
  extensions: u16List,
  proposals: u16List,
  credentials: u16List,
});

/** PrivateMessage with the given content types. */
function privateMessage(...types: number[]): fc.Arbitrary<wire.PrivateMessageView> {
  return fc
    .tuple(bytes, u64, fc.constantFrom(...types), bytes, bytes, bytes)
    .map(([groupId, epoch, type, aad, senderData, ciphertext]) =>
      wire.decodeMlsMessage(
        concat(
          hex('00010002'),
          vector(groupId),
          bigEndian(epoch, 8),
          Uint8Array.of(type),
          ...[aad, senderData, ciphertext].map(vector),
        ),
      ),
    )
    .map((view) => view as wire.PrivateMessageView);
}

const application = privateMessage(1);
const proposal: fc.Arbitrary<wire.HandshakeView> = fc.oneof(
  privateMessage(2),
  fc.constantFrom(mls.handshakeView(mls.selfRemove), mls.handshakeView(mls.externalRemove)),
);
const commit: fc.Arbitrary<wire.HandshakeView> = fc.oneof(
  privateMessage(3),
  fc.constant(mls.handshakeView(mls.commit)),
);
const keyPackage = bytes.map((signature) =>
  concat(hex(mls.keyPackage.replace(/025252$/, '')), vector(signature)),
);
const groupInfo = bytes.map((signature) =>
  concat(hex(mls.groupInfo.replace(/0174$/, '')), vector(signature)),
);
const welcome = fc
  .tuple(fc.array(bytes, few), bytes)
  .map(([refs, info]) =>
    concat(
      hex('0001'),
      vector(concat(new Uint8Array(0), ...refs.map((ref) => concat(vector(ref), hex('0000'))))),
      vector(info),
    ),
  );

const ratchetTree: fc.Arbitrary<wire.RatchetTreeOption> = fc.oneof(
  fc.record({ representation: fc.constant('full' as const), ratchetTree: bytes.map(vector) }),
  fc.record({
    representation: fc.constant('httpsUri' as const),
    url: text.map((path) => `https://${path}`),
    treeSignature: bytes,
  }),
  fc.record({ representation: fc.constant('outOfBand' as const), treeSignature: bytes }),
  fc.constant({ representation: 'distributionService' as const }),
);
const partialGroupInfo: fc.Arbitrary<wire.PartialGroupInfo> = fc.record({
  ratchetTreePresence: fc.constantFrom('noRatchetTree', 'present', 'removed', 'added'),
  extensions,
  signature: bytes,
});
const groupInfoOption: fc.Arbitrary<wire.GroupInfoOption> = fc.oneof(
  fc.record({ representation: fc.constant('full' as const), groupInfo }),
  partialGroupInfo.map((value) => ({ representation: 'partial' as const, ...value })),
);
const frank = fc.record({
  serverFrank: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  cipherSuite: u16,
  integritySignature: bytes,
});

const clientKeyMaterial: fc.Arbitrary<wire.ClientKeyMaterial> = fc.oneof(
  fc.record({ clientUri: text, clientStatus: fc.constant('success' as const), keyPackage }),
  fc.record({ clientUri: text, clientStatus: fc.constant('keyMaterialExhausted' as const) }),
  fc.record({
    clientUri: text,
    clientStatus: fc.constant('nothingCompatible' as const),
    capabilities: maybe(capabilities.map(wire.encodeCapabilities)),
  }),
);
const keyMaterialResponse: fc.Arbitrary<wire.KeyMaterialResponse> = fc.oneof(
  fc.record({
    protocol,
    userStatus: fc.constantFrom('success', 'partialSuccess', 'noCompatibleMaterial'),
    userUri: text,
    clients: fc.array(clientKeyMaterial, few),
  }),
  fc.record({
    protocol,
    userStatus: fc.constantFrom('incompatibleProtocol', 'userUnknown', 'noConsent', 'userDeleted'),
    userUri: text,
    clients: fc.constant([]),
  }),
);
const updateRequest: fc.Arbitrary<wire.UpdateRequest> = fc.oneof(
  fc.record({
    kind: fc.constant('commit' as const),
    message: commit,
    welcome: maybe(welcome),
    groupInfo: groupInfoOption,
    ratchetTree,
  }),
  fc.record({
    kind: fc.constant('proposal' as const),
    message: proposal,
    moreProposals: fc.array(proposal, few),
  }),
);
const updateRoomResponse: fc.Arbitrary<wire.UpdateRoomResponse> = fc.oneof(
  fc.record({
    code: fc.constant('success' as const),
    errorDescription: text,
    acceptedTimestamp: u64,
  }),
  fc.record({
    code: fc.constant('wrongEpoch' as const),
    errorDescription: text,
    currentEpoch: u64,
  }),
  fc.record({ code: fc.constant('notAllowed' as const), errorDescription: text }),
  fc.record({
    code: fc.constant('invalidProposal' as const),
    errorDescription: text,
    invalidProposals: fc.array(bytes, few),
  }),
);
const submitMessageResponse: fc.Arbitrary<wire.SubmitMessageResponse> = fc.oneof(
  fc.record({
    code: fc.constant('accepted' as const),
    acceptedTimestamp: u64,
    frank: maybe(frank),
  }),
  fc.constant({ code: 'notAllowed' as const }),
  fc.record({ code: fc.constant('epochTooOld' as const), currentEpoch: u64 }),
);
const fanoutMessage: fc.Arbitrary<wire.FanoutMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('application' as const),
    timestamp: u64,
    message: application,
    frank: maybe(frank),
  }),
  fc.record({
    kind: fc.constant('welcome' as const),
    timestamp: u64,
    message: welcome.map(
      (value) =>
        wire.decodeMlsMessage(wire.toMlsMessage('welcome', value)) as wire.WelcomeMessageView,
    ),
    ratchetTree,
  }),
  fc.record({
    kind: fc.constant('proposal' as const),
    timestamp: u64,
    message: proposal,
    moreProposals: fc.array(proposal, few),
  }),
  fc.record({
    kind: fc.constant('commit' as const),
    timestamp: u64,
    message: commit,
    externalProposals: fc.array(proposal, few),
  }),
);
const groupInfoResponse: fc.Arbitrary<wire.GroupInfoResponse> = fc.oneof(
  fc.record({
    protocol,
    roomId: text,
    status: fc.constant('success' as const),
    cipherSuite: u16,
    hubSender: externalSender,
    encryptedGroupInfoAndTree: hpkeCiphertext,
    signature: bytes,
  }),
  fc.record({
    protocol,
    roomId: text,
    status: fc.constantFrom('notAuthorized', 'noSuchRoom'),
  }),
);
const syncEvent = fc.record({ roomUri: text, seq: u64, fanout: bytes });

/** Name, values, encoder and decoder of every struct. */
export const structs: readonly Row[] = [
  row('IdentifierUri', text, wire.encodeIdentifierUri, wire.decodeIdentifierUri),
  row(
    'ClientIdentity',
    fc.tuple(domain, id, id).map(([host, user, client]) => ({
      userUri: wire.userUri(host, user),
      clientUri: wire.clientUri(host, client),
    })),
    wire.encodeClientIdentity,
    wire.decodeClientIdentity,
  ),
  row('Credential', credential, wire.encodeCredential, wire.decodeCredential),
  row<wire.Capabilities>(
    'Capabilities',
    capabilities,
    wire.encodeCapabilities,
    wire.decodeCapabilities,
  ),
  row<wire.RequiredCapabilities>(
    'RequiredCapabilities',
    requiredCapabilities,
    wire.encodeRequiredCapabilities,
    wire.decodeRequiredCapabilities,
  ),
  row<readonly wire.Extension[]>(
    'Extensions',
    extensions,
    wire.encodeExtensions,
    wire.decodeExtensions,
  ),
  row('HPKECiphertext', hpkeCiphertext, wire.encodeHpkeCiphertext, wire.decodeHpkeCiphertext),
  row('ExternalSender', externalSender, wire.encodeExternalSender, wire.decodeExternalSender),
  row(
    'KeyMaterialRequest',
    fc.record({
      protocol,
      requestingUser: text,
      targetUser: text,
      roomId: maybe(text.filter((room) => room !== '')),
      acceptableCipherSuites: fc.array(u16, { minLength: 1, maxLength: 5 }),
      requiredCapabilities,
      requesterSignatureKey: bytes,
      requesterCredential: credential,
      signature: bytes,
    }),
    wire.encodeKeyMaterialRequest,
    wire.decodeKeyMaterialRequest,
  ),
  row(
    'KeyMaterialResponse',
    keyMaterialResponse,
    wire.encodeKeyMaterialResponse,
    wire.decodeKeyMaterialResponse,
  ),
  row('RatchetTreeOption', ratchetTree, wire.encodeRatchetTreeOption, wire.decodeRatchetTreeOption),
  row(
    'PartialGroupInfo',
    partialGroupInfo,
    wire.encodePartialGroupInfo,
    wire.decodePartialGroupInfo,
  ),
  row('GroupInfoOption', groupInfoOption, wire.encodeGroupInfoOption, wire.decodeGroupInfoOption),
  row('UpdateRequest', updateRequest, wire.encodeUpdateRequest, wire.decodeUpdateRequest),
  row(
    'UpdateRoomResponse',
    updateRoomResponse,
    wire.encodeUpdateRoomResponse,
    wire.decodeUpdateRoomResponse,
  ),
  row('Frank', frank, wire.encodeFrank, wire.decodeFrank),
  row<readonly wire.SafeAadItem[]>(
    'SafeAAD',
    fc
      .uniqueArray(fc.record({ id: u16, data: bytes }), { selector: ({ id }) => id, maxLength: 5 })
      .map((items) => items.sort((one, other) => one.id - other.id)),
    wire.encodeSafeAad,
    wire.decodeSafeAad,
  ),
  row(
    'AbuseReport',
    fc.record({
      reportingUser: text,
      allegedAbuserUri: text,
      reasonCode: fc.integer({ min: 0, max: 255 }),
      note: text,
      messages: fc.array(fc.record({ messageContent: bytes, frank, acceptedTimestamp: u64 }), {
        maxLength: 3,
      }),
      extensions: fc.array(fc.record({ id: u16, data: bytes }), { maxLength: 3 }),
    }),
    wire.encodeAbuseReport,
    wire.decodeAbuseReport,
  ),
  row('ModeReport', bytes, wire.encodeModeReport, wire.decodeModeReport),
  row(
    'ProvenReport',
    fc.record({ epoch: u64, report: bytes, proof: bytes }),
    wire.encodeProvenReport,
    wire.decodeProvenReport,
  ),
  row<wire.ModeMessage>(
    'ModeMessage',
    fc.record({
      request: fc.record({ protocol, appMessage: application, sendingUri: text }),
      frank: maybe(
        fc.record({
          keyId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
          blind: fc.uint8Array({ minLength: 32, maxLength: 32 }),
        }),
      ),
      proof: bytes,
    }),
    wire.encodeModeMessage,
    wire.decodeModeMessage,
  ),
  row(
    'SubmitMessageRequest',
    fc.record({ protocol, appMessage: application, sendingUri: text }),
    wire.encodeSubmitMessageRequest,
    wire.decodeSubmitMessageRequest,
  ),
  row(
    'SubmitMessageResponse',
    submitMessageResponse,
    wire.encodeSubmitMessageResponse,
    wire.decodeSubmitMessageResponse,
  ),
  row('FanoutMessage', fanoutMessage, wire.encodeFanoutMessage, wire.decodeFanoutMessage),
  row<readonly wire.FanoutMessage[]>(
    'the body of notify',
    fc.array(fanoutMessage, { minLength: 1, maxLength: 4 }),
    wire.encodeFanoutMessages,
    wire.decodeFanoutMessages,
  ),
  row(
    'GroupInfoRequest',
    fc.record({
      protocol,
      cipherSuite: u16,
      requestingSignatureKey: bytes,
      requestingCredential: credential,
      groupInfoPublicKey: bytes,
      joiningCode: maybe(bytes),
      signature: bytes,
    }),
    wire.encodeGroupInfoRequest,
    wire.decodeGroupInfoRequest,
  ),
  row(
    'GroupInfoResponse',
    groupInfoResponse,
    wire.encodeGroupInfoResponse,
    wire.decodeGroupInfoResponse,
  ),
  row<wire.GroupInfoRatchetTreeTBE>(
    'GroupInfoRatchetTreeTBE',
    fc.record({
      groupInfo,
      ratchetTree,
      pendingProposals: fc.array(fc.record({ proposal, hubAcceptedTime: u64 }), few),
    }),
    wire.encodeGroupInfoRatchetTreeTBE,
    wire.decodeGroupInfoRatchetTreeTBE,
  ),
  row(
    'RegisterDevice',
    fc.record({ clientUri: text, suite: u16, signatureKey: bytes }),
    wire.encodeRegisterDevice,
    wire.decodeRegisterDevice,
  ),
  row<wire.LocalConsent>(
    'LocalConsent',
    fc.record({ operation: fc.constantFrom('grant', 'revoke'), roomUri: maybe(text) }),
    wire.encodeLocalConsent,
    wire.decodeLocalConsent,
  ),
  row<wire.UploadKeyPackages>(
    'UploadKeyPackages',
    fc.record({ keyPackages: fc.array(bytes, few), lastResort: maybe(bytes) }),
    wire.encodeUploadKeyPackages,
    wire.decodeUploadKeyPackages,
  ),
  row(
    'UploadKeyPackagesResponse',
    fc.record({ stored: u32, stock: u32 }),
    wire.encodeUploadKeyPackagesResponse,
    wire.decodeUploadKeyPackagesResponse,
  ),
  row(
    'CreateRoom',
    fc.record({ roomUri: text, groupInfo: bytes, ratchetTree: bytes }),
    wire.encodeCreateRoom,
    wire.decodeCreateRoom,
  ),
  row(
    'SyncRequest',
    fc.record({ cursor: bytes, waitMs: u32, limit: u16 }),
    wire.encodeSyncRequest,
    wire.decodeSyncRequest,
  ),
  row('SyncEvent', syncEvent, wire.encodeSyncEvent, wire.decodeSyncEvent),
  row<wire.SyncResponse>(
    'SyncResponse',
    fc.record({ cursor: bytes, more: fc.boolean(), events: fc.array(syncEvent, few) }),
    wire.encodeSyncResponse,
    wire.decodeSyncResponse,
  ),
  row(
    'PseudonymDeclaration',
    fc.record({ suite: u16, pseudonymKey: bytes, signature: bytes }),
    wire.encodePseudonymDeclaration,
    wire.decodePseudonymDeclaration,
  ),
  row<wire.SignedOrder>(
    'SignedOrder',
    fc.record({
      order: fc.record({
        provider: text,
        room,
        pseudonym: user,
        reason: text,
        notAfter: u64,
        nonce: octets(wire.ORDER_NONCE_BYTES),
      }),
      signatures: fc.array(fc.record({ officer: text, signature: bytes }), few),
    }),
    wire.encodeSignedOrder,
    wire.decodeSignedOrder,
  ),
  row<wire.BanNotice>(
    'BanNotice',
    fc.record({ room, pseudonym: user, banned: fc.boolean(), at: u64, signature: bytes }),
    wire.encodeBanNotice,
    wire.decodeBanNotice,
  ),
  row<wire.BanReceipt>(
    'BanReceipt',
    fc.record({ provider: text, noticeHash: octets(32), at: u64, signature: bytes }),
    wire.encodeBanReceipt,
    wire.decodeBanReceipt,
  ),
  row<wire.BanComplaint>(
    'BanComplaint',
    fc.record({ room, banned: openedPseudonym, found: openedPseudonym }),
    wire.encodeBanComplaint,
    wire.decodeBanComplaint,
  ),
  row<wire.EscrowCase>(
    'EscrowCase',
    fc.record({
      room,
      pseudonym: user,
      client,
      reason: text,
      suite: u16,
      credential: bytes,
      signatureKey: bytes,
      versions: fc.array(bytes, few),
    }),
    wire.encodeEscrowCase,
    wire.decodeEscrowCase,
  ),
  row<wire.EscrowShare>(
    'EscrowShare',
    fc.record({ party: text, caseHash: octets(32), halves: fc.array(bytes, few) }),
    wire.encodeEscrowShare,
    wire.decodeEscrowShare,
  ),
];
