// What a commit or proposal would do, for whoever decides on it: written for ts/mls/reply.ts.

use openmls::prelude::*;

use crate::components;
use crate::crypto::ref_hash;
use crate::decode;
use crate::error::{Error, Result};
use crate::reply::Reply;
use openmls::prelude::tls_codec::Serialize as _;
use openmls::schedule::{PreSharedKeyId, Psk};

/// A sender as the other side is told of it.
pub fn sender(reply: &mut Reply, sender: &Sender, credential: Option<&Credential>) {
    // Only a member that left in the same breath has no credential; it was checked when its message was.
    let nobody = Credential::new(CredentialType::Basic, Vec::new());
    let credential = credential.unwrap_or(&nobody);
    match sender {
        Sender::Member(index) => reply.u8(0).u32(index.u32()).credential(credential),
        Sender::NewMemberCommit | Sender::NewMemberProposal => reply.u8(1).credential(credential),
        Sender::External(index) => reply.u8(2).u32(external_index(index)),
    };
}

/// The index of an external sender; OpenMLS shows it only in the encoding, a uint32.
fn external_index(index: &SenderExtensionIndex) -> u32 {
    let bytes = index.tls_serialize_detached().unwrap_or_default();
    bytes.try_into().map_or(u32::MAX, u32::from_be_bytes)
}

/// The sender of a proposal or commit, with the credential from the tree or, of a newcomer, from its own leaf.
pub fn sender_in_group(
    reply: &mut Reply,
    group: &PublicGroup,
    from: &Sender,
    newcomer: Option<&LeafNode>,
) {
    let credential = match from {
        Sender::Member(index) => group.leaf(*index).map(LeafNode::credential),
        _ => newcomer.map(LeafNode::credential),
    };
    sender(reply, from, credential);
}

/// The leaf that a proposal takes out.
pub fn removed_leaf(proposal: &QueuedProposal) -> Option<u32> {
    match (proposal.proposal(), proposal.sender()) {
        (Proposal::Remove(remove), _) => Some(remove.removed().u32()),
        (Proposal::SelfRemove, Sender::Member(index)) => Some(index.u32()),
        _ => None,
    }
}

/// The leaf that a proposal takes out or replaces.
pub fn changed_leaf(proposal: &QueuedProposal) -> Option<u32> {
    match (proposal.proposal(), proposal.sender()) {
        (Proposal::Update(_), Sender::Member(index)) => Some(index.u32()),
        _ => removed_leaf(proposal),
    }
}

/// Who a proposal adds.
pub fn added_by(proposal: &QueuedProposal) -> Option<&KeyPackage> {
    match proposal.proposal() {
        Proposal::Add(add) => Some(add.key_package()),
        _ => None,
    }
}

fn key_package_ref(key_package: &KeyPackage) -> Result<Vec<u8>> {
    let bytes = key_package
        .tls_serialize_detached()
        .map_err(|e| Error::internal(&e))?;
    ref_hash(key_package.ciphersuite(), "KeyPackage Reference", &bytes)
}

fn added(reply: &mut Reply, leaf: &LeafNode, key_package_ref: Option<Vec<u8>>) {
    reply
        .credential(leaf.credential())
        .bytes(leaf.signature_key().as_slice())
        .optional(key_package_ref, |reply, reference| {
            reply.bytes(&reference);
        });
}

/// A proposal by itself: ref, type, sender, who it removes, who it adds.
pub fn proposal(reply: &mut Reply, group: &PublicGroup, proposal: &QueuedProposal) -> Result<()> {
    let key_package = added_by(proposal);
    reply
        .bytes(proposal.proposal_reference_ref().as_slice())
        .proposal_type(proposal.proposal().proposal_type());
    sender_in_group(
        reply,
        group,
        proposal.sender(),
        key_package.map(KeyPackage::leaf_node),
    );
    reply.optional(removed_leaf(proposal), |reply, index| {
        reply.u32(index);
    });
    let newcomer = match key_package {
        Some(key_package) => Some((key_package.leaf_node(), key_package_ref(key_package)?)),
        None => None,
    };
    reply.optional(newcomer, |reply, (leaf, reference)| {
        added(reply, leaf, Some(reference))
    });
    Ok(())
}

/// A staged commit, before it is applied to `group`.
pub fn commit(
    reply: &mut Reply,
    group: &PublicGroup,
    from: &Sender,
    staged: &StagedCommit,
) -> Result<()> {
    let path_leaf = staged.update_path_leaf_node();
    let external = matches!(from, Sender::NewMemberCommit);
    sender_in_group(reply, group, from, path_leaf);
    reply.bool(external);

    let proposals: Vec<&QueuedProposal> = staged.queued_proposals().collect();
    reply.list(&proposals, |reply, proposal| {
        reply.proposal_type(proposal.proposal().proposal_type());
        let newcomer = added_by(proposal).map(KeyPackage::leaf_node).or(path_leaf);
        sender_in_group(reply, group, proposal.sender(), newcomer);
        let by_reference = matches!(
            proposal.proposal_or_ref_type(),
            ProposalOrRefType::Reference
        );
        let reference = by_reference.then(|| proposal.proposal_reference_ref().as_slice());
        reply.optional(reference, |reply, reference| {
            reply.bytes(reference);
        });
        reply.optional(removed_leaf(proposal), |reply, index| {
            reply.u32(index);
        });
    });

    let mut newcomers: Vec<(&LeafNode, Option<Vec<u8>>)> = Vec::new();
    for key_package in proposals.iter().filter_map(|proposal| added_by(proposal)) {
        newcomers.push((key_package.leaf_node(), Some(key_package_ref(key_package)?)));
    }
    if external && let Some(leaf) = path_leaf {
        newcomers.push((leaf, None));
    }
    reply.list(&newcomers, |reply, (leaf, reference)| {
        added(reply, leaf, reference.clone())
    });

    let removed: Vec<(u32, &Credential)> = proposals
        .iter()
        .filter_map(|proposal| removed_leaf(proposal))
        .filter_map(|index| Some((index, group.leaf(LeafNodeIndex::new(index))?.credential())))
        .collect();
    reply.list(&removed, |reply, (index, credential)| {
        reply.u32(*index).credential(credential);
    });

    let mut updated: Vec<(u32, &LeafNode)> = Vec::new();
    for proposal in &proposals {
        if let (Proposal::Update(update), Sender::Member(index)) =
            (proposal.proposal(), proposal.sender())
        {
            updated.push((index.u32(), update.leaf_node()));
        }
    }
    if let (Sender::Member(index), Some(leaf)) = (from, path_leaf) {
        updated.push((index.u32(), leaf));
    }
    reply.list(&updated, |reply, (index, leaf)| {
        reply.member(*index, leaf.credential(), leaf.signature_key().as_slice());
    });
    reply.u64(staged.epoch().as_u64());

    let context = staged.group_context().tls_serialize_detached();
    reply.bytes(&context.map_err(|e| Error::internal(&e))?);
    let changes: Vec<(&AppDataUpdateProposal, &QueuedProposal)> = proposals
        .iter()
        .filter_map(|proposal| match proposal.proposal() {
            Proposal::AppDataUpdate(change) => Some((change.as_ref(), *proposal)),
            _ => None,
        })
        .collect();
    reply.list(&changes, |reply, (change, proposal)| {
        reply.u16(change.component_id());
        components::write_change(reply, change);
        sender_in_group(reply, group, proposal.sender(), path_leaf);
    });
    reply.list(&external_psks(&proposals)?, |reply, id| {
        reply.bytes(id);
    });
    reply.bool(path_leaf.is_some());
    Ok(())
}

/// The ids of the external pre-shared keys that a commit names; OpenMLS shows them only in the encoding.
fn external_psks(proposals: &[&QueuedProposal]) -> Result<Vec<Vec<u8>>> {
    let mut ids = Vec::new();
    for proposal in proposals {
        if let Proposal::PreSharedKey(psk) = proposal.proposal() {
            let encoded = psk
                .tls_serialize_detached()
                .map_err(|e| Error::internal(&e))?;
            ids.extend(external_psk(&decode::exact::<PreSharedKeyId>(&encoded)?));
        }
    }
    Ok(ids)
}

/// The id of an external pre-shared key; of a resumption there is none.
pub fn external_psk(id: &PreSharedKeyId) -> Option<Vec<u8>> {
    match id.psk() {
        Psk::External(psk) => Some(psk.psk_id().to_vec()),
        _ => None,
    }
}
