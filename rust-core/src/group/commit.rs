// Making commits (RFC 9420, section 12.4), and accepting or discarding the pending one.

use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};

use super::{Group, State};
use crate::components::{self, Change, read_change};
use crate::error::{Code, Error, Result};
use crate::group_info::{WELCOME_EXTENSION, for_the_hub};
use crate::identity::Identity;
use crate::key_package;
use crate::provider::Provider;
use crate::reply::Reply;
use crate::request::Request;
use crate::storage::{Label, key};

impl State {
    /// Refuses what only an active member without a pending commit may do.
    pub(super) fn check_operational(&self) -> Result<()> {
        self.check_active()?;
        if self.external_pending || self.mls.pending_commit().is_some() {
            return Err(Error::new(Code::PendingCommit, ""));
        }
        Ok(())
    }

    /// The authenticated data of the next message. Where the group asks for Safe AAD, it is a SafeAAD; none is an
    /// empty one.
    pub(super) fn set_aad(&mut self, aad: &[u8]) -> Result<()> {
        if aad.is_empty() || !self.context().safe_aad_required() {
            self.mls.set_aad(aad.to_vec());
            return Ok(());
        }
        let safe = SafeAad::tls_deserialize_exact(aad)
            .map_err(|e| Error::of(Code::InvalidArgument, &e))?;
        self.mls
            .set_safe_aad(safe.items().to_vec())
            .map_err(|e| Error::of(Code::InvalidArgument, &e))
    }

    pub(super) fn check_member(&self, index: u32) -> Result<LeafNodeIndex> {
        let index = LeafNodeIndex::new(index);
        if self.mls.public_group().leaf(index).is_none() {
            return Err(Error::new(Code::NotAMember, "").with("leafIndex", index.u32().into()));
        }
        Ok(index)
    }
}

/// A key package that may join this group.
pub(super) fn newcomer(state: &State, bytes: &[u8]) -> Result<KeyPackage> {
    let (key_package, _) = key_package::validate(bytes)?;
    if key_package.ciphersuite() != state.mls.ciphersuite() {
        return Err(Error::new(Code::WrongSuite, "")
            .with("got", u16::from(key_package.ciphersuite()).into()));
    }
    Ok(key_package)
}

/// What goes to the hub with a commit: the commit, the Welcome, the GroupInfo and the context of the new epoch.
pub(super) fn write_bundle(
    reply: &mut Reply,
    bundle: CommitMessageBundle,
    signer: &Identity,
) -> Result<()> {
    let failed = |e: tls_codec::Error| Error::internal(&e);
    let welcome = bundle.to_welcome_msg();
    let (commit, _, group_info) = bundle.into_contents();
    let group_info = group_info.ok_or_else(|| Error::new(Code::Internal, "no GroupInfo"))?;
    let context = group_info.group_context();
    let welcome = welcome
        .map(|message| message.tls_serialize_detached())
        .transpose()
        .map_err(failed)?;
    reply
        .bytes(&commit.tls_serialize_detached().map_err(failed)?)
        .optional(welcome, |reply, welcome| {
            reply.bytes(&welcome);
        })
        .bytes(&for_the_hub(&group_info, signer)?)
        .bytes(&context.tls_serialize_detached().map_err(failed)?)
        .u64(context.epoch().as_u64());
    Ok(())
}

/// What to commit, beside all queued proposals.
pub struct NewCommit<'a> {
    pub add: Vec<&'a [u8]>,
    pub remove: &'a [u32],
    pub update: bool,
    pub aad: &'a [u8],
    pub padding: u32,
    components: Vec<Change<'a>>,
    psks: Vec<&'a [u8]>,
    welcome_extension: Option<&'a [u8]>,
}

impl<'a> NewCommit<'a> {
    /// `more`: components, pre-shared keys and the extension for newcomers; empty where there are none.
    pub fn new(
        add: Vec<&'a [u8]>,
        remove: &'a [u32],
        update: bool,
        aad: &'a [u8],
        padding: u32,
        more: &'a [u8],
    ) -> Result<Self> {
        let (components, psks, welcome_extension) = if more.is_empty() {
            Default::default()
        } else {
            Request::read(more, |request| {
                Ok((
                    request.list(read_change)?,
                    request.list(Request::bytes)?,
                    request.optional(Request::bytes)?,
                ))
            })?
        };
        Ok(Self {
            add,
            remove,
            update,
            aad,
            padding,
            components,
            psks,
            welcome_extension,
        })
    }
}

fn check_removals(state: &State, remove: &[u32]) -> Result<Vec<LeafNodeIndex>> {
    let remove = remove
        .iter()
        .map(|index| state.check_member(*index))
        .collect::<Result<Vec<_>>>()?;
    if remove.contains(&state.mls.own_leaf_index()) {
        return Err(Error::new(
            Code::InvalidProposal,
            "a commit cannot remove its committer",
        ));
    }
    Ok(remove)
}

/// A proposal of an external pre-shared key that the store has, under a fresh nonce.
fn psk_proposal(provider: &Provider, suite: Ciphersuite, id: &[u8]) -> Result<Proposal> {
    let psk = Psk::External(ExternalPsk::new(id.to_vec()));
    let psk = PreSharedKeyId::new(suite, provider.rand(), psk).map_err(|e| Error::internal(&e))?;
    Ok(Proposal::PreSharedKey(Box::new(PreSharedKeyProposal::new(
        psk,
    ))))
}

impl Group {
    /// A commit over all queued proposals and those named here; it stays pending.
    pub fn commit(&self, new: &NewCommit) -> Result<Vec<u8>> {
        self.change(|state, provider| {
            state.check_operational()?;
            let suite = state.mls.ciphersuite();
            let add = new
                .add
                .iter()
                .map(|bytes| newcomer(state, bytes))
                .collect::<Result<Vec<_>>>()?;
            let remove = check_removals(state, new.remove)?;
            if state.mls.pending_proposals().any(components::is_update) {
                return Err(Error::new(
                    Code::InvalidProposal,
                    "an AppDataUpdate waits, which nobody has resolved",
                ));
            }
            let updates = components::updates(state.context(), &new.components)?;
            let mut proposals: Vec<Proposal> = components::proposals(&new.components)
                .into_iter()
                .map(|proposal| Proposal::AppDataUpdate(Box::new(proposal)))
                .collect();
            for id in &new.psks {
                proposals.push(psk_proposal(provider, suite, id)?);
            }
            let extension = new
                .welcome_extension
                .map(|data| Extension::Unknown(WELCOME_EXTENSION, UnknownExtension(data.to_vec())));

            state.pad_handshake_to(provider, new.padding)?;
            let signer = state.signer()?;
            state.set_aad(new.aad)?;
            let mut builder = state
                .mls
                .commit_builder()
                .consume_proposal_store(true)
                .force_self_update(new.update)
                .propose_adds(add)
                .propose_removals(remove)
                .add_proposals(proposals)
                .load_psks(&provider.store)?
                .create_group_info_with_extensions(extension)
                .map_err(|e| Error::of(Code::InvalidArgument, &e))?;
            builder.with_app_data_dictionary_updates(updates);
            let bundle = builder
                .build(provider.rand(), provider.crypto(), signer.as_ref(), |_| {
                    true
                })?
                .stage_commit(provider)
                .map_err(|e| Error::internal(&e))?;
            let mut reply = Reply::new();
            write_bundle(&mut reply, bundle, &signer)?;
            Ok(reply.done())
        })
    }

    /// Makes the pending commit, or the pending external join, final.
    pub fn accept_pending(&self) -> Result<()> {
        self.change(|state, provider| {
            if state.external_pending {
                let group_id = state.mls.group_id();
                provider.store.forget_shelved(group_id)?;
                provider
                    .store
                    .delete(key(Label::ExternalPending, group_id)?);
                state.external_pending = false;
                return Ok(());
            }
            if state.mls.pending_commit().is_none() {
                return Err(Error::new(Code::NoPendingCommit, ""));
            }
            state
                .mls
                .merge_pending_commit(provider)
                .map_err(|e| Error::internal(&e))?;
            state.staged.clear();
            Ok(())
        })
    }

    /// Drops the pending commit, if there is one; a pending external join takes its group with it.
    pub fn discard_pending(&self) -> Result<()> {
        self.change(|state, provider: &Provider| {
            if state.external_pending {
                provider.store.unshelve(state.mls.group_id())?;
                state.gone = true;
                return Ok(());
            }
            Ok(state.mls.clear_pending_commit(&provider.store)?)
        })
    }
}
