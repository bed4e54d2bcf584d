// Diffie-Hellman in the two groups of the suites: X25519 (RFC 7748) and P-256 (NIST SP 800-186).
// Keys are as RFC 9180, section 7.1 has them: 32 private bytes; 32 public ones, or 65 of an uncompressed point.

use curve25519_dalek::MontgomeryPoint;
use openmls_traits::types::CryptoError;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use zeroize::{Zeroize, Zeroizing};

use super::{Result, random};

/// Bytes of a private key and of a shared secret, in both groups.
pub const SCALAR: usize = 32;
/// Bytes of an uncompressed point of P-256; RFC 9420, section 5.1.1 allows no other form.
pub const POINT: usize = 65;

pub type Secret = Zeroizing<[u8; SCALAR]>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group {
    X25519,
    P256,
}

impl Group {
    /// Reads a private key: for X25519 any 32 bytes, for P-256 a number from 1 to the order less 1.
    pub fn private_key(self, bytes: &[u8]) -> Result<Secret> {
        let key = bytes.try_into().map_err(|_| CryptoError::InvalidLength)?;
        if self == Group::P256 {
            p256_private(bytes)?;
        }
        Ok(Zeroizing::new(key))
    }

    pub fn generate(self) -> Result<Secret> {
        loop {
            let mut bytes = random::<SCALAR>()?;
            // Of 2^32 random numbers one is no private key of P-256.
            let key = self.private_key(&bytes);
            bytes.zeroize();
            if key.is_ok() {
                return key;
            }
        }
    }

    pub fn public_key(self, private_key: &[u8]) -> Result<Vec<u8>> {
        let key = self.private_key(private_key)?;
        match self {
            Group::X25519 => Ok(MontgomeryPoint::mul_base_clamped(*key).to_bytes().into()),
            Group::P256 => Ok(p256_private(key.as_slice())?
                .public_key()
                .to_sec1_point(false)
                .as_bytes()
                .into()),
        }
    }

    /// The shared secret; refuses the points that RFC 9180, section 7.1.4 refuses.
    pub fn agree(self, private_key: &[u8], public_key: &[u8]) -> Result<Secret> {
        let key = self.private_key(private_key)?;
        match self {
            Group::X25519 => {
                let public = public_key
                    .try_into()
                    .map_err(|_| CryptoError::InvalidLength)?;
                let shared = MontgomeryPoint(public).mul_clamped(*key);
                // A point of small order: all parties would share a value that everybody knows.
                if shared.0.iter().fold(0, |sum, byte| sum | byte) == 0 {
                    return Err(CryptoError::InvalidPublicKey);
                }
                Ok(Zeroizing::new(shared.0))
            }
            Group::P256 => {
                let public = p256_public(public_key)?;
                let shared = p256::ecdh::diffie_hellman(
                    p256_private(key.as_slice())?.to_nonzero_scalar(),
                    public.as_affine(),
                );
                Ok(Zeroizing::new((*shared.raw_secret_bytes()).into()))
            }
        }
    }
}

fn p256_private(bytes: &[u8]) -> Result<SecretKey> {
    // The crate would take shorter keys, too.
    if bytes.len() != SCALAR {
        return Err(CryptoError::InvalidLength);
    }
    SecretKey::from_slice(bytes).map_err(|_| CryptoError::InvalidLength)
}

pub fn p256_public(bytes: &[u8]) -> Result<PublicKey> {
    if bytes.len() != POINT {
        return Err(CryptoError::InvalidPublicKey);
    }
    PublicKey::from_sec1_bytes(bytes).map_err(|_| CryptoError::InvalidPublicKey)
}
