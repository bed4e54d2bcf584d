// OpenMLS's StorageProvider over the rows: each method reads, writes or deletes one row.

use openmls_traits::storage::{CURRENT_VERSION as V, StorageProvider, traits};

use super::{Label, Store, key, key_of};
use crate::codec::CodecError;

type Result<T> = std::result::Result<T, CodecError>;

/// Rows with one key, the group id, and one value.
macro_rules! group_rows {
    ($($label:ident $bound:ident: $write:ident, $read:ident, $delete:ident;)*) => {$(
        fn $write<G: traits::GroupId<V>, T: traits::$bound<V>>(&self, group_id: &G, value: &T) -> Result<()> {
            self.write(key(Label::$label, group_id)?, value)
        }

        fn $read<G: traits::GroupId<V>, T: traits::$bound<V>>(&self, group_id: &G) -> Result<Option<T>> {
            self.read(&key(Label::$label, group_id)?)
        }

        fn $delete<G: traits::GroupId<V>>(&self, group_id: &G) -> Result<()> {
            self.delete(key(Label::$label, group_id)?);
        Ok(())
        }
    )*};
}

/// Rows of the device with one key and one value.
macro_rules! device_rows {
    ($($label:ident $key:ident $bound:ident: $write:ident, $delete:ident;)*) => {$(
        fn $write<K: traits::$key<V>, T: traits::$bound<V>>(&self, owner: &K, value: &T) -> Result<()> {
            self.write(key(Label::$label, owner)?, value)
        }

        fn $delete<K: traits::$key<V>>(&self, owner: &K) -> Result<()> {
            self.delete(key(Label::$label, owner)?);
        Ok(())
        }
    )*};
}

impl StorageProvider<V> for Store {
    type Error = CodecError;

    group_rows! {
        JoinConfig MlsGroupJoinConfig: write_mls_join_config, mls_group_join_config, delete_group_config;
        Tree TreeSync: write_tree, tree, delete_tree;
        InterimTranscriptHash InterimTranscriptHash:
            write_interim_transcript_hash, interim_transcript_hash, delete_interim_transcript_hash;
        Context GroupContext: write_context, group_context, delete_context;
        ConfirmationTag ConfirmationTag: write_confirmation_tag, confirmation_tag, delete_confirmation_tag;
        MessageSecrets MessageSecrets: write_message_secrets, message_secrets, delete_message_secrets;
        ResumptionPsks ResumptionPskStore:
            write_resumption_psk_store, resumption_psk_store, delete_all_resumption_psk_secrets;
        OwnLeafIndex LeafNodeIndex: write_own_leaf_index, own_leaf_index, delete_own_leaf_index;
        EpochSecrets GroupEpochSecrets:
            write_group_epoch_secrets, group_epoch_secrets, delete_group_epoch_secrets;
    }

    device_rows! {
        SignatureKeyPair SignaturePublicKey SignatureKeyPair:
            write_signature_key_pair, delete_signature_key_pair;
        EncryptionKeyPair EncryptionKey HpkeKeyPair: write_encryption_key_pair, delete_encryption_key_pair;
        KeyPackage HashReference KeyPackage: write_key_package, delete_key_package;
        Psk PskId PskBundle: write_psk, delete_psk;
    }

    fn signature_key_pair<K: traits::SignaturePublicKey<V>, T: traits::SignatureKeyPair<V>>(
        &self,
        public_key: &K,
    ) -> Result<Option<T>> {
        self.read(&key(Label::SignatureKeyPair, public_key)?)
    }

    fn encryption_key_pair<T: traits::HpkeKeyPair<V>, K: traits::EncryptionKey<V>>(
        &self,
        public_key: &K,
    ) -> Result<Option<T>> {
        self.read(&key(Label::EncryptionKeyPair, public_key)?)
    }

    fn key_package<K: traits::HashReference<V>, T: traits::KeyPackage<V>>(
        &self,
        hash_ref: &K,
    ) -> Result<Option<T>> {
        self.read(&key(Label::KeyPackage, hash_ref)?)
    }

    fn psk<T: traits::PskBundle<V>, K: traits::PskId<V>>(&self, psk_id: &K) -> Result<Option<T>> {
        self.read(&key(Label::Psk, psk_id)?)
    }

    fn group_state<T: traits::GroupState<V>, G: traits::GroupId<V>>(
        &self,
        group_id: &G,
    ) -> Result<Option<T>> {
        self.read(&key(Label::GroupState, group_id)?)
    }

    fn write_group_state<T: traits::GroupState<V>, G: traits::GroupId<V>>(
        &self,
        group_id: &G,
        state: &T,
    ) -> Result<()> {
        self.write(key(Label::GroupState, group_id)?, state)
    }

    fn delete_group_state<G: traits::GroupId<V>>(&self, group_id: &G) -> Result<()> {
        self.delete(key(Label::GroupState, group_id)?);
        Ok(())
    }

    fn write_application_export_tree<G: traits::GroupId<V>, T: traits::ApplicationExportTree<V>>(
        &self,
        group_id: &G,
        tree: &T,
    ) -> Result<()> {
        self.write(key(Label::ApplicationExportTree, group_id)?, tree)
    }

    fn application_export_tree<G: traits::GroupId<V>, T: traits::ApplicationExportTree<V>>(
        &self,
        group_id: &G,
    ) -> Result<Option<T>> {
        self.read(&key(Label::ApplicationExportTree, group_id)?)
    }

    fn delete_application_export_tree<
        G: traits::GroupId<V>,
        T: traits::ApplicationExportTree<V>,
    >(
        &self,
        group_id: &G,
    ) -> Result<()> {
        self.delete(key(Label::ApplicationExportTree, group_id)?);
        Ok(())
    }

    fn write_encryption_epoch_key_pairs<
        G: traits::GroupId<V>,
        E: traits::EpochKey<V>,
        T: traits::HpkeKeyPair<V>,
    >(
        &self,
        group_id: &G,
        epoch: &E,
        leaf_index: u32,
        key_pairs: &[T],
    ) -> Result<()> {
        self.write(
            key_of(Label::EpochKeyPairs, group_id, &(epoch, leaf_index))?,
            key_pairs,
        )
    }

    fn encryption_epoch_key_pairs<
        G: traits::GroupId<V>,
        E: traits::EpochKey<V>,
        T: traits::HpkeKeyPair<V>,
    >(
        &self,
        group_id: &G,
        epoch: &E,
        leaf_index: u32,
    ) -> Result<Vec<T>> {
        let key_pairs = self.read(&key_of(
            Label::EpochKeyPairs,
            group_id,
            &(epoch, leaf_index),
        )?)?;
        Ok(key_pairs.unwrap_or_default())
    }

    fn delete_encryption_epoch_key_pairs<G: traits::GroupId<V>, E: traits::EpochKey<V>>(
        &self,
        group_id: &G,
        epoch: &E,
        leaf_index: u32,
    ) -> Result<()> {
        self.delete(key_of(
            Label::EpochKeyPairs,
            group_id,
            &(epoch, leaf_index),
        )?);
        Ok(())
    }

    fn append_own_leaf_node<G: traits::GroupId<V>, T: traits::LeafNode<V>>(
        &self,
        group_id: &G,
        leaf_node: &T,
    ) -> Result<()> {
        let mut nodes: Vec<T> = self.own_leaf_nodes(group_id)?;
        // A leaf node is not Clone here; it comes back the way it went in.
        nodes.push(crate::codec::from_slice(&crate::codec::to_vec(leaf_node)?)?);
        self.write(key(Label::OwnLeafNodes, group_id)?, &nodes)
    }

    fn own_leaf_nodes<G: traits::GroupId<V>, T: traits::LeafNode<V>>(
        &self,
        group_id: &G,
    ) -> Result<Vec<T>> {
        Ok(self
            .read(&key(Label::OwnLeafNodes, group_id)?)?
            .unwrap_or_default())
    }

    fn delete_own_leaf_nodes<G: traits::GroupId<V>>(&self, group_id: &G) -> Result<()> {
        self.delete(key(Label::OwnLeafNodes, group_id)?);
        Ok(())
    }

    fn queue_proposal<
        G: traits::GroupId<V>,
        R: traits::ProposalRef<V>,
        P: traits::QueuedProposal<V>,
    >(
        &self,
        group_id: &G,
        proposal_ref: &R,
        proposal: &P,
    ) -> Result<()> {
        self.write(key_of(Label::Proposal, group_id, proposal_ref)?, proposal)?;
        let mut refs: Vec<R> = self.queued_proposal_refs(group_id)?;
        refs.push(crate::codec::from_slice(&crate::codec::to_vec(
            proposal_ref,
        )?)?);
        self.write(key(Label::ProposalRefs, group_id)?, &refs)
    }

    fn queued_proposal_refs<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        group_id: &G,
    ) -> Result<Vec<R>> {
        Ok(self
            .read(&key(Label::ProposalRefs, group_id)?)?
            .unwrap_or_default())
    }

    fn queued_proposals<
        G: traits::GroupId<V>,
        R: traits::ProposalRef<V>,
        P: traits::QueuedProposal<V>,
    >(
        &self,
        group_id: &G,
    ) -> Result<Vec<(R, P)>> {
        let refs: Vec<R> = self.queued_proposal_refs(group_id)?;
        refs.into_iter()
            .map(|proposal_ref| {
                let proposal = self.read(&key_of(Label::Proposal, group_id, &proposal_ref)?)?;
                let proposal =
                    proposal.ok_or_else(|| CodecError("a queued proposal is missing".into()))?;
                Ok((proposal_ref, proposal))
            })
            .collect()
    }

    fn remove_proposal<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        group_id: &G,
        proposal_ref: &R,
    ) -> Result<()> {
        let removed = crate::codec::to_vec(proposal_ref)?;
        let mut kept = Vec::new();
        for queued in self.queued_proposal_refs::<G, R>(group_id)? {
            if crate::codec::to_vec(&queued)? != removed {
                kept.push(queued);
            }
        }
        self.write(key(Label::ProposalRefs, group_id)?, &kept)?;
        self.delete(key_of(Label::Proposal, group_id, proposal_ref)?);
        Ok(())
    }

    fn clear_proposal_queue<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        group_id: &G,
    ) -> Result<()> {
        for queued in self.queued_proposal_refs::<G, R>(group_id)? {
            self.delete(key_of(Label::Proposal, group_id, &queued)?);
        }
        self.delete(key(Label::ProposalRefs, group_id)?);
        Ok(())
    }
}
