// Joining: by a Welcome (RFC 9420, section 12.4.3.1) or by an external commit (section 12.4.3.2).

use std::rc::Rc;

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;

use super::{Group, config, own_identity};
use crate::decode;
use crate::error::{Code, Error, Result};
use crate::identity::Identity;
use crate::provider::{Provider, check_suite};
use crate::storage::{Label, key};

impl Group {
    /// Joins by a Welcome. On an error the key package that it was for is still there.
    pub fn join(
        provider: Rc<Provider>,
        welcome: &[u8],
        ratchet_tree: Option<&[u8]>,
    ) -> Result<Rc<Self>> {
        let welcome = decode::welcome(welcome)?;
        check_suite(welcome.ciphersuite())?;
        let ratchet_tree = ratchet_tree.map(decode::ratchet_tree).transpose()?;
        let joined = provider.store.atomically(|| {
            let mut builder =
                StagedWelcome::build_from_welcome(provider.as_ref(), &config(0), welcome)?;
            if let Some(ratchet_tree) = ratchet_tree {
                builder = builder.with_ratchet_tree(ratchet_tree);
            }
            let group_id = builder
                .processed_welcome()
                .unverified_group_info()
                .group_id()
                .clone();
            // Who was removed may be invited again; what is left of the first stay makes room.
            if MlsGroup::load(&provider.store, &group_id)?.is_some_and(|old| !old.is_active()) {
                provider.store.forget_group(&group_id)?;
            }
            // A member whose leaf ran out since it joined must not keep others from joining.
            let mls = builder
                .skip_lifetime_validation()
                .build()?
                .into_group(provider.as_ref())?;
            let identity = own_identity(&provider, &mls)?;
            Ok((mls, identity))
        });
        let (mls, identity) = joined.map_err(|(error, _)| error)?;
        Ok(Self::new(provider, mls, identity))
    }

    /// Joins by an external commit, which stays pending. Rows that the store already has of this group are put
    /// aside until it is accepted, and come back when it is discarded.
    pub fn join_externally(
        identity: Identity,
        group_info: &[u8],
        ratchet_tree: Option<&[u8]>,
        aad: &[u8],
        proposals: &[&[u8]],
    ) -> Result<Rc<Self>> {
        let provider = Rc::clone(&identity.provider);
        let (_, group_info) = decode::group_info(group_info)?;
        if group_info.ciphersuite() != identity.suite {
            return Err(Error::new(Code::WrongSuite, "")
                .with("got", u16::from(group_info.ciphersuite()).into()));
        }
        let ratchet_tree = ratchet_tree.map(decode::ratchet_tree).transpose()?;
        let proposals = proposals
            .iter()
            .map(|bytes| public_message(bytes))
            .collect::<Result<Vec<_>>>()?;
        let group_id = group_info.group_id().clone();
        let marker = key(Label::ExternalPending, &group_id)?;
        if provider.store.contains(&marker) {
            return Err(Error::new(Code::PendingCommit, ""));
        }

        let joined = provider.store.atomically(|| {
            provider.store.shelve(&group_id)?;
            let mut builder = MlsGroup::external_commit_builder()
                .with_config(config(0))
                .with_aad(aad.to_vec())
                .with_proposals(proposals)
                .skip_lifetime_validation();
            if let Some(ratchet_tree) = ratchet_tree {
                builder = builder.with_ratchet_tree(ratchet_tree);
            }
            let leaf = LeafNodeParameters::builder()
                .with_capabilities(identity.capabilities())
                .build();
            let (mls, bundle) = builder
                .build_group(
                    provider.as_ref(),
                    group_info,
                    identity.credential_with_key(),
                )?
                .leaf_node_parameters(leaf)
                .load_psks(&provider.store)?
                .create_group_info(true)
                .build(provider.rand(), provider.crypto(), &identity, |_| true)?
                .finalize(provider.as_ref())
                .map_err(|e| Error::internal(&e))?;
            provider.store.write(marker, &true)?;
            let (commit, _, group_info) = bundle.into_contents();
            let group_info =
                group_info.ok_or_else(|| Error::new(Code::Internal, "no GroupInfo"))?;
            let commit = commit
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))?;
            let group_info = group_info
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))?;
            Ok((mls, commit, group_info))
        });
        let (mls, commit, group_info) = joined.map_err(|(error, _)| error)?;
        let group = Self::new(provider, mls, Some(identity));
        {
            let mut state = group.state.borrow_mut();
            state.external_pending = true;
            state.external_commit = Some((commit, group_info));
        }
        Ok(group)
    }

    /// The commit and the GroupInfo of the external join, once.
    pub fn take_external_commit(&self) -> Result<(Vec<u8>, Vec<u8>)> {
        let mut state = self
            .state
            .try_borrow_mut()
            .map_err(|e| Error::internal(&e))?;
        state
            .external_commit
            .take()
            .ok_or_else(|| Error::new(Code::NoPendingCommit, ""))
    }
}

fn public_message(bytes: &[u8]) -> Result<PublicMessageIn> {
    match decode::message(bytes)? {
        MlsMessageBodyIn::PublicMessage(message) => Ok(message),
        _ => Err(Error::new(
            Code::WrongType,
            "a proposal to commit is a PublicMessage",
        )),
    }
}
