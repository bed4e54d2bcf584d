// HKDF (RFC 5869) with SHA-256, over inputs that come in parts.

use hkdf::{Hkdf, HkdfExtract};
use openmls_traits::types::CryptoError;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Result;

/// Bytes of a pseudorandom key, and of SHA-256.
pub const HASH: usize = 32;

pub fn extract(salt: &[u8], ikm: &[&[u8]]) -> Zeroizing<[u8; HASH]> {
    let mut extract = HkdfExtract::<Sha256>::new(Some(salt));
    for part in ikm {
        extract.input_ikm(part);
    }
    Zeroizing::new(extract.finalize().0.into())
}

/// Whoever asks owns the answer, and wipes it.
pub fn expand(prk: &[u8], info: &[&[u8]], length: usize) -> Result<Vec<u8>> {
    let hkdf = Hkdf::<Sha256>::from_prk(prk).map_err(|_| CryptoError::InvalidLength)?;
    let mut okm = vec![0; length];
    hkdf.expand_multi_info(info, &mut okm)
        .map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
    Ok(okm)
}
