// Message ids of draft-ietf-mimi-content-04: the first 32 bytes of the suite's hash over the MLSMessage.

use openmls::prelude::Ciphersuite;
use openmls_traits::types::HashType;

use super::lanes::sha256_all;
use crate::crypto;
use crate::error::{Code, Error, Result};

pub const ID_LENGTH: usize = 32;

pub fn message_id(suite: Ciphersuite, message: &[u8]) -> Result<Vec<u8>> {
    let mut id = crypto::hash(suite, message)?;
    id.truncate(ID_LENGTH);
    Ok(id)
}

/// The ids of the messages that lie between consecutive offsets of `buffer`, one after the other. All suites of this
/// core hash with SHA-256, whose 32 bytes are the id.
pub fn message_ids(suite: Ciphersuite, buffer: &[u8], offsets: &[u32]) -> Result<Vec<u8>> {
    if suite.hash_algorithm() != HashType::Sha2_256 {
        return Err(Error::new(Code::WrongSuite, ""));
    }
    let messages = offsets
        .iter()
        .zip(offsets.iter().skip(1))
        .map(|(&from, &to)| {
            buffer.get(from as usize..to as usize).ok_or_else(|| {
                Error::new(
                    Code::InvalidArgument,
                    "offsets fall, or point beyond the buffer",
                )
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(sha256_all(&messages).into_flattened())
}
