// One target for each entry of the boundary that takes bytes. The first byte of an input selects the prepared group;
// test/fuzz/support/targets.ts gives the same inputs to the same entries through WebAssembly.

use exedra_core::*;

use crate::insider::{self, Signer};
use crate::live::{Hub, Member, same_when_restored};
use crate::outcome::{Refusal, damaged_outcome, outcome};
use crate::parts::{part, split};
use crate::prepared::{self, Prepared};
use crate::stored;

/// What a process keeps between inputs.
pub struct Bench {
    rooms: [Room; 3],
}

struct Room {
    prepared: &'static Prepared,
    member: Member,
    hub: Hub,
}

impl Default for Bench {
    fn default() -> Self {
        let room = |prepared| Room {
            prepared,
            member: Member::new(prepared),
            hub: Hub::new(prepared),
        };
        Self {
            rooms: Prepared::all().map(room),
        }
    }
}

pub type Run = fn(&mut Bench, &[u8]) -> Result<(), Refusal>;

pub const TARGETS: &[(&str, Run)] = &[
    ("group-process", |bench, input| {
        in_room(bench, input, |room, message| room.member.process(message))
    }),
    ("hub-process", |bench, input| {
        in_room(bench, input, |room, message| room.hub.process(message))
    }),
    ("insider", |bench, input| in_room(bench, input, insider)),
    ("welcome", |bench, input| in_room(bench, input, welcome)),
    ("external-join", |bench, input| {
        in_room(bench, input, external_join)
    }),
    ("hub-track", |bench, input| in_room(bench, input, hub_track)),
    ("hub-restore", |bench, input| {
        in_room(bench, input, hub_restore)
    }),
    ("group-info", |bench, input| {
        in_room(bench, input, group_info)
    }),
    ("store-restore", |bench, input| {
        in_room(bench, input, store_restore)
    }),
    ("key-package", |bench, input| {
        in_room(bench, input, |room, bytes| {
            key_package(room.prepared, bytes)
        })
    }),
    ("signed-key-package", |bench, input| {
        in_room(bench, input, signed_key_package)
    }),
    ("import", |bench, input| in_room(bench, input, import)),
    ("lists", |bench, input| in_room(bench, input, lists)),
    ("primitives", |bench, input| {
        in_room(bench, input, primitives)
    }),
    ("hash-batch", |bench, input| {
        in_room(bench, input, hash_batch)
    }),
    ("codec", |_, input| stored::decode(input)),
];

/// The target with this name.
pub fn named(name: &str) -> Option<Run> {
    TARGETS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, run)| *run)
}

fn in_room(
    bench: &mut Bench,
    input: &[u8],
    run: impl FnOnce(&mut Room, &[u8]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let (selector, rest) = input.split_first().ok_or("malformed")?;
    run(&mut bench.rooms[usize::from(*selector) % 3], rest)
}

fn insider(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let (&who, content) = input.split_first().ok_or("malformed")?;
    let message = insider::authenticated(room.prepared, who, content);
    // A member finds more to refuse than a hub, such as the confirmation tag.
    let _ = room.member.process(&message);
    room.hub.process(&message)
}

fn welcome(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let parts = split(input);
    let store = prepared::store(&room.prepared.carol);
    let before = store.rows();
    let tree = parts.get(1).map(|tree| tree.to_vec());
    match outcome!(CoreGroup::join(&store, part(&parts, 0), tree, false)) {
        Ok(group) => {
            outcome!(group.encrypt(b"hello", b"", 0))?;
            outcome!(group.epoch_authenticator()).map(|_| ())
        }
        Err(code) => {
            assert!(store.rows() == before, "{code} changed the rows");
            Err(code)
        }
    }
}

fn external_join(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let parts = split(input);
    let proposals = parts.get(3..).unwrap_or_default();
    let options = join_options(part(&parts, 2), proposals);
    join_externally(room.prepared, part(&parts, 0), part(&parts, 1), &options)
}

/// A request of ts/mls/group_options.ts: authenticated data, proposals, public handshakes, no components.
fn join_options(aad: &[u8], proposals: &[&[u8]]) -> Vec<u8> {
    let framed = |bytes: &[u8]| [&(bytes.len() as u32).to_le_bytes(), bytes].concat();
    let mut options = framed(aad);
    options.extend((proposals.len() as u32).to_le_bytes());
    for proposal in proposals {
        options.extend(framed(proposal));
    }
    options.extend([0; 5]);
    options
}

fn join_externally(
    prepared: &Prepared,
    group_info: &[u8],
    tree: &[u8],
    options: &[u8],
) -> Result<(), Refusal> {
    let (store, identity) = prepared::identity(&prepared.carol, &prepared.carol_key);
    let before = store.rows();
    let tree = Some(tree.to_vec());
    let joined = CoreGroup::join_externally(&store, &identity, group_info, tree, options);
    match outcome!(joined) {
        Ok(group) => {
            outcome!(group.take_external_commit())?;
            outcome!(group.discard_pending())?;
            assert!(store.rows() == before, "a discarded join left rows");
            Ok(())
        }
        Err(code) => {
            assert!(store.rows() == before, "{code} changed the rows");
            Err(code)
        }
    }
}

fn hub_track(_: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let parts = split(input);
    let hub = outcome!(CoreHubGroup::track(part(&parts, 0), part(&parts, 1)))?;
    same_when_restored(&hub);
    Ok(())
}

/// The checksum keeps damage out, not whoever can write the store: it is set right, so that the rest is reached.
fn hub_restore(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let content = input
        .get(..input.len().saturating_sub(8))
        .unwrap_or_default();
    let sum = outcome!(hash(1, content))?;
    let snapshot = [content, &sum[..8]].concat();
    let hub = damaged_outcome!(CoreHubGroup::restore(&snapshot))?;
    let _ = damaged_outcome!(hub.members());
    let _ = damaged_outcome!(hub.pending_proposals());
    let _ = damaged_outcome!(hub.ratchet_tree());
    let _ = damaged_outcome!(hub.verify_group_info(&room.prepared.group_info));
    if damaged_outcome!(hub.process(&room.prepared.good_commit)).is_ok() {
        let _ = damaged_outcome!(hub.apply(1));
    }
    damaged_outcome!(hub.snapshot()).map(|_| ())
}

/// An input that begins with an odd byte lacks its signature, which alice makes.
fn group_info(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let (&flags, bytes) = input.split_first().ok_or("malformed")?;
    let made = if flags & 1 == 1 {
        insider::signed(room.prepared, Signer::Alice, "GroupInfoTBS", bytes)
    } else {
        bytes.to_vec()
    };
    let tree = &room.prepared.tree;
    let _ = outcome!(CoreHubGroup::track(&made, tree)).map(|hub| same_when_restored(&hub));
    let _ = join_externally(room.prepared, &made, tree, &join_options(b"", &[]));
    room.hub.verify_group_info(&made)
}

fn store_restore(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let Prepared {
        group_id,
        alice_key,
        carol_key,
        ..
    } = room.prepared;
    let store = CoreStore::new();
    for row in split(input).chunks_exact(2) {
        store.restore_row(part(row, 0), part(row, 1));
    }
    for key in [alice_key, carol_key] {
        if let Ok(identity) = damaged_outcome!(CoreIdentity::load(&store, key)) {
            let _ = damaged_outcome!(identity.sign("Label", b"content"));
            let _ = damaged_outcome!(create_key_package(&store, &identity, false, None));
        }
    }
    let Some(group) = damaged_outcome!(CoreGroup::load(&store, group_id))? else {
        return Ok(());
    };
    let _ = damaged_outcome!(group.members());
    let _ = damaged_outcome!(group.ratchet_tree());
    let _ = damaged_outcome!(group.epoch_authenticator());
    let _ = damaged_outcome!(group.export_secret("label", b"context", 32));
    let _ = damaged_outcome!(group.group_info());
    let _ = damaged_outcome!(group.pending_proposals());
    let _ = damaged_outcome!(group.process(&room.prepared.good_message, None));
    if damaged_outcome!(group.process(&room.prepared.good_commit, None)).is_ok() {
        let _ = damaged_outcome!(group.discard(1));
    }
    let _ = damaged_outcome!(group.discard_pending());
    let _ = damaged_outcome!(group.propose_update(b"", 0));
    let _ = damaged_outcome!(group.commit(b"", &[], true, b"", 0, b""));
    let _ = damaged_outcome!(group.accept_pending());
    let _ = damaged_outcome!(group.encrypt(b"hello", b"", 0));
    damaged_outcome!(group.delete_group())
}

fn key_package(prepared: &Prepared, bytes: &[u8]) -> Result<(), Refusal> {
    let verdict = outcome!(inspect_key_package(bytes, &[1, 2, 3]));
    let reference = outcome!(key_package_ref(bytes));
    assert!(verdict.is_err() || reference.is_ok());
    let (store, group) = prepared::group(prepared, &prepared.alice);
    let before = store.rows();
    match outcome!(group.propose_add(bytes, b"", 0)) {
        Ok(_) => assert!(reference.is_ok()),
        Err(code) => assert!(store.rows() == before, "{code} changed the rows"),
    }
    let _ = outcome!(group.clear_proposals());
    let list = [&(bytes.len() as u32).to_le_bytes(), bytes].concat();
    if outcome!(group.commit(&list, &[], false, b"", 0, b"")).is_ok() {
        outcome!(group.accept_pending())?;
        outcome!(group.encrypt(b"hello", b"", 0))?;
    }
    verdict.map(|_| ())
}

/// Whoever has a key can sign whatever key package it likes.
fn signed_key_package(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let parts = split(input);
    let [head, leaf, extensions] = [0, 1, 2].map(|index| part(&parts, index));
    let made = insider::key_package(room.prepared, head, leaf, extensions);
    key_package(room.prepared, &made)
}

/// A key package with its private keys, and a pre-shared key, into a store of their own.
fn import(_: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let parts = split(input);
    let [key_package, init, encryption, signature, id] =
        [0, 1, 2, 3, 4].map(|index| part(&parts, index));
    let store = CoreStore::new();
    outcome!(store_psk(&store, id, part(&parts, 5)))?;
    let before = store.rows();
    let imported = import_key_package(&store, key_package, init, encryption, signature);
    match outcome!(imported) {
        Ok(reference) => {
            assert!(outcome!(key_package_ref(key_package))? == reference);
            outcome!(delete_key_package(&store, &reference))
        }
        Err(code) => {
            assert!(store.rows() == before, "{code} changed the rows");
            Err(code)
        }
    }
}

fn lists(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let Prepared {
        group_info, tree, ..
    } = room.prepared;
    let _ = join_externally(room.prepared, group_info, tree, input);
    let _ = join_externally(
        room.prepared,
        group_info,
        tree,
        &join_options(b"", &split(input)),
    );
    let (store, group) = prepared::group(room.prepared, &room.prepared.alice);
    let before = store.rows();
    let outcome = outcome!(group.commit(input, &[], true, input, 0, b""));
    assert!(
        outcome.is_ok() || store.rows() == before,
        "a refused commit changed the rows"
    );
    let with_more = outcome!(group.commit(b"", &[], true, b"", 0, input));
    assert!(with_more.is_ok() || outcome.is_ok() || store.rows() == before);
    outcome.map(|_| ())
}

fn primitives(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let (&operation, input) = input.split_first().ok_or("malformed")?;
    let parts = split(input);
    let [key, label, content, more, last] = [0, 1, 2, 3, 4].map(|index| part(&parts, index));
    let suite = room.prepared.suite;
    let algorithm = label.first().copied().unwrap_or_default();
    let label = String::from_utf8_lossy(label);
    match operation % 11 {
        0 => outcome!(sign_with_label(suite, key, &label, content)).map(|_| ()),
        1 => match outcome!(verify_with_label(suite, key, &label, content, more))? {
            true => Ok(()),
            false => Err("invalidSignature"),
        },
        2 => outcome!(encrypt_with_label(suite, key, &label, content, more)).map(|_| ()),
        3 => outcome!(decrypt_with_label(suite, key, &label, content, more, last)).map(|_| ()),
        4 => {
            let uri = String::from_utf8_lossy(key);
            let mut salt = more.to_vec();
            salt.resize(16, 0);
            outcome!(message_id_draft08(&uri, &label, content, &salt)).map(|_| ())
        }
        5 => outcome!(hkdf_extract(suite, key, content)).map(|_| ()),
        6 => {
            let length = u32::from(last.first().copied().unwrap_or_default()) * 40;
            outcome!(hkdf_expand(suite, key, content, length)).map(|_| ())
        }
        7 => outcome!(hmac(suite, key, content)).map(|_| ()),
        8 => outcome!(aead_seal(suite, key, content, more, last)).map(|_| ()),
        9 => outcome!(aead_open(suite, key, content, more, last)).map(|_| ()),
        _ => attachment(algorithm.into(), [key, content, more], last),
    }
}

/// What is sealed in one piece opens in two, and its hash is that of the pieces.
fn attachment(algorithm: u16, secrets: [&[u8]; 3], content: &[u8]) -> Result<(), Refusal> {
    let [key, nonce, aad] = secrets;
    let mut sealing = outcome!(CoreAttachment::start(algorithm, key, nonce, aad))?;
    let mut opening = outcome!(CoreAttachment::start(algorithm, key, nonce, aad))?;
    let ciphertext = outcome!(sealing.seal(content.to_vec()))?;
    let (mut whole, mut in_pieces) = (CoreContentHash::new(), CoreContentHash::new());
    whole.update(&ciphertext);
    let (first, second) = ciphertext.split_at(ciphertext.len() / 2);
    let mut opened = Vec::new();
    for piece in [first, second] {
        in_pieces.update(piece);
        opened.extend(outcome!(opening.open(piece.to_vec()))?);
    }
    assert!(
        opened == content,
        "an attachment does not open as it was sealed"
    );
    assert!(whole.so_far() == in_pieces.so_far());
    outcome!(opening.verify(&sealing.tag()))
}

/// Whatever is accepted has the ids that the messages have one by one.
fn hash_batch(room: &mut Room, input: &[u8]) -> Result<(), Refusal> {
    let parts = split(input);
    let (numbers, buffer) = (part(&parts, 0), part(&parts, 1));
    let offsets: Vec<u32> = numbers
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| u32::from_le_bytes(*bytes))
        .collect();
    let suite = room.prepared.suite;
    let ids = outcome!(message_ids_draft04(suite, buffer, &offsets))?;
    let mut expected = Vec::new();
    for pair in offsets.windows(2) {
        let message = &buffer[pair[0] as usize..pair[1] as usize];
        expected.extend(outcome!(message_id_draft04(suite, message))?);
    }
    assert!(ids == expected, "a batch has other ids than its messages");
    Ok(())
}
