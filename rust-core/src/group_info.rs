// GroupInfo (RFC 9420, section 12.4.3), field by field: OpenMLS shows neither its tag nor its signer.

use openmls::messages::group_info::GroupInfo;
use openmls::prelude::tls_codec::{DeserializeBytes, Serialize, VLByteSlice, VLBytes};
use openmls::prelude::*;

use crate::error::{Code, Error, Result};
use crate::identity::Identity;

/// The GroupInfo extension for those whom a Welcome lets in, of a private type (section 17.3): the GroupInfo that the
/// hub gets must not hold it.
pub const WELCOME_EXTENSION: u16 = 0xf0e1;

const LABEL: &str = "GroupInfoTBS";

/// The fields, with the bytes that were signed.
pub struct Fields<'a> {
    pub context: GroupContext,
    pub extensions: Extensions<GroupInfo>,
    pub tag: ConfirmationTag,
    pub signer: u32,
    pub signed: &'a [u8],
    pub signature: VLBytes,
}

/// Reads the next field.
fn next<T: DeserializeBytes>(rest: &mut &[u8]) -> Result<T> {
    let (value, tail) =
        T::tls_deserialize_bytes(rest).map_err(|e| Error::of(Code::Malformed, &e))?;
    // The tail is a part of what was read from.
    *rest = rest
        .get(rest.len().saturating_sub(tail.len())..)
        .unwrap_or_default();
    Ok(value)
}

impl<'a> Fields<'a> {
    /// Reads a struct that `decode::group_info` found to be one, with nothing behind it.
    pub fn read(body: &'a [u8]) -> Result<Self> {
        let mut rest = body;
        let context = next(&mut rest)?;
        let extensions = next(&mut rest)?;
        let tag = next(&mut rest)?;
        let signer = next(&mut rest)?;
        let signed = body
            .get(..body.len().saturating_sub(rest.len()))
            .unwrap_or_default();
        Ok(Self {
            context,
            extensions,
            tag,
            signer,
            signed,
            signature: next(&mut rest)?,
        })
    }

    /// Whether `key` signed it.
    pub fn is_signed_by(&self, key: &[u8]) -> Result<bool> {
        let suite = self.context.ciphersuite();
        let signature = self.signature.as_slice();
        crate::crypto::verify_with_label(suite, key, LABEL, self.signed, signature)
    }
}

fn bytes_of(value: &impl Serialize) -> Result<Vec<u8>> {
    value
        .tls_serialize_detached()
        .map_err(|e| Error::internal(&e))
}

/// The same GroupInfo without what only a Welcome may carry, signed anew.
pub fn for_the_hub(group_info: &GroupInfo, signer: &Identity) -> Result<Vec<u8>> {
    let whole = bytes_of(group_info)?;
    let mut fields = Fields::read(&whole)?;
    if fields
        .extensions
        .remove(ExtensionType::Unknown(WELCOME_EXTENSION))
        .is_none()
    {
        return Ok(whole);
    }
    let mut out = bytes_of(&fields.context)?;
    out.extend(bytes_of(&fields.extensions)?);
    out.extend(bytes_of(&fields.tag)?);
    out.extend(bytes_of(&fields.signer)?);
    let signature = signer.sign_with_label(LABEL, &out)?;
    out.extend(bytes_of(&VLByteSlice(&signature))?);
    Ok(out)
}
