// A malicious member: takes any content and authenticates it as RFC 9420, sections 6.1 and 6.2, asks, so that what
// stands behind signature and membership tag is reached. test/fuzz/support/insider.ts does the same.

use crate::prepared::{Prepared, identity};

/// opaque value<V> of RFC 9420, section 2.1.2.
pub fn vector(value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("a short value");
    let mut framed = match length {
        0..0x40 => vec![length as u8],
        0x40..0x4000 => (0x4000 | length as u16).to_be_bytes().to_vec(),
        _ => (0x8000_0000 | length).to_be_bytes().to_vec(),
    };
    framed.extend_from_slice(value);
    framed
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    exedra_core::hash(1, bytes).ok().expect("a hash")
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let pad = |with: u8| {
        let mut block = [with; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block.to_vec()
    };
    let inner = sha256(&[pad(0x36), message.to_vec()].concat());
    sha256(&[pad(0x5c), inner].concat())
}

/// Who signs.
#[derive(Clone, Copy, PartialEq)]
pub enum Signer {
    Alice,
    Carol,
}

fn sign(prepared: &Prepared, signer: Signer, label: &str, content: &[u8]) -> Vec<u8> {
    let (_store, identity) = match signer {
        Signer::Alice => identity(&prepared.alice, &prepared.alice_key),
        Signer::Carol => identity(&prepared.carol, &prepared.carol_key),
    };
    identity.sign(label, content).ok().expect("a signature")
}

/// The content with its signature behind it, as a vector.
pub fn signed(prepared: &Prepared, signer: Signer, label: &str, content: &[u8]) -> Vec<u8> {
    let signature = vector(&sign(prepared, signer, label, content));
    [content, &signature].concat()
}

const PUBLIC_MESSAGE: [u8; 4] = [0, 1, 0, 1];
const MEMBER: u8 = 1;
const NEW_MEMBER_PROPOSAL: u8 = 3;
const NEW_MEMBER_COMMIT: u8 = 4;
const COMMIT: u8 = 3;

/// The MLSMessage with `content` (content type, then the struct) of whom `who` selects: 0 alice, 1 and 2 carol, who
/// joins by commit or proposal; from 128 on, alice as the member with the leaf index beyond.
pub fn authenticated(prepared: &Prepared, who: u8, content: &[u8]) -> Vec<u8> {
    let kind = if who < 128 { who % 3 } else { 0 };
    let sender = match kind {
        0 => vec![MEMBER, 0, 0, 0, who.saturating_sub(128)],
        1 => vec![NEW_MEMBER_COMMIT],
        _ => vec![NEW_MEMBER_PROPOSAL],
    };
    let context: &[u8] = if kind == 2 {
        &[]
    } else {
        &prepared.group_context
    };
    let framed = [
        vector(&prepared.group_id),
        epoch(&prepared.group_context).to_vec(),
        sender,
        vector(&[]),
        content.to_vec(),
    ]
    .concat();
    let to_sign = [&PUBLIC_MESSAGE, framed.as_slice(), context].concat();
    let signer = if kind == 0 {
        Signer::Alice
    } else {
        Signer::Carol
    };
    let mut auth = vector(&sign(prepared, signer, "FramedContentTBS", &to_sign));
    if content.first() == Some(&COMMIT) {
        // A hub cannot tell that it is wrong, and at a member everything else is checked before.
        auth.extend(vector(&[0; 32]));
    }
    let mut message = [&PUBLIC_MESSAGE, framed.as_slice(), &auth].concat();
    if kind == 0 {
        let tagged = [to_sign, auth].concat();
        message.extend(vector(&hmac(&prepared.membership_key, &tagged)));
    }
    message
}

/// The epoch in a GroupContext; the group id before it is short.
fn epoch(context: &[u8]) -> &[u8] {
    let id = usize::from(context[4]);
    &context[5 + id..13 + id]
}

/// A KeyPackage of carol's from its head (version, suite, init key), the fields of its leaf, and its extensions.
pub fn key_package(prepared: &Prepared, head: &[u8], leaf: &[u8], extensions: &[u8]) -> Vec<u8> {
    let leaf = signed(prepared, Signer::Carol, "LeafNodeTBS", leaf);
    let content = [head, &leaf, extensions].concat();
    signed(prepared, Signer::Carol, "KeyPackageTBS", &content)
}
