// Whether a GroupInfo (RFC 9420, section 12.4.3) describes exactly the state that the hub has.

use openmls::prelude::tls_codec::{Serialize as _, VLBytes};
use openmls::prelude::*;

use super::{HubGroup, State};
use crate::decode;
use crate::error::{Code, Error, Result};
use crate::group_info::Fields;

/// The bytes of a tag, without their length.
pub(super) fn tag_bytes(tag: &ConfirmationTag) -> Result<Vec<u8>> {
    let framed = tag
        .tls_serialize_detached()
        .map_err(|e| Error::internal(&e))?;
    Ok(decode::exact::<VLBytes>(&framed)?.as_slice().to_vec())
}

impl HubGroup {
    /// Fails unless the GroupInfo is signed by a member and equal to this state in every respect.
    pub fn verify_group_info(&self, bytes: &[u8]) -> Result<()> {
        let (body, _) = decode::group_info(bytes)?;
        let fields = Fields::read(body)?;
        self.read(|state| {
            check_context(state, &fields.context)?;
            if &fields.tag != state.group.confirmation_tag() {
                return Err(Error::new(Code::InvalidGroupInfo, "confirmationTag"));
            }
            let signer = state
                .group
                .leaf(LeafNodeIndex::new(fields.signer))
                .ok_or_else(|| Error::new(Code::InvalidGroupInfo, "signer"))?;
            if fields.is_signed_by(signer.signature_key().as_slice())? {
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
