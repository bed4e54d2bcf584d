// The cryptography that OpenMLS works with, over the RustCrypto crates: the algorithms of the cipher suites 1, 2 and 3
// of RFC 9420, section 17.1, and no others. What another suite asks for is refused by a typed error.

mod aead;
mod dh;
mod hpke;
mod kdf;
mod signature;

pub use signature::{SigningKey, derive as derive_signature_key_pair};

use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::random::OpenMlsRand;
use openmls_traits::types::{
    AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeCiphertext, HpkeConfig,
    HpkeKeyPair, KemOutput, SignatureScheme,
};
use sha2::{Digest, Sha256};
use tls_codec::SecretVLBytes;

use crate::provider::{SUITES, check_suite};

type Result<T> = std::result::Result<T, CryptoError>;

/// Seals with an ephemeral key that follows from secret material: the same ciphertext each time.
pub fn hpke_seal_derived(
    config: &HpkeConfig,
    ikm: &[u8],
    public_key: &[u8],
    info: &[u8],
    plaintext: &[u8],
) -> Result<HpkeCiphertext> {
    let ephemeral = hpke::derive_private_key(hpke::group_of(config)?, ikm)?;
    let (kem_output, context) =
        hpke::setup_sender_with(config, ephemeral.as_slice(), public_key, info)?;
    Ok(HpkeCiphertext {
        kem_output: kem_output.into(),
        ciphertext: context.seal(&[], plaintext)?.into(),
    })
}

/// The algorithms; no state, as randomness comes from the host each time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Algorithms;

/// Random bytes of the host.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| CryptoError::InsufficientRandomness)?;
    Ok(bytes)
}

fn only_sha256(hash: HashType) -> Result<()> {
    match hash {
        HashType::Sha2_256 => Ok(()),
        _ => Err(CryptoError::UnsupportedHashAlgorithm),
    }
}

impl OpenMlsRand for Algorithms {
    type Error = CryptoError;

    fn random_array<const N: usize>(&self) -> Result<[u8; N]> {
        random()
    }

    fn random_vec(&self, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        getrandom::fill(&mut bytes).map_err(|_| CryptoError::InsufficientRandomness)?;
        Ok(bytes)
    }
}

impl OpenMlsCrypto for Algorithms {
    fn supports(&self, suite: Ciphersuite) -> Result<()> {
        check_suite(suite).map_err(|_| CryptoError::UnsupportedCiphersuite)
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        SUITES.to_vec()
    }

    fn hkdf_extract(&self, hash: HashType, salt: &[u8], ikm: &[u8]) -> Result<SecretVLBytes> {
        only_sha256(hash)?;
        Ok(kdf::extract(salt, &[ikm]).as_slice().into())
    }

    fn hkdf_expand(
        &self,
        hash: HashType,
        prk: &[u8],
        info: &[u8],
        length: usize,
    ) -> Result<SecretVLBytes> {
        only_sha256(hash)?;
        Ok(kdf::expand(prk, &[info], length)?.into())
    }

    fn hmac(&self, hash: HashType, key: &[u8], message: &[u8]) -> Result<SecretVLBytes> {
        only_sha256(hash)?;
        // HKDF-Extract is HMAC with the salt as its key (RFC 5869, section 2.2).
        Ok(kdf::extract(key, &[message]).as_slice().into())
    }

    fn hash(&self, hash: HashType, data: &[u8]) -> Result<Vec<u8>> {
        only_sha256(hash)?;
        Ok(Sha256::digest(data).to_vec())
    }

    fn aead_encrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        plaintext: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        aead::seal(algorithm, key, nonce, aad, plaintext)
    }

    fn aead_decrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        ciphertext: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        aead::open(algorithm, key, nonce, aad, ciphertext)
    }

    fn signature_key_gen(&self, scheme: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>)> {
        signature::generate(scheme)
    }

    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        data: &[u8],
        public_key: &[u8],
        signature: &[u8],
    ) -> Result<()> {
        signature::verify(scheme, data, public_key, signature)
    }

    fn sign(&self, scheme: SignatureScheme, data: &[u8], private_key: &[u8]) -> Result<Vec<u8>> {
        SigningKey::read(scheme, private_key)?.sign(data)
    }

    fn hpke_seal(
        &self,
        config: HpkeConfig,
        public_key: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<HpkeCiphertext> {
        let (kem_output, context) = hpke::setup_sender(&config, public_key, info)?;
        Ok(HpkeCiphertext {
            kem_output: kem_output.into(),
            ciphertext: context.seal(aad, plaintext)?.into(),
        })
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        input: &HpkeCiphertext,
        private_key: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        hpke::setup_receiver(&config, input.kem_output.as_slice(), private_key, info)
            .and_then(|context| context.open(aad, input.ciphertext.as_slice()))
            .map_err(|_| CryptoError::HpkeDecryptionError)
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        public_key: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        length: usize,
    ) -> Result<(KemOutput, ExporterSecret)> {
        let (kem_output, context) = hpke::setup_sender(&config, public_key, info)?;
        Ok((kem_output, context.export(exporter_context, length)?.into()))
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        kem_output: &[u8],
        private_key: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        length: usize,
    ) -> Result<ExporterSecret> {
        let context = hpke::setup_receiver(&config, kem_output, private_key, info)?;
        Ok(context.export(exporter_context, length)?.into())
    }

    fn derive_hpke_keypair(&self, config: HpkeConfig, ikm: &[u8]) -> Result<HpkeKeyPair> {
        let group = hpke::group_of(&config)?;
        let private_key = hpke::derive_private_key(group, ikm)?;
        Ok(HpkeKeyPair {
            public: group.public_key(private_key.as_slice())?,
            private: private_key.as_slice().into(),
        })
    }
}

#[cfg(test)]
mod tests;
