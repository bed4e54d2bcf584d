// Making commits (RFC 9420, section 12.4), and accepting or discarding the pending one.

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;

use super::{Group, State};
use crate::error::{Code, Error, Result};
use crate::key_package;
use crate::provider::Provider;
use crate::reply::Reply;
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

impl Group {
    /// A commit over all queued proposals and those named here; it stays pending.
    pub fn commit(
        &self,
        add: &[&[u8]],
        remove: &[u32],
        update: bool,
        aad: &[u8],
    ) -> Result<Vec<u8>> {
        self.change(|state, provider| {
            state.check_operational()?;
            let add = add
                .iter()
                .map(|bytes| newcomer(state, bytes))
                .collect::<Result<Vec<_>>>()?;
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
            let signer = state.signer()?;
            state.mls.set_aad(aad.to_vec());
            let bundle = state
                .mls
                .commit_builder()
                .consume_proposal_store(true)
                .force_self_update(update)
                .propose_adds(add)
                .propose_removals(remove)
                .load_psks(&provider.store)?
                .create_group_info(true)
                .build(provider.rand(), provider.crypto(), signer.as_ref(), |_| {
                    true
                })?
                .stage_commit(provider)
                .map_err(|e| Error::internal(&e))?;
            let welcome = bundle.to_welcome_msg();
            let (commit, _, group_info) = bundle.into_contents();
            let group_info =
                group_info.ok_or_else(|| Error::new(Code::Internal, "no GroupInfo"))?;
            let bytes = |e: tls_codec::Error| Error::internal(&e);
            let mut reply = Reply::new();
            reply.bytes(&commit.tls_serialize_detached().map_err(bytes)?);
            let welcome = welcome
                .map(|message| message.tls_serialize_detached())
                .transpose()
                .map_err(bytes)?;
            reply.optional(welcome, |reply, welcome| {
                reply.bytes(&welcome);
            });
            reply.bytes(&group_info.tls_serialize_detached().map_err(bytes)?);
            reply.u64(group_info.group_context().epoch().as_u64());
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
