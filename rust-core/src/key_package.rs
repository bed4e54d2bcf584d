// Key packages (RFC 9420, section 10): made by their owner, checked in full by whoever stores or uses them.

use std::rc::Rc;

use openmls::prelude::tls_codec::{Serialize as _, VLByteSlice};
use openmls::prelude::*;
use openmls_traits::storage::StorageProvider as _;

use crate::crypto::{self, ref_hash};
use crate::decode;
use crate::encryption_keys;
use crate::error::{Code, Error, Result};
use crate::identity::Identity;
use crate::provider::Provider;
use crate::reply::Reply;

pub const REF_LABEL: &str = "KeyPackage Reference";

/// A lifetime that others accept.
pub fn acceptable(lifetime: Lifetime) -> Result<Lifetime> {
    if lifetime.not_after() <= lifetime.not_before() {
        return Err(Error::new(
            Code::InvalidArgument,
            "a lifetime that ends before it begins",
        ));
    }
    if !lifetime.has_acceptable_range() {
        return Err(Error::new(
            Code::InvalidArgument,
            "a lifetime of more than 84 days",
        ));
    }
    Ok(lifetime)
}

/// A new key package and its reference; the private keys go into the store.
pub fn create(
    identity: &Identity,
    last_resort: bool,
    lifetime: Lifetime,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let lifetime = acceptable(lifetime)?;
    let mut builder = KeyPackage::builder()
        .key_package_lifetime(lifetime)
        .leaf_node_capabilities(identity.capabilities());
    if last_resort {
        builder = builder.mark_as_last_resort();
    }
    let bundle = builder
        .build(
            identity.suite,
            identity.provider.as_ref(),
            identity,
            identity.credential_with_key(),
        )
        .map_err(|e| Error::internal(&e))?;
    let bytes = bundle
        .key_package()
        .tls_serialize_detached()
        .map_err(|e| Error::internal(&e))?;
    let reference = ref_hash(identity.suite, REF_LABEL, &bytes)?;
    Ok((bytes, reference))
}

fn stored_reference(reference: &[u8]) -> Result<KeyPackageRef> {
    let framed = VLByteSlice(reference)
        .tls_serialize_detached()
        .map_err(|e| Error::internal(&e))?;
    decode::exact(&framed)
}

/// Takes a key package out of the store.
pub fn delete(provider: &Rc<Provider>, reference: &[u8]) -> Result<()> {
    let reference = stored_reference(reference)?;
    Ok(provider.store.delete_key_package(&reference)?)
}

/// DecryptWithLabel by the init key of a key package in the store.
pub fn decrypt_with_label(
    provider: &Rc<Provider>,
    reference: &[u8],
    label: &str,
    context: &[u8],
    sealed: (&[u8], &[u8]),
) -> Result<Vec<u8>> {
    let bundle: KeyPackageBundle = provider
        .store
        .key_package(&stored_reference(reference)?)?
        .ok_or_else(|| Error::new(Code::NoKeyPackage, ""))?;
    crypto::decrypt_with_label(
        bundle.key_package().ciphersuite(),
        bundle.init_private_key(),
        label,
        context,
        sealed.0,
        sealed.1,
    )
}

/// KeyPackageRef over the bytes as they came.
pub fn reference(bytes: &[u8]) -> Result<Vec<u8>> {
    let (body, suite, _) = decode::key_package(bytes)?;
    ref_hash(suite, REF_LABEL, body)
}

/// The key package, if all rules of section 10.1 hold, and its reference.
pub fn validate(bytes: &[u8]) -> Result<(KeyPackage, Vec<u8>)> {
    let (body, suite, unverified) = decode::key_package(bytes)?;
    let key_package = unverified.validate(crate::provider::crypto(), ProtocolVersion::Mls10)?;
    if !key_package.life_time().has_acceptable_range() {
        return Err(Error::new(Code::Expired, "a lifetime of more than 84 days"));
    }
    encryption_keys::check_key_package(&key_package, Code::InvalidKeyPackage)?;
    // OpenMLS checks what follows only when the leaf enters a group: too late for who hands key packages out.
    let leaf = key_package.leaf_node();
    let capabilities = leaf.capabilities();
    let rule = if !capabilities
        .credentials()
        .contains(&leaf.credential().credential_type())
    {
        Some("CredentialNotInCapabilities")
    } else if !capabilities.ciphersuites().contains(&suite.into()) {
        Some("CiphersuiteNotInCapabilities")
    } else if !capabilities.versions().contains(&ProtocolVersion::Mls10) {
        Some("VersionNotInCapabilities")
    } else if !leaf.extensions().iter().all(|extension| {
        let found = extension.extension_type();
        is_default(found) || capabilities.extensions().contains(&found)
    }) {
        Some("ExtensionsNotInCapabilities")
    } else {
        None
    };
    match rule {
        Some(rule) => Err(Error::new(Code::InvalidKeyPackage, rule)),
        None => Ok((key_package, ref_hash(suite, REF_LABEL, body)?)),
    }
}

/// Extensions that every client has (section 17.3), so that capabilities do not list them.
pub fn is_default(extension: ExtensionType) -> bool {
    matches!(
        extension,
        ExtensionType::ApplicationId
            | ExtensionType::RatchetTree
            | ExtensionType::RequiredCapabilities
            | ExtensionType::ExternalPub
            | ExtensionType::ExternalSenders
    )
}

/// What ts/mls/key_package.ts reads as KeyPackageInfo.
pub fn inspect(bytes: &[u8], suites: &[u16]) -> Result<Vec<u8>> {
    let (_, suite, _) = decode::key_package(bytes)?;
    if !suites.contains(&suite.into()) {
        return Err(Error::new(Code::WrongSuite, "").with("got", u16::from(suite).into()));
    }
    let (key_package, reference) = validate(bytes)?;
    let leaf = key_package.leaf_node();
    let capabilities = leaf.capabilities();
    let mut reply = Reply::new();
    reply
        .bytes(&reference)
        .u16(suite.into())
        .credential(leaf.credential())
        .bytes(leaf.signature_key().as_slice())
        .bytes(key_package.hpke_init_key().as_slice())
        .u64(key_package.life_time().not_before())
        .u64(key_package.life_time().not_after())
        .bool(key_package.last_resort())
        .list(capabilities.versions(), |reply, version| {
            // The only version that was accepted above and that OpenMLS can name.
            reply.u16(if *version == ProtocolVersion::Mls10 {
                1
            } else {
                0
            });
        })
        .list(capabilities.ciphersuites(), |reply, suite| {
            reply.u16(suite.value());
        })
        .list(capabilities.extensions(), |reply, extension| {
            reply.u16((*extension).into());
        })
        .list(capabilities.proposals(), |reply, proposal| {
            reply.u16((*proposal).into());
        })
        .list(capabilities.credentials(), |reply, credential| {
            reply.u16((*credential).into());
        });
    Ok(reply.done())
}
