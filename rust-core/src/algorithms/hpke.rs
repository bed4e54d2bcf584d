// HPKE (RFC 9180) in base mode, one message a context, as MLS uses it. By hand, because it is little more than HKDF
// calls, and the crates for it either bring all algorithms with them or another generation of the RustCrypto crates.

use openmls_traits::types::{
    AeadType, CryptoError, HpkeAeadType, HpkeConfig, HpkeKdfType, HpkeKemType,
};
use zeroize::Zeroizing;

use super::dh::{Group, SCALAR, Secret};
use super::{Result, aead, kdf};

/// Identifiers of section 7: KEM, KDF and AEAD.
const HKDF_SHA256: u16 = 0x0001;
const MODE_BASE: u8 = 0x00;
const VERSION: &[u8] = b"HPKE-v1";

type Bytes = Zeroizing<Vec<u8>>;

/// LabeledExtract and LabeledExpand of section 4, for one suite id.
struct Labelled<'a>(&'a [u8]);

impl Labelled<'_> {
    fn extract(&self, salt: &[u8], label: &str, ikm: &[u8]) -> Zeroizing<[u8; kdf::HASH]> {
        kdf::extract(salt, &[VERSION, self.0, label.as_bytes(), ikm])
    }

    fn expand(&self, prk: &[u8], label: &str, info: &[&[u8]], length: usize) -> Result<Bytes> {
        let wanted = u16::try_from(length).map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
        let wanted = wanted.to_be_bytes();
        let mut parts: Vec<&[u8]> = vec![&wanted, VERSION, self.0, label.as_bytes()];
        parts.extend(info);
        kdf::expand(prk, &parts, length).map(Zeroizing::new)
    }
}

fn kem_number(group: Group) -> u16 {
    match group {
        Group::P256 => 0x0010,
        Group::X25519 => 0x0020,
    }
}

fn kem_suite(group: Group) -> [u8; 5] {
    let [high, low] = kem_number(group).to_be_bytes();
    [b'K', b'E', b'M', high, low]
}

pub fn group_of(config: &HpkeConfig) -> Result<Group> {
    match config {
        HpkeConfig(HpkeKemType::DhKem25519, HpkeKdfType::HkdfSha256, _) => Ok(Group::X25519),
        HpkeConfig(HpkeKemType::DhKemP256, HpkeKdfType::HkdfSha256, _) => Ok(Group::P256),
        _ => Err(CryptoError::UnsupportedKdf),
    }
}

fn aead_of(config: &HpkeConfig) -> Result<(AeadType, u16)> {
    match config.2 {
        HpkeAeadType::AesGcm128 => Ok((AeadType::Aes128Gcm, 0x0001)),
        HpkeAeadType::ChaCha20Poly1305 => Ok((AeadType::ChaCha20Poly1305, 0x0003)),
        _ => Err(CryptoError::UnsupportedAeadAlgorithm),
    }
}

/// DeriveKeyPair of section 7.1.3, its private half.
pub fn derive_private_key(group: Group, ikm: &[u8]) -> Result<Secret> {
    let suite = kem_suite(group);
    let labelled = Labelled(&suite);
    let prk = labelled.extract(&[], "dkp_prk", ikm);
    match group {
        Group::X25519 => {
            let key = labelled.expand(prk.as_slice(), "sk", &[], SCALAR)?;
            group.private_key(&key)
        }
        Group::P256 => (0..=u8::MAX)
            .find_map(|counter| {
                labelled
                    .expand(prk.as_slice(), "candidate", &[&[counter]], SCALAR)
                    .and_then(|key| group.private_key(&key))
                    .ok()
            })
            .ok_or(CryptoError::CryptoLibraryError),
    }
}

/// ExtractAndExpand of section 4.1.
fn shared_secret(group: Group, dh: &[u8], enc: &[u8], public_key: &[u8]) -> Result<Bytes> {
    let suite = kem_suite(group);
    let labelled = Labelled(&suite);
    let prk = labelled.extract(&[], "eae_prk", dh);
    labelled.expand(
        prk.as_slice(),
        "shared_secret",
        &[enc, public_key],
        kdf::HASH,
    )
}

/// What both sides hold after the key schedule, for one message.
pub struct Context {
    suite: [u8; 10],
    algorithm: AeadType,
    key: Bytes,
    nonce: Bytes,
    exporter_secret: Bytes,
}

impl Context {
    /// KeySchedule of section 5.1, without a pre-shared key.
    fn new(config: &HpkeConfig, shared_secret: &[u8], info: &[u8]) -> Result<Self> {
        let (algorithm, aead_number) = aead_of(config)?;
        let [k1, k2] = kem_number(group_of(config)?).to_be_bytes();
        let [d1, d2] = HKDF_SHA256.to_be_bytes();
        let [a1, a2] = aead_number.to_be_bytes();
        let suite = [b'H', b'P', b'K', b'E', k1, k2, d1, d2, a1, a2];
        let labelled = Labelled(&suite);
        let psk_id_hash = labelled.extract(&[], "psk_id_hash", &[]);
        let info_hash = labelled.extract(&[], "info_hash", info);
        let context: [&[u8]; 3] = [&[MODE_BASE], psk_id_hash.as_slice(), info_hash.as_slice()];
        let secret = labelled.extract(shared_secret, "secret", &[]);
        let expand = |label: &str, length: usize| {
            labelled.expand(secret.as_slice(), label, &context, length)
        };
        Ok(Self {
            algorithm,
            key: expand("key", aead::key_length(algorithm)?)?,
            nonce: expand("base_nonce", aead::NONCE)?,
            exporter_secret: expand("exp", kdf::HASH)?,
            suite,
        })
    }

    /// Takes the context: a second message would need the next nonce.
    pub fn seal(self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
        aead::seal(self.algorithm, &self.key, &self.nonce, aad, plaintext)
    }

    pub fn open(self, aad: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>> {
        aead::open(self.algorithm, &self.key, &self.nonce, aad, ciphertext)
    }

    /// Section 5.3.
    pub fn export(&self, exporter_context: &[u8], length: usize) -> Result<Vec<u8>> {
        let labelled = Labelled(&self.suite);
        let mut secret =
            labelled.expand(&self.exporter_secret, "sec", &[exporter_context], length)?;
        Ok(std::mem::take(&mut *secret))
    }
}

pub fn setup_sender(
    config: &HpkeConfig,
    public_key: &[u8],
    info: &[u8],
) -> Result<(Vec<u8>, Context)> {
    let ephemeral = group_of(config)?.generate()?;
    setup_sender_with(config, ephemeral.as_slice(), public_key, info)
}

/// SetupBaseS of section 5.1.1 with the ephemeral key given; apart, so that the vectors of the RFC can be run.
pub(super) fn setup_sender_with(
    config: &HpkeConfig,
    ephemeral: &[u8],
    public_key: &[u8],
    info: &[u8],
) -> Result<(Vec<u8>, Context)> {
    let group = group_of(config)?;
    let dh = group.agree(ephemeral, public_key)?;
    let enc = group.public_key(ephemeral)?;
    let shared = shared_secret(group, dh.as_slice(), &enc, public_key)?;
    Ok((enc, Context::new(config, &shared, info)?))
}

/// SetupBaseR of section 5.1.1.
pub fn setup_receiver(
    config: &HpkeConfig,
    enc: &[u8],
    private_key: &[u8],
    info: &[u8],
) -> Result<Context> {
    let group = group_of(config)?;
    let dh = group.agree(private_key, enc)?;
    let public_key = group.public_key(private_key)?;
    let shared = shared_secret(group, dh.as_slice(), enc, &public_key)?;
    Context::new(config, &shared, info)
}
