// Damaged copies of a commit: as they come, and signed again by their sender, so that what stands behind the check of
// the signature is reached as well.

use openmls_traits::signatures::Signer;
use openmls_traits::types::SignatureScheme;
use tls_codec::{Serialize as _, VLByteSlice};

/// SplitMix64: repeatable, and good enough to choose.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ (value >> 31)) % limit as u64) as usize
    }
}

/// Another message: a bit turned, bytes cut off or added.
pub fn damaged(message: &[u8], random: &mut Random) -> Vec<u8> {
    let mut copy = message.to_vec();
    let at = random.below(copy.len());
    match random.below(8) {
        0 => copy.truncate(at),
        1 => copy.insert(at, copy[at] ^ 1),
        2 => drop(copy.remove(at)),
        _ => copy[at] ^= 1 << random.below(8),
    }
    copy
}

/// Version and wire format, RFC 9420, section 6.
const HEADER: usize = 4;
/// Behind the content of a commit by a member: confirmation tag and membership tag, each with its length.
const TAGS: usize = 2 * 33;
/// An Ed25519 signature with its length.
const SIGNATURE: usize = 66;

/// The commit with a bit of its content turned and a signature that holds. No member accepts it, as its membership tag
/// does not hold; a hub cannot check that. None for signatures of varying length.
pub fn signed_again(
    commit: &[u8],
    group_context: &[u8],
    key: &impl Signer,
    random: &mut Random,
) -> Option<Vec<u8>> {
    if key.signature_scheme() != SignatureScheme::ED25519 {
        return None;
    }
    let (content, tags) = commit.split_at(commit.len() - TAGS);
    let mut content = content[..content.len() - SIGNATURE].to_vec();
    let at = HEADER + random.below(content.len() - HEADER);
    content[at] ^= 1 << random.below(8);

    // FramedContentTBS of section 6.1, in the frame of SignWithLabel, section 5.1.2.
    let signed = [content.as_slice(), group_context].concat();
    let mut framed = Vec::new();
    for part in [b"MLS 1.0 FramedContentTBS".as_slice(), &signed] {
        framed.extend(VLByteSlice(part).tls_serialize_detached().unwrap());
    }
    let signature = key.sign(&framed).ok()?;
    content.extend(VLByteSlice(&signature).tls_serialize_detached().unwrap());
    content.extend(tags);
    Some(content)
}
