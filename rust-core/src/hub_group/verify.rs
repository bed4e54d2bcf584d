// Whether a GroupInfo (RFC 9420, section 12.4.3) describes exactly the state that the hub has.

use openmls::messages::group_info::GroupInfo;
use openmls::prelude::tls_codec::{DeserializeBytes, Serialize as _, VLBytes};
use openmls::prelude::*;

use super::{HubGroup, State};
use crate::crypto::verify_with_label;
use crate::decode;
use crate::error::{Code, Error, Result};

/// The bytes of a tag, without their length.
pub(super) fn tag_bytes(tag: &ConfirmationTag) -> Result<Vec<u8>> {
    let framed = tag
        .tls_serialize_detached()
        .map_err(|e| Error::internal(&e))?;
    Ok(decode::exact::<VLBytes>(&framed)?.as_slice().to_vec())
}

/// Reads the next field of a GroupInfo.
fn next<T: DeserializeBytes>(rest: &mut &[u8]) -> Result<T> {
    let (value, tail) =
        T::tls_deserialize_bytes(rest).map_err(|e| Error::of(Code::Malformed, &e))?;
    // The tail is a part of what was read from.
    *rest = rest
        .get(rest.len().saturating_sub(tail.len())..)
        .unwrap_or_default();
    Ok(value)
}

impl HubGroup {
    /// Fails unless the GroupInfo is signed by a member and equal to this state in every respect.
    pub fn verify_group_info(&self, bytes: &[u8]) -> Result<()> {
        // OpenMLS shows neither tag nor signer of a GroupInfo, so its fields are read here, after it has checked
        // that there is nothing else.
        let (body, _) = decode::group_info(bytes)?;
        let mut rest = body;
        let context: GroupContext = next(&mut rest)?;
        let _: Extensions<GroupInfo> = next(&mut rest)?;
        let tag: ConfirmationTag = next(&mut rest)?;
        let signer: u32 = next(&mut rest)?;
        let signed = body
            .get(..body.len().saturating_sub(rest.len()))
            .unwrap_or_default();
        let signature: VLBytes = next(&mut rest)?;
        self.read(|state| {
            check_context(state, &context)?;
            if &tag != state.group.confirmation_tag() {
                return Err(Error::new(Code::InvalidGroupInfo, "confirmationTag"));
            }
            let signer = state
                .group
                .leaf(LeafNodeIndex::new(signer))
                .ok_or_else(|| Error::new(Code::InvalidGroupInfo, "signer"))?;
            let key = signer.signature_key().as_slice();
            if verify_with_label(
                state.group.ciphersuite(),
                key,
                "GroupInfoTBS",
                signed,
                signature.as_slice(),
            )? {
                Ok(())
            } else {
                Err(Error::new(Code::InvalidGroupInfo, "signature"))
            }
        })
    }
}

fn check_context(state: &State, found: &GroupContext) -> Result<()> {
    let ours = state.group.group_context();
    if found.group_id() != ours.group_id() {
        return Err(Error::new(Code::WrongGroup, ""));
    }
    if found.ciphersuite() != ours.ciphersuite() {
        return Err(
            Error::new(Code::WrongSuite, "").with("got", u16::from(found.ciphersuite()).into())
        );
    }
    if found.epoch() != ours.epoch() {
        return Err(Error::wrong_epoch(
            ours.epoch().as_u64(),
            found.epoch().as_u64(),
        ));
    }
    let rule = if found.tree_hash() != ours.tree_hash() {
        "treeHash"
    } else if found.confirmed_transcript_hash() != ours.confirmed_transcript_hash() {
        "confirmedTranscriptHash"
    } else if found.extensions() != ours.extensions() {
        "extensions"
    } else if found != ours {
        "groupContext"
    } else {
        return Ok(());
    };
    Err(Error::new(Code::InvalidGroupInfo, rule))
}
