// A member's view of a group (RFC 9420): one file per kind of operation; this one has the state they share.
// Handshakes travel as PublicMessage or as PrivateMessage, application messages as PrivateMessage; ratchet trees travel
// beside.

mod commit;
mod create;
mod export;
mod join;
mod message;
mod process;
mod propose;
#[cfg(test)]
mod tests;

pub use commit::NewCommit;
pub use create::NewGroup;
pub use join::ExternalJoin;
pub use propose::NewProposal;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;
use zeroize::Zeroizing;

use crate::components;
use crate::error::{Code, Error, Result};
use crate::identity::Identity;
use crate::provider::Provider;
use crate::reply::Reply;
use crate::storage::{Label, key};

/// How many staged commits of one epoch a group holds on to; a member sees few competing ones.
const MAX_STAGED: usize = 16;

/// Of how many past epochs a commit may name the resumption PSK (RFC 9420, section 8.4), by which its maker proves to
/// have been there; a member that has forgotten it cannot follow. The working group's passive clients need two.
const RESUMPTION_PSKS: usize = 16;

/// The largest padding block; a larger one would make every short message enormous.
const MAX_PADDING: u32 = 1 << 16;

fn check_padding(padding: u32) -> Result<()> {
    if padding > MAX_PADDING {
        return Err(Error::new(
            Code::InvalidArgument,
            "padding to more than 65,536 bytes",
        ));
    }
    Ok(())
}

/// How handshakes travel; each is refused in the other's form, except what comes from outside.
fn wire_format(private_handshakes: bool) -> WireFormatPolicy {
    if private_handshakes {
        PURE_CIPHERTEXT_WIRE_FORMAT_POLICY
    } else {
        PURE_PLAINTEXT_WIRE_FORMAT_POLICY
    }
}

/// The settings of every group; `padding` is the block size in bytes that plaintexts are padded to.
fn config(padding: usize, handshakes: WireFormatPolicy) -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(handshakes)
        .padding_size(padding)
        // The hub orders all messages of a room, so none of a past epoch is still to come.
        .max_past_epochs(0)
        .number_of_resumption_psks(RESUMPTION_PSKS)
        .use_ratchet_tree_extension(false)
        .build()
}

struct State {
    mls: MlsGroup,
    /// Who signs; shared, so that it can be lent out while the group changes.
    identity: Option<Rc<Identity>>,
    /// Commits that were processed and neither accepted nor discarded, all of the current epoch.
    staged: BTreeMap<u32, StagedCommit>,
    next_stage: u32,
    /// Joined by an external commit that is not accepted yet.
    external_pending: bool,
    /// The rows were deleted or replaced under this handle.
    gone: bool,
    /// The commit of an external join with what goes with it, until it is taken.
    external_commit: Option<Vec<u8>>,
    /// What the Welcome said to newcomers only, until it is taken; it is not stored.
    welcome_extension: Option<Zeroizing<Vec<u8>>>,
    /// Ids of the external pre-shared keys that the Welcome made use of; not stored.
    welcome_psks: Vec<Vec<u8>>,
}

impl State {
    fn check_active(&self) -> Result<()> {
        if self.mls.is_active() {
            Ok(())
        } else {
            Err(Error::new(Code::Inactive, ""))
        }
    }

    fn signer(&self) -> Result<Rc<Identity>> {
        self.check_active()?;
        self.identity
            .clone()
            .ok_or_else(|| Error::new(Code::Inactive, ""))
    }

    fn context(&self) -> &GroupContext {
        self.mls.public_group().group_context()
    }

    /// Sets the block size for the next ciphertext. OpenMLS has it as a setting of the group; the row is written only
    /// when it changes.
    fn pad_to(&mut self, provider: &Provider, padding: u32) -> Result<()> {
        check_padding(padding)?;
        let padding = padding as usize;
        let current = self.mls.configuration();
        if current.padding_size() == padding {
            return Ok(());
        }
        let settings = config(padding, current.wire_format_policy());
        Ok(self.mls.set_configuration(&provider.store, &settings)?)
    }

    /// The same for a handshake, which only a private one has use for.
    fn pad_handshake_to(&mut self, provider: &Provider, padding: u32) -> Result<()> {
        check_padding(padding)?;
        if self.mls.configuration().wire_format_policy() == wire_format(true) {
            self.pad_to(provider, padding)
        } else {
            Ok(())
        }
    }
}

/// A group of a device.
pub struct Group {
    provider: Rc<Provider>,
    state: RefCell<State>,
}

impl Group {
    /// A group that takes the place of any other of the same id that a handle is still open on.
    fn new(provider: Rc<Provider>, mls: MlsGroup, identity: Option<Identity>) -> Rc<Self> {
        let group_id = mls.group_id().to_vec();
        let state = State {
            mls,
            identity: identity.map(Rc::new),
            staged: BTreeMap::new(),
            next_stage: 0,
            external_pending: false,
            gone: false,
            external_commit: None,
            welcome_extension: None,
            welcome_psks: Vec::new(),
        };
        let group = Rc::new(Self {
            provider: Rc::clone(&provider),
            state: RefCell::new(state),
        });
        let mut open = provider.open.borrow_mut();
        open.retain(|_, group| group.strong_count() > 0);
        let replaced = open.insert(group_id, Rc::downgrade(&group));
        if let Some(replaced) = replaced.and_then(|group| group.upgrade())
            && let Ok(mut state) = replaced.state.try_borrow_mut()
        {
            state.gone = true;
        }
        drop(open);
        group
    }

    /// The group with this id, if the store has it.
    pub fn load(provider: Rc<Provider>, group_id: &[u8]) -> Result<Option<Rc<Self>>> {
        let open = provider.open.borrow().get(group_id).and_then(Weak::upgrade);
        if let Some(group) = open.filter(|group| !group.state.borrow().gone) {
            return Ok(Some(group));
        }
        let group_id = GroupId::from_slice(group_id);
        let Some(mls) = MlsGroup::load(&provider.store, &group_id)? else {
            return Ok(None);
        };
        let identity = own_identity(&provider, &mls)?;
        let external_pending = provider
            .store
            .contains(&key(Label::ExternalPending, &group_id)?);
        let group = Self::new(provider, mls, identity);
        group.state.borrow_mut().external_pending = external_pending;
        Ok(Some(group))
    }

    /// Reads the state.
    fn read<T>(&self, read: impl FnOnce(&State) -> Result<T>) -> Result<T> {
        let state = self.state.try_borrow().map_err(|e| Error::internal(&e))?;
        if state.gone {
            return Err(Error::new(Code::NoSuchGroup, ""));
        }
        read(&state)
    }

    /// Changes the state: all of it, rows and memory, or on an error nothing.
    fn change<T>(&self, change: impl FnOnce(&mut State, &Provider) -> Result<T>) -> Result<T> {
        let mut state = self
            .state
            .try_borrow_mut()
            .map_err(|e| Error::internal(&e))?;
        if state.gone {
            return Err(Error::new(Code::NoSuchGroup, ""));
        }
        let provider = self.provider.as_ref();
        provider
            .store
            .atomically(|| change(&mut state, provider))
            .map_err(|(error, rows_put_back)| {
                state.mls.set_aad(Vec::new());
                // OpenMLS changes memory before it writes: where it wrote, memory is read back from the rows.
                if rows_put_back
                    && let Ok(Some(mls)) = MlsGroup::load(&provider.store, state.mls.group_id())
                {
                    state.mls = mls;
                }
                error
            })
    }

    pub fn group_id(&self) -> Result<Vec<u8>> {
        self.read(|state| Ok(state.mls.group_id().to_vec()))
    }

    pub fn epoch(&self) -> Result<u64> {
        self.read(|state| Ok(state.mls.epoch().as_u64()))
    }

    pub fn suite(&self) -> Result<u16> {
        self.read(|state| Ok(state.mls.ciphersuite().into()))
    }

    pub fn own_leaf_index(&self) -> Result<u32> {
        self.read(|state| Ok(state.mls.own_leaf_index().u32()))
    }

    pub fn is_active(&self) -> Result<bool> {
        self.read(|state| Ok(state.mls.is_active()))
    }

    pub fn has_pending_commit(&self) -> Result<bool> {
        self.read(|state| Ok(state.external_pending || state.mls.pending_commit().is_some()))
    }

    pub fn members(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            let mut reply = Reply::new();
            reply.members(state.mls.members());
            Ok(reply.done())
        })
    }

    pub fn ratchet_tree(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            state
                .mls
                .export_ratchet_tree()
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))
        })
    }

    /// The tree that the pending commit leads to: for those whom it adds.
    pub fn pending_ratchet_tree(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            let pending = state
                .mls
                .pending_commit()
                .ok_or_else(|| Error::new(Code::NoPendingCommit, ""))?;
            pending
                .export_ratchet_tree(self.provider.crypto(), state.mls.export_ratchet_tree())
                .map_err(|e| Error::internal(&e))?
                .ok_or_else(|| Error::new(Code::NoPendingCommit, ""))?
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))
        })
    }

    pub fn group_info(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            let signer = state.signer()?;
            let message = state
                .mls
                .export_group_info(self.provider.crypto(), signer.as_ref(), false)
                .map_err(|e| match e {
                    ExportGroupInfoError::GroupStateError(e) => e.into(),
                    e => Error::internal(&e),
                })?;
            let message = message
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))?;
            // Without the four bytes of the MLSMessage header.
            Ok(message.get(4..).unwrap_or_default().to_vec())
        })
    }

    /// From now on handshakes travel so; this member's own affair, as every member must set it.
    pub fn set_handshakes(&self, private: bool) -> Result<()> {
        self.change(|state, provider| {
            let padding = state.mls.configuration().padding_size();
            let settings = config(padding, wire_format(private));
            Ok(state.mls.set_configuration(&provider.store, &settings)?)
        })
    }

    pub fn group_context(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            state
                .context()
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))
        })
    }

    pub fn components(&self) -> Result<Vec<u8>> {
        self.read(|state| Ok(components::list(state.context())))
    }

    pub fn component(&self, id: u16) -> Result<Option<Vec<u8>>> {
        self.read(|state| Ok(components::get(state.context(), id)))
    }

    pub fn epoch_authenticator(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            state.check_active()?;
            Ok(state.mls.epoch_authenticator().as_slice().to_vec())
        })
    }

    /// Deletes the rows of the group.
    pub fn delete(&self) -> Result<()> {
        self.change(|state, provider| {
            provider.store.forget_group(state.mls.group_id())?;
            provider.store.forget_shelved(state.mls.group_id())?;
            state.gone = true;
            Ok(())
        })
    }
}

/// The identity whose leaf is this member's; none once it was removed, when its leaf is blank.
fn own_identity(provider: &Rc<Provider>, mls: &MlsGroup) -> Result<Option<Identity>> {
    let leaf = mls.own_leaf_node().filter(|_| mls.is_active());
    leaf.map(|leaf| Identity::load(Rc::clone(provider), leaf.signature_key().as_slice()))
        .transpose()
}
