// Message ids of draft-ietf-mimi-content-04: the first 32 bytes of the suite's hash over the MLSMessage.

use openmls::prelude::Ciphersuite;

use crate::crypto;
use crate::error::{Code, Error, Result};

pub const ID_LENGTH: usize = 32;

pub fn message_id(suite: Ciphersuite, message: &[u8]) -> Result<Vec<u8>> {
    let mut id = crypto::hash(suite, message)?;
    id.truncate(ID_LENGTH);
    Ok(id)
}

/// The ids of the messages that lie between consecutive offsets of `buffer`, one after the other.
pub fn message_ids(suite: Ciphersuite, buffer: &[u8], offsets: &[u32]) -> Result<Vec<u8>> {
    let mut ids = Vec::with_capacity(offsets.len().saturating_mul(ID_LENGTH));
    for (&from, &to) in offsets.iter().zip(offsets.iter().skip(1)) {
        let message = buffer.get(from as usize..to as usize).ok_or_else(|| {
            Error::new(
                Code::InvalidArgument,
                "offsets fall, or point beyond the buffer",
            )
        })?;
        ids.extend(message_id(suite, message)?);
    }
    Ok(ids)
}
