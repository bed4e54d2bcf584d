// Secrets for other protocols: the exporter of RFC 9420, section 8.5, and the forward-secure one of
// draft-ietf-mls-extensions, section 4.4, which gives each component's secret of an epoch once.

use openmls::prelude::*;

use super::Group;
use crate::error::{Code, Error, Result};

impl Group {
    pub fn export_secret(&self, label: &str, context: &[u8], length: u32) -> Result<Vec<u8>> {
        self.read(|state| {
            state
                .mls
                .export_secret(self.provider.crypto(), label, context, length as usize)
                .map_err(|e| match e {
                    ExportSecretError::GroupStateError(e) => e.into(),
                    e => Error::of(Code::InvalidArgument, &e),
                })
        })
    }

    /// The component's secret of this epoch, once.
    pub fn export_safely(&self, component: u16) -> Result<Vec<u8>> {
        self.change(|state, provider| {
            state.check_active()?;
            if state.external_pending {
                return Err(Error::new(Code::PendingCommit, ""));
            }
            let (crypto, storage) = (provider.crypto(), &provider.store);
            Ok(state.mls.safe_export_secret(crypto, storage, component)?)
        })
    }

    /// The component's secret of the epoch that the pending commit, or the pending external join, begins; once.
    pub fn export_pending(&self, component: u16) -> Result<Vec<u8>> {
        self.change(|state, provider| {
            let (crypto, storage) = (provider.crypto(), &provider.store);
            // OpenMLS has merged an external join already.
            if state.external_pending {
                return Ok(state.mls.safe_export_secret(crypto, storage, component)?);
            }
            Ok(state
                .mls
                .safe_export_secret_from_pending(crypto, storage, component)?)
        })
    }
}
