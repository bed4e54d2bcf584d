// Making proposals by themselves (RFC 9420, section 12.1), and the queue of those that wait for a commit.

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;

use super::commit::newcomer;
use super::{Group, State};
use crate::error::{Code, Error, Result};
use crate::provider::Provider;
use crate::reply::Reply;

/// What to propose.
pub enum NewProposal<'a> {
    Add(&'a [u8]),
    Remove(u32),
    SelfRemove,
    Update,
}

impl Group {
    /// The MLSMessage of a proposal, which is queued here too.
    pub fn propose(&self, proposal: NewProposal, aad: &[u8], padding: u32) -> Result<Vec<u8>> {
        self.change(|state, provider| {
            state.check_operational()?;
            state.pad_handshake_to(provider, padding)?;
            state.set_aad(aad)?;
            let message = make(state, provider, proposal)?;
            message
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))
        })
    }

    /// The refs of the queued proposals.
    pub fn pending_proposals(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            let refs: Vec<&[u8]> = state
                .mls
                .pending_proposals()
                .map(|proposal| proposal.proposal_reference_ref().as_slice())
                .collect();
            let mut reply = Reply::new();
            reply.list(&refs, |reply, reference| {
                reply.bytes(reference);
            });
            Ok(reply.done())
        })
    }

    /// Takes a proposal out of the queue, such as one that the hub refused.
    pub fn discard_proposal(&self, reference: &[u8]) -> Result<()> {
        self.change(|state, provider| {
            let found = state
                .mls
                .pending_proposals()
                .map(QueuedProposal::proposal_reference_ref)
                .find(|queued| queued.as_slice() == reference)
                .cloned()
                .ok_or_else(|| Error::new(Code::NoSuchProposal, ""))?;
            state
                .mls
                .remove_pending_proposal(&provider.store, &found)
                .map_err(|e| Error::of(Code::NoSuchProposal, &e))
        })
    }

    pub fn clear_proposals(&self) -> Result<()> {
        self.change(|state, provider| Ok(state.mls.clear_pending_proposals(&provider.store)?))
    }
}

fn make(state: &mut State, provider: &Provider, proposal: NewProposal) -> Result<MlsMessageOut> {
    let signer = state.signer()?;
    let signer = signer.as_ref();
    match proposal {
        NewProposal::Add(bytes) => {
            let key_package = newcomer(state, bytes)?;
            state
                .mls
                .propose_add_member(provider, signer, &key_package)
                .map(|(message, _)| message)
                .map_err(|e| match e {
                    ProposeAddMemberError::GroupStateError(e) => e.into(),
                    e => Error::of(Code::InvalidProposal, &e),
                })
        }
        NewProposal::Remove(index) => {
            let index = state.check_member(index)?;
            state
                .mls
                .propose_remove_member(provider, signer, index)
                .map(|(message, _)| message)
                .map_err(|e| match e {
                    ProposeRemoveMemberError::GroupStateError(e) => e.into(),
                    e => Error::of(Code::InvalidProposal, &e),
                })
        }
        NewProposal::SelfRemove => state
            .mls
            .leave_group_via_self_remove(provider, signer)
            .map_err(|e| match e {
                LeaveGroupError::GroupStateError(e) => e.into(),
                e => Error::of(Code::InvalidProposal, &e),
            }),
        NewProposal::Update => state
            .mls
            .propose_self_update(provider, signer, LeafNodeParameters::default())
            .map(|(message, _)| message)
            .map_err(|e| match e {
                ProposeSelfUpdateError::GroupStateError(e) => e.into(),
                e => Error::of(Code::InvalidProposal, &e),
            }),
    }
}
