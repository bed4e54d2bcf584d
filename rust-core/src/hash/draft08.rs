// Message ids of draft-ietf-mimi-content-08: 0x01, then 31 bytes of SHA-256 over the URIs, the container and the salt.

use openmls_traits::crypto::OpenMlsCrypto as _;
use openmls_traits::types::HashType;

use crate::error::{Code, Error, Result};
use crate::provider::crypto;

const SALT_LENGTH: usize = 16;
const HASH_BYTES: usize = 31;
/// SHA-256 in the registry that the draft names.
const ALGORITHM: u8 = 0x01;

pub fn message_id(
    sender_uri: &str,
    room_uri: &str,
    container: &[u8],
    salt: &[u8],
) -> Result<Vec<u8>> {
    if salt.len() != SALT_LENGTH {
        return Err(Error::new(Code::InvalidArgument, "a salt is 16 bytes"));
    }
    let mut input = Vec::with_capacity(sender_uri.len() + room_uri.len() + container.len() + 20);
    for uri in [sender_uri, room_uri] {
        let length = u16::try_from(uri.len())
            .map_err(|_| Error::new(Code::InvalidArgument, "a URI of more than 65,535 bytes"))?;
        input.extend_from_slice(&length.to_be_bytes());
        input.extend_from_slice(uri.as_bytes());
    }
    input.extend_from_slice(container);
    input.extend_from_slice(salt);
    let hash = crypto()
        .hash(HashType::Sha2_256, &input)
        .map_err(|e| Error::internal(&e))?;
    let mut id = vec![ALGORITHM];
    id.extend(hash.into_iter().take(HASH_BYTES));
    Ok(id)
}
