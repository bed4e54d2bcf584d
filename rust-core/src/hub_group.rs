// The hub's view of a group, by OpenMLS's PublicGroup: it follows public handshakes and holds no secret.
// The tree stays in memory and is written only into snapshots.

mod process;
mod snapshot;
mod storage;
mod verify;

use std::cell::RefCell;
use std::collections::BTreeMap;

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;

use crate::components::{self, Unresolved};
use crate::decode;
use crate::error::{Error, Result};
use crate::provider::crypto;
use crate::reply::Reply;
use crate::summary;
use storage::HubStorage;

/// A proposal that waits for the next commit, with the MLSMessage that brought it.
struct Waiting {
    proposal: QueuedProposal,
    message: Vec<u8>,
}

/// What was checked and not applied.
enum Stage {
    Proposal(Box<Waiting>),
    Commit(Box<StagedCommit>),
    /// A commit that waits for what comes of its component changes.
    Unresolved(Box<Question>),
}

struct Question {
    processed: ProcessedMessage,
    unresolved: Unresolved,
    message: Vec<u8>,
}

struct State {
    group: PublicGroup,
    /// In the order they came. OpenMLS keeps the same queue, but does not show it.
    queue: Vec<Waiting>,
    /// All of the current epoch.
    staged: BTreeMap<u32, Stage>,
    next_stage: u32,
}

pub struct HubGroup(RefCell<State>);

impl HubGroup {
    /// Starts to follow a group from its GroupInfo and tree, both checked in full.
    pub fn track(group_info: &[u8], ratchet_tree: &[u8]) -> Result<Self> {
        let (_, group_info) = decode::group_info(group_info)?;
        let ratchet_tree = decode::ratchet_tree(ratchet_tree)?;
        let (group, _) = PublicGroup::from_external(
            crypto(),
            &HubStorage::default(),
            ratchet_tree,
            group_info,
            ProposalStore::new(),
        )?;
        Ok(Self::of(group, Vec::new()))
    }

    fn of(group: PublicGroup, queue: Vec<Waiting>) -> Self {
        Self(RefCell::new(State {
            group,
            queue,
            staged: BTreeMap::new(),
            next_stage: 0,
        }))
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> Result<T>) -> Result<T> {
        read(&*self.0.try_borrow().map_err(|e| Error::internal(&e))?)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        change(&mut *self.0.try_borrow_mut().map_err(|e| Error::internal(&e))?)
    }

    pub fn group_id(&self) -> Result<Vec<u8>> {
        self.read(|state| Ok(state.group.group_id().to_vec()))
    }

    pub fn epoch(&self) -> Result<u64> {
        self.read(|state| Ok(state.group.group_context().epoch().as_u64()))
    }

    pub fn suite(&self) -> Result<u16> {
        self.read(|state| Ok(state.group.ciphersuite().into()))
    }

    pub fn group_context(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            state
                .group
                .group_context()
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))
        })
    }

    pub fn components(&self) -> Result<Vec<u8>> {
        self.read(|state| Ok(components::list(state.group.group_context())))
    }

    pub fn component(&self, id: u16) -> Result<Option<Vec<u8>>> {
        self.read(|state| Ok(components::get(state.group.group_context(), id)))
    }

    pub fn members(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            let mut reply = Reply::new();
            reply.members(state.group.members());
            Ok(reply.done())
        })
    }

    pub fn ratchet_tree(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            state
                .group
                .export_ratchet_tree()
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))
        })
    }

    pub fn pending_proposals(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            let mut reply = Reply::new();
            reply.u32(state.queue.len() as u32);
            for waiting in &state.queue {
                summary::proposal(&mut reply, &state.group, &waiting.proposal)?;
                reply.bytes(&waiting.message);
            }
            Ok(reply.done())
        })
    }
}
