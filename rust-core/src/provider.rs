// What OpenMLS is given to work with: the cryptography, the randomness and the store of one device.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Weak;

use openmls_traits::OpenMlsProvider;
use openmls_traits::types::Ciphersuite;

use crate::algorithms::Algorithms;
use crate::error::{Code, Error, Result};
use crate::group::Group;
use crate::storage::Store;

/// The cryptography of every device.
pub fn crypto() -> &'static Algorithms {
    &Algorithms
}

/// A device's store with the cryptography beside it.
#[derive(Default)]
pub struct Provider {
    pub store: Store,
    /// The groups that handles are open on, by group id: two handles on a group share its state in memory.
    pub open: RefCell<BTreeMap<Vec<u8>, Weak<Group>>>,
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = Algorithms;
    type RandProvider = Algorithms;
    type StorageProvider = Store;

    fn storage(&self) -> &Store {
        &self.store
    }

    fn crypto(&self) -> &Algorithms {
        crypto()
    }

    fn rand(&self) -> &Algorithms {
        crypto()
    }
}

/// The cipher suites of this core, by their numbers in RFC 9420, section 17.1.
pub const SUITES: [Ciphersuite; 3] = [
    Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
    Ciphersuite::MLS_128_DHKEMP256_AES128GCM_SHA256_P256,
    Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519,
];

/// The suite with this number, if the core has it.
pub fn suite(number: u16) -> Result<Ciphersuite> {
    SUITES
        .into_iter()
        .find(|&suite| u16::from(suite) == number)
        .ok_or_else(|| Error::new(Code::WrongSuite, "").with("got", u64::from(number)))
}

/// Refuses a suite that OpenMLS knows but this core does not offer.
pub fn check_suite(found: Ciphersuite) -> Result<()> {
    suite(u16::from(found)).map(|_| ())
}
