// Creating a group (RFC 9420, section 11), with what its GroupContext says from the beginning.

use std::rc::Rc;

use openmls::prelude::*;

use super::{Group, RESUMPTION_PSKS, wire_format};
use crate::error::{Code, Error, Result};
use crate::identity::Identity;
use crate::key_package::{acceptable, is_default};
use crate::request::Request;

/// How a group begins.
#[derive(Default)]
pub struct NewGroup {
    extensions: Vec<Extension>,
    private_handshakes: bool,
    lifetime: Option<Lifetime>,
}

impl NewGroup {
    /// From the buffer of ts/mls/group_options.ts; empty for the plainest group.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        Request::read(bytes, |request| {
            let private_handshakes = request.bool()?;
            let lifetime = request
                .optional(|request| acceptable(Lifetime::init(request.u64()?, request.u64()?)))?;
            let extensions = [
                request.optional(read_components)?,
                request.optional(read_required)?,
                request.optional(read_external_senders)?,
            ];
            Ok(Self {
                extensions: extensions.into_iter().flatten().collect(),
                private_handshakes,
                lifetime,
            })
        })
    }
}

fn read_components(request: &mut Request) -> Result<Extension> {
    let mut dictionary = AppDataDictionary::new();
    for (id, data) in request.list(|request| Ok((request.u16()?, request.bytes()?)))? {
        if dictionary.insert(id, data.to_vec()).is_some() {
            return Err(
                Error::new(Code::InvalidArgument, "a component twice").with("component", id.into())
            );
        }
    }
    Ok(Extension::AppDataDictionary(
        AppDataDictionaryExtension::new(dictionary),
    ))
}

fn read_required(request: &mut Request) -> Result<Extension> {
    let extensions = request.list(|request| request.u16().map(ExtensionType::from))?;
    let proposals = request.list(|request| request.u16().map(ProposalType::from))?;
    let credentials = request.list(|request| request.u16().map(CredentialType::from))?;
    Ok(Extension::RequiredCapabilities(
        RequiredCapabilitiesExtension::new(&extensions, &proposals, &credentials),
    ))
}

fn read_external_senders(request: &mut Request) -> Result<Extension> {
    let senders = request.list(|request| {
        let key = request.bytes()?;
        let credential = Credential::new(request.u16()?.into(), request.bytes()?.to_vec());
        Ok(ExternalSender::new(key.into(), credential))
    })?;
    Ok(Extension::ExternalSenders(senders))
}

/// OpenMLS lets somebody create a group that its own leaf could not join.
fn check_own_leaf(extensions: &[Extension], own: &Capabilities) -> Result<()> {
    for extension in extensions {
        let Extension::RequiredCapabilities(required) = extension else {
            continue;
        };
        let can = required
            .extension_types()
            .iter()
            .all(|found| is_default(*found) || own.extensions().contains(found))
            && required
                .proposal_types()
                .iter()
                .all(|found| own.proposals().contains(found))
            && required
                .credential_types()
                .iter()
                .all(|found| own.credentials().contains(found));
        if !can {
            return Err(Error::new(
                Code::InvalidArgument,
                "a required capability that the creator lacks",
            ));
        }
    }
    Ok(())
}

impl Group {
    /// A group whose only member is `identity`.
    pub fn create(identity: Identity, group_id: &[u8], new: NewGroup) -> Result<Rc<Self>> {
        let provider = Rc::clone(&identity.provider);
        check_own_leaf(&new.extensions, &identity.capabilities())?;
        let extensions = Extensions::from_vec(new.extensions)
            .map_err(|e| Error::of(Code::InvalidArgument, &e))?;
        let built = provider.store.atomically(|| {
            let mut builder = MlsGroup::builder()
                .with_group_id(GroupId::from_slice(group_id))
                .ciphersuite(identity.suite)
                .with_wire_format_policy(wire_format(new.private_handshakes))
                .use_ratchet_tree_extension(false)
                .max_past_epochs(0)
                .number_of_resumption_psks(RESUMPTION_PSKS)
                .with_group_context_extensions(extensions)
                .with_capabilities(identity.capabilities());
            if let Some(lifetime) = new.lifetime {
                builder = builder.lifetime(lifetime);
            }
            builder
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
