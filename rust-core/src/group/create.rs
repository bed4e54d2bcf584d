// Creating a group (RFC 9420, section 11).

use std::rc::Rc;

use openmls::prelude::*;

use super::{Group, config};
use crate::error::{Code, Error, Result};
use crate::identity::Identity;

impl Group {
    /// A group whose only member is `identity`.
    pub fn create(identity: Identity, group_id: &[u8]) -> Result<Rc<Self>> {
        let provider = Rc::clone(&identity.provider);
        let settings = config(0);
        let built = provider.store.atomically(|| {
            MlsGroup::builder()
                .with_group_id(GroupId::from_slice(group_id))
                .ciphersuite(identity.suite)
                .with_wire_format_policy(settings.wire_format_policy())
                .use_ratchet_tree_extension(false)
                .max_past_epochs(0)
                .number_of_resumption_psks(1)
                .with_capabilities(identity.capabilities())
                .build(provider.as_ref(), &identity, identity.credential_with_key())
                .map_err(|e| match e {
                    NewGroupError::GroupAlreadyExists => Error::new(Code::GroupExists, ""),
                    NewGroupError::StorageError(e) => e.into(),
                    e => Error::of(Code::InvalidArgument, &e),
                })
        });
        let mls = built.map_err(|(error, _)| error)?;
        Ok(Self::new(provider, mls, Some(identity)))
    }
}
