// Checking public handshakes without applying them, and applying what was checked.

use openmls::ciphersuite::signature::SignaturePublicKey;
use openmls::prelude::*;

use super::storage::HubStorage;
use super::{HubGroup, Question, Stage, State, Waiting};
use crate::components::{self, Unresolved, read_resolutions};
use crate::decode;
use crate::encryption_keys;
use crate::error::{Code, Error, Result};
use crate::provider::crypto;
use crate::reply::Reply;
use crate::summary;

/// The kinds of answers, as ts/mls/hub_group.ts knows them.
const PROPOSAL: u8 = 1;
const COMMIT: u8 = 2;
const UNRESOLVED: u8 = 4;

/// How many checked, unapplied messages a group holds on to; a hub decides on one at a time.
const MAX_STAGED: usize = 16;

/// How many proposals may wait for a commit, in one epoch.
const MAX_QUEUE: usize = 1_024;

impl HubGroup {
    /// What a message would do; see ts/mls/hub_group.ts for the shape of the answer.
    pub fn process(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let message = decode::protocol_message(bytes)?;
        self.change(|state| {
            check_address(state, &message)?;
            let processed = state.group.process_message(crypto(), message)?;
            answer(state, processed, bytes, None)
        })
    }

    /// Stages a commit whose component changes were asked about.
    pub fn resolve(&self, id: u32, resolutions: &[u8]) -> Result<Vec<u8>> {
        let resolutions = read_resolutions(resolutions)?;
        self.change(|state| {
            let Some(Stage::Unresolved(question)) = state.staged.remove(&id) else {
                return Err(Error::new(Code::StaleStage, ""));
            };
            let Question {
                processed,
                unresolved,
                message,
            } = *question;
            let updates = unresolved.answer(state.group.group_context(), &resolutions)?;
            let processed = state
                .group
                .resolve_app_data_commit(crypto(), processed, updates)?;
            answer(state, processed, &message, Some(&unresolved))
        })
    }

    pub fn apply(&self, id: u32) -> Result<()> {
        self.change(|state| {
            let stage = state
                .staged
                .remove(&id)
                .ok_or_else(|| Error::new(Code::StaleStage, ""))?;
            let storage = HubStorage::default();
            match stage {
                Stage::Proposal(waiting) => {
                    state
                        .group
                        .add_proposal(&storage, waiting.proposal.clone())?;
                    state.queue.push(*waiting);
                }
                Stage::Commit(staged) => {
                    state
                        .group
                        .merge_commit(&storage, *staged)
                        .map_err(|e| Error::internal(&e))?;
                    state.queue.clear();
                    state.staged.clear();
                }
                Stage::Unresolved(_) => return Err(Error::new(Code::StaleStage, "unresolved")),
            }
            Ok(())
        })
    }

    pub fn discard(&self, id: u32) -> Result<()> {
        self.change(|state| {
            state.staged.remove(&id);
            Ok(())
        })
    }
}

fn check_address(state: &State, message: &ProtocolMessage) -> Result<()> {
    let context = state.group.group_context();
    if message.group_id() != context.group_id() {
        return Err(Error::new(Code::WrongGroup, ""));
    }
    if message.epoch() != context.epoch() {
        return Err(Error::wrong_epoch(
            context.epoch().as_u64(),
            message.epoch().as_u64(),
        ));
    }
    if message.wire_format() != WireFormat::PublicMessage {
        return Err(Error::new(Code::WrongWireFormat, ""));
    }
    Ok(())
}

fn answer(
    state: &mut State,
    processed: ProcessedMessage,
    bytes: &[u8],
    resolved: Option<&Unresolved>,
) -> Result<Vec<u8>> {
    state.next_stage = state.next_stage.wrapping_add(1);
    let id = state.next_stage;
    let sender = processed.sender().clone();
    let aad = processed.aad().to_vec();
    let epoch = processed.epoch().as_u64();
    let mut reply = Reply::new();
    if let ProcessedMessageContent::UnresolvedAppDataCommit(commit) = processed.content() {
        let queue = state.queue.iter().map(|waiting| &waiting.proposal);
        let unresolved = Unresolved::read(commit, &sender, queue)?;
        reply.u8(UNRESOLVED).u32(id);
        let committer = (&sender, processed.credential());
        unresolved.ask(&mut reply, &state.group, committer)?;
        let question = Question {
            processed,
            unresolved,
            message: bytes.to_vec(),
        };
        keep(state, id, Stage::Unresolved(Box::new(question)));
        return Ok(reply.done());
    }
    let stage = match processed.into_content() {
        ProcessedMessageContent::ProposalMessage(proposal)
        | ProcessedMessageContent::ExternalJoinProposalMessage(proposal) => {
            check_proposal(state, &proposal)?;
            reply.u8(PROPOSAL).u32(id).u64(epoch).bytes(&aad);
            summary::proposal(&mut reply, &state.group, &proposal)?;
            Stage::Proposal(Box::new(Waiting {
                proposal: *proposal,
                message: bytes.to_vec(),
            }))
        }
        ProcessedMessageContent::StagedCommitMessage(staged) => {
            encryption_keys::check_commit(state.group.ciphersuite(), &staged)?;
            components::check_commit(state.group.group_context(), &staged)?;
            resolved.map_or(Ok(()), |unresolved| unresolved.check_senders(&staged))?;
            reply.u8(COMMIT).u32(id).u64(epoch).bytes(&aad);
            summary::commit(&mut reply, &state.group, &sender, &staged)?;
            reply.bool(false).bytes(&new_confirmation_tag(bytes)?);
            let omitted = omitted(state, &sender, &staged);
            reply.list(&omitted, |reply, reference| {
                reply.bytes(reference);
            });
            Stage::Commit(staged)
        }
        _ => {
            return Err(Error::new(
                Code::WrongType,
                "neither a proposal nor a commit",
            ));
        }
    };
    keep(state, id, stage);
    Ok(reply.done())
}

fn keep(state: &mut State, id: u32, stage: Stage) {
    while state.staged.len() >= MAX_STAGED {
        state.staged.pop_first();
    }
    state.staged.insert(id, stage);
}

/// Refs of the waiting proposals that the committer could have covered and did not. It cannot cover its own update or
/// self-removal, nor a second change to a leaf that the commit takes out (RFC 9420, section 12.2), nor, from outside,
/// anything but self-removals (section 12.4.3.2 and draft-ietf-mls-extensions).
fn omitted<'a>(state: &'a State, committer: &Sender, staged: &StagedCommit) -> Vec<&'a [u8]> {
    let external = !matches!(committer, Sender::Member(_));
    let removed: Vec<u32> = staged
        .queued_proposals()
        .filter_map(summary::removed_leaf)
        .collect();
    let could_not = |proposal: &QueuedProposal| {
        let changed = summary::changed_leaf(proposal);
        let own = matches!(committer, Sender::Member(index) if changed == Some(index.u32()))
            && matches!(
                proposal.proposal(),
                Proposal::Update(_) | Proposal::SelfRemove
            );
        own || changed.is_some_and(|leaf| removed.contains(&leaf))
            || (external && !matches!(proposal.proposal(), Proposal::SelfRemove))
    };
    let covered = |proposal: &QueuedProposal| {
        staged.queued_proposals().any(|covered| {
            covered.proposal_or_ref_type() == ProposalOrRefType::Reference
                && covered.proposal_reference_ref() == proposal.proposal_reference_ref()
        })
    };
    state
        .queue
        .iter()
        .map(|waiting| &waiting.proposal)
        .filter(|proposal| !covered(proposal) && !could_not(proposal))
        .map(|proposal| proposal.proposal_reference_ref().as_slice())
        .collect()
}

/// What OpenMLS checks only at the commit, which a bad proposal in the queue would make impossible for everyone.
fn check_proposal(state: &State, proposal: &QueuedProposal) -> Result<()> {
    if state.queue.len() >= MAX_QUEUE {
        return Err(Error::new(Code::TooLarge, "proposals waiting").with("limit", MAX_QUEUE as u64));
    }
    let reference = proposal.proposal_reference_ref();
    if state
        .queue
        .iter()
        .any(|waiting| waiting.proposal.proposal_reference_ref() == reference)
    {
        return Err(Error::new(Code::Duplicate, ""));
    }
    if let Some(index) = summary::removed_leaf(proposal)
        && state.group.leaf(LeafNodeIndex::new(index)).is_none()
    {
        return Err(Error::new(Code::NotAMember, "").with("leafIndex", index.into()));
    }
    encryption_keys::check_proposal(state.group.ciphersuite(), proposal, Code::InvalidProposal)?;
    components::check_proposal(state.group.group_context(), proposal, Code::InvalidProposal)?;
    match summary::added_by(proposal) {
        Some(key_package) => check_newcomer(state, key_package.leaf_node().signature_key()),
        None => Ok(()),
    }
}

/// One key stands for one member: also among those who are still to come, less those who are to go.
fn check_newcomer(state: &State, key: &SignaturePublicKey) -> Result<()> {
    let queue = || state.queue.iter().map(|waiting| &waiting.proposal);
    let leaving: Vec<u32> = queue().filter_map(summary::removed_leaf).collect();
    let is_member = state.group.members().any(|member| {
        member.signature_key == key.as_slice() && !leaving.contains(&member.index.u32())
    });
    let is_invited = queue()
        .filter_map(summary::added_by)
        .any(|invited| invited.leaf_node().signature_key() == key);
    if is_member || is_invited {
        return Err(Error::new(Code::InvalidProposal, "DuplicateSignatureKey"));
    }
    Ok(())
}

/// The confirmation tag that a commit carries: that of the epoch it begins.
fn new_confirmation_tag(commit: &[u8]) -> Result<Vec<u8>> {
    match decode::message(commit)? {
        MlsMessageBodyIn::PublicMessage(message) => match message.confirmation_tag() {
            Some(tag) => super::verify::tag_bytes(tag),
            None => Err(Error::new(Code::InvalidCommit, "MissingConfirmationTag")),
        },
        _ => Err(Error::new(Code::WrongWireFormat, "")),
    }
}
