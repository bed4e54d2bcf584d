// Bytes from outside into OpenMLS's types: size limits, versions, and whether an MLSMessage header is there.

use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::tls_codec::DeserializeBytes;
use openmls::prelude::*;

use crate::error::{Code, Error, Result, check_size};

/// The largest message, key package or Welcome, in bytes.
pub const MAX_MESSAGE: usize = 1 << 20;
/// The largest ratchet tree or snapshot, in bytes; 1,000 members take about half a megabyte.
pub const MAX_TREE: usize = 16 << 20;

/// WireFormat, RFC 9420, section 6.
const WELCOME: u16 = 3;
const GROUP_INFO: u16 = 4;
const KEY_PACKAGE: u16 = 5;

pub fn exact<T: DeserializeBytes>(bytes: &[u8]) -> Result<T> {
    T::tls_deserialize_exact_bytes(bytes).map_err(|e| Error::of(Code::Malformed, &e))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    pair.try_into().ok().map(u16::from_be_bytes)
}

/// An MLSMessage; another version is told from damage.
pub fn message(bytes: &[u8]) -> Result<MlsMessageBodyIn> {
    check_size(bytes, MAX_MESSAGE)?;
    match u16_at(bytes, 0) {
        None => return Err(Error::new(Code::Malformed, "truncated")),
        Some(1) => {}
        Some(version) => return Err(Error::new(Code::WrongVersion, "").with("got", version.into())),
    }
    Ok(exact::<MlsMessageIn>(bytes)?.extract())
}

/// A PublicMessage or PrivateMessage in an MLSMessage.
pub fn protocol_message(bytes: &[u8]) -> Result<ProtocolMessage> {
    match message(bytes)? {
        MlsMessageBodyIn::PublicMessage(message) => Ok(message.into()),
        MlsMessageBodyIn::PrivateMessage(message) => Ok(message.into()),
        _ => Err(Error::new(
            Code::WrongType,
            "neither a PublicMessage nor a PrivateMessage",
        )),
    }
}

/// The struct inside: without the MLSMessage header, if there is one with this wire format.
fn body(bytes: &[u8], wire_format: u16) -> &[u8] {
    // None of the three structs can begin like this: as cipher suites, 4 and 5 are none of ours, and in a Welcome
    // the third byte begins the length of a list that is never shorter than one entry.
    match (u16_at(bytes, 0), u16_at(bytes, 2)) {
        (Some(1), Some(found)) if found == wire_format => bytes.get(4..).unwrap_or_default(),
        _ => bytes,
    }
}

fn check_version(bytes: &[u8]) -> Result<()> {
    match u16_at(bytes, 0) {
        Some(1) => Ok(()),
        Some(version) => Err(Error::new(Code::WrongVersion, "").with("got", version.into())),
        None => Err(Error::new(Code::Malformed, "truncated")),
    }
}

pub fn welcome(bytes: &[u8]) -> Result<Welcome> {
    check_size(bytes, MAX_MESSAGE)?;
    exact(body(bytes, WELCOME))
}

/// The GroupInfo struct's own bytes, and the struct.
pub fn group_info(bytes: &[u8]) -> Result<(&[u8], VerifiableGroupInfo)> {
    check_size(bytes, MAX_TREE)?;
    let body = body(bytes, GROUP_INFO);
    check_version(body)?;
    let group_info: VerifiableGroupInfo = exact(body)?;
    crate::provider::check_suite(group_info.ciphersuite())?;
    Ok((body, group_info))
}

pub fn ratchet_tree(bytes: &[u8]) -> Result<RatchetTreeIn> {
    check_size(bytes, MAX_TREE)?;
    exact(bytes)
}

/// A KeyPackage struct's own bytes and cipher suite, and the struct.
pub fn key_package(bytes: &[u8]) -> Result<(&[u8], Ciphersuite, KeyPackageIn)> {
    check_size(bytes, MAX_MESSAGE)?;
    let body = body(bytes, KEY_PACKAGE);
    check_version(body)?;
    let number = u16_at(body, 2).ok_or_else(|| Error::new(Code::Malformed, "truncated"))?;
    let suite = crate::provider::suite(number)?;
    Ok((body, suite, exact(body)?))
}

/// The byte strings that ts/mls/pack.ts put one after the other. An array of JavaScript objects is not taken: if one
/// of them is no byte array, the exception would leave the core's own bookkeeping half done.
pub fn list(mut packed: &[u8]) -> Result<Vec<&[u8]>> {
    let mut items = Vec::new();
    while !packed.is_empty() {
        let truncated = || Error::new(Code::InvalidArgument, "a list that is truncated");
        let (length, tail) = packed.split_first_chunk::<4>().ok_or_else(truncated)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (item, tail) = tail.split_at_checked(length).ok_or_else(truncated)?;
        items.push(item);
        packed = tail;
    }
    Ok(items)
}
