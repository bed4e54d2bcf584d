// Encryption keys that HPKE can seal to (RFC 9420, section 5.1.1; RFC 9180, section 7.1.4). OpenMLS takes any bytes
// for one; the first who seals to such a key fails, and with it every commit that has to: an Add that waits with a
// bad init key would bring the group to a standstill.

use openmls::prelude::tls_codec::{Serialize as _, VLBytes};
use openmls::prelude::*;
use openmls_traits::types::HpkeKemType;

use crate::crypto::encrypt_with_label;
use crate::decode;
use crate::error::{Code, Error, Result};

/// The u-coordinates of small order on Curve25519, without those above 2^255: with them, all would share a secret
/// that everybody knows.
const SMALL_ORDER: [[u8; 32]; 4] = [
    [0; 32],
    low(1),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
];

const fn low(value: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = value;
    bytes
}

/// p - 1, p and p + 1 for p = 2^255 - 19: the same points as -1, 0 and 1.
fn is_near_the_prime(key: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = key;
    (0xec..=0xee).contains(first) && middle.iter().all(|byte| *byte == 0xff) && *last == 0x7f
}

fn is_sound(suite: Ciphersuite, key: &[u8]) -> bool {
    if suite.hpke_config().0 != HpkeKemType::DhKem25519 {
        return encrypt_with_label(suite, key, "", &[], &[]).is_ok();
    }
    let Ok(mut key) = <[u8; 32]>::try_from(key) else {
        return false;
    };
    // X25519 ignores the highest bit (RFC 7748, section 5).
    key[31] &= 0x7f;
    !SMALL_ORDER.contains(&key) && !is_near_the_prime(&key)
}

/// The encryption key of a leaf; OpenMLS shows its bytes as a vector only.
pub fn of_leaf(leaf: &LeafNode) -> Result<Vec<u8>> {
    let framed = leaf
        .encryption_key()
        .tls_serialize_detached()
        .map_err(|e| Error::internal(&e))?;
    Ok(decode::exact::<VLBytes>(&framed)?.into())
}

/// Refuses with `code` a leaf that nobody could encrypt a path secret to.
fn check_leaf(suite: Ciphersuite, leaf: &LeafNode, code: Code) -> Result<()> {
    if is_sound(suite, &of_leaf(leaf)?) {
        Ok(())
    } else {
        Err(Error::new(code, "InvalidEncryptionKey"))
    }
}

/// Refuses a key package that no Welcome could be made for.
pub fn check_key_package(key_package: &KeyPackage, code: Code) -> Result<()> {
    let suite = key_package.ciphersuite();
    if !is_sound(suite, key_package.hpke_init_key().as_slice()) {
        return Err(Error::new(code, "InvalidInitKey"));
    }
    check_leaf(suite, key_package.leaf_node(), code)
}

/// Refuses a proposal that brings in such a key.
pub fn check_proposal(suite: Ciphersuite, proposal: &QueuedProposal, code: Code) -> Result<()> {
    match proposal.proposal() {
        Proposal::Add(add) => check_key_package(add.key_package(), code),
        Proposal::Update(update) => check_leaf(suite, update.leaf_node(), code),
        _ => Ok(()),
    }
}

/// Refuses a commit that brings in such a key.
pub fn check_commit(suite: Ciphersuite, staged: &StagedCommit) -> Result<()> {
    for proposal in staged.queued_proposals() {
        check_proposal(suite, proposal, Code::InvalidCommit)?;
    }
    match staged.update_path_leaf_node() {
        Some(leaf) => check_leaf(suite, leaf, Code::InvalidCommit),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::crypto::generate_hpke_key_pair;
    use crate::provider::SUITES;

    #[test]
    fn a_generated_key_is_sound_and_one_of_another_length_is_not() {
        for suite in SUITES {
            let (key, _) = generate_hpke_key_pair(suite).unwrap();
            assert!(is_sound(suite, &key));
            assert!(!is_sound(suite, &key[1..]));
            assert!(!is_sound(suite, &[key.as_slice(), &[0]].concat()));
            assert!(!is_sound(suite, &[]));
        }
    }

    #[test]
    fn a_point_of_small_order_is_not_sound_however_it_is_written() {
        let suite = SUITES[0];
        let near = [0xec, 0xed, 0xee].map(|first| {
            let mut key = [0xff; 32];
            (key[0], key[31]) = (first, 0x7f);
            key
        });
        for point in SMALL_ORDER.into_iter().chain(near) {
            let mut twin = point;
            twin[31] |= 0x80;
            assert!(!is_sound(suite, &point) && !is_sound(suite, &twin));
        }
        // Neighbours of the list.
        assert!(is_sound(suite, &low(2)));
        let mut above = [0xff; 32];
        (above[0], above[31]) = (0xef, 0x7f);
        assert!(is_sound(suite, &above));
    }

    #[test]
    fn a_point_off_the_curve_p256_is_not_sound() {
        let suite = SUITES[1];
        let (mut key, _) = generate_hpke_key_pair(suite).unwrap();
        key[64] ^= 1;
        assert!(!is_sound(suite, &key));
    }
}
