// What crosses the boundary to JavaScript: a list. Each entry hands over to the module that does the work; ts/mls
// documents it, and reads the buffers that come back (reply.rs).

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod algorithms;
mod attachment;
mod codec;
mod crypto;
mod decode;
mod encryption_keys;
mod error;
mod group;
mod hash;
mod hub_group;
mod identity;
mod import;
mod key_package;
mod provider;
mod reply;
mod storage;
mod summary;
#[cfg(feature = "vectors")]
mod vectors;

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use attachment::{Attachment, ContentHash};
use error::Result;
use group::{Group, NewProposal};
use hub_group::HubGroup;
use identity::Identity;
use provider::{Provider, suite};
use reply::Reply;

type Bytes = Vec<u8>;

fn pair((first, second): (Bytes, Bytes)) -> Bytes {
    let mut reply = Reply::new();
    reply.bytes(&first).bytes(&second);
    reply.done()
}

#[wasm_bindgen(js_name = errorCodes)]
pub fn error_codes() -> Vec<String> {
    error::CODES.iter().map(|code| (*code).to_owned()).collect()
}

#[wasm_bindgen]
pub struct CoreStore(Rc<Provider>);

#[wasm_bindgen]
impl CoreStore {
    #[wasm_bindgen(constructor)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> CoreStore {
        CoreStore(Rc::new(Provider::default()))
    }

    #[wasm_bindgen(js_name = restoreRow)]
    pub fn restore_row(&self, key: &[u8], value: &[u8]) {
        self.0.store.restore_row(key, value);
    }

    pub fn pending(&self) -> Bytes {
        let (up_to, changes) = self.0.store.pending();
        let mut reply = Reply::new();
        reply.u64(up_to).list(&changes, |reply, (key, value)| {
            reply.bytes(key).optional(value.as_ref(), |reply, value| {
                reply.bytes(value);
            });
        });
        reply.done()
    }

    pub fn confirm(&self, up_to: f64) {
        self.0.store.confirm(up_to as u64);
    }

    pub fn rows(&self) -> Bytes {
        let mut reply = Reply::new();
        reply.list(&self.0.store.rows(), |reply, (key, value)| {
            reply.bytes(key).bytes(value);
        });
        reply.done()
    }
}

#[wasm_bindgen]
pub struct CoreIdentity(Identity);

#[wasm_bindgen]
impl CoreIdentity {
    pub fn create(
        store: &CoreStore,
        suite: u16,
        credential_type: u16,
        credential: &[u8],
    ) -> Result<CoreIdentity> {
        Identity::create(Rc::clone(&store.0), suite, credential_type, credential).map(CoreIdentity)
    }

    pub fn load(store: &CoreStore, signature_key: &[u8]) -> Result<CoreIdentity> {
        Identity::load(Rc::clone(&store.0), signature_key).map(CoreIdentity)
    }

    pub fn describe(&self) -> Bytes {
        let mut reply = Reply::new();
        reply
            .u16(self.0.suite.into())
            .bytes(self.0.public_key())
            .credential(&self.0.credential);
        reply.done()
    }

    pub fn sign(&self, label: &str, content: &[u8]) -> Result<Bytes> {
        self.0.sign_with_label(label, content)
    }
}

#[wasm_bindgen(js_name = createKeyPackage)]
pub fn create_key_package(
    store: &CoreStore,
    identity: &CoreIdentity,
    last_resort: bool,
    lifetime_seconds: Option<u32>,
) -> Result<Bytes> {
    key_package::create(
        &identity.0.again_in(&store.0)?,
        last_resort,
        lifetime_seconds,
    )
    .map(pair)
}

#[wasm_bindgen(js_name = deleteKeyPackage)]
pub fn delete_key_package(store: &CoreStore, reference: &[u8]) -> Result<()> {
    key_package::delete(&store.0, reference)
}

#[wasm_bindgen(js_name = importKeyPackage)]
pub fn import_key_package(
    store: &CoreStore,
    key_package: &[u8],
    init: &[u8],
    encryption: &[u8],
    signature: &[u8],
) -> Result<Bytes> {
    let private_keys = import::PrivateKeys {
        init,
        encryption,
        signature,
    };
    import::key_package(&store.0, key_package, &private_keys)
}

#[wasm_bindgen(js_name = storePsk)]
pub fn store_psk(store: &CoreStore, id: &[u8], psk: &[u8]) -> Result<()> {
    import::external_psk(&store.0, id, psk)
}

#[wasm_bindgen(js_name = inspectKeyPackage)]
pub fn inspect_key_package(bytes: &[u8], suites: &[u16]) -> Result<Bytes> {
    key_package::inspect(bytes, suites)
}

#[wasm_bindgen(js_name = keyPackageRef)]
pub fn key_package_ref(bytes: &[u8]) -> Result<Bytes> {
    key_package::reference(bytes)
}

#[wasm_bindgen]
pub struct CoreGroup(Rc<Group>);

#[wasm_bindgen]
impl CoreGroup {
    pub fn create(
        store: &CoreStore,
        identity: &CoreIdentity,
        group_id: &[u8],
    ) -> Result<CoreGroup> {
        Group::create(identity.0.again_in(&store.0)?, group_id).map(CoreGroup)
    }

    pub fn join(
        store: &CoreStore,
        welcome: &[u8],
        ratchet_tree: Option<Bytes>,
    ) -> Result<CoreGroup> {
        Group::join(Rc::clone(&store.0), welcome, ratchet_tree.as_deref()).map(CoreGroup)
    }

    #[wasm_bindgen(js_name = joinExternally)]
    pub fn join_externally(
        store: &CoreStore,
        identity: &CoreIdentity,
        group_info: &[u8],
        ratchet_tree: Option<Bytes>,
        aad: &[u8],
        proposals: &[u8],
    ) -> Result<CoreGroup> {
        let proposals = decode::list(proposals)?;
        Group::join_externally(
            identity.0.again_in(&store.0)?,
            group_info,
            ratchet_tree.as_deref(),
            aad,
            &proposals,
        )
        .map(CoreGroup)
    }

    #[wasm_bindgen(js_name = takeExternalCommit)]
    pub fn take_external_commit(&self) -> Result<Bytes> {
        self.0.take_external_commit().map(pair)
    }

    pub fn load(store: &CoreStore, group_id: &[u8]) -> Result<Option<CoreGroup>> {
        Ok(Group::load(Rc::clone(&store.0), group_id)?.map(CoreGroup))
    }

    #[wasm_bindgen(js_name = groupId)]
    pub fn group_id(&self) -> Result<Bytes> {
        self.0.group_id()
    }

    pub fn epoch(&self) -> Result<u64> {
        self.0.epoch()
    }

    pub fn suite(&self) -> Result<u16> {
        self.0.suite()
    }

    #[wasm_bindgen(js_name = ownLeafIndex)]
    pub fn own_leaf_index(&self) -> Result<u32> {
        self.0.own_leaf_index()
    }

    #[wasm_bindgen(js_name = isActive)]
    pub fn is_active(&self) -> Result<bool> {
        self.0.is_active()
    }

    #[wasm_bindgen(js_name = hasPendingCommit)]
    pub fn has_pending_commit(&self) -> Result<bool> {
        self.0.has_pending_commit()
    }

    pub fn members(&self) -> Result<Bytes> {
        self.0.members()
    }

    #[wasm_bindgen(js_name = proposeAdd)]
    pub fn propose_add(&self, key_package: &[u8], aad: &[u8]) -> Result<Bytes> {
        self.0.propose(NewProposal::Add(key_package), aad)
    }

    #[wasm_bindgen(js_name = proposeRemove)]
    pub fn propose_remove(&self, leaf_index: u32, aad: &[u8]) -> Result<Bytes> {
        self.0.propose(NewProposal::Remove(leaf_index), aad)
    }

    #[wasm_bindgen(js_name = proposeSelfRemove)]
    pub fn propose_self_remove(&self, aad: &[u8]) -> Result<Bytes> {
        self.0.propose(NewProposal::SelfRemove, aad)
    }

    #[wasm_bindgen(js_name = proposeUpdate)]
    pub fn propose_update(&self, aad: &[u8]) -> Result<Bytes> {
        self.0.propose(NewProposal::Update, aad)
    }

    #[wasm_bindgen(js_name = pendingProposals)]
    pub fn pending_proposals(&self) -> Result<Bytes> {
        self.0.pending_proposals()
    }

    #[wasm_bindgen(js_name = discardProposal)]
    pub fn discard_proposal(&self, reference: &[u8]) -> Result<()> {
        self.0.discard_proposal(reference)
    }

    #[wasm_bindgen(js_name = clearProposals)]
    pub fn clear_proposals(&self) -> Result<()> {
        self.0.clear_proposals()
    }

    pub fn commit(&self, add: &[u8], remove: &[u32], update: bool, aad: &[u8]) -> Result<Bytes> {
        self.0.commit(&decode::list(add)?, remove, update, aad)
    }

    #[wasm_bindgen(js_name = acceptPending)]
    pub fn accept_pending(&self) -> Result<()> {
        self.0.accept_pending()
    }

    #[wasm_bindgen(js_name = discardPending)]
    pub fn discard_pending(&self) -> Result<()> {
        self.0.discard_pending()
    }

    pub fn process(&self, message: &[u8]) -> Result<Bytes> {
        self.0.process(message)
    }

    pub fn accept(&self, stage: u32) -> Result<()> {
        self.0.accept(stage)
    }

    pub fn discard(&self, stage: u32) -> Result<()> {
        self.0.discard(stage)
    }

    pub fn encrypt(&self, plaintext: &[u8], aad: &[u8], padding: u32) -> Result<Bytes> {
        self.0.encrypt(plaintext, aad, padding)
    }

    #[wasm_bindgen(js_name = exportSecret)]
    pub fn export_secret(&self, label: &str, context: &[u8], length: u32) -> Result<Bytes> {
        self.0.export_secret(label, context, length)
    }

    #[wasm_bindgen(js_name = ratchetTree)]
    pub fn ratchet_tree(&self) -> Result<Bytes> {
        self.0.ratchet_tree()
    }

    #[wasm_bindgen(js_name = groupInfo)]
    pub fn group_info(&self) -> Result<Bytes> {
        self.0.group_info()
    }

    #[wasm_bindgen(js_name = epochAuthenticator)]
    pub fn epoch_authenticator(&self) -> Result<Bytes> {
        self.0.epoch_authenticator()
    }

    #[wasm_bindgen(js_name = deleteGroup)]
    pub fn delete_group(&self) -> Result<()> {
        self.0.delete()
    }
}

#[wasm_bindgen]
pub struct CoreHubGroup(HubGroup);

#[wasm_bindgen]
impl CoreHubGroup {
    pub fn track(group_info: &[u8], ratchet_tree: &[u8]) -> Result<CoreHubGroup> {
        HubGroup::track(group_info, ratchet_tree).map(CoreHubGroup)
    }

    pub fn restore(snapshot: &[u8]) -> Result<CoreHubGroup> {
        HubGroup::restore(snapshot).map(CoreHubGroup)
    }

    pub fn snapshot(&self) -> Result<Bytes> {
        self.0.snapshot()
    }

    #[wasm_bindgen(js_name = groupId)]
    pub fn group_id(&self) -> Result<Bytes> {
        self.0.group_id()
    }

    pub fn epoch(&self) -> Result<u64> {
        self.0.epoch()
    }

    pub fn suite(&self) -> Result<u16> {
        self.0.suite()
    }

    pub fn members(&self) -> Result<Bytes> {
        self.0.members()
    }

    #[wasm_bindgen(js_name = pendingProposals)]
    pub fn pending_proposals(&self) -> Result<Bytes> {
        self.0.pending_proposals()
    }

    pub fn process(&self, message: &[u8]) -> Result<Bytes> {
        self.0.process(message)
    }

    pub fn apply(&self, stage: u32) -> Result<()> {
        self.0.apply(stage)
    }

    pub fn discard(&self, stage: u32) -> Result<()> {
        self.0.discard(stage)
    }

    #[wasm_bindgen(js_name = verifyGroupInfo)]
    pub fn verify_group_info(&self, group_info: &[u8]) -> Result<()> {
        self.0.verify_group_info(group_info)
    }

    #[wasm_bindgen(js_name = ratchetTree)]
    pub fn ratchet_tree(&self) -> Result<Bytes> {
        self.0.ratchet_tree()
    }
}

#[wasm_bindgen(js_name = generateSignatureKeyPair)]
pub fn generate_signature_key_pair(number: u16) -> Result<Bytes> {
    crypto::generate_signature_key_pair(suite(number)?).map(pair)
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
    hash::draft04::message_id(suite(number)?, message)
}

#[wasm_bindgen(js_name = messageIdsDraft04)]
pub fn message_ids_draft04(number: u16, buffer: &[u8], offsets: &[u32]) -> Result<Bytes> {
    hash::draft04::message_ids(suite(number)?, buffer, offsets)
}

#[wasm_bindgen(js_name = messageIdDraft08)]
pub fn message_id_draft08(
    sender_uri: &str,
    room_uri: &str,
    container: &[u8],
    salt: &[u8],
) -> Result<Bytes> {
    hash::draft08::message_id(sender_uri, room_uri, container, salt)
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
    vectors::tree_after_proposal(suite(number)?, ratchet_tree, proposal, sender)
}
