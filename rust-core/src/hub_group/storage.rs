// What PublicGroup is given as storage: rows come in through a snapshot, and nothing is written at a commit,
// because writing the tree each time would cost more than the commit itself.

use openmls_traits::public_storage::PublicStorageProvider;
use openmls_traits::storage::{CURRENT_VERSION as V, traits};
use serde::de::DeserializeOwned;

use crate::codec::{self, CodecError};

type Result<T> = std::result::Result<T, CodecError>;

/// The parts of a snapshot in the row codec; empty while a group is only followed.
#[derive(Default)]
pub struct HubStorage {
    pub tree: Vec<u8>,
    pub context: Vec<u8>,
    pub confirmation_tag: Vec<u8>,
    pub interim_transcript_hash: Vec<u8>,
    /// Proposals with their refs.
    pub proposals: Vec<(Vec<u8>, Vec<u8>)>,
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<Option<T>> {
    if bytes.is_empty() {
        Ok(None)
    } else {
        codec::from_slice(bytes).map(Some)
    }
}

macro_rules! parts {
    ($($field:ident $bound:ident: $write:ident, $read:ident, $delete:ident;)*) => {$(
        fn $write<G: traits::GroupId<V>, T: traits::$bound<V>>(&self, _: &G, _: &T) -> Result<()> {
            Ok(())
        }

        fn $read<G: traits::GroupId<V>, T: traits::$bound<V>>(&self, _: &G) -> Result<Option<T>> {
            read(&self.$field)
        }

        fn $delete<G: traits::GroupId<V>>(&self, _: &G) -> Result<()> {
            Ok(())
        }
    )*};
}

impl PublicStorageProvider<V> for HubStorage {
    type PublicError = CodecError;

    parts! {
        tree TreeSync: write_tree, tree, delete_tree;
        context GroupContext: write_context, group_context, delete_context;
        confirmation_tag ConfirmationTag: write_confirmation_tag, confirmation_tag, delete_confirmation_tag;
        interim_transcript_hash InterimTranscriptHash:
            write_interim_transcript_hash, interim_transcript_hash, delete_interim_transcript_hash;
    }

    fn queue_proposal<
        G: traits::GroupId<V>,
        R: traits::ProposalRef<V>,
        P: traits::QueuedProposal<V>,
    >(
        &self,
        _: &G,
        _: &R,
        _: &P,
    ) -> Result<()> {
        Ok(())
    }

    fn queued_proposals<
        G: traits::GroupId<V>,
        R: traits::ProposalRef<V>,
        P: traits::QueuedProposal<V>,
    >(
        &self,
        _: &G,
    ) -> Result<Vec<(R, P)>> {
        self.proposals
            .iter()
            .map(|(reference, proposal)| {
                Ok((codec::from_slice(reference)?, codec::from_slice(proposal)?))
            })
            .collect()
    }

    fn remove_proposal<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        _: &G,
        _: &R,
    ) -> Result<()> {
        Ok(())
    }

    fn clear_proposal_queue<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        _: &G,
    ) -> Result<()> {
        Ok(())
    }
}
