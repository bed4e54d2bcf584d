// Proposals of an external sender (RFC 9420, section 12.1.8.1): the hub's own say about who is in a group.

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;

use crate::algorithms::SigningKey;
use crate::crypto::signing_key;
use crate::error::{Error, Result};
use crate::provider::Provider;

struct ExternalSigner {
    suite: Ciphersuite,
    key: SigningKey,
}

impl Signer for ExternalSigner {
    fn sign(&self, payload: &[u8]) -> std::result::Result<Vec<u8>, SignerError> {
        self.key.sign(payload).map_err(SignerError::CryptoError)
    }

    fn signature_scheme(&self) -> SignatureScheme {
        self.suite.signature_algorithm()
    }
}

/// What a Remove is about.
pub struct Removal<'a> {
    pub group_id: &'a [u8],
    pub epoch: u64,
    /// Place of the sender in the ExternalSenders extension.
    pub sender_index: u32,
    pub leaf_index: u32,
}

/// The MLSMessage of a Remove by an external sender.
pub fn remove(suite: Ciphersuite, private_key: &[u8], removal: &Removal) -> Result<Vec<u8>> {
    let signer = ExternalSigner {
        suite,
        key: signing_key(suite, private_key)?,
    };
    ExternalProposal::new_remove::<Provider>(
        LeafNodeIndex::new(removal.leaf_index),
        GroupId::from_slice(removal.group_id),
        GroupEpoch::from(removal.epoch),
        &signer,
        SenderExtensionIndex::new(removal.sender_index),
    )
    .map_err(|e| Error::internal(&e))?
    .tls_serialize_detached()
    .map_err(|e| Error::internal(&e))
}
