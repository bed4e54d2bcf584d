// Opening what arrives (RFC 9420, sections 6, 12.4.2 and 15): nothing that fails leaves a trace, no commit is final.

use openmls::prelude::*;

use super::{Group, MAX_STAGED, State};
use crate::components::{self, Resolution, Unresolved, read_resolutions};
use crate::decode;
use crate::encryption_keys;
use crate::error::{Code, Error, Result};
use crate::provider::Provider;
use crate::reply::Reply;
use crate::summary;

/// The kinds of answers, as ts/mls/group.ts knows them.
const APPLICATION: u8 = 0;
const PROPOSAL: u8 = 1;
const COMMIT: u8 = 2;
const OWN: u8 = 3;
const UNRESOLVED: u8 = 4;

impl Group {
    /// What a message says; see ts/mls/group.ts for the shape of the answer. A commit that changes components comes
    /// back as a question, and nothing has happened yet: opening a private one uses up its key, so all of it is undone
    /// and begins anew when the message comes again, with `resolutions`.
    pub fn process(&self, message: &[u8], resolutions: Option<&[u8]>) -> Result<Vec<u8>> {
        let message = decode::protocol_message(message)?;
        let resolutions = resolutions.map(read_resolutions).transpose()?;
        let mut question = None;
        let answered = self.change(|state, provider| {
            check_address(state, &message)?;
            if state.external_pending {
                return Err(Error::new(Code::PendingCommit, ""));
            }
            let content_type = message.content_type();
            let processed = state.mls.process_message(provider, message)?;
            let ProcessedMessageContent::UnresolvedAppDataCommit(commit) = processed.content()
            else {
                return answer(state, provider, processed, content_type, None);
            };
            let committer = processed.sender();
            let unresolved = Unresolved::read(commit, committer, state.mls.pending_proposals())?;
            let Some(resolutions) = &resolutions else {
                let mut reply = Reply::new();
                reply.u8(UNRESOLVED);
                let committer = (committer, processed.credential());
                unresolved.ask(&mut reply, state.mls.public_group(), committer)?;
                question = Some(reply.done());
                return Err(Error::new(Code::InvalidCommit, "unresolved"));
            };
            let processed = resolve(state, provider, processed, &unresolved, resolutions)?;
            answer(state, provider, processed, content_type, Some(&unresolved))
        });
        question.map_or(answered, Ok)
    }

    /// Applies a staged commit.
    pub fn accept(&self, id: u32) -> Result<()> {
        self.change(|state, provider| {
            let staged = state
                .staged
                .remove(&id)
                .ok_or_else(|| Error::new(Code::StaleStage, ""))?;
            state
                .mls
                .merge_staged_commit(provider, staged)
                .map_err(|e| Error::internal(&e))?;
            state.staged.clear();
            Ok(())
        })
    }

    /// Drops a staged commit.
    pub fn discard(&self, id: u32) -> Result<()> {
        self.change(|state, _| {
            state.staged.remove(&id);
            Ok(())
        })
    }
}

fn check_address(state: &State, message: &ProtocolMessage) -> Result<()> {
    if message.group_id() != state.mls.group_id() {
        return Err(Error::new(Code::WrongGroup, ""));
    }
    state.check_active()?;
    if message.epoch() != state.mls.epoch() {
        return Err(Error::wrong_epoch(
            state.mls.epoch().as_u64(),
            message.epoch().as_u64(),
        ));
    }
    Ok(())
}

fn resolve(
    state: &State,
    provider: &Provider,
    processed: ProcessedMessage,
    unresolved: &Unresolved,
    resolutions: &[Resolution],
) -> Result<ProcessedMessage> {
    let updates = unresolved.answer(state.context(), resolutions)?;
    Ok(state
        .mls
        .resolve_app_data_commit(provider, processed, updates)?)
}

fn answer(
    state: &mut State,
    provider: &Provider,
    processed: ProcessedMessage,
    content_type: ContentType,
    resolved: Option<&Unresolved>,
) -> Result<Vec<u8>> {
    let sender = processed.sender().clone();
    let credential = processed.credential().clone();
    let aad = processed.aad().to_vec();
    let epoch = processed.epoch().as_u64();
    let is_own = matches!(&sender, Sender::Member(index) if *index == state.mls.own_leaf_index());
    let mut reply = Reply::new();
    let mut head = |kind: u8| {
        reply.u8(kind);
        summary::sender(&mut reply, &sender, Some(&credential));
        reply.u64(epoch).bytes(&aad);
    };
    match processed.into_content() {
        ProcessedMessageContent::ApplicationMessage(message) => {
            head(APPLICATION);
            reply.bytes(&message.into_bytes());
        }
        ProcessedMessageContent::ProposalMessage(proposal)
        | ProcessedMessageContent::ExternalJoinProposalMessage(proposal) => {
            check_proposal(state, &proposal)?;
            let known = is_queued(state, &proposal);
            if known && !is_own {
                return Err(Error::new(Code::Duplicate, ""));
            }
            if is_own {
                head(OWN);
                reply.text("proposal");
            } else {
                head(PROPOSAL);
                reply
                    .bytes(proposal.proposal_reference_ref().as_slice())
                    .proposal_type(proposal.proposal().proposal_type())
                    .optional(summary::removed_leaf(&proposal), |reply, index| {
                        reply.u32(index);
                    });
            }
            if !known {
                state
                    .mls
                    .store_pending_proposal(&provider.store, *proposal)?;
            }
        }
        ProcessedMessageContent::StagedCommitMessage(staged) => {
            encryption_keys::check_commit(state.mls.ciphersuite(), &staged)?;
            components::check_commit(state.context(), &staged)?;
            resolved.map_or(Ok(()), |unresolved| unresolved.check_senders(&staged))?;
            head(COMMIT);
            state.next_stage = state.next_stage.wrapping_add(1);
            let id = state.next_stage;
            reply.u32(id);
            summary::commit(&mut reply, state.mls.public_group(), &sender, &staged)?;
            reply.bool(staged.self_removed());
            while state.staged.len() >= MAX_STAGED {
                state.staged.pop_first();
            }
            state.staged.insert(id, *staged);
        }
        ProcessedMessageContent::OwnPendingCommit => {
            head(OWN);
            reply.text("commit");
        }
        ProcessedMessageContent::OwnPrivateMessage => {
            head(OWN);
            reply.text(match content_type {
                ContentType::Application => "application",
                ContentType::Proposal => "proposal",
                ContentType::Commit => "commit",
            });
        }
        ProcessedMessageContent::UnresolvedAppDataCommit(_) => {
            return Err(Error::new(Code::Internal, "a commit that is not resolved"));
        }
    }
    Ok(reply.done())
}

/// OpenMLS looks at the target of a removal, and at the keys of a newcomer, only when the proposal is committed; a
/// queued one would then block all commits.
fn check_proposal(state: &State, proposal: &QueuedProposal) -> Result<()> {
    encryption_keys::check_proposal(state.mls.ciphersuite(), proposal, Code::InvalidProposal)?;
    components::check_proposal(state.context(), proposal, Code::InvalidProposal)?;
    match summary::removed_leaf(proposal) {
        Some(index) => state.check_member(index).map(|_| ()),
        None => Ok(()),
    }
}

fn is_queued(state: &State, proposal: &QueuedProposal) -> bool {
    state
        .mls
        .pending_proposals()
        .any(|queued| queued.proposal_reference_ref() == proposal.proposal_reference_ref())
}
