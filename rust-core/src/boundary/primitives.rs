// Primitives, attachments and message ids across the boundary to JavaScript: a list, no logic.

use wasm_bindgen::prelude::wasm_bindgen;

use super::{Bytes, pair};
use crate::attachment::{Attachment, ContentHash};
use crate::crypto;
use crate::error::Result;
use crate::hash::{draft04, draft08};
use crate::provider::suite;

#[wasm_bindgen(js_name = generateSignatureKeyPair)]
pub fn generate_signature_key_pair(number: u16) -> Result<Bytes> {
    crypto::generate_signature_key_pair(suite(number)?).map(pair)
}

#[wasm_bindgen(js_name = deriveSignatureKeyPair)]
pub fn derive_signature_key_pair(number: u16, ikm: &[u8]) -> Result<Bytes> {
    crypto::derive_signature_key_pair(suite(number)?, ikm).map(pair)
}

#[wasm_bindgen(js_name = signWithLabel)]
pub fn sign_with_label(
    number: u16,
    private_key: &[u8],
    label: &str,
    content: &[u8],
) -> Result<Bytes> {
    let key = crypto::signing_key(suite(number)?, private_key)?;
    crypto::sign_with_label(&key, label, content)
}

#[wasm_bindgen(js_name = verifyWithLabel)]
pub fn verify_with_label(
    number: u16,
    public_key: &[u8],
    label: &str,
    content: &[u8],
    signature: &[u8],
) -> Result<bool> {
    crypto::verify_with_label(suite(number)?, public_key, label, content, signature)
}

#[wasm_bindgen(js_name = generateHpkeKeyPair)]
pub fn generate_hpke_key_pair(number: u16) -> Result<Bytes> {
    crypto::generate_hpke_key_pair(suite(number)?).map(pair)
}

#[wasm_bindgen(js_name = deriveHpkeKeyPair)]
pub fn derive_hpke_key_pair(number: u16, ikm: &[u8]) -> Result<Bytes> {
    crypto::derive_hpke_key_pair(suite(number)?, ikm).map(pair)
}

#[wasm_bindgen(js_name = encryptWithLabel)]
pub fn encrypt_with_label(
    number: u16,
    public_key: &[u8],
    label: &str,
    context: &[u8],
    plaintext: &[u8],
) -> Result<Bytes> {
    let sealed = crypto::encrypt_with_label(suite(number)?, public_key, label, context, plaintext)?;
    Ok(pair((
        sealed.kem_output.as_slice().to_vec(),
        sealed.ciphertext.as_slice().to_vec(),
    )))
}

#[wasm_bindgen(js_name = encryptDerived)]
pub fn encrypt_derived(
    number: u16,
    ikm: &[u8],
    public_key: &[u8],
    label: &str,
    context: &[u8],
    plaintext: &[u8],
) -> Result<Bytes> {
    let suite = suite(number)?;
    let sealed = crypto::encrypt_derived(suite, ikm, public_key, label, context, plaintext)?;
    Ok(pair((
        sealed.kem_output.as_slice().to_vec(),
        sealed.ciphertext.as_slice().to_vec(),
    )))
}

#[wasm_bindgen(js_name = decryptWithLabel)]
pub fn decrypt_with_label(
    number: u16,
    private_key: &[u8],
    label: &str,
    context: &[u8],
    kem_output: &[u8],
    ciphertext: &[u8],
) -> Result<Bytes> {
    crypto::decrypt_with_label(
        suite(number)?,
        private_key,
        label,
        context,
        kem_output,
        ciphertext,
    )
}

#[wasm_bindgen(js_name = hkdfExtract)]
pub fn hkdf_extract(number: u16, salt: &[u8], ikm: &[u8]) -> Result<Bytes> {
    crypto::hkdf_extract(suite(number)?, salt, ikm)
}

#[wasm_bindgen(js_name = hkdfExpand)]
pub fn hkdf_expand(number: u16, prk: &[u8], info: &[u8], length: u32) -> Result<Bytes> {
    crypto::hkdf_expand(suite(number)?, prk, info, length as usize)
}

#[wasm_bindgen]
pub fn hmac(number: u16, key: &[u8], message: &[u8]) -> Result<Bytes> {
    crypto::hmac(suite(number)?, key, message)
}

#[wasm_bindgen(js_name = aeadSeal)]
pub fn aead_seal(
    number: u16,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Bytes> {
    crypto::aead_seal(suite(number)?, key, nonce, aad, plaintext)
}

#[wasm_bindgen(js_name = aeadOpen)]
pub fn aead_open(
    number: u16,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Bytes> {
    crypto::aead_open(suite(number)?, key, nonce, aad, ciphertext)
}

#[wasm_bindgen]
pub fn hash(number: u16, bytes: &[u8]) -> Result<Bytes> {
    crypto::hash(suite(number)?, bytes)
}

#[wasm_bindgen]
pub struct CoreAttachment(Attachment);

#[wasm_bindgen]
impl CoreAttachment {
    pub fn start(algorithm: u16, key: &[u8], nonce: &[u8], aad: &[u8]) -> Result<CoreAttachment> {
        Attachment::start(algorithm, key, nonce, aad).map(CoreAttachment)
    }

    pub fn seal(&mut self, mut piece: Bytes) -> Result<Bytes> {
        self.0.seal(&mut piece)?;
        Ok(piece)
    }

    pub fn open(&mut self, mut piece: Bytes) -> Result<Bytes> {
        self.0.open(&mut piece)?;
        Ok(piece)
    }

    pub fn tag(&self) -> Bytes {
        self.0.tag().into()
    }

    pub fn verify(&self, tag: &[u8]) -> Result<()> {
        self.0.verify(tag)
    }
}

#[wasm_bindgen]
#[derive(Default)]
pub struct CoreContentHash(ContentHash);

#[wasm_bindgen]
impl CoreContentHash {
    #[wasm_bindgen(constructor)]
    pub fn new() -> CoreContentHash {
        CoreContentHash::default()
    }

    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    #[wasm_bindgen(js_name = soFar)]
    pub fn so_far(&self) -> Bytes {
        self.0.so_far().into()
    }
}

#[wasm_bindgen(js_name = messageIdDraft04)]
pub fn message_id_draft04(number: u16, message: &[u8]) -> Result<Bytes> {
    draft04::message_id(suite(number)?, message)
}

#[wasm_bindgen(js_name = messageIdsDraft04)]
pub fn message_ids_draft04(number: u16, buffer: &[u8], offsets: &[u32]) -> Result<Bytes> {
    draft04::message_ids(suite(number)?, buffer, offsets)
}

#[wasm_bindgen(js_name = messageIdDraft08)]
pub fn message_id_draft08(
    sender_uri: &str,
    room_uri: &str,
    container: &[u8],
    salt: &[u8],
) -> Result<Bytes> {
    draft08::message_id(sender_uri, room_uri, container, salt)
}

/// Only in the build that runs the working group's tree operations; see rust-core/Cargo.toml.
#[cfg(feature = "vectors")]
#[wasm_bindgen(js_name = treeAfterProposal)]
pub fn tree_after_proposal(
    number: u16,
    ratchet_tree: &[u8],
    proposal: &[u8],
    sender: u32,
) -> Result<Bytes> {
    crate::vectors::tree_after_proposal(suite(number)?, ratchet_tree, proposal, sender)
}
