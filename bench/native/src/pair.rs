// Two members of a group and the hub's view of it, each with storage of its own: OpenMLS's MemoryStorage.

use openmls::prelude::tls_codec::{DeserializeBytes, Serialize as _};
use openmls::prelude::*;
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;

pub const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

/// The settings of the core: handshakes public, messages private, trees beside.
pub fn config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .max_past_epochs(0)
        .number_of_resumption_psks(1)
        .use_ratchet_tree_extension(false)
        .build()
}

/// A client with its storage and signature key.
pub struct Party {
    pub provider: OpenMlsRustCrypto,
    pub signer: SignatureKeyPair,
    pub credential: CredentialWithKey,
}

impl Party {
    pub fn new(name: &str) -> Self {
        let signer = SignatureKeyPair::new(SUITE.signature_algorithm()).expect("no key pair");
        let provider = OpenMlsRustCrypto::default();
        signer.store(provider.storage()).expect("not stored");
        let credential = CredentialWithKey {
            credential: BasicCredential::new(name.as_bytes().to_vec()).into(),
            signature_key: signer.public().into(),
        };
        Self {
            provider,
            signer,
            credential,
        }
    }

    /// A key package; one of last resort can be used for more than one join.
    pub fn key_package(&self, last_resort: bool) -> KeyPackage {
        let mut builder = KeyPackage::builder().leaf_node_capabilities(capabilities());
        if last_resort {
            builder = builder.mark_as_last_resort();
        }
        builder
            .build(SUITE, &self.provider, &self.signer, self.credential.clone())
            .expect("no key package")
            .key_package()
            .clone()
    }

    pub fn join(&self, welcome: &[u8], tree: &[u8]) -> MlsGroup {
        let MlsMessageBodyIn::Welcome(welcome) = message(welcome) else {
            panic!("no Welcome");
        };
        StagedWelcome::build_from_welcome(&self.provider, &config(), welcome)
            .expect("no such Welcome")
            .with_ratchet_tree(exact(tree))
            .skip_lifetime_validation()
            .build()
            .expect("the Welcome is refused")
            .into_group(&self.provider)
            .expect("not joined")
    }
}

/// Last resort is an extension of the key package.
fn capabilities() -> Capabilities {
    Capabilities::new(None, None, Some(&[ExtensionType::LastResort]), None, None)
}

pub fn exact<T: DeserializeBytes>(bytes: &[u8]) -> T {
    T::tls_deserialize_exact_bytes(bytes).expect("malformed")
}

pub fn message(bytes: &[u8]) -> MlsMessageBodyIn {
    exact::<MlsMessageIn>(bytes).extract()
}

fn handshake(bytes: &[u8]) -> ProtocolMessage {
    match message(bytes) {
        MlsMessageBodyIn::PublicMessage(message) => message.into(),
        MlsMessageBodyIn::PrivateMessage(message) => message.into(),
        _ => panic!("neither a PublicMessage nor a PrivateMessage"),
    }
}

/// Two who have key packages and are in no group yet.
pub struct Invited {
    pub parties: [Party; 2],
    key_packages: [Vec<u8>; 2],
}

impl Invited {
    pub fn new() -> Self {
        let parties = [Party::new("native 1"), Party::new("native 2")];
        let key_packages = [&parties[0], &parties[1]].map(|party| {
            party
                .key_package(true)
                .tls_serialize_detached()
                .expect("no bytes")
        });
        Self {
            parties,
            key_packages,
        }
    }

    pub fn key_packages(&self) -> &[Vec<u8>; 2] {
        &self.key_packages
    }
}

/// The two as members, and a hub that follows them.
pub struct Pair {
    pub parties: [Party; 2],
    pub first: MlsGroup,
    pub second: MlsGroup,
    pub hub: PublicGroup,
    pub hub_provider: OpenMlsRustCrypto,
    /// What the two joined by.
    pub welcome: Vec<u8>,
    pub tree: Vec<u8>,
}

impl Pair {
    /// The first creates a group and adds the second.
    pub fn create(invited: Invited) -> Self {
        let party = &invited.parties[0];
        let first = MlsGroup::builder()
            .with_group_id(GroupId::from_slice(b"pair"))
            .ciphersuite(SUITE)
            .with_wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(false)
            .with_capabilities(capabilities())
            .build(&party.provider, &party.signer, party.credential.clone())
            .expect("no group");
        Self::with_second(invited, first)
    }

    /// The first joins and adds the second, so that each has committed once in the end.
    pub fn join_first(invited: Invited, welcome: &[u8], tree: &[u8]) -> Self {
        let first = invited.parties[0].join(welcome, tree);
        Self::with_second(invited, first)
    }

    fn with_second(invited: Invited, mut first: MlsGroup) -> Self {
        let party = &invited.parties[0];
        let second: KeyPackageIn = exact(&invited.key_packages[1]);
        let second = second
            .validate(party.provider.crypto(), ProtocolVersion::Mls10)
            .expect("refused");
        let made = commit(&mut first, party, &[second], true);
        first
            .merge_pending_commit(&party.provider)
            .expect("not merged");
        let tree = first
            .export_ratchet_tree()
            .tls_serialize_detached()
            .expect("no bytes");
        Self::of(invited, first, made.welcome.expect("no Welcome"), tree)
    }

    /// Both join by the same Welcome.
    pub fn join_both(invited: Invited, welcome: Vec<u8>, tree: Vec<u8>) -> Self {
        let first = invited.parties[0].join(&welcome, &tree);
        Self::of(invited, first, welcome, tree)
    }

    fn of(invited: Invited, first: MlsGroup, welcome: Vec<u8>, tree: Vec<u8>) -> Self {
        let Invited { parties, .. } = invited;
        let second = parties[1].join(&welcome, &tree);
        let hub_provider = OpenMlsRustCrypto::default();
        let group_info = first
            .export_group_info(parties[0].provider.crypto(), &parties[0].signer, false)
            .expect("no GroupInfo")
            .tls_serialize_detached()
            .expect("no bytes");
        let MlsMessageBodyIn::GroupInfo(group_info) = message(&group_info) else {
            panic!("no GroupInfo");
        };
        let (hub, _) = PublicGroup::from_external(
            hub_provider.crypto(),
            hub_provider.storage(),
            exact(&tree),
            group_info,
            ProposalStore::new(),
        )
        .expect("not followed");
        let mut pair = Self {
            parties,
            first,
            second,
            hub,
            hub_provider,
            welcome,
            tree,
        };
        // Each commits once more, so that neither leaf is unmerged.
        pair.new_epoch();
        let commit = update(&mut pair.second, &pair.parties[1]);
        pair.hub_follows(&commit);
        follow(&mut pair.first, &pair.parties[0], &commit);
        pair
    }

    /// The first updates its path and merges.
    pub fn update(&mut self) -> Vec<u8> {
        update(&mut self.first, &self.parties[0])
    }

    pub fn second_follows(&mut self, commit: &[u8]) {
        follow(&mut self.second, &self.parties[1], commit);
    }

    pub fn hub_follows(&mut self, commit: &[u8]) {
        let processed = self
            .hub
            .process_message(self.hub_provider.crypto(), handshake(commit))
            .expect("the hub refuses");
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            panic!("no commit");
        };
        self.hub
            .merge_commit(self.hub_provider.storage(), *staged)
            .expect("not merged");
    }

    pub fn new_epoch(&mut self) {
        let commit = self.update();
        self.hub_follows(&commit);
        self.second_follows(&commit);
    }

    pub fn encrypt(&mut self, plaintext: &[u8]) -> Vec<u8> {
        let party = &self.parties[0];
        self.first
            .create_message(&party.provider, &party.signer, plaintext)
            .expect("not encrypted")
            .tls_serialize_detached()
            .expect("no bytes")
    }

    pub fn decrypt(&mut self, bytes: &[u8]) {
        let processed = self
            .second
            .process_message(&self.parties[1].provider, handshake(bytes))
            .expect("not decrypted");
        assert!(matches!(
            processed.into_content(),
            ProcessedMessageContent::ApplicationMessage(_)
        ));
    }
}

/// What a commit gives, as bytes.
pub struct Made {
    pub commit: Vec<u8>,
    pub welcome: Option<Vec<u8>>,
}

/// A commit, not merged.
pub fn commit(group: &mut MlsGroup, party: &Party, add: &[KeyPackage], update: bool) -> Made {
    let bundle = group
        .commit_builder()
        .force_self_update(update)
        .propose_adds(add.to_vec())
        .load_psks(party.provider.storage())
        .expect("no PSKs")
        .create_group_info(true)
        .build(
            party.provider.rand(),
            party.provider.crypto(),
            &party.signer,
            |_| true,
        )
        .expect("no commit")
        .stage_commit(&party.provider)
        .expect("not staged");
    let bytes = |message: &MlsMessageOut| message.tls_serialize_detached().expect("no bytes");
    let welcome = bundle.to_welcome_msg().as_ref().map(bytes);
    let (commit, _, group_info) = bundle.into_contents();
    // The core hands it out with each commit.
    let group_info = group_info.expect("no GroupInfo").tls_serialize_detached();
    std::hint::black_box(group_info.expect("no bytes"));
    Made {
        commit: bytes(&commit),
        welcome,
    }
}

fn update(group: &mut MlsGroup, party: &Party) -> Vec<u8> {
    let bytes = commit(group, party, &[], true).commit;
    group
        .merge_pending_commit(&party.provider)
        .expect("not merged");
    bytes
}

fn follow(group: &mut MlsGroup, party: &Party, commit: &[u8]) {
    let processed = group
        .process_message(&party.provider, handshake(commit))
        .expect("refused");
    let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
        panic!("no commit");
    };
    group
        .merge_staged_commit(&party.provider, *staged)
        .expect("not merged");
}
