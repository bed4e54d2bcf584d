// One side of the comparison; included once for each OpenMLS, which `openmls` names where this is included.

use openmls_memory_storage::MemoryStorage;
use openmls_traits::OpenMlsProvider;
use openmls_traits::crypto::OpenMlsCrypto as _;
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;
use tls_codec::{DeserializeBytes as _, Serialize as _};

use self::openmls::messages::group_info::VerifiableGroupInfo;
use self::openmls::prelude::*;
use crate::algorithms::Algorithms;

#[derive(Default)]
pub struct Provider(MemoryStorage);

impl OpenMlsProvider for Provider {
    type CryptoProvider = Algorithms;
    type RandProvider = Algorithms;
    type StorageProvider = MemoryStorage;

    fn storage(&self) -> &MemoryStorage {
        &self.0
    }

    fn crypto(&self) -> &Algorithms {
        &Algorithms
    }

    fn rand(&self) -> &Algorithms {
        &Algorithms
    }
}

/// The words of a refusal, for comparison.
fn refusal(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

fn message(bytes: &[u8]) -> Result<ProtocolMessage, String> {
    let message = MlsMessageIn::tls_deserialize_exact_bytes(bytes).map_err(refusal)?;
    message.try_into_protocol_message().map_err(refusal)
}

/// Who follows a group without being in it.
pub struct Hub {
    group: PublicGroup,
    storage: MemoryStorage,
}

impl Hub {
    pub fn track(group_info: &[u8], tree: &[u8]) -> Self {
        let storage = MemoryStorage::default();
        let (group, _) = PublicGroup::from_external(
            &Algorithms,
            &storage,
            RatchetTreeIn::tls_deserialize_exact_bytes(tree).unwrap(),
            VerifiableGroupInfo::tls_deserialize_exact_bytes(group_info).unwrap(),
            ProposalStore::new(),
        )
        .unwrap();
        Self { group, storage }
    }

    pub fn judge(&self, bytes: &[u8]) -> Result<StagedCommit, String> {
        let processed = self
            .group
            .process_message(&Algorithms, message(bytes)?)
            .map_err(refusal)?;
        staged(processed)
    }

    /// What the group would be after the commit: its context has the tree hash.
    pub fn preview(&self, staged: &StagedCommit) -> Vec<u8> {
        staged.group_context().tls_serialize_detached().unwrap()
    }

    pub fn apply(&mut self, staged: StagedCommit) {
        self.group.merge_commit(&self.storage, staged).unwrap();
    }

    pub fn context(&self) -> Vec<u8> {
        self.group.group_context().tls_serialize_detached().unwrap()
    }

    pub fn state(&self) -> Vec<u8> {
        let mut state = self.context();
        state.extend(
            self.group
                .export_ratchet_tree()
                .tls_serialize_detached()
                .unwrap(),
        );
        state
    }
}

fn staged(processed: ProcessedMessage) -> Result<StagedCommit, String> {
    match processed.into_content() {
        ProcessedMessageContent::StagedCommitMessage(staged) => Ok(*staged),
        _ => Err("no commit".into()),
    }
}

pub struct Key {
    private: Vec<u8>,
    public: Vec<u8>,
    scheme: SignatureScheme,
}

impl Signer for Key {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Algorithms
            .sign(self.scheme, payload, &self.private)
            .map_err(SignerError::CryptoError)
    }

    fn signature_scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

/// A device before it is a member.
pub struct Device {
    provider: Provider,
    pub key: Key,
    suite: Ciphersuite,
}

impl Device {
    pub fn new(suite: Ciphersuite) -> Self {
        let scheme = suite.signature_algorithm();
        let (private, public) = Algorithms.signature_key_gen(scheme).unwrap();
        Self {
            provider: Provider::default(),
            key: Key {
                private,
                public,
                scheme,
            },
            suite,
        }
    }

    fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.key.public.clone()).into(),
            signature_key: self.key.public.as_slice().into(),
        }
    }

    pub fn key_package(&self) -> Vec<u8> {
        KeyPackage::builder()
            .build(self.suite, &self.provider, &self.key, self.credential())
            .unwrap()
            .key_package()
            .tls_serialize_detached()
            .unwrap()
    }

    pub fn create(self) -> Member {
        let group = MlsGroup::builder()
            .ciphersuite(self.suite)
            .with_wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
            .build(&self.provider, &self.key, self.credential())
            .unwrap();
        Member {
            device: self,
            group,
        }
    }

    pub fn join(self, welcome: &[u8], tree: &[u8]) -> Member {
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
            .build();
        let MlsMessageBodyIn::Welcome(welcome) = MlsMessageIn::tls_deserialize_exact_bytes(welcome)
            .unwrap()
            .extract()
        else {
            panic!("no Welcome");
        };
        let tree = RatchetTreeIn::tls_deserialize_exact_bytes(tree).unwrap();
        let group = StagedWelcome::new_from_welcome(&self.provider, &config, welcome, Some(tree))
            .unwrap()
            .into_group(&self.provider)
            .unwrap();
        Member {
            device: self,
            group,
        }
    }
}

pub struct Made {
    pub commit: Vec<u8>,
    pub welcome: Option<Vec<u8>>,
    pub group_info: Vec<u8>,
}

pub struct Member {
    device: Device,
    group: MlsGroup,
}

impl Member {
    pub fn key(&self) -> &Key {
        &self.device.key
    }

    pub fn index(&self) -> u32 {
        self.group.own_leaf_index().u32()
    }

    pub fn is_active(&self) -> bool {
        self.group.is_active()
    }

    pub fn leaves(&self) -> Vec<u32> {
        self.group
            .members()
            .map(|member| member.index.u32())
            .collect()
    }

    pub fn tree(&self) -> Vec<u8> {
        self.group
            .export_ratchet_tree()
            .tls_serialize_detached()
            .unwrap()
    }

    pub fn commit(&mut self, add: &[Vec<u8>], remove: &[u32], update: bool) -> Made {
        let adds = add.iter().map(|bytes| {
            KeyPackageIn::tls_deserialize_exact_bytes(bytes)
                .unwrap()
                .validate(&Algorithms, ProtocolVersion::Mls10)
                .unwrap()
        });
        let provider = &self.device.provider;
        let bundle = self
            .group
            .commit_builder()
            .force_self_update(update)
            .propose_adds(adds)
            .propose_removals(remove.iter().map(|index| LeafNodeIndex::new(*index)))
            .load_psks(provider.storage())
            .unwrap()
            .create_group_info(true)
            .build(&Algorithms, &Algorithms, &self.device.key, |_| true)
            .unwrap()
            .stage_commit(provider)
            .unwrap();
        let welcome = bundle
            .to_welcome_msg()
            .map(|welcome| welcome.tls_serialize_detached().unwrap());
        let (commit, _, group_info) = bundle.into_contents();
        Made {
            commit: commit.tls_serialize_detached().unwrap(),
            welcome,
            group_info: group_info.unwrap().tls_serialize_detached().unwrap(),
        }
    }

    pub fn merge_own(&mut self) {
        self.group
            .merge_pending_commit(&self.device.provider)
            .unwrap();
    }

    pub fn judge(&mut self, bytes: &[u8]) -> Result<StagedCommit, String> {
        let processed = self
            .group
            .process_message(&self.device.provider, message(bytes)?)
            .map_err(refusal)?;
        staged(processed)
    }

    pub fn merge(&mut self, staged: StagedCommit) {
        self.group
            .merge_staged_commit(&self.device.provider, staged)
            .unwrap();
    }

    pub fn authenticator(&self) -> Vec<u8> {
        self.group.epoch_authenticator().as_slice().to_vec()
    }
}
