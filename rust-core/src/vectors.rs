// What only the working group's vectors ask for (feature `vectors`): the tree after one proposal, without a commit. It
// is not in the published package; scripts/test-tree-operations.mjs builds the core with it.

use openmls::messages::proposals_in::ProposalIn;
use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;
use openmls::treesync::RatchetTree;

use crate::codec;
use crate::decode;
use crate::error::{Error, Result};
use crate::provider::crypto;
use crate::reply::Reply;

/// The tree hash before, the tree after, and the tree hash after. Signatures are not checked.
pub fn tree_after_proposal(
    suite: Ciphersuite,
    ratchet_tree: &[u8],
    proposal: &[u8],
    sender: u32,
) -> Result<Vec<u8>> {
    // The types before and after verification are stored alike; OpenMLS has no other way round the check.
    let tree: RatchetTree =
        codec::from_slice(&codec::to_vec(&decode::ratchet_tree(ratchet_tree)?)?)?;
    let proposal: Proposal =
        codec::from_slice(&codec::to_vec(&decode::exact::<ProposalIn>(proposal)?)?)?;
    let (before, tree, after) = PublicGroup::tree_after_proposal(
        crypto(),
        suite,
        tree,
        proposal,
        LeafNodeIndex::new(sender),
    )
    .map_err(|e| Error::internal(&e))?;
    let tree = tree
        .tls_serialize_detached()
        .map_err(|e| Error::internal(&e))?;
    let mut reply = Reply::new();
    reply.bytes(&before).bytes(&tree).bytes(&after);
    Ok(reply.done())
}
