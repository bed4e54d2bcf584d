// The pieces against the one-shot AEADs of RustCrypto and the published test cases; and what is refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use aes_gcm::aead::{Aead as OneShot, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use chacha20poly1305::ChaCha20Poly1305;

use super::*;

const ALGORITHMS: [(u16, usize); 3] = [(1, 16), (2, 32), (29, 32)];
const NONCE_BYTES: [u8; NONCE] = *b"twelve bytes";

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// Bytes that look random, the same each time.
fn bytes(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|at| (at.wrapping_mul(0x9e37_79b9) >> 24) as u8)
        .collect()
}

fn one_shot(algorithm: u16, key: &[u8], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    fn seal<A: OneShot + KeyInit>(key: &[u8], payload: Payload) -> Vec<u8> {
        let nonce = NONCE_BYTES.as_slice().try_into().unwrap();
        A::new_from_slice(key)
            .unwrap()
            .encrypt(nonce, payload)
            .unwrap()
    }
    let payload = Payload {
        msg: plaintext,
        aad,
    };
    match algorithm {
        1 => seal::<Aes128Gcm>(key, payload),
        2 => seal::<Aes256Gcm>(key, payload),
        _ => seal::<ChaCha20Poly1305>(key, payload),
    }
}

/// Seals, cutting the plaintext into pieces of the given lengths, again and again.
fn sealed(mut aead: Attachment, plaintext: &[u8], pieces: &[usize]) -> Vec<u8> {
    let mut ciphertext = plaintext.to_vec();
    in_pieces(&mut ciphertext, pieces, |piece| aead.seal(piece).unwrap());
    ciphertext.extend(aead.tag());
    ciphertext
}

fn opened(mut aead: Attachment, ciphertext: &[u8], pieces: &[usize]) -> Result<Vec<u8>> {
    let (text, tag) = ciphertext.split_at(ciphertext.len() - BLOCK);
    let mut plaintext = text.to_vec();
    in_pieces(&mut plaintext, pieces, |piece| aead.open(piece).unwrap());
    aead.verify(tag).map(|()| plaintext)
}

fn in_pieces(mut rest: &mut [u8], pieces: &[usize], mut each: impl FnMut(&mut [u8])) {
    for &length in pieces.iter().cycle() {
        let (piece, behind) = rest.split_at_mut(length.min(rest.len()));
        each(piece);
        rest = behind;
        if rest.is_empty() {
            return;
        }
    }
}

#[test]
fn gcm_follows_the_test_cases_4_and_16_of_its_specification() {
    let key = hex("feffe9928665731c6d6a8f9467308308");
    let nonce = hex("cafebabefacedbaddecaf888");
    let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let plaintext = hex(concat!(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72",
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    ));
    let case_4 = hex(concat!(
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e",
        "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
        "5bc94fbc3221a5db94fae95ae7121a47",
    ));
    let case_16 = hex(concat!(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ));
    for (algorithm, key, ciphertext) in [(1, key.clone(), case_4), (2, key.repeat(2), case_16)] {
        let start = || Attachment::start(algorithm, &key, &nonce, &aad).unwrap();
        assert_eq!(sealed(start(), &plaintext, &[7]), ciphertext);
        assert_eq!(opened(start(), &ciphertext, &[19]).unwrap(), plaintext);
    }
}

#[test]
fn chacha20_poly1305_follows_rfc_8439_section_2_8_2() {
    let key: Vec<u8> = (0x80..0xa0).collect();
    let nonce = hex("070000004041424344454647");
    let aad = hex("50515253c0c1c2c3c4c5c6c7");
    let plaintext = b"Ladies and Gentlemen of the class of '99: If I could offer you \
        only one tip for the future, sunscreen would be it.";
    let ciphertext = hex(concat!(
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6",
        "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36",
        "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc",
        "3ff4def08e4b7a9de576d26586cec64b6116",
        "1ae10b594f09e26a7e902ecbd0600691",
    ));
    let start = || Attachment::start(29, &key, &nonce, &aad).unwrap();
    assert_eq!(sealed(start(), plaintext, &[5]), ciphertext);
    assert_eq!(opened(start(), &ciphertext, &[64]).unwrap(), plaintext);
}

#[test]
fn pieces_of_any_length_make_what_one_shot_makes() {
    let cuts: [&[usize]; 9] = [
        &[1],
        &[3],
        &[15, 17],
        &[16],
        &[31, 1, 33],
        &[63, 65],
        &[0, 5, 0, 11],
        &[1000],
        &[4096],
    ];
    for (algorithm, key_length) in ALGORITHMS {
        let key = bytes(key_length);
        for length in (0..=130).chain([255, 256, 257, 4095, 4096, 4097, 10_000]) {
            let (plaintext, aad) = (bytes(length), bytes(length % 37));
            let expected = one_shot(algorithm, &key, &aad, &plaintext);
            for pieces in cuts {
                let start = || Attachment::start(algorithm, &key, &NONCE_BYTES, &aad).unwrap();
                assert_eq!(sealed(start(), &plaintext, pieces), expected);
                assert_eq!(opened(start(), &expected, pieces).unwrap(), plaintext);
            }
        }
    }
}

#[test]
fn each_flipped_bit_of_text_tag_and_aad_is_noticed() {
    for (algorithm, key_length) in ALGORITHMS {
        let key = bytes(key_length);
        let ciphertext = one_shot(algorithm, &key, b"aad", &bytes(40));
        let start = |aad| Attachment::start(algorithm, &key, &NONCE_BYTES, aad).unwrap();
        for bit in 0..ciphertext.len() * 8 {
            let mut damaged = ciphertext.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let refusal = opened(start(b"aad"), &damaged, &[7]).unwrap_err();
            assert_eq!(refusal.code, Code::Undecryptable);
        }
        assert!(opened(start(b"aae"), &ciphertext, &[7]).is_err());
        assert!(opened(start(b"aad\0"), &ciphertext, &[7]).is_err());
        assert!(start(b"aad").verify(&ciphertext[..15]).is_err());
    }
}

#[test]
fn a_tag_may_be_asked_for_at_any_time() {
    for (algorithm, key_length) in ALGORITHMS {
        let key = bytes(key_length);
        let mut aead = Attachment::start(algorithm, &key, &NONCE_BYTES, b"").unwrap();
        let plaintext = bytes(50);
        for end in 1..=plaintext.len() {
            aead.seal(&mut plaintext[end - 1..end].to_vec()).unwrap();
            let expected = one_shot(algorithm, &key, b"", &plaintext[..end]);
            assert_eq!(aead.tag(), expected[end..]);
        }
    }
}

#[test]
fn other_algorithms_and_lengths_of_key_and_nonce_are_refused() {
    let start = |algorithm, key: usize, nonce: usize| {
        Attachment::start(algorithm, &bytes(key), &bytes(nonce), b"")
            .err()
            .map(|error| error.code)
    };
    for algorithm in [0, 3, 28, 30, u16::MAX] {
        assert_eq!(start(algorithm, 32, 12), Some(Code::InvalidArgument));
    }
    for (algorithm, key) in ALGORITHMS {
        assert_eq!(start(algorithm, key, 12), None);
        for (key, nonce) in [
            (key, 11),
            (key, 13),
            (key, 0),
            (key - 1, 12),
            (48 - key, 12),
        ] {
            let same = ALGORITHMS.contains(&(algorithm, key)) && nonce == 12;
            assert_eq!(start(algorithm, key, nonce).is_none(), same);
        }
    }
}

/// Sends a piece that just fits and one that does not, `near` bytes before the limit.
fn at_the_limit<Cipher: StreamCipher, Hash: UniversalHash<BlockSize = U16> + Clone>(
    mut aead: Composed<Cipher, Hash>,
    near: u64,
) {
    aead.length = aead.limit - near;
    let mut piece = bytes(near as usize + 1);
    let refusal = Aead::seal(&mut aead, &mut piece).unwrap_err();
    assert_eq!(refusal.code, Code::TooLarge);
    assert_eq!(refusal.numbers, [("limit", aead.limit)]);
    assert_eq!(piece, bytes(near as usize + 1));
    assert_eq!(
        Aead::open(&mut aead, &mut piece).unwrap_err().code,
        Code::TooLarge
    );
    Aead::seal(&mut aead, &mut piece[1..]).unwrap();
    assert_eq!(aead.length, aead.limit);
    assert_eq!(
        Aead::seal(&mut aead, &mut [0]).unwrap_err().code,
        Code::TooLarge
    );
}

#[test]
fn a_piece_beyond_the_limit_of_the_algorithm_is_refused_unchanged() {
    at_the_limit(
        gcm::<Ctr32BE<Aes128>>(&bytes(16), NONCE_BYTES, b"").unwrap(),
        100,
    );
    at_the_limit(
        gcm::<Ctr32BE<Aes256>>(&bytes(32), NONCE_BYTES, b"").unwrap(),
        100,
    );
    at_the_limit(chacha(&bytes(32), NONCE_BYTES, b"").unwrap(), 100);
}

#[test]
fn the_key_streams_reach_the_limits() {
    use aes_gcm::aes::cipher::StreamCipherSeek;
    let mut gcm = gcm::<Ctr32BE<Aes128>>(&bytes(16), NONCE_BYTES, b"").unwrap();
    gcm.cipher.seek(GCM_LIMIT);
    assert!(gcm.cipher.try_apply_keystream(&mut [0; BLOCK]).is_ok());
    assert!(gcm.cipher.try_apply_keystream(&mut [0; 1]).is_err());
    let mut chacha = chacha(&bytes(32), NONCE_BYTES, b"").unwrap();
    chacha.cipher.seek(CHACHA_LIMIT);
    assert!(chacha.cipher.try_apply_keystream(&mut [0; 64]).is_ok());
    assert!(chacha.cipher.try_apply_keystream(&mut [0; 1]).is_err());
}

#[test]
fn the_hash_so_far_is_that_of_the_bytes_so_far() {
    let content = bytes(300);
    let mut hash = ContentHash::default();
    for end in 1..=content.len() {
        hash.update(&content[end - 1..end]);
        let expected: [u8; 32] = Sha256::digest(&content[..end]).into();
        assert_eq!(hash.so_far(), expected);
    }
}
