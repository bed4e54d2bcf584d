// Room components: the application data dictionary of the GroupContext and the proposals that change it
// (draft-ietf-mls-extensions, sections 4.6 and 4.7). What an update means is the caller's matter: it gives the new
// content of each component that changes, and OpenMLS checks neither which those are nor whether there was anything
// to remove.

use std::collections::BTreeMap;

use openmls::component::ComponentData;
use openmls::prelude::*;

use crate::error::{Code, Error, Result};
use crate::reply::Reply;
use crate::request::Request;
use crate::summary;

/// How many changes a commit may bring; a room has a few dozen components.
const MAX_CHANGES: usize = 1_024;

/// A change to commit: what is proposed (nothing: to remove the component) and the content that comes of it.
pub struct Change<'a> {
    id: u16,
    update: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
}

/// The new content of a component; none: it is removed.
pub struct Resolution<'a> {
    id: u16,
    value: Option<&'a [u8]>,
}

pub fn read_change<'a>(request: &mut Request<'a>) -> Result<Change<'a>> {
    Ok(Change {
        id: request.u16()?,
        update: request.optional(Request::bytes)?,
        value: request.optional(Request::bytes)?,
    })
}

pub fn read_resolutions(bytes: &[u8]) -> Result<Vec<Resolution<'_>>> {
    Request::read(bytes, |request| {
        request.list(|request| {
            Ok(Resolution {
                id: request.u16()?,
                value: request.optional(Request::bytes)?,
            })
        })
    })
}

fn dictionary(context: &GroupContext) -> Option<&AppDataDictionary> {
    Some(context.extensions().app_data_dictionary()?.dictionary())
}

fn refuse(code: Code, id: u16, rule: &str) -> Error {
    Error::new(code, rule).with("component", id.into())
}

/// All components, for ts/mls/reply.ts.
pub fn list(context: &GroupContext) -> Vec<u8> {
    let entries: Vec<&ComponentData> = dictionary(context)
        .map(|dictionary| dictionary.entries().collect())
        .unwrap_or_default();
    let mut reply = Reply::new();
    reply.list(&entries, |reply, entry| {
        reply.u16(entry.id()).bytes(entry.data());
    });
    reply.done()
}

pub fn get(context: &GroupContext, id: u16) -> Option<Vec<u8>> {
    Some(dictionary(context)?.get(&id)?.to_vec())
}

/// The proposals of a commit that is to be made.
pub fn proposals(changes: &[Change]) -> Vec<AppDataUpdateProposal> {
    changes
        .iter()
        .map(|change| match change.update {
            Some(update) => AppDataUpdateProposal::update(change.id, update),
            None => AppDataUpdateProposal::remove(change.id),
        })
        .collect()
}

/// The contents after those proposals; none when nothing changes.
pub fn updates(context: &GroupContext, changes: &[Change]) -> Result<Option<AppDataUpdates>> {
    let old = dictionary(context);
    let mut contents = BTreeMap::new();
    for change in changes {
        let id = change.id;
        if change.update.is_some() != change.value.is_some() {
            let rule = "an update has a value, a removal has none";
            return Err(refuse(Code::InvalidArgument, id, rule));
        }
        if change.update.is_none() && old.is_none_or(|old| !old.contains(&id)) {
            return Err(refuse(Code::InvalidProposal, id, "NoSuchComponent"));
        }
        if contents.insert(id, change.value).is_some() {
            return Err(refuse(Code::InvalidArgument, id, "a component twice"));
        }
    }
    Ok(collect(old, contents))
}

fn collect(
    old: Option<&AppDataDictionary>,
    contents: BTreeMap<u16, Option<&[u8]>>,
) -> Option<AppDataUpdates> {
    let mut updater = AppDataDictionaryUpdater::new(old);
    for (id, value) in contents {
        match value {
            Some(value) => updater.set(ComponentData::from_parts(id, value.into())),
            None => updater.remove(&id),
        }
    }
    updater.changes()
}

pub fn is_update(proposal: &QueuedProposal) -> bool {
    matches!(proposal.proposal(), Proposal::AppDataUpdate(_))
}

fn update_bytes(proposal: &AppDataUpdateProposal) -> Option<&[u8]> {
    match proposal.operation() {
        AppDataUpdateOperation::Update(update) => Some(update.as_slice()),
        AppDataUpdateOperation::Remove => None,
    }
}

/// The changes of a commit that cannot be staged before somebody says what comes of them, with who proposed each.
pub struct Unresolved {
    changes: Vec<(AppDataUpdateProposal, Sender)>,
}

impl Unresolved {
    /// OpenMLS does not tell who proposed a change: where an equal one waits it is its sender, otherwise the committer.
    /// `check_senders` makes sure of it.
    pub fn read<'a>(
        commit: &UnresolvedAppDataCommit,
        committer: &Sender,
        waiting: impl Iterator<Item = &'a QueuedProposal>,
    ) -> Result<Self> {
        let mut waiting: Vec<_> = waiting.filter(|proposal| is_update(proposal)).collect();
        let mut changes = Vec::new();
        for change in commit.app_data_update_proposals() {
            if changes.len() == MAX_CHANGES {
                return Err(Error::new(Code::TooLarge, "component changes in a commit")
                    .with("limit", MAX_CHANGES as u64));
            }
            let found = waiting.iter().position(|waiting| {
                matches!(waiting.proposal(), Proposal::AppDataUpdate(update) if **update == *change)
            });
            let sender = match found {
                Some(at) => waiting.swap_remove(at).sender().clone(),
                None => committer.clone(),
            };
            changes.push((change.clone(), sender));
        }
        Ok(Self { changes })
    }

    /// By component, in the order of their ids.
    fn by_component(&self) -> BTreeMap<u16, Vec<&(AppDataUpdateProposal, Sender)>> {
        let mut all = BTreeMap::<u16, Vec<_>>::new();
        for change in &self.changes {
            all.entry(change.0.component_id()).or_default().push(change);
        }
        all
    }

    /// Writes the question, for ts/mls/components.ts. A removal is refused where there is nothing to remove, and
    /// where it is not the only change to its component (section 4.7).
    pub fn ask(
        &self,
        reply: &mut Reply,
        group: &PublicGroup,
        committer: (&Sender, &Credential),
    ) -> Result<()> {
        let old = dictionary(group.group_context());
        let all = self.by_component();
        reply.u32(all.len() as u32);
        for (id, changes) in all {
            let current = old.and_then(|old| old.get(&id));
            let removes = changes
                .iter()
                .any(|(change, _)| update_bytes(change).is_none());
            if removes && current.is_none() {
                return Err(refuse(Code::InvalidCommit, id, "NoSuchComponent"));
            }
            if removes && changes.len() > 1 {
                let rule = "CombinedRemoveAndUpdateOperations";
                return Err(refuse(Code::InvalidCommit, id, rule));
            }
            reply.u16(id).optional(current, |reply, current| {
                reply.bytes(current);
            });
            reply.list(&changes, |reply, (change, sender)| {
                write_change(reply, change);
                if sender == committer.0 {
                    summary::sender(reply, sender, Some(committer.1));
                } else {
                    summary::sender_in_group(reply, group, sender, None);
                }
            });
        }
        Ok(())
    }

    /// The contents that the answer gives. It must speak of exactly the components that change.
    pub fn answer(
        &self,
        context: &GroupContext,
        resolutions: &[Resolution],
    ) -> Result<Option<AppDataUpdates>> {
        let mut asked = self.by_component();
        let mut contents = BTreeMap::new();
        for Resolution { id, value } in resolutions {
            let changes = asked.remove(id).ok_or_else(|| {
                let rule = "a component that does not change, or twice";
                refuse(Code::InvalidArgument, *id, rule)
            })?;
            let removed = changes
                .iter()
                .any(|(change, _)| update_bytes(change).is_none());
            if removed != value.is_none() {
                let rule = "an update has a value, a removal has none";
                return Err(refuse(Code::InvalidArgument, *id, rule));
            }
            contents.insert(*id, *value);
        }
        match asked.first_key_value() {
            Some((id, _)) => Err(refuse(Code::InvalidArgument, *id, "a component left out")),
            None => Ok(collect(dictionary(context), contents)),
        }
    }

    /// Refuses a commit that repeats by value what waits by reference: its change was asked about in another's name.
    pub fn check_senders(&self, staged: &StagedCommit) -> Result<()> {
        let mut told: Vec<_> = self.changes.iter().collect();
        for proposal in staged.queued_proposals() {
            let Proposal::AppDataUpdate(update) = proposal.proposal() else {
                continue;
            };
            let found = told
                .iter()
                .position(|(change, sender)| change == &**update && sender == proposal.sender())
                .ok_or_else(|| Error::new(Code::InvalidCommit, "a repeated AppDataUpdate"))?;
            told.swap_remove(found);
        }
        Ok(())
    }
}

/// A change by itself: what it proposes; nothing: to remove the component.
pub fn write_change(reply: &mut Reply, change: &AppDataUpdateProposal) {
    reply.optional(update_bytes(change), |reply, update| {
        reply.bytes(update);
    });
}

/// Refuses with `code` a GroupContextExtensions proposal that touches the dictionary. OpenMLS does so only where
/// AppDataUpdate is a required capability, and never for one that waits, which then breaks every commit.
pub fn check_proposal(context: &GroupContext, proposal: &QueuedProposal, code: Code) -> Result<()> {
    match proposal.proposal() {
        Proposal::GroupContextExtensions(new)
            if new.extensions().app_data_dictionary()
                != context.extensions().app_data_dictionary() =>
        {
            Err(Error::new(code, "CannotUpdateDictionaryDirectly"))
        }
        _ => Ok(()),
    }
}

/// The same, of a commit.
pub fn check_commit(context: &GroupContext, staged: &StagedCommit) -> Result<()> {
    staged
        .queued_proposals()
        .try_for_each(|proposal| check_proposal(context, proposal, Code::InvalidCommit))
}
