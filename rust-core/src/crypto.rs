// The MLS primitives (RFC 9420, section 5) that the TypeScript layers need, so that every runtime has the same.

use openmls::prelude::tls_codec::{Serialize as _, VLByteSlice};
use openmls::prelude::*;
use openmls_traits::types::{CryptoError, HpkeCiphertext};
use zeroize::Zeroize;

use crate::algorithms::{self, SigningKey};
use crate::error::{Code, Error, Result};
use crate::provider::crypto;

const LABEL_PREFIX: &str = "MLS 1.0 ";

/// `opaque label<V>; opaque value<V>`, as signing, encrypting and references all frame their input.
fn labelled(label: &str, value: &[u8]) -> Result<Vec<u8>> {
    let label = format!("{LABEL_PREFIX}{label}");
    let mut framed = VLByteSlice(label.as_bytes())
        .tls_serialize_detached()
        .map_err(too_long)?;
    framed.extend(
        VLByteSlice(value)
            .tls_serialize_detached()
            .map_err(too_long)?,
    );
    Ok(framed)
}

fn too_long(_: tls_codec::Error) -> Error {
    Error::new(Code::InvalidArgument, "longer than a length prefix can say")
}

/// A public and a private key, in this order.
pub type KeyPair = (Vec<u8>, Vec<u8>);

pub fn generate_signature_key_pair(suite: Ciphersuite) -> Result<KeyPair> {
    let (private_key, public_key) = crypto()
        .signature_key_gen(suite.signature_algorithm())
        .map_err(|e| Error::internal(&e))?;
    Ok((public_key, private_key))
}

/// The key material that a pair is derived from must be worth a key.
fn check_key_material(ikm: &[u8]) -> Result<()> {
    const LEAST: usize = 32;
    if ikm.len() < LEAST {
        return Err(Error::new(
            Code::InvalidArgument,
            "key material of less than 32 bytes",
        ));
    }
    Ok(())
}

/// The same pair for the same key material.
pub fn derive_signature_key_pair(suite: Ciphersuite, ikm: &[u8]) -> Result<KeyPair> {
    check_key_material(ikm)?;
    let (private_key, public_key) =
        algorithms::derive_signature_key_pair(suite.signature_algorithm(), ikm)
            .map_err(|e| Error::internal(&e))?;
    Ok((public_key, private_key))
}

pub fn signing_key(suite: Ciphersuite, private_key: &[u8]) -> Result<SigningKey> {
    SigningKey::read(suite.signature_algorithm(), private_key)
        .map_err(|e| Error::of(Code::InvalidArgument, &e))
}

/// SignWithLabel, section 5.1.2.
pub fn sign_with_label(key: &SigningKey, label: &str, content: &[u8]) -> Result<Vec<u8>> {
    key.sign(&labelled(label, content)?)
        .map_err(|e| Error::internal(&e))
}

/// VerifyWithLabel, section 5.1.2; a malformed key or signature verifies nothing.
pub fn verify_with_label(
    suite: Ciphersuite,
    public_key: &[u8],
    label: &str,
    content: &[u8],
    signature: &[u8],
) -> Result<bool> {
    let content = labelled(label, content)?;
    Ok(crypto()
        .verify_signature(suite.signature_algorithm(), &content, public_key, signature)
        .is_ok())
}

pub fn generate_hpke_key_pair(suite: Ciphersuite) -> Result<KeyPair> {
    let mut seed: [u8; 32] = crypto().random_array().map_err(|e| Error::internal(&e))?;
    let pair = derive_hpke_key_pair(suite, &seed);
    seed.zeroize();
    pair
}

/// DeriveKeyPair of RFC 9180, section 7.1.3.
pub fn derive_hpke_key_pair(suite: Ciphersuite, ikm: &[u8]) -> Result<KeyPair> {
    check_key_material(ikm)?;
    let pair = crypto()
        .derive_hpke_keypair(suite.hpke_config(), ikm)
        .map_err(|e| Error::internal(&e))?;
    Ok((pair.public, pair.private.to_vec()))
}

/// EncryptWithLabel, section 5.1.3.
pub fn encrypt_with_label(
    suite: Ciphersuite,
    public_key: &[u8],
    label: &str,
    context: &[u8],
    plaintext: &[u8],
) -> Result<HpkeCiphertext> {
    crypto()
        .hpke_seal(
            suite.hpke_config(),
            public_key,
            &labelled(label, context)?,
            &[],
            plaintext,
        )
        .map_err(|e| Error::of(Code::InvalidArgument, &e))
}

/// EncryptWithLabel with the ephemeral key derived from secret material (DeriveKeyPair of RFC 9180, section 7.1.3): who
/// has the material makes the same ciphertext again, and so sees whether one is what it should be. Material, key, label
/// and context together must be of one use: the plaintext follows from them.
pub fn encrypt_derived(
    suite: Ciphersuite,
    ikm: &[u8],
    public_key: &[u8],
    label: &str,
    context: &[u8],
    plaintext: &[u8],
) -> Result<HpkeCiphertext> {
    check_key_material(ikm)?;
    let info = labelled(label, context)?;
    algorithms::hpke_seal_derived(&suite.hpke_config(), ikm, public_key, &info, plaintext)
        .map_err(|e| Error::of(Code::InvalidArgument, &e))
}

/// DecryptWithLabel, section 5.1.3.
pub fn decrypt_with_label(
    suite: Ciphersuite,
    private_key: &[u8],
    label: &str,
    context: &[u8],
    kem_output: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>> {
    let input = HpkeCiphertext {
        kem_output: kem_output.into(),
        ciphertext: ciphertext.into(),
    };
    crypto()
        .hpke_open(
            suite.hpke_config(),
            &input,
            private_key,
            &labelled(label, context)?,
            &[],
        )
        .map_err(|_| Error::new(Code::Undecryptable, ""))
}

/// HKDF-Extract (RFC 5869, section 2.2) with the suite's hash.
pub fn hkdf_extract(suite: Ciphersuite, salt: &[u8], ikm: &[u8]) -> Result<Vec<u8>> {
    let prk = crypto()
        .hkdf_extract(suite.hash_algorithm(), salt, ikm)
        .map_err(|e| Error::internal(&e))?;
    Ok(prk.as_slice().to_vec())
}

/// HKDF-Expand (RFC 5869, section 2.3) with the suite's hash.
pub fn hkdf_expand(suite: Ciphersuite, prk: &[u8], info: &[u8], length: usize) -> Result<Vec<u8>> {
    let okm = crypto()
        .hkdf_expand(suite.hash_algorithm(), prk, info, length)
        .map_err(|e| Error::of(Code::InvalidArgument, &e))?;
    Ok(okm.as_slice().to_vec())
}

/// HMAC (RFC 2104) with the suite's hash.
pub fn hmac(suite: Ciphersuite, key: &[u8], message: &[u8]) -> Result<Vec<u8>> {
    let mac = crypto()
        .hmac(suite.hash_algorithm(), key, message)
        .map_err(|e| Error::internal(&e))?;
    Ok(mac.as_slice().to_vec())
}

/// The suite's AEAD: the ciphertext with the tag behind it.
pub fn aead_seal(
    suite: Ciphersuite,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    crypto()
        .aead_encrypt(suite.aead_algorithm(), key, plaintext, nonce, aad)
        .map_err(|e| Error::of(Code::InvalidArgument, &e))
}

pub fn aead_open(
    suite: Ciphersuite,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>> {
    crypto()
        .aead_decrypt(suite.aead_algorithm(), key, ciphertext, nonce, aad)
        .map_err(|e| match e {
            CryptoError::InvalidLength => Error::of(Code::InvalidArgument, &e),
            _ => Error::new(Code::Undecryptable, ""),
        })
}

pub fn hash(suite: Ciphersuite, bytes: &[u8]) -> Result<Vec<u8>> {
    crypto()
        .hash(suite.hash_algorithm(), bytes)
        .map_err(|e| Error::internal(&e))
}

/// RefHash, section 5.2.
pub fn ref_hash(suite: Ciphersuite, label: &str, value: &[u8]) -> Result<Vec<u8>> {
    hash(suite, &labelled(label, value)?)
}
