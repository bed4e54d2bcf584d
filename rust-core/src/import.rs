// What was made elsewhere and is to go on here: a client's key package with its private keys, and pre-shared keys
// (RFC 9420, sections 10 and 8.4). What is taken over is checked: a private key that does not fit would show only
// when a Welcome cannot be opened.

use std::rc::Rc;

use openmls::prelude::*;
use openmls::schedule::PreSharedKeyId;
use openmls_traits::types::HpkePrivateKey;
use serde::Serialize;

use crate::crypto::{decrypt_with_label, encrypt_with_label, ref_hash};
use crate::decode;
use crate::encryption_keys;
use crate::error::{Code, Error, Result};
use crate::identity::Identity;
use crate::key_package::REF_LABEL;
use crate::provider::{Provider, crypto};
use crate::storage::{Label, key};

/// The private halves of the keys in a key package.
pub struct PrivateKeys<'a> {
    pub init: &'a [u8],
    pub encryption: &'a [u8],
    pub signature: &'a [u8],
}

/// OpenMLS's `KeyPackageBundle`, which it lets nobody else make, as it is stored.
#[derive(Serialize)]
struct Bundle<'a> {
    key_package: &'a KeyPackage,
    private_init_key: HpkePrivateKey,
    private_encryption_key: EncryptionPrivateKey,
}

#[derive(Serialize)]
struct EncryptionPrivateKey {
    key: HpkePrivateKey,
}

/// Puts a key package into the store as if it had been made there, and its identity with it; gives the reference.
pub fn key_package(
    provider: &Rc<Provider>,
    bytes: &[u8],
    private_keys: &PrivateKeys<'_>,
) -> Result<Vec<u8>> {
    let (body, suite, unverified) = decode::key_package(bytes)?;
    let key_package = unverified.validate(crypto(), ProtocolVersion::Mls10)?;
    encryption_keys::check_key_package(&key_package, Code::InvalidKeyPackage)?;
    let leaf = key_package.leaf_node();
    let init_key = key_package.hpke_init_key().as_slice();
    check_pair(suite, init_key, private_keys.init, "init_key")?;
    let encryption_key = encryption_keys::of_leaf(leaf)?;
    check_pair(
        suite,
        &encryption_key,
        private_keys.encryption,
        "encryption_key",
    )?;

    let reference = key_package
        .hash_ref(crypto())
        .map_err(|e| Error::internal(&e))?;
    let row = key(Label::KeyPackage, &reference)?;
    let bundle = Bundle {
        key_package: &key_package,
        private_init_key: private_keys.init.into(),
        private_encryption_key: EncryptionPrivateKey {
            key: private_keys.encryption.into(),
        },
    };
    provider
        .store
        .atomically(|| {
            Identity::import(
                Rc::clone(provider),
                suite,
                leaf.credential(),
                leaf.signature_key().as_slice(),
                private_keys.signature,
            )?;
            Ok(provider.store.write(row, &bundle)?)
        })
        .map_err(|(error, _)| error)?;
    ref_hash(suite, REF_LABEL, body)
}

/// Whether what is sealed to the public key opens with the private one.
fn check_pair(suite: Ciphersuite, public: &[u8], private: &[u8], name: &str) -> Result<()> {
    let sealed = encrypt_with_label(suite, public, "", &[], &[])?;
    decrypt_with_label(
        suite,
        private,
        "",
        &[],
        sealed.kem_output.as_slice(),
        sealed.ciphertext.as_slice(),
    )
    .map(drop)
    .map_err(|_| {
        Error::new(
            Code::InvalidArgument,
            format!("the private key does not belong to {name}"),
        )
    })
}

/// Keeps an external pre-shared key, for the commits and Welcomes that name it.
pub fn external_psk(provider: &Provider, id: &[u8], psk: &[u8]) -> Result<()> {
    PreSharedKeyId::external(id.to_vec(), Vec::new())
        .store(provider, psk)
        .map_err(|e| Error::internal(&e))
}
