// A device's store, identities and key packages across the boundary to JavaScript: a list, no logic.

use std::rc::Rc;

use openmls::prelude::{Credential, Lifetime};
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Bytes, pair};
use crate::error::{self, Result};
use crate::identity::Identity;
use crate::provider::{Provider, suite};
use crate::reply::Reply;
use crate::{import, key_package};

#[wasm_bindgen(js_name = errorCodes)]
pub fn error_codes() -> Vec<String> {
    error::CODES.iter().map(|code| (*code).to_owned()).collect()
}

#[wasm_bindgen]
pub struct CoreStore(pub(super) Rc<Provider>);

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
pub struct CoreIdentity(pub(super) Identity);

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

    pub fn import(
        store: &CoreStore,
        number: u16,
        credential_type: u16,
        credential: &[u8],
        public_key: &[u8],
        private_key: &[u8],
    ) -> Result<CoreIdentity> {
        let credential = Credential::new(credential_type.into(), credential.to_vec());
        Identity::import(
            Rc::clone(&store.0),
            suite(number)?,
            &credential,
            public_key,
            private_key,
        )
        .map(CoreIdentity)
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
    let lifetime =
        lifetime_seconds.map_or_else(Lifetime::default, |seconds| Lifetime::new(seconds.into()));
    key_package::create(&identity.0.again_in(&store.0)?, last_resort, lifetime).map(pair)
}

#[wasm_bindgen(js_name = createKeyPackageFor)]
pub fn create_key_package_for(
    store: &CoreStore,
    identity: &CoreIdentity,
    last_resort: bool,
    not_before: f64,
    not_after: f64,
) -> Result<Bytes> {
    let lifetime = Lifetime::init(not_before as u64, not_after as u64);
    key_package::create(&identity.0.again_in(&store.0)?, last_resort, lifetime).map(pair)
}

#[wasm_bindgen(js_name = decryptWithKeyPackage)]
pub fn decrypt_with_key_package(
    store: &CoreStore,
    reference: &[u8],
    label: &str,
    context: &[u8],
    kem_output: &[u8],
    ciphertext: &[u8],
) -> Result<Bytes> {
    let sealed = (kem_output, ciphertext);
    key_package::decrypt_with_label(&store.0, reference, label, context, sealed)
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
