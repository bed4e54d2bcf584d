// A member's group across the boundary to JavaScript: a list, no logic.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use super::{Bytes, CoreIdentity, CoreStore};
use crate::decode;
use crate::error::Result;
use crate::group::{ExternalJoin, Group, NewCommit, NewGroup, NewProposal};

#[wasm_bindgen]
pub struct CoreGroup(Rc<Group>);

#[wasm_bindgen]
impl CoreGroup {
    pub fn create(
        store: &CoreStore,
        identity: &CoreIdentity,
        group_id: &[u8],
        options: &[u8],
    ) -> Result<CoreGroup> {
        let new = NewGroup::read(options)?;
        Group::create(identity.0.again_in(&store.0)?, group_id, new).map(CoreGroup)
    }

    pub fn join(
        store: &CoreStore,
        welcome: &[u8],
        ratchet_tree: Option<Bytes>,
        private_handshakes: bool,
    ) -> Result<CoreGroup> {
        let tree = ratchet_tree.as_deref();
        Group::join(Rc::clone(&store.0), welcome, tree, private_handshakes).map(CoreGroup)
    }

    #[wasm_bindgen(js_name = takeWelcomeExtension)]
    pub fn take_welcome_extension(&self) -> Result<Option<Bytes>> {
        self.0.take_welcome_extension()
    }

    #[wasm_bindgen(js_name = welcomePsks)]
    pub fn welcome_psks(&self) -> Result<Bytes> {
        self.0.welcome_psks()
    }

    #[wasm_bindgen(js_name = joinExternally)]
    pub fn join_externally(
        store: &CoreStore,
        identity: &CoreIdentity,
        group_info: &[u8],
        ratchet_tree: Option<Bytes>,
        options: &[u8],
    ) -> Result<CoreGroup> {
        let join = ExternalJoin::read(group_info, ratchet_tree.as_deref(), options)?;
        Group::join_externally(identity.0.again_in(&store.0)?, &join).map(CoreGroup)
    }

    #[wasm_bindgen(js_name = takeExternalCommit)]
    pub fn take_external_commit(&self) -> Result<Bytes> {
        self.0.take_external_commit()
    }

    pub fn load(store: &CoreStore, group_id: &[u8]) -> Result<Option<CoreGroup>> {
        Ok(Group::load(Rc::clone(&store.0), group_id)?.map(CoreGroup))
    }

    #[wasm_bindgen(js_name = groupId)]
    pub fn group_id(&self) -> Result<Bytes> {
        self.0.group_id()
    }

    pub fn epoch(&self) -> Result<u64> {
        self.0.epoch()
    }

    pub fn suite(&self) -> Result<u16> {
        self.0.suite()
    }

    #[wasm_bindgen(js_name = ownLeafIndex)]
    pub fn own_leaf_index(&self) -> Result<u32> {
        self.0.own_leaf_index()
    }

    #[wasm_bindgen(js_name = isActive)]
    pub fn is_active(&self) -> Result<bool> {
        self.0.is_active()
    }

    #[wasm_bindgen(js_name = hasPendingCommit)]
    pub fn has_pending_commit(&self) -> Result<bool> {
        self.0.has_pending_commit()
    }

    pub fn members(&self) -> Result<Bytes> {
        self.0.members()
    }

    #[wasm_bindgen(js_name = proposeAdd)]
    pub fn propose_add(&self, key_package: &[u8], aad: &[u8], padding: u32) -> Result<Bytes> {
        self.0.propose(NewProposal::Add(key_package), aad, padding)
    }

    #[wasm_bindgen(js_name = proposeRemove)]
    pub fn propose_remove(&self, leaf_index: u32, aad: &[u8], padding: u32) -> Result<Bytes> {
        self.0
            .propose(NewProposal::Remove(leaf_index), aad, padding)
    }

    #[wasm_bindgen(js_name = proposeSelfRemove)]
    pub fn propose_self_remove(&self, aad: &[u8], padding: u32) -> Result<Bytes> {
        self.0.propose(NewProposal::SelfRemove, aad, padding)
    }

    #[wasm_bindgen(js_name = proposeUpdate)]
    pub fn propose_update(&self, aad: &[u8], padding: u32) -> Result<Bytes> {
        self.0.propose(NewProposal::Update, aad, padding)
    }

    #[wasm_bindgen(js_name = pendingProposals)]
    pub fn pending_proposals(&self) -> Result<Bytes> {
        self.0.pending_proposals()
    }

    #[wasm_bindgen(js_name = discardProposal)]
    pub fn discard_proposal(&self, reference: &[u8]) -> Result<()> {
        self.0.discard_proposal(reference)
    }

    #[wasm_bindgen(js_name = clearProposals)]
    pub fn clear_proposals(&self) -> Result<()> {
        self.0.clear_proposals()
    }

    pub fn commit(
        &self,
        add: &[u8],
        remove: &[u32],
        update: bool,
        aad: &[u8],
        padding: u32,
        more: &[u8],
    ) -> Result<Bytes> {
        let add = decode::list(add)?;
        self.0
            .commit(&NewCommit::new(add, remove, update, aad, padding, more)?)
    }

    #[wasm_bindgen(js_name = acceptPending)]
    pub fn accept_pending(&self) -> Result<()> {
        self.0.accept_pending()
    }

    #[wasm_bindgen(js_name = discardPending)]
    pub fn discard_pending(&self) -> Result<()> {
        self.0.discard_pending()
    }

    pub fn process(&self, message: &[u8], resolutions: Option<Bytes>) -> Result<Bytes> {
        self.0.process(message, resolutions.as_deref())
    }

    pub fn accept(&self, stage: u32) -> Result<()> {
        self.0.accept(stage)
    }

    pub fn discard(&self, stage: u32) -> Result<()> {
        self.0.discard(stage)
    }

    pub fn encrypt(&self, plaintext: &[u8], aad: &[u8], padding: u32) -> Result<Bytes> {
        self.0.encrypt(plaintext, aad, padding)
    }

    #[wasm_bindgen(js_name = exportSecret)]
    pub fn export_secret(&self, label: &str, context: &[u8], length: u32) -> Result<Bytes> {
        self.0.export_secret(label, context, length)
    }

    #[wasm_bindgen(js_name = exportSafely)]
    pub fn export_safely(&self, component: u16) -> Result<Bytes> {
        self.0.export_safely(component)
    }

    #[wasm_bindgen(js_name = exportPending)]
    pub fn export_pending(&self, component: u16) -> Result<Bytes> {
        self.0.export_pending(component)
    }

    #[wasm_bindgen(js_name = setHandshakes)]
    pub fn set_handshakes(&self, private: bool) -> Result<()> {
        self.0.set_handshakes(private)
    }

    #[wasm_bindgen(js_name = groupContext)]
    pub fn group_context(&self) -> Result<Bytes> {
        self.0.group_context()
    }

    pub fn components(&self) -> Result<Bytes> {
        self.0.components()
    }

    pub fn component(&self, id: u16) -> Result<Option<Bytes>> {
        self.0.component(id)
    }

    #[wasm_bindgen(js_name = ratchetTree)]
    pub fn ratchet_tree(&self) -> Result<Bytes> {
        self.0.ratchet_tree()
    }

    #[wasm_bindgen(js_name = pendingRatchetTree)]
    pub fn pending_ratchet_tree(&self) -> Result<Bytes> {
        self.0.pending_ratchet_tree()
    }

    #[wasm_bindgen(js_name = groupInfo)]
    pub fn group_info(&self) -> Result<Bytes> {
        self.0.group_info()
    }

    #[wasm_bindgen(js_name = epochAuthenticator)]
    pub fn epoch_authenticator(&self) -> Result<Bytes> {
        self.0.epoch_authenticator()
    }

    #[wasm_bindgen(js_name = deleteGroup)]
    pub fn delete_group(&self) -> Result<()> {
        self.0.delete()
    }
}
