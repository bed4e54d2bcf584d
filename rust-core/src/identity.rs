// Signature keys with the credential they stand for (RFC 9420, sections 5.1.2 and 5.3), and what a leaf declares.

use std::rc::Rc;

use openmls::prelude::*;
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::algorithms::SigningKey;
use crate::crypto::{sign_with_label, signing_key, verify_with_label};
use crate::error::{Code, Error, Result};
use crate::provider::{Provider, suite};
use crate::storage::{Label, key};

/// The type of our pseudonymous credential: of those for private use (RFC 9420, section 17.5), as
/// `PSEUDONYM_CREDENTIAL` in ts/mls/types.ts.
const PSEUDONYM_CREDENTIAL: u16 = 0xf0e0;

/// The row of an identity.
#[derive(Serialize, Deserialize)]
struct Row {
    suite: u16,
    credential_type: u16,
    credential: Vec<u8>,
    public_key: Vec<u8>,
    private_key: Vec<u8>,
}

impl Drop for Row {
    fn drop(&mut self) {
        self.private_key.zeroize();
    }
}

/// A signature key pair and a credential, bound to the store that keeps them.
#[derive(Clone)]
pub struct Identity {
    pub provider: Rc<Provider>,
    pub suite: Ciphersuite,
    pub credential: Credential,
    public_key: Vec<u8>,
    /// Shared by all handles: making it ready takes as long as a signature.
    key: Rc<SigningKey>,
}

impl Identity {
    pub fn create(
        provider: Rc<Provider>,
        number: u16,
        credential_type: u16,
        bytes: &[u8],
    ) -> Result<Self> {
        let suite = suite(number)?;
        if bytes.len() > usize::from(u16::MAX) {
            return Err(Error::new(
                Code::InvalidArgument,
                "credential of more than 65,535 bytes",
            ));
        }
        let (private_key, public_key) = provider
            .crypto()
            .signature_key_gen(suite.signature_algorithm())
            .map_err(|e| Error::internal(&e))?;
        let row = Row {
            suite: number,
            credential_type,
            credential: bytes.to_vec(),
            public_key,
            private_key,
        };
        Self::keep(provider, &row)
    }

    /// The identity of a key pair that was made elsewhere. Throws `invalidArgument` where the halves do not match.
    pub fn import(
        provider: Rc<Provider>,
        suite: Ciphersuite,
        credential: &Credential,
        public_key: &[u8],
        private_key: &[u8],
    ) -> Result<Self> {
        let row = Row {
            suite: suite.into(),
            credential_type: credential.credential_type().into(),
            credential: credential.serialized_content().to_vec(),
            public_key: public_key.to_vec(),
            private_key: private_key.to_vec(),
        };
        let signature = sign_with_label(&signing_key(suite, private_key)?, "", &[])?;
        if !verify_with_label(suite, public_key, "", &[], &signature)? {
            return Err(Error::new(
                Code::InvalidArgument,
                "the private key does not belong to signature_key",
            ));
        }
        Self::keep(provider, &row)
    }

    fn keep(provider: Rc<Provider>, row: &Row) -> Result<Self> {
        provider
            .store
            .write(key(Label::Identity, &row.public_key)?, row)?;
        Self::from_row(provider, row)
    }

    /// The identity with this public key; fails where the store has none.
    pub fn load(provider: Rc<Provider>, public_key: &[u8]) -> Result<Self> {
        let row: Row = provider
            .store
            .read(&key(Label::Identity, &public_key.to_vec())?)?
            .ok_or_else(|| Error::new(Code::NoSuchIdentity, ""))?;
        Self::from_row(provider, &row)
    }

    fn from_row(provider: Rc<Provider>, row: &Row) -> Result<Self> {
        let suite = suite(row.suite)?;
        let key = SigningKey::read(suite.signature_algorithm(), &row.private_key)
            .map_err(|e| Error::of(Code::DamagedStore, &e))?;
        Ok(Self {
            provider,
            suite,
            credential: Credential::new(row.credential_type.into(), row.credential.clone()),
            public_key: row.public_key.clone(),
            key: Rc::new(key),
        })
    }

    /// Another handle on the same identity, for what is to be kept in `store`.
    pub fn again_in(&self, store: &Rc<Provider>) -> Result<Self> {
        if !Rc::ptr_eq(&self.provider, store) {
            return Err(Error::new(
                Code::InvalidArgument,
                "the identity is of another store",
            ));
        }
        Ok(self.clone())
    }

    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    pub fn credential_with_key(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: self.credential.clone(),
            signature_key: self.public_key.as_slice().into(),
        }
    }

    pub fn sign_with_label(&self, label: &str, content: &[u8]) -> Result<Vec<u8>> {
        sign_with_label(&self.key, label, content)
    }

    /// What the leaves of this identity declare: the room's components and self-removal (draft-ietf-mls-extensions),
    /// all cipher suites of this core, and both kinds of credentials that rooms have, whichever this one is: a list
    /// that differed would link a person's rooms.
    pub fn capabilities(&self) -> Capabilities {
        let mut credentials = vec![CredentialType::Basic, PSEUDONYM_CREDENTIAL.into()];
        let own = self.credential.credential_type();
        if !credentials.contains(&own) {
            credentials.push(own);
        }
        Capabilities::builder()
            .versions(vec![ProtocolVersion::Mls10])
            .ciphersuites(crate::provider::SUITES.to_vec())
            .extensions(vec![
                ExtensionType::AppDataDictionary,
                ExtensionType::LastResort,
            ])
            .proposals(vec![
                ProposalType::AppDataUpdate,
                ProposalType::AppEphemeral,
                ProposalType::SelfRemove,
            ])
            .credentials(credentials)
            .build()
    }
}

impl Signer for Identity {
    fn sign(&self, payload: &[u8]) -> std::result::Result<Vec<u8>, SignerError> {
        self.key.sign(payload).map_err(SignerError::CryptoError)
    }

    fn signature_scheme(&self) -> SignatureScheme {
        self.suite.signature_algorithm()
    }
}
