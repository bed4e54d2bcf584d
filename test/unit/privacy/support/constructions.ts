// Every part of the privacy modes that something outside can touch: a sample, and who opens or verifies it. All have
// one secret, one key pair, one group, epoch and id, so that nothing but their labels keeps them apart.

import {
  type CipherSuite,
  decryptWithLabel,
  generateHpkeKeyPair,
  generateSignatureKeyPair,
} from '../../../../ts/mls/index.ts';
import {
  contextHash,
  makeAnnouncement,
  verifyAnnouncement,
} from '../../../../ts/privacy/parts/announcement.ts';
import {
  openClaim,
  openClaimAnswer,
  openClaimedLinkKey,
  sealClaim,
  sealClaimAnswer,
  sealClaimedLinkKey,
} from '../../../../ts/privacy/parts/claim.ts';
import {
  openRequest,
  openResponse,
  sealRequest,
  sealResponse,
} from '../../../../ts/privacy/parts/connection.ts';
import { makeContactCard, readContactCard } from '../../../../ts/privacy/parts/contact_card.ts';
import { openAsHub, openAsMember, sealEnvelope } from '../../../../ts/privacy/parts/envelope.ts';
import { signerOf } from '../../../../ts/privacy/parts/hpke.ts';
import { linkKeyHash, openLink } from '../../../../ts/privacy/parts/identity_link.ts';
import {
  decodeLinkPublic,
  joinProof,
  linkPublic,
  openJoinRecord,
  sealJoinRecord,
  verifyJoinProof,
} from '../../../../ts/privacy/parts/join_link.ts';
import { makeMandate, verifyMandate } from '../../../../ts/privacy/parts/mandate.ts';
import { readPseudonymCredential } from '../../../../ts/privacy/parts/pseudonym_credential.ts';
import { openJoin, sealJoin } from '../../../../ts/privacy/parts/sealed_join.ts';
import { openWelcome, sealWelcome } from '../../../../ts/privacy/parts/sealed_welcome.ts';
import {
  generationId,
  openForEpoch,
  openLinkKey,
  openPrevious,
  sealForEpoch,
  sealLinkKey,
  sealPrevious,
} from '../../../../ts/privacy/parts/wrapper.ts';
import {
  openNextWriteKey,
  sealNextWriteKey,
  verifyWriteMac,
  writeMac,
} from '../../../../ts/privacy/parts/write_key.ts';
import { asClientUri } from '../../../../ts/wire/index.ts';
import { device, keyPackageOf } from '../../mls/devices.ts';
import { hex } from '../../wire/support/bytes.ts';
import { welcomeMessage } from '../../wire/support/mls_samples.ts';
import { bytes, groupMessages, person, pseudonymous } from './people.ts';

export interface Construction {
  readonly name: string;
  readonly sample: Uint8Array;
  /** Throws a PrivacyError, or gives what the sample says. */
  readonly open: (sample: Uint8Array) => unknown;
  /**
   * Holds a part that only another party reads, so that damage there leaves what this one reads as it was.
   * Of everything else each bit counts.
   */
  readonly partlyForOthers?: true;
}

/** So that a Welcome of which only the ref is read needs no group. */
const welcomeRef = hex('98');

const now = 1_800_000_000_000;

export function constructions(suite: CipherSuite = 1): readonly Construction[] {
  const secret = new Uint8Array(32).fill(0x5e);
  const keys = generateHpkeKeyPair(suite);
  const signature = generateSignatureKeyPair(suite);
  const sign = signerOf(suite, signature.privateKey);
  const messages = groupMessages(suite);
  const { groupId, epoch } = messages;
  return [
    ...wrapped(groupId, epoch, secret),
    ...links(suite, groupId, epoch, secret),
    ...envelopes(),
    ...letters(),
    ...statements(),
    credential(),
  ];

  function envelopes(): Construction[] {
    const opener = { suite, groupId, epoch, privateKey: keys.privateKey };
    const envelope = sealEnvelope({
      suite,
      groupId,
      epoch,
      contentType: 'proposal',
      hubSuite: suite,
      hubKeyId: bytes('id'),
      hubKey: keys.publicKey,
      memberKeys: [keys.publicKey],
      message: messages.proposal,
    });
    const join = sealJoin({
      suite,
      groupId,
      epoch,
      epochKey: keys.publicKey,
      commit: messages.externalCommit,
    });
    const target = { suite, ref: welcomeRef, initKey: keys.publicKey, domain: 'a.example' };
    const welcome = {
      welcome: hex(welcomeMessage.replace('0199', '0198')),
      ratchetTree: bytes('tree'),
    };
    const sealedWelcome = sealWelcome(target, welcome);
    return [
      {
        name: 'an envelope for the hub',
        sample: envelope,
        open: (sample) => openAsHub(opener, sample),
        partlyForOthers: true,
      },
      {
        name: 'an envelope for members',
        sample: envelope,
        open: (sample) => openAsMember(opener, sample),
        partlyForOthers: true,
      },
      { name: 'a sealed join', sample: join, open: (sample) => openJoin(opener, sample) },
      {
        name: 'a sealed Welcome',
        sample: sealedWelcome.sealed,
        open: (sealed) =>
          openWelcome({ ...sealedWelcome, sealed }, (_, label, context, ciphertext) =>
            decryptWithLabel(suite, keys.privateKey, label, context, ciphertext),
          ),
      },
    ];
  }

  function letters(): Construction[] {
    const provider = { suite, domain: 'a.example', publicKey: keys.publicKey };
    const claimReader = { suite, domain: 'a.example', privateKey: keys.privateKey, now };
    const wanted = { token: secret, expiry: now, kind: 'real', suite } as const;
    const claim = sealClaim(provider, wanted);
    const opened = { ...openClaim(claimReader, claim.sealed), responseKey: keys.publicKey };
    const answer = sealClaimAnswer(opened, [{ keyPackage: bytes('kp'), sealedKey: bytes('') }]);
    const pendingClaim = { ...claim.pending, privateKey: keys.privateKey };

    const [alice, bob] = [person('alice', suite), person('bob', suite)];
    const card = readContactCard(makeContactCard(suite, keys.publicKey, bob));
    const asked = { card, signer: alice, connectionKey: secret, time: now };
    const { sealed, pending } = sealRequest(asked);
    const fresh = { now, maxAge: 0 };
    const reader = { suite, user: bob.user, keys, ...fresh };
    const request = { ...openRequest(reader, sealed), responseKey: keys.publicKey };
    const response = sealResponse({ request, signer: bob, connectionKey: secret, time: now });
    const asAlice = { user: alice.user, ...fresh };
    return [
      { name: 'a claim', sample: claim.sealed, open: (sample) => openClaim(claimReader, sample) },
      {
        name: 'the answer to a claim',
        sample: answer,
        open: (sample) => openClaimAnswer(pendingClaim, sample),
      },
      {
        name: 'a connection request',
        sample: sealed,
        open: (sample) => openRequest(reader, sample),
      },
      {
        name: 'a connection response',
        sample: response,
        open: (sample) => openResponse({ ...pending, keys }, asAlice, sample),
      },
    ];
  }

  function statements(): Construction[] {
    const hash = contextHash(bytes('context'));
    const announced = {
      groupId,
      epoch,
      contextHash: hash,
      publicKey: keys.publicKey,
      leafIndex: 1,
    };
    const expected = { ...announced, suite, signatureKey: signature.publicKey };
    const mandated = {
      groupId,
      sequence: epoch,
      component: 1,
      current: bytes('now'),
      update: bytes('new'),
    };
    const room = {
      suite,
      groupId,
      hubSignatureKey: signature.publicKey,
      current: () => bytes('now'),
      lastSequence: 0n,
    };
    return [
      {
        name: 'an announcement',
        sample: makeAnnouncement(announced, sign),
        open: (sample) => verifyAnnouncement(sample, expected),
      },
      {
        name: 'a mandate',
        sample: makeMandate(mandated, sign),
        open: (sample) => verifyMandate(sample, room),
      },
      {
        name: 'a contact card',
        sample: makeContactCard(suite, keys.publicKey, person('alice', suite)),
        open: readContactCard,
      },
    ];
  }

  function credential(): Construction {
    const alice = pseudonymous('alice', suite);
    const { leafSignatureKey, linkKey } = alice;
    return {
      name: 'a pseudonymous credential with its link',
      sample: alice.credential.bytes,
      open: (sample) => [
        readPseudonymCredential(sample, leafSignatureKey, suite),
        openLink({ suite, credential: sample, leafSignatureKey, linkKey }),
      ],
    };
  }
}

function wrapped(groupId: Uint8Array, epoch: bigint, secret: Uint8Array): Construction[] {
  const client = asClientUri('mimi://a.example/d/00112233445566778899aabbccddeeff');
  const generation = generationId(secret);
  const previous = { groupId, wrapper: secret, generation };
  const epochSlot = { groupId, epoch, wrapperSeal: secret };
  const clientSlot = { groupId, client, wrapper: secret };
  const hash = linkKeyHash(secret);
  const next = { groupId, epoch };
  const keyPackage = keyPackageOf(device(1, 'bob'));
  return [
    {
      name: 'a previous wrapper key',
      sample: sealPrevious(groupId, secret, secret),
      open: (sample) => openPrevious(previous, sample),
    },
    {
      name: 'a wrapper key for an epoch',
      sample: sealForEpoch(epochSlot, secret),
      open: (sample) => openForEpoch(epochSlot, generation, sample),
    },
    {
      name: 'a link key for members',
      sample: sealLinkKey(clientSlot, secret),
      open: (sample) => openLinkKey(clientSlot, hash, sample),
    },
    {
      name: 'a link key beside a key package',
      sample: sealClaimedLinkKey(secret, keyPackage, secret),
      open: (sealedKey) => openClaimedLinkKey(secret, { keyPackage, sealedKey }),
    },
    {
      name: 'a next write key',
      sample: sealNextWriteKey(secret, next, secret),
      open: (sample) => openNextWriteKey(secret, next, sample),
    },
  ];
}

function links(
  suite: CipherSuite,
  groupId: Uint8Array,
  epoch: bigint,
  secret: Uint8Array,
): Construction[] {
  const slot = { groupId, linkId: new Uint8Array(16) };
  const record = { epoch, contextHash: contextHash(bytes('context')), epochKey: bytes('key') };
  const link = { secret, epochFloor: epoch };
  const keys = decodeLinkPublic(linkPublic(suite, secret));
  const claim = { ...slot, epoch, leafSignatureKey: bytes('key') };
  const request = { endpoint: 'update', groupId, epoch, body: bytes('body') };
  return [
    {
      name: 'a join record',
      sample: sealJoinRecord(suite, slot, keys, record),
      open: (sample) => openJoinRecord(suite, slot, link, sample),
    },
    {
      name: 'a join proof',
      sample: joinProof(suite, secret, claim),
      open: (sample) => verifyJoinProof(suite, keys, claim, sample),
    },
    {
      name: 'a write MAC',
      sample: writeMac(secret, request),
      open: (sample) => verifyWriteMac(secret, request, sample),
    },
  ];
}
