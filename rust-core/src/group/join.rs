// Joining: by a Welcome (RFC 9420, section 12.4.3.1) or by an external commit (section 12.4.3.2).

use std::rc::Rc;

use openmls::prelude::*;
use zeroize::Zeroizing;

use super::commit::write_bundle;
use super::{Group, config, own_identity, wire_format};
use crate::components::{self, Change, read_change};
use crate::decode;
use crate::error::{Code, Error, Result};
use crate::group_info::WELCOME_EXTENSION;
use crate::identity::Identity;
use crate::provider::{Provider, check_suite};
use crate::reply::Reply;
use crate::request::Request;
use crate::storage::{Label, key};
use crate::summary;

/// How to join from outside.
pub struct ExternalJoin<'a> {
    pub group_info: &'a [u8],
    pub ratchet_tree: Option<&'a [u8]>,
    aad: &'a [u8],
    proposals: Vec<&'a [u8]>,
    private_handshakes: bool,
    components: Vec<Change<'a>>,
}

impl<'a> ExternalJoin<'a> {
    /// `options` is the buffer of ts/mls/group_options.ts.
    pub fn read(
        group_info: &'a [u8],
        ratchet_tree: Option<&'a [u8]>,
        options: &'a [u8],
    ) -> Result<Self> {
        Request::read(options, |request| {
            Ok(Self {
                group_info,
                ratchet_tree,
                aad: request.bytes()?,
                proposals: request.list(Request::bytes)?,
                private_handshakes: request.bool()?,
                components: request.list(read_change)?,
            })
        })
    }
}

impl Group {
    /// Joins by a Welcome. On an error the key package that it was for is still there.
    pub fn join(
        provider: Rc<Provider>,
        welcome: &[u8],
        ratchet_tree: Option<&[u8]>,
        private_handshakes: bool,
    ) -> Result<Rc<Self>> {
        let welcome = decode::welcome(welcome)?;
        check_suite(welcome.ciphersuite())?;
        let ratchet_tree = ratchet_tree.map(decode::ratchet_tree).transpose()?;
        let joined = provider.store.atomically(|| {
            let settings = config(0, wire_format(private_handshakes));
            let mut builder =
                StagedWelcome::build_from_welcome(provider.as_ref(), &settings, welcome)?;
            if let Some(ratchet_tree) = ratchet_tree {
                builder = builder.with_ratchet_tree(ratchet_tree);
            }
            let group_info = builder.processed_welcome().unverified_group_info();
            let group_id = group_info.group_id().clone();
            // Verified with all of the GroupInfo below.
            let extension = group_info.extensions().unknown(WELCOME_EXTENSION);
            let extension = extension.map(|extension| Zeroizing::new(extension.0.clone()));
            let psks = builder.processed_welcome().psks();
            let psks = psks
                .iter()
                .filter_map(summary::external_psk)
                .collect::<Vec<_>>();
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
            Ok((mls, identity, extension, psks))
        });
        let (mls, identity, extension, psks) = joined.map_err(|(error, _)| error)?;
        let group = Self::new(provider, mls, identity);
        {
            let mut state = group.state.borrow_mut();
            state.welcome_extension = extension;
            state.welcome_psks = psks;
        }
        Ok(group)
    }

    /// Ids of the external pre-shared keys without which the Welcome could not have been joined by.
    pub fn welcome_psks(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            let mut reply = Reply::new();
            reply.list(&state.welcome_psks, |reply, id| {
                reply.bytes(id);
            });
            Ok(reply.done())
        })
    }

    /// What the Welcome said to newcomers only, once.
    pub fn take_welcome_extension(&self) -> Result<Option<Vec<u8>>> {
        let mut state = self
            .state
            .try_borrow_mut()
            .map_err(|e| Error::internal(&e))?;
        let extension = state.welcome_extension.take();
        Ok(extension.map(|mut data| std::mem::take(&mut *data)))
    }

    /// Joins by an external commit, which stays pending. Rows that the store already has of this group are put
    /// aside until it is accepted, and come back when it is discarded.
    pub fn join_externally(identity: Identity, join: &ExternalJoin) -> Result<Rc<Self>> {
        let provider = Rc::clone(&identity.provider);
        let (_, group_info) = decode::group_info(join.group_info)?;
        if group_info.ciphersuite() != identity.suite {
            return Err(Error::new(Code::WrongSuite, "")
                .with("got", u16::from(group_info.ciphersuite()).into()));
        }
        let ratchet_tree = join.ratchet_tree.map(decode::ratchet_tree).transpose()?;
        let proposals = join
            .proposals
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
                .with_config(config(0, wire_format(join.private_handshakes)))
                .with_aad(join.aad.to_vec())
                .with_proposals(proposals)
                .skip_lifetime_validation();
            if let Some(ratchet_tree) = ratchet_tree {
                builder = builder.with_ratchet_tree(ratchet_tree);
            }
            let leaf = LeafNodeParameters::builder()
                .with_capabilities(identity.capabilities())
                .build();
            let context = group_info.group_context();
            let updates = components::updates(context, &join.components)?;
            let mut builder = builder
                .build_group(
                    provider.as_ref(),
                    group_info,
                    identity.credential_with_key(),
                )?
                .leaf_node_parameters(leaf);
            for proposal in components::proposals(&join.components) {
                builder = builder.add_app_data_update_proposal(proposal);
            }
            let mut builder = builder.load_psks(&provider.store)?.create_group_info(true);
            builder.with_app_data_dictionary_updates(updates);
            let (mls, bundle) = builder
                .build(provider.rand(), provider.crypto(), &identity, |_| true)?
                .finalize(provider.as_ref())
                .map_err(|e| Error::internal(&e))?;
            provider.store.write(marker, &true)?;
            let mut reply = Reply::new();
            write_bundle(&mut reply, bundle, &identity)?;
            Ok((mls, reply.done()))
        });
        let (mls, external_commit) = joined.map_err(|(error, _)| error)?;
        let group = Self::new(provider, mls, Some(identity));
        {
            let mut state = group.state.borrow_mut();
            state.external_pending = true;
            state.external_commit = Some(external_commit);
        }
        Ok(group)
    }

    /// The commit of the external join and what goes with it, once.
    pub fn take_external_commit(&self) -> Result<Vec<u8>> {
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
