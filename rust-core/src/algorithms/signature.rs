// Signatures of the suites: Ed25519 (RFC 8032) and ECDSA over P-256 with SHA-256 (FIPS 186-5), deterministic
// (RFC 6979) and in DER, as RFC 9420, section 5.1.2 takes them from TLS 1.3.

use std::cell::RefCell;
use std::sync::LazyLock;

use curve25519_dalek::constants::EIGHT_TORSION;
use openmls_traits::types::{CryptoError, SignatureScheme};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{self, VerifyingKey};
use zeroize::Zeroizing;

use super::dh::{Group, SCALAR, p256_public};
use super::{Result, kdf, random};

/// A new private and public key, in this order.
pub fn generate(scheme: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>)> {
    match scheme {
        SignatureScheme::ED25519 => Ok(ed25519_pair(&Zeroizing::new(random::<SCALAR>()?))),
        SignatureScheme::ECDSA_SECP256R1_SHA256 => p256_pair(Group::P256.generate()?.as_slice()),
        _ => Err(CryptoError::UnsupportedSignatureScheme),
    }
}

fn ed25519_pair(seed: &[u8; SCALAR]) -> (Vec<u8>, Vec<u8>) {
    let public = ed25519_dalek::SigningKey::from_bytes(seed).verifying_key();
    (seed.to_vec(), public.to_bytes().to_vec())
}

fn p256_pair(private: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let public = Group::P256.public_key(private)?;
    Ok((private.to_vec(), public))
}

/// The private and public key that belong to key material, in this order: always the same ones. A candidate of P-256
/// that is no scalar is passed over, as DeriveKeyPair of RFC 9180, section 7.1.3 does.
pub fn derive(scheme: SignatureScheme, ikm: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let prk = kdf::extract(&[], &[ikm]);
    let candidate = |counter: u8| {
        let key = kdf::expand(prk.as_slice(), &[&derivation(scheme, counter)], SCALAR)?;
        Ok::<_, CryptoError>(Zeroizing::new(key))
    };
    match scheme {
        SignatureScheme::ED25519 => {
            let seed = candidate(0)?;
            let seed = seed
                .as_slice()
                .try_into()
                .map_err(|_| CryptoError::InvalidLength)?;
            Ok(ed25519_pair(seed))
        }
        SignatureScheme::ECDSA_SECP256R1_SHA256 => (0..=u8::MAX)
            .find_map(|counter| {
                let key = candidate(counter).ok()?;
                p256_pair(Group::P256.private_key(&key).ok()?.as_slice()).ok()
            })
            .ok_or(CryptoError::CryptoLibraryError),
        _ => Err(CryptoError::UnsupportedSignatureScheme),
    }
}

/// KDFLabel of RFC 9420, section 8: length, label and context, here the scheme and which candidate it is.
fn derivation(scheme: SignatureScheme, counter: u8) -> Vec<u8> {
    const LABEL: &[u8] = b"Exedra 1.0 signature key";
    let mut info = (SCALAR as u16).to_be_bytes().to_vec();
    info.push(LABEL.len() as u8);
    info.extend_from_slice(LABEL);
    info.push(3);
    info.extend_from_slice(&(scheme as u16).to_be_bytes());
    info.push(counter);
    info
}

/// A private key made ready to sign: most of what the first signature costs is deriving the public key, which each
/// Ed25519 signature is bound to. Wiped when it goes.
pub enum SigningKey {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    P256(Box<ecdsa::SigningKey>),
}

impl SigningKey {
    pub fn read(scheme: SignatureScheme, private_key: &[u8]) -> Result<Self> {
        // Checked here, because the P-256 crate would take shorter keys, too.
        let key: &[u8; SCALAR] = private_key
            .try_into()
            .map_err(|_| CryptoError::InvalidLength)?;
        match scheme {
            SignatureScheme::ED25519 => Ok(Self::Ed25519(Box::new(
                ed25519_dalek::SigningKey::from_bytes(key),
            ))),
            SignatureScheme::ECDSA_SECP256R1_SHA256 => ecdsa::SigningKey::from_slice(key)
                .map(|key| Self::P256(Box::new(key)))
                .map_err(|_| CryptoError::SigningError),
            _ => Err(CryptoError::UnsupportedSignatureScheme),
        }
    }

    pub fn sign(&self, data: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Ed25519(key) => Ok(key.sign(data).to_bytes().to_vec()),
            Self::P256(key) => {
                let signature: ecdsa::Signature =
                    key.try_sign(data).map_err(|_| CryptoError::SigningError)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
        }
    }
}

/// The encodings of the points of small order on Edwards25519.
static SMALL_ORDER: LazyLock<[[u8; SCALAR]; 8]> =
    LazyLock::new(|| EIGHT_TORSION.map(|point| point.compress().to_bytes()));

/// How many keys are kept: 48 KB.
const PLACES: usize = 256;

thread_local! {
    /// Ed25519 keys that were read before, each at the place that its first byte gives.
    static READ_KEYS: RefCell<Vec<Option<ed25519_dalek::VerifyingKey>>> =
        RefCell::new(vec![None; PLACES]);
}

/// Reads a key. To read one is a tenth of a check, and most signatures are by somebody who has signed before.
fn read_ed25519(bytes: &[u8; SCALAR]) -> Result<ed25519_dalek::VerifyingKey> {
    let read = || {
        ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| CryptoError::InvalidPublicKey)
    };
    READ_KEYS.with_borrow_mut(|keys| match keys.get_mut(usize::from(bytes[0])) {
        Some(Some(key)) if key.as_bytes() == bytes => Ok(*key),
        Some(place) => Ok(*place.insert(read()?)),
        None => read(),
    })
}

/// Strict verification, as `verify_strict` has it: neither the key nor the first half of the signature may be of small
/// order. A signature that verifies has that half in its one canonical form, so that comparing bytes does for what
/// `verify_strict` reads the point for, an eighth of its time.
fn verify_ed25519(
    key: &ed25519_dalek::VerifyingKey,
    data: &[u8],
    signature: &ed25519_dalek::Signature,
) -> Result<()> {
    if key.is_weak() || SMALL_ORDER.contains(signature.r_bytes()) {
        return Err(CryptoError::InvalidSignature);
    }
    key.verify(data, signature)
        .map_err(|_| CryptoError::InvalidSignature)
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
            let key = read_ed25519(key)?;
            let signature = ed25519_dalek::Signature::from_slice(signature).map_err(invalid)?;
            verify_ed25519(&key, data, &signature)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Signatures by which strict verification is told from a plain one, under keys of every kind.
    #[test]
    fn signatures_are_accepted_and_refused_as_by_verify_strict() {
        let honest = ed25519_dalek::SigningKey::from_bytes(&[7; SCALAR]);
        let mut keys = vec![honest.verifying_key().to_bytes(), [0xff; SCALAR]];
        keys.extend(*SMALL_ORDER);
        let mut halves = SMALL_ORDER.to_vec();
        let good = honest.sign(b"data").to_bytes();
        halves.push(good[..SCALAR].try_into().unwrap());
        // y = p + 1, the neutral element in a form that is not canonical.
        let mut beyond = [0xff; SCALAR];
        (beyond[0], beyond[31]) = (0xee, 0x7f);
        halves.push(beyond);
        let (mut accepted, mut refused) = (0, 0);
        for key in keys {
            let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(&key) else {
                continue;
            };
            for half in &halves {
                for scalar in [
                    [0; SCALAR],
                    good[SCALAR..].try_into().unwrap(),
                    [0xff; SCALAR],
                ] {
                    for data in [&b"data"[..], b"other"] {
                        let signature = ed25519_dalek::Signature::from_components(*half, scalar);
                        let ours = verify_ed25519(&key, data, &signature).is_ok();
                        assert_eq!(ours, key.verify_strict(data, &signature).is_ok());
                        *(if ours { &mut accepted } else { &mut refused }) += 1;
                    }
                }
            }
        }
        assert_eq!(accepted, 1);
        assert!(refused > 500, "{refused}");
    }

    /// Two keys that share their place, and one that is none.
    #[test]
    fn keys_that_were_read_before_are_not_taken_for_others() {
        let mut by_first_byte = std::collections::HashMap::new();
        let (one, other) = (0_u8..=255)
            .flat_map(|high| (0_u8..4).map(move |low| [high, low]))
            .find_map(|[high, low]| {
                let mut seed = [high; SCALAR];
                seed[0] = low;
                let key = ed25519_dalek::SigningKey::from_bytes(&seed);
                let first = key.verifying_key().to_bytes()[0];
                by_first_byte
                    .insert(first, key.clone())
                    .map(|earlier| (earlier, key))
            })
            .unwrap();
        let check = |public: &[u8], signature: &[u8]| {
            verify(SignatureScheme::ED25519, b"data", public, signature)
        };
        for _ in 0..2 {
            for signer in [&one, &other] {
                let signature = signer.sign(b"data").to_bytes();
                for key in [&one, &other] {
                    let public = key.verifying_key().to_bytes();
                    assert_eq!(
                        check(&public, &signature).is_ok(),
                        public == signer.verifying_key().to_bytes()
                    );
                }
                let mut none = signer.verifying_key().to_bytes();
                while ed25519_dalek::VerifyingKey::from_bytes(&none).is_ok() {
                    none[1] = none[1].wrapping_add(1);
                }
                assert!(check(&none, &signature).is_err());
            }
        }
    }
}
