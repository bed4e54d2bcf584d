// A hub's group, and the hub's own proposals, across the boundary to JavaScript: a list, no logic.

use wasm_bindgen::prelude::wasm_bindgen;

use super::Bytes;
use crate::error::Result;
use crate::external;
use crate::hub_group::HubGroup;
use crate::provider::suite;

#[wasm_bindgen]
pub struct CoreHubGroup(HubGroup);

#[wasm_bindgen]
impl CoreHubGroup {
    pub fn track(group_info: &[u8], ratchet_tree: &[u8]) -> Result<CoreHubGroup> {
        HubGroup::track(group_info, ratchet_tree).map(CoreHubGroup)
    }

    pub fn restore(snapshot: &[u8]) -> Result<CoreHubGroup> {
        HubGroup::restore(snapshot).map(CoreHubGroup)
    }

    pub fn snapshot(&self) -> Result<Bytes> {
        self.0.snapshot()
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

    pub fn members(&self) -> Result<Bytes> {
        self.0.members()
    }

    #[wasm_bindgen(js_name = pendingProposals)]
    pub fn pending_proposals(&self) -> Result<Bytes> {
        self.0.pending_proposals()
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

    pub fn process(&self, message: &[u8]) -> Result<Bytes> {
        self.0.process(message)
    }

    pub fn resolve(&self, stage: u32, resolutions: &[u8]) -> Result<Bytes> {
        self.0.resolve(stage, resolutions)
    }

    pub fn apply(&self, stage: u32) -> Result<()> {
        self.0.apply(stage)
    }

    pub fn discard(&self, stage: u32) -> Result<()> {
        self.0.discard(stage)
    }

    #[wasm_bindgen(js_name = verifyGroupInfo)]
    pub fn verify_group_info(&self, group_info: &[u8]) -> Result<()> {
        self.0.verify_group_info(group_info)
    }

    #[wasm_bindgen(js_name = ratchetTree)]
    pub fn ratchet_tree(&self) -> Result<Bytes> {
        self.0.ratchet_tree()
    }
}

#[wasm_bindgen(js_name = externalRemove)]
pub fn external_remove(
    number: u16,
    private_key: &[u8],
    group_id: &[u8],
    epoch: u64,
    sender_index: u32,
    leaf_index: u32,
) -> Result<Bytes> {
    let removal = external::Removal {
        group_id,
        epoch,
        sender_index,
        leaf_index,
    };
    external::remove(suite(number)?, private_key, &removal)
}
