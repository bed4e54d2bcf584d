// Application messages (RFC 9420, section 15).

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;

use super::Group;
use crate::decode::MAX_MESSAGE;
use crate::error::{Code, Error, Result, check_size};

impl Group {
    /// The MLSMessage of an application message.
    pub fn encrypt(&self, plaintext: &[u8], aad: &[u8], padding: u32) -> Result<Vec<u8>> {
        check_size(plaintext, MAX_MESSAGE)?;
        check_size(aad, MAX_MESSAGE)?;
        self.change(|state, provider| {
            state.check_active()?;
            if state.external_pending {
                return Err(Error::new(Code::PendingCommit, ""));
            }
            state.pad_to(provider, padding)?;
            let signer = state.signer()?;
            state.set_aad(aad)?;
            let message = state
                .mls
                .create_message(provider, signer.as_ref(), plaintext)
                .map_err(|e| match e {
                    CreateMessageError::GroupStateError(e) => e.into(),
                    e => Error::internal(&e),
                })?;
            message
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))
        })
    }
}
