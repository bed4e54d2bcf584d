// Signatures of the suites: Ed25519 (RFC 8032) and ECDSA over P-256 with SHA-256 (FIPS 186-5), deterministic
// (RFC 6979) and in DER, as RFC 9420, section 5.1.2 takes them from TLS 1.3.

use openmls_traits::types::{CryptoError, SignatureScheme};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{self, VerifyingKey};
use zeroize::Zeroizing;

use super::dh::{Group, SCALAR, p256_public};
use super::{Result, random};

/// A new private and public key, in this order.
pub fn generate(scheme: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>)> {
    match scheme {
        SignatureScheme::ED25519 => {
            let seed = Zeroizing::new(random::<SCALAR>()?);
            let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
            Ok((seed.to_vec(), public.to_bytes().to_vec()))
        }
        SignatureScheme::ECDSA_SECP256R1_SHA256 => {
            let private = Group::P256.generate()?;
            let public = Group::P256.public_key(private.as_slice())?;
            Ok((private.to_vec(), public))
        }
        _ => Err(CryptoError::UnsupportedSignatureScheme),
    }
}

pub fn sign(scheme: SignatureScheme, data: &[u8], private_key: &[u8]) -> Result<Vec<u8>> {
    // Checked here, because the P-256 crate would take shorter keys, too.
    let key: &[u8; SCALAR] = private_key
        .try_into()
        .map_err(|_| CryptoError::InvalidLength)?;
    match scheme {
        SignatureScheme::ED25519 => Ok(ed25519_dalek::SigningKey::from_bytes(key)
            .sign(data)
            .to_bytes()
            .to_vec()),
        SignatureScheme::ECDSA_SECP256R1_SHA256 => {
            let key = ecdsa::SigningKey::from_slice(key).map_err(|_| CryptoError::SigningError)?;
            let signature: ecdsa::Signature =
                key.try_sign(data).map_err(|_| CryptoError::SigningError)?;
            Ok(signature.to_der().as_bytes().to_vec())
        }
        _ => Err(CryptoError::UnsupportedSignatureScheme),
    }
}

/// Of Ed25519 keys those of small order are refused: under them one signature fits every message, and a report to the
/// hub would prove nothing. No honest signer has such a key, and other OpenMLS clients refuse them as well, so that
/// members do not disagree about a commit.
pub fn verify(
    scheme: SignatureScheme,
    data: &[u8],
    public_key: &[u8],
    signature: &[u8],
) -> Result<()> {
    let invalid = |_| CryptoError::InvalidSignature;
    match scheme {
        SignatureScheme::ED25519 => {
            let key = public_key
                .try_into()
                .map_err(|_| CryptoError::InvalidLength)?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(key)
                .map_err(|_| CryptoError::InvalidPublicKey)?;
            let signature = ed25519_dalek::Signature::from_slice(signature).map_err(invalid)?;
            key.verify_strict(data, &signature).map_err(invalid)
        }
        SignatureScheme::ECDSA_SECP256R1_SHA256 => {
            let signature = ecdsa::Signature::from_der(signature).map_err(invalid)?;
            VerifyingKey::from(p256_public(public_key)?)
                .verify(data, &signature)
                .map_err(invalid)
        }
        _ => Err(CryptoError::UnsupportedSignatureScheme),
    }
}
