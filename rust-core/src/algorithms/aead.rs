// AES-128-GCM (NIST SP 800-38D) and ChaCha20-Poly1305 (RFC 8439): key, nonce, then the tag behind the ciphertext.

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use chacha20poly1305::ChaCha20Poly1305;
use openmls_traits::types::{AeadType, CryptoError};

use super::Result;

/// Bytes of a nonce of both algorithms.
pub const NONCE: usize = 12;

pub fn key_length(algorithm: AeadType) -> Result<usize> {
    match algorithm {
        AeadType::Aes128Gcm => Ok(16),
        AeadType::ChaCha20Poly1305 => Ok(32),
        _ => Err(CryptoError::UnsupportedAeadAlgorithm),
    }
}

fn with_key<A: Aead + KeyInit>(
    key: &[u8],
    nonce: &[u8],
    run: impl FnOnce(A, &Nonce<A>) -> aes_gcm::aead::Result<Vec<u8>>,
    failure: CryptoError,
) -> Result<Vec<u8>> {
    let cipher = A::new_from_slice(key).map_err(|_| CryptoError::InvalidLength)?;
    let nonce = nonce.try_into().map_err(|_| CryptoError::InvalidLength)?;
    run(cipher, nonce).map_err(|_| failure)
}

pub fn seal(
    algorithm: AeadType,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>> {
    let payload = Payload {
        msg: plaintext,
        aad,
    };
    let failure = CryptoError::TooMuchData;
    match algorithm {
        AeadType::Aes128Gcm => with_key::<Aes128Gcm>(
            key,
            nonce,
            |cipher, nonce| cipher.encrypt(nonce, payload),
            failure,
        ),
        AeadType::ChaCha20Poly1305 => with_key::<ChaCha20Poly1305>(
            key,
            nonce,
            |cipher, nonce| cipher.encrypt(nonce, payload),
            failure,
        ),
        _ => Err(CryptoError::UnsupportedAeadAlgorithm),
    }
}

pub fn open(
    algorithm: AeadType,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>> {
    let payload = Payload {
        msg: ciphertext,
        aad,
    };
    let failure = CryptoError::AeadDecryptionError;
    match algorithm {
        AeadType::Aes128Gcm => with_key::<Aes128Gcm>(
            key,
            nonce,
            |cipher, nonce| cipher.decrypt(nonce, payload),
            failure,
        ),
        AeadType::ChaCha20Poly1305 => with_key::<ChaCha20Poly1305>(
            key,
            nonce,
            |cipher, nonce| cipher.decrypt(nonce, payload),
            failure,
        ),
        _ => Err(CryptoError::UnsupportedAeadAlgorithm),
    }
}
