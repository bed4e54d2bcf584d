// The algorithms against RFC 9180, appendix A, and the MLS working group's crypto-basics; and what they refuse.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use openmls_traits::types::{HpkeAeadType, HpkeKdfType, HpkeKemType};
use serde_json::Value;
use tls_codec::{Serialize as _, VLByteSlice};

use super::dh::{Group, POINT};
use super::*;
use crate::crypto::{decrypt_with_label, sign_with_label, signing_key, verify_with_label};
use crate::provider::suite;

const RFC_9180: &str = include_str!("../../../test/vectors/hpke/rfc9180-base.json");
const CRYPTO_BASICS: &str = include_str!("../../../test/vectors/mls/crypto-basics.json");

fn cases(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn number<T: TryFrom<u64>>(value: &Value) -> T {
    T::try_from(value.as_u64().unwrap()).ok().unwrap()
}

fn hpke_config(case: &Value) -> HpkeConfig {
    let kem = match number::<u16>(&case["kem_id"]) {
        0x0010 => HpkeKemType::DhKemP256,
        _ => HpkeKemType::DhKem25519,
    };
    let aead = match number::<u16>(&case["aead_id"]) {
        0x0001 => HpkeAeadType::AesGcm128,
        _ => HpkeAeadType::ChaCha20Poly1305,
    };
    HpkeConfig(kem, HpkeKdfType::HkdfSha256, aead)
}

#[test]
fn hpke_follows_the_vectors_of_rfc_9180() {
    let cases = cases(RFC_9180);
    assert_eq!(cases.len(), 3);
    for case in cases {
        let config = hpke_config(&case);
        for (ikm, private, public) in [("ikmE", "skEm", "pkEm"), ("ikmR", "skRm", "pkRm")] {
            let pair = Algorithms
                .derive_hpke_keypair(hpke_config(&case), &hex(&case[ikm]))
                .unwrap();
            assert_eq!(*pair.private, *hex(&case[private]));
            assert_eq!(pair.public, hex(&case[public]));
        }
        let (info, sealed) = (hex(&case["info"]), &case["encryption"]);
        let (aad, plaintext) = (hex(&sealed["aad"]), hex(&sealed["pt"]));
        let sender = || {
            hpke::setup_sender_with(&config, &hex(&case["skEm"]), &hex(&case["pkRm"]), &info)
                .unwrap()
        };
        let receiver = || {
            hpke::setup_receiver(&config, &hex(&case["enc"]), &hex(&case["skRm"]), &info).unwrap()
        };
        assert_eq!(sender().0, hex(&case["enc"]));
        assert_eq!(
            sender().1.seal(&aad, &plaintext).unwrap(),
            hex(&sealed["ct"])
        );
        assert_eq!(
            receiver().open(&aad, &hex(&sealed["ct"])).unwrap(),
            plaintext
        );
        for export in case["exports"].as_array().unwrap() {
            let (context, length) = (hex(&export["exporter_context"]), number(&export["L"]));
            for side in [sender().1, receiver()] {
                assert_eq!(
                    side.export(&context, length).unwrap(),
                    hex(&export["exported_value"])
                );
            }
        }
    }
}

/// ExpandWithLabel, RFC 9420, section 8.
fn expand_with_label(secret: &[u8], label: &str, context: &[u8], length: u16) -> Vec<u8> {
    let label = format!("MLS 1.0 {label}");
    let mut info = length.to_be_bytes().to_vec();
    for part in [label.as_bytes(), context] {
        info.extend(VLByteSlice(part).tls_serialize_detached().unwrap());
    }
    Algorithms
        .hkdf_expand(HashType::Sha2_256, secret, &info, length.into())
        .unwrap()
        .as_slice()
        .to_vec()
}

#[test]
fn the_mls_primitives_follow_the_working_groups_vectors() {
    let cases = cases(CRYPTO_BASICS);
    assert_eq!(cases.len(), 3);
    for case in cases {
        let suite = suite(number(&case["cipher_suite"])).unwrap();

        let vector = &case["ref_hash"];
        // The vector's label is the whole one, without the prefix that those of RFC 9420 have.
        let mut framed = Vec::new();
        for part in [
            vector["label"].as_str().unwrap().as_bytes(),
            &hex(&vector["value"]),
        ] {
            framed.extend(VLByteSlice(part).tls_serialize_detached().unwrap());
        }
        let reference = crate::crypto::hash(suite, &framed).unwrap();
        assert_eq!(reference, hex(&vector["out"]));

        let vector = &case["expand_with_label"];
        assert_eq!(
            expand_with_label(
                &hex(&vector["secret"]),
                vector["label"].as_str().unwrap(),
                &hex(&vector["context"]),
                number(&vector["length"]),
            ),
            hex(&vector["out"])
        );
        let vector = &case["derive_secret"];
        assert_eq!(
            expand_with_label(
                &hex(&vector["secret"]),
                vector["label"].as_str().unwrap(),
                &[],
                32
            ),
            hex(&vector["out"])
        );
        let vector = &case["derive_tree_secret"];
        assert_eq!(
            expand_with_label(
                &hex(&vector["secret"]),
                vector["label"].as_str().unwrap(),
                &number::<u32>(&vector["generation"]).to_be_bytes(),
                number(&vector["length"]),
            ),
            hex(&vector["out"])
        );

        let vector = &case["sign_with_label"];
        let (label, content) = (vector["label"].as_str().unwrap(), hex(&vector["content"]));
        let (public, signature) = (hex(&vector["pub"]), hex(&vector["signature"]));
        assert!(verify_with_label(suite, &public, label, &content, &signature).unwrap());
        let own = sign_with_label(
            &signing_key(suite, &hex(&vector["priv"])).unwrap(),
            label,
            &content,
        )
        .unwrap();
        assert!(verify_with_label(suite, &public, label, &content, &own).unwrap());

        let vector = &case["encrypt_with_label"];
        let opened = decrypt_with_label(
            suite,
            &hex(&vector["priv"]),
            vector["label"].as_str().unwrap(),
            &hex(&vector["context"]),
            &hex(&vector["kem_output"]),
            &hex(&vector["ciphertext"]),
        );
        assert_eq!(opened.unwrap(), hex(&vector["plaintext"]));
    }
}

#[test]
fn a_shared_secret_that_everybody_knows_is_refused() {
    let private = Group::X25519.generate().unwrap();
    for small_order in [[0; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        assert_eq!(
            Group::X25519.agree(private.as_slice(), &small_order),
            Err(CryptoError::InvalidPublicKey)
        );
    }
}

#[test]
fn a_point_of_p256_is_uncompressed_and_on_the_curve() {
    let private = Group::P256.generate().unwrap();
    let public = Group::P256.public_key(private.as_slice()).unwrap();
    assert_eq!(public.len(), POINT);
    let mut compressed = public[..33].to_vec();
    compressed[0] = 2 + (public[64] & 1);
    let mut elsewhere = public.clone();
    elsewhere[64] ^= 1;
    for wrong in [&compressed, &elsewhere, &vec![0], &vec![]] {
        assert_eq!(
            Group::P256.agree(private.as_slice(), wrong),
            Err(CryptoError::InvalidPublicKey)
        );
    }
}

#[test]
fn private_keys_out_of_range_are_errors_not_panics() {
    for group in [Group::X25519, Group::P256] {
        for length in [0, 1, 24, 31, 33, 66] {
            assert!(group.public_key(&vec![1; length]).is_err());
        }
    }
    assert!(Group::P256.public_key(&[0; 32]).is_err());
    assert!(Group::P256.public_key(&[0xff; 32]).is_err());
    for scheme in [
        SignatureScheme::ED25519,
        SignatureScheme::ECDSA_SECP256R1_SHA256,
    ] {
        for length in [0, 1, 24, 31, 33, 66] {
            assert!(Algorithms.sign(scheme, b"data", &vec![1; length]).is_err());
        }
    }
    assert!(
        Algorithms
            .sign(SignatureScheme::ECDSA_SECP256R1_SHA256, b"data", &[0; 32])
            .is_err()
    );
}

#[test]
fn an_ed25519_key_under_which_one_signature_fits_every_message_is_refused() {
    // The neutral element as key and as R, with s = 0: R = s B - k A holds whatever was signed.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let signature = [neutral, [0; 32]].concat();
    let verified =
        Algorithms.verify_signature(SignatureScheme::ED25519, b"data", &neutral, &signature);
    assert_eq!(verified, Err(CryptoError::InvalidSignature));
}

#[test]
fn an_ed25519_signature_has_one_form() {
    let (private, public) = Algorithms
        .signature_key_gen(SignatureScheme::ED25519)
        .unwrap();
    let signature = Algorithms
        .sign(SignatureScheme::ED25519, b"data", &private)
        .unwrap();
    // s + L, with the group order L of RFC 8032, section 5.1: the same number modulo L.
    let order = hex(&Value::from(
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
    ));
    let mut other = signature.clone();
    let mut carry = 0u16;
    for (byte, add) in other[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry as u8;
        carry >>= 8;
    }
    let verify = |signature: &[u8]| {
        Algorithms.verify_signature(SignatureScheme::ED25519, b"data", &public, signature)
    };
    assert_eq!(verify(&signature), Ok(()));
    assert_eq!(verify(&other), Err(CryptoError::InvalidSignature));
}

#[test]
fn what_the_three_suites_do_not_need_is_refused() {
    let (key, nonce) = ([0; 32], [0; 12]);
    assert!(
        Algorithms
            .hash(HashType::Sha2_512, b"")
            .is_err_and(|e| e == CryptoError::UnsupportedHashAlgorithm)
    );
    assert!(
        Algorithms
            .aead_encrypt(AeadType::Aes256Gcm, &key, b"", &nonce, b"")
            .is_err_and(|e| e == CryptoError::UnsupportedAeadAlgorithm)
    );
    assert!(
        Algorithms
            .signature_key_gen(SignatureScheme::ED448)
            .is_err_and(|e| e == CryptoError::UnsupportedSignatureScheme)
    );
    let config = HpkeConfig(
        HpkeKemType::DhKemP384,
        HpkeKdfType::HkdfSha384,
        HpkeAeadType::AesGcm256,
    );
    assert!(Algorithms.derive_hpke_keypair(config, &key).is_err());
    assert_eq!(
        Algorithms.supports(Ciphersuite::MLS_256_DHKEMP521_AES256GCM_SHA512_P521),
        Err(CryptoError::UnsupportedCiphersuite)
    );
}

#[test]
fn a_key_or_nonce_of_a_wrong_length_is_an_error() {
    for algorithm in [AeadType::Aes128Gcm, AeadType::ChaCha20Poly1305] {
        let length = aead::key_length(algorithm).unwrap();
        let seal = |key: usize, nonce: usize| {
            Algorithms.aead_encrypt(algorithm, &vec![0; key], b"", &vec![0; nonce], b"")
        };
        assert!(seal(length, 12).is_ok());
        assert_eq!(seal(length - 1, 12), Err(CryptoError::InvalidLength));
        assert_eq!(seal(length, 11), Err(CryptoError::InvalidLength));
    }
}
