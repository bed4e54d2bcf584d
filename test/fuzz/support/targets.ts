// One target for each entry of ts/mls that takes bytes: gives it an input and checks what comes back. The first byte
// of an input selects the prepared group. rust-core/fuzz/src/targets.rs gives the same inputs to the core natively.

import { createHash } from 'node:crypto';
import {
  type AeadInput,
  AttachmentCipher,
  aeadOpen,
  aeadSeal,
  type CipherSuite,
  ContentHash,
  createKeyPackage,
  decryptWithLabel,
  encryptDerived,
  encryptWithLabel,
  Group,
  HubGroup,
  hkdfExpand,
  hkdfExtract,
  hmac,
  Identity,
  importKeyPackage,
  inspectKeyPackage,
  keyPackageRef,
  MemberStore,
  MlsError,
  messageIdDraft08,
  messageIdsDraft04,
  signWithLabel,
  storePsk,
  verifyWithLabel,
} from '../../../ts/mls/index.ts';
import { bytes } from '../../unit/mls/devices.ts';
import { authenticated, signedGroupInfo, signedKeyPackage } from './insider.ts';
import { attempt, Finding, must, Room, same, sameWhenRestored, type Verdict } from './live.ts';
import { splitParts } from './parts.ts';
import { bytesOfRows, type Prepared, prepared, rowsOfBytes } from './prepared.ts';

const empty = new Uint8Array();
const text = new TextDecoder();

/** Runs a call that changes a store when it succeeds, and must not when it fails. */
function onStore(rows: Prepared['carol'], call: (store: MemberStore) => void): Verdict {
  const store = MemberStore.restore(rows);
  const before = bytesOfRows(store.rows());
  const verdict = attempt(() => call(store));
  const unchanged = verdict === 'accepted' || same(bytesOfRows(store.rows()), before);
  store[Symbol.dispose]();
  must(unchanged, `${verdict} changed the rows`);
  return verdict;
}

function welcome({ prepared }: Room, input: Uint8Array): Verdict {
  const [message = empty, tree] = splitParts(input);
  return onStore(prepared.carol, (store) => {
    const group = Group.join(store, message, tree);
    group.encrypt(bytes('hello'));
    group.epochAuthenticator();
    group[Symbol.dispose]();
  });
}

function joinExternally(prepared: Prepared, parts: readonly Uint8Array[]): Verdict {
  const [groupInfo = empty, tree = empty, aad, ...proposals] = parts;
  return onStore(prepared.carol, (store) => {
    const before = bytesOfRows(store.rows());
    const identity = Identity.load(store, prepared.carolKey);
    try {
      const joined = Group.joinExternally(store, identity, groupInfo, tree, { aad, proposals });
      joined.group.discardPending();
      joined.group[Symbol.dispose]();
      must(same(bytesOfRows(store.rows()), before), 'a discarded join left rows');
    } finally {
      identity[Symbol.dispose]();
    }
  });
}

function track(groupInfo: Uint8Array, tree: Uint8Array): Verdict {
  return attempt(() => {
    const hub = HubGroup.track(groupInfo, tree);
    sameWhenRestored(hub);
    hub[Symbol.dispose]();
  });
}

/** The checksum is set right, so that the rest is reached; see rust-core/fuzz/src/targets.rs. */
function hubRestore({ prepared }: Room, input: Uint8Array): Verdict {
  const content = input.subarray(0, Math.max(0, input.length - 8));
  const sum = createHash('sha256').update(content).digest().subarray(0, 8);
  let hub: HubGroup | undefined;
  const tryIt = (call: (hub: HubGroup) => unknown): Verdict =>
    attempt(() => hub !== undefined && call(hub), ['internal']);
  const verdict = attempt(() => {
    hub = HubGroup.restore(Buffer.concat([content, sum]));
  }, ['internal']);
  tryIt((live) => live.members());
  tryIt((live) => live.pendingProposals());
  tryIt((live) => live.ratchetTree());
  tryIt((live) => live.verifyGroupInfo(prepared.groupInfo));
  tryIt((live) => live.apply(live.process(prepared.goodCommit)));
  tryIt((live) => live.snapshot());
  hub?.[Symbol.dispose]();
  return verdict;
}

function storeRestore({ prepared }: Room, input: Uint8Array): Verdict {
  const store = MemberStore.restore(rowsOfBytes(input));
  const tryIt = (call: () => unknown): Verdict => attempt(call, ['internal']);
  for (const key of [prepared.aliceKey, prepared.carolKey]) {
    tryIt(() => {
      const identity = Identity.load(store, key);
      tryIt(() => identity.sign('Label', bytes('content')));
      tryIt(() => createKeyPackage(store, identity));
      identity[Symbol.dispose]();
    });
  }
  let group: Group | undefined;
  const verdict = tryIt(() => {
    group = Group.load(store, prepared.groupId);
  });
  const live = group;
  if (live !== undefined) {
    tryIt(() => live.members());
    tryIt(() => live.ratchetTree());
    tryIt(() => live.epochAuthenticator());
    tryIt(() => live.exportSecret('label', bytes('context'), 32));
    tryIt(() => live.groupInfo());
    tryIt(() => live.pendingProposals());
    tryIt(() => live.process(prepared.goodMessage));
    tryIt(() => live.process(prepared.goodCommit));
    tryIt(() => live.discardPending());
    tryIt(() => live.propose({ update: true }));
    tryIt(() => live.commit({ update: true }));
    tryIt(() => live.acceptPending());
    tryIt(() => live.encrypt(bytes('hello')));
    tryIt(() => live.delete());
    live[Symbol.dispose]();
  }
  store[Symbol.dispose]();
  return verdict;
}

/** An input that begins with an odd byte lacks its signature, which alice makes. */
function groupInfo(room: Room, input: Uint8Array): Verdict {
  const [flags = 0] = input;
  const rest = input.subarray(1);
  const made = flags % 2 === 1 ? signedGroupInfo(room.prepared, rest) : rest;
  track(made, room.prepared.tree);
  joinExternally(room.prepared, [made, room.prepared.tree]);
  return room.verifyGroupInfo(made);
}

function keyPackage({ prepared }: Room, input: Uint8Array): Verdict {
  const verdict = attempt(() => inspectKeyPackage(input));
  const reference = attempt(() => keyPackageRef(input));
  must(verdict !== 'accepted' || reference === 'accepted', 'a valid key package without reference');
  const withGroup = (call: (group: Group) => void): Verdict =>
    onStore(prepared.alice, (store) => {
      const group = Group.load(store, prepared.groupId);
      if (group === undefined) throw new Finding('the group is gone');
      try {
        call(group);
      } finally {
        group[Symbol.dispose]();
      }
    });
  withGroup((group) => group.propose({ add: input }));
  const committed = withGroup((group) => {
    group.commit({ add: [input] });
    group.acceptPending();
    group.encrypt(bytes('hello'));
  });
  must(committed !== 'accepted' || verdict === 'accepted', 'an invalid key package was added');
  return verdict;
}

function lists({ prepared }: Room, input: Uint8Array): Verdict {
  const parts = splitParts(input);
  joinExternally(prepared, [prepared.groupInfo, prepared.tree, empty, ...parts]);
  return onStore(prepared.alice, (store) => {
    const group = Group.load(store, prepared.groupId);
    try {
      group?.commit({ add: parts, update: true, aad: input });
    } finally {
      group?.[Symbol.dispose]();
    }
  });
}

/** A key package with its private keys, and a pre-shared key, into a store of their own. */
function importKeys(_: Room, input: Uint8Array): Verdict {
  const [keyPackage = empty, initKey = empty, encryptionKey = empty, signatureKey = empty] =
    splitParts(input);
  const [, , , , id = empty, psk = empty] = splitParts(input);
  return onStore([], (store) => {
    const ref = importKeyPackage(store, { keyPackage, initKey, encryptionKey, signatureKey });
    must(same(ref, keyPackageRef(keyPackage)), 'an imported key package has another reference');
    storePsk(store, id, psk);
  });
}

function primitives({ prepared: { suite } }: Room, input: Uint8Array): Verdict {
  const [operation = 0] = input;
  const [key = empty, label = empty, content = empty, more = empty, last = empty] = splitParts(
    input.subarray(1),
  );
  const name = text.decode(label);
  const salt = new Uint8Array(16);
  salt.set(more.subarray(0, 16));
  const calls: (() => unknown)[] = [
    () => signWithLabel(suite, key, name, content),
    () => {
      if (!verifyWithLabel(suite, key, name, content, more)) throw new MlsError('invalidSignature');
    },
    () => encryptWithLabel(suite, key, name, content, more),
    () => decryptWithLabel(suite, key, name, content, { kemOutput: more, ciphertext: last }),
    () =>
      messageIdDraft08({ senderUri: text.decode(key), roomUri: name, container: content, salt }),
    () => hkdfExtract(suite, key, content),
    () => hkdfExpand(suite, key, content, 40 * (last[0] ?? 0)),
    () => hmac(suite, key, content),
    () => aeadSeal(suite, { key, nonce: content, aad: more }, last),
    () => aeadOpen(suite, { key, nonce: content, aad: more }, last),
    () => attachment(label[0] ?? 0, { key, nonce: content, aad: more }, last),
    () => encryptDerived(suite, last, key, name, content, more),
  ];
  return attempt(() => calls[operation % calls.length]?.());
}

/** What is sealed in one piece opens in two, and its hash is the host's. */
function attachment(algorithm: number, secrets: AeadInput, content: Uint8Array): void {
  const [sealing, opening] = [1, 2].map(() => new AttachmentCipher(algorithm, secrets));
  const hash = new ContentHash();
  const ciphertext = sealing?.seal(content) ?? empty;
  const middle = ciphertext.length >> 1;
  const pieces = [ciphertext.subarray(0, middle), ciphertext.subarray(middle)];
  const opened = pieces.flatMap((piece) => [...(opening?.open(piece) ?? [])]);
  for (const piece of pieces) hash.update(piece);
  opening?.verify(sealing?.tag() ?? empty);
  must(same(Uint8Array.from(opened), content), 'an attachment does not open as it was sealed');
  const expected = createHash('sha256').update(ciphertext).digest();
  must(same(hash.soFar(), expected), 'pieces have another hash than the whole');
  for (const handle of [sealing, opening, hash]) handle?.[Symbol.dispose]();
}

/** Whatever is accepted has the ids that the host's hash gives. */
function hashBatch({ prepared: { suite } }: Room, input: Uint8Array): Verdict {
  const [numbers = empty, buffer = empty] = splitParts(input);
  const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const offsets = Uint32Array.from({ length: numbers.length >> 2 }, (_, at) =>
    view.getUint32(4 * at, true),
  );
  return attempt(() => {
    const ids = messageIdsDraft04(suite, buffer, offsets);
    const expected = Array.from({ length: Math.max(0, offsets.length - 1) }, (_, at) =>
      createHash('sha256')
        .update(buffer.subarray(offsets[at], offsets[at + 1]))
        .digest(),
    );
    must(same(ids, Buffer.concat(expected)), 'a batch has other ids than its messages');
  });
}

type Run = (room: Room, input: Uint8Array) => Verdict;

const runs: Readonly<Record<string, Run>> = {
  'group-process': (room, input) => room.processAsMember(input),
  'hub-process': (room, input) => room.processAsHub(input),
  insider: (room, input) => {
    const message = authenticated(room.prepared, input[0] ?? 0, input.subarray(1));
    room.processAsMember(message);
    return room.processAsHub(message);
  },
  welcome,
  'external-join': (room, input) => joinExternally(room.prepared, splitParts(input)),
  'hub-track': (_, input) => {
    const [info = empty, tree = empty] = splitParts(input);
    return track(info, tree);
  },
  'hub-restore': hubRestore,
  'group-info': groupInfo,
  'store-restore': storeRestore,
  'key-package': keyPackage,
  'signed-key-package': (room, input) => {
    const [head = empty, leaf = empty, extensions = empty] = splitParts(input);
    return keyPackage(room, signedKeyPackage(room.prepared, head, leaf, extensions));
  },
  lists,
  import: importKeys,
  primitives,
  'hash-batch': hashBatch,
};

/** The names of the targets, which are also those of the folders of fuzz/corpus. */
export const targetNames: readonly string[] = Object.keys(runs);

const rooms = new Map<CipherSuite, Room>();

/** Gives an input to a target. Throws Finding. */
export function runTarget(name: string, input: Uint8Array): Verdict {
  const state = prepared(input[0] ?? 0);
  const room = rooms.get(state.suite) ?? new Room(state);
  rooms.set(state.suite, room);
  const run = runs[name];
  if (run === undefined) throw new RangeError(`there is no target ${name}`);
  return run(room, input.subarray(1));
}
