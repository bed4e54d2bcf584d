// Attachments, sealed and opened piece by piece, so that none has to fit into memory: AES-128-GCM and AES-256-GCM (NIST
// SP 800-38D) and ChaCha20-Poly1305 (RFC 8439, section 2.8), by their numbers in IANA's registry of AEAD algorithms.

use aes_gcm::aes::cipher::{KeyIvInit, StreamCipher};
use aes_gcm::aes::{Aes128, Aes256};
use chacha20::ChaCha20;
use ctr::Ctr32BE;
use ghash::GHash;
use ghash::universal_hash::{KeyInit, UniversalHash, consts::U16};
use poly1305::Poly1305;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};

const NONCE: usize = 12;
/// Bytes of a block of both authenticators, and of a tag.
const BLOCK: usize = 16;
/// What one nonce may encrypt, in bytes: SP 800-38D, section 5.2.1.1.
const GCM_LIMIT: u64 = (1 << 36) - 32;
/// Likewise: RFC 8439, section 2.8; less its very last block, which the crate's counter does not reach.
const CHACHA_LIMIT: u64 = (1 << 38) - 128;

type Block = [u8; BLOCK];

/// An AEAD under way; the tag is that of all pieces so far.
pub struct Attachment(Box<dyn Aead>);

impl Attachment {
    /// Starts with one of the algorithms 1, 2 and 29.
    pub fn start(algorithm: u16, key: &[u8], nonce: &[u8], aad: &[u8]) -> Result<Self> {
        let nonce = nonce.try_into().map_err(|_| wrong_length("nonce"))?;
        Ok(Self(match algorithm {
            1 => Box::new(gcm::<Ctr32BE<Aes128>>(key, nonce, aad)?),
            2 => Box::new(gcm::<Ctr32BE<Aes256>>(key, nonce, aad)?),
            29 => Box::new(chacha(key, nonce, aad)?),
            _ => {
                return Err(Error::new(
                    Code::InvalidArgument,
                    "an AEAD that is not known",
                ));
            }
        }))
    }

    /// Encrypts the next piece in its place. Refused, and unchanged, if it goes past the limit of the algorithm.
    pub fn seal(&mut self, piece: &mut [u8]) -> Result<()> {
        self.0.seal(piece)
    }

    /// Decrypts the next piece in its place. What comes out is not authentic before `verify`.
    pub fn open(&mut self, piece: &mut [u8]) -> Result<()> {
        self.0.open(piece)
    }

    pub fn tag(&self) -> Block {
        self.0.tag()
    }

    /// Compares in constant time.
    pub fn verify(&self, tag: &[u8]) -> Result<()> {
        let refused = || Error::new(Code::Undecryptable, "");
        self.0
            .verify(tag.try_into().map_err(|_| refused())?)
            .then_some(())
            .ok_or_else(refused)
    }
}

fn wrong_length(what: &str) -> Error {
    Error::new(
        Code::InvalidArgument,
        format!("a {what} of the wrong length"),
    )
}

/// What the three algorithms have in common, whatever their parts.
trait Aead {
    fn seal(&mut self, piece: &mut [u8]) -> Result<()>;
    fn open(&mut self, piece: &mut [u8]) -> Result<()>;
    fn tag(&self) -> Block;
    fn verify(&self, tag: Block) -> bool;
}

/// Encrypt, then authenticate: a key stream, and a universal hash over the ciphertext whose result is masked.
struct Composed<Cipher, Hash> {
    cipher: Cipher,
    hash: Padded<Hash>,
    /// What the last hash is XORed with; all zeros where the hash masks by itself.
    mask: Zeroizing<Block>,
    aad_length: u64,
    length: u64,
    limit: u64,
    /// The block of lengths (AAD, ciphertext) at the end.
    lengths: fn(u64, u64) -> Block,
}

/// Section 7.1 of SP 800-38D, for nonces of 12 bytes.
fn gcm<Cipher>(key: &[u8], nonce: [u8; NONCE], aad: &[u8]) -> Result<Composed<Cipher, GHash>>
where
    Cipher: KeyIvInit<IvSize = U16> + StreamCipher,
{
    let start =
        |block: Block| Cipher::new_from_slices(key, &block).map_err(|_| wrong_length("key"));
    let mut hash_key = Zeroizing::new([0; BLOCK]);
    next_key_stream(&mut start([0; BLOCK])?, &mut *hash_key)?;
    let mut first = [0; BLOCK];
    for (to, from) in first.iter_mut().zip(nonce.iter().chain(&[0, 0, 0, 1])) {
        *to = *from;
    }
    let mut cipher = start(first)?;
    let mut mask = Zeroizing::new([0; BLOCK]);
    next_key_stream(&mut cipher, &mut *mask)?;
    Ok(Composed {
        cipher,
        hash: Padded::after(GHash::new((&*hash_key).into()), aad),
        mask,
        aad_length: aad.len() as u64,
        length: 0,
        limit: GCM_LIMIT,
        lengths: |aad, text| joined((aad * 8).to_be_bytes(), (text * 8).to_be_bytes()),
    })
}

fn chacha(key: &[u8], nonce: [u8; NONCE], aad: &[u8]) -> Result<Composed<ChaCha20, Poly1305>> {
    let mut cipher = ChaCha20::new_from_slices(key, &nonce).map_err(|_| wrong_length("key"))?;
    // The first block of the key stream makes the one-time key, and its second half is not used.
    let mut first = Zeroizing::new([0; 64]);
    next_key_stream(&mut cipher, &mut *first)?;
    let (hash_key, _) = first.split_at(poly1305::KEY_SIZE);
    let hash = Poly1305::new_from_slice(hash_key).map_err(|e| Error::internal(&e))?;
    Ok(Composed {
        cipher,
        hash: Padded::after(hash, aad),
        mask: Zeroizing::default(),
        aad_length: aad.len() as u64,
        length: 0,
        limit: CHACHA_LIMIT,
        lengths: |aad, text| joined(aad.to_le_bytes(), text.to_le_bytes()),
    })
}

fn next_key_stream(cipher: &mut impl StreamCipher, zeros: &mut [u8]) -> Result<()> {
    cipher
        .try_apply_keystream(zeros)
        .map_err(|e| Error::internal(&e))
}

fn joined(first: [u8; 8], second: [u8; 8]) -> Block {
    ((u128::from(u64::from_be_bytes(first)) << 64) | u128::from(u64::from_be_bytes(second)))
        .to_be_bytes()
}

fn xor(first: Block, second: Block) -> Block {
    (u128::from_ne_bytes(first) ^ u128::from_ne_bytes(second)).to_ne_bytes()
}

impl<Cipher: StreamCipher, Hash: UniversalHash<BlockSize = U16> + Clone> Composed<Cipher, Hash> {
    /// Turns a piece into the other of plaintext and ciphertext. One that goes past the limit changes nothing.
    fn apply(&mut self, piece: &mut [u8]) -> Result<()> {
        let too_large = Error::new(Code::TooLarge, "more than one nonce may encrypt");
        let length = self.length.saturating_add(piece.len() as u64);
        if length > self.limit || self.cipher.try_apply_keystream(piece).is_err() {
            return Err(too_large.with("limit", self.limit));
        }
        self.length = length;
        Ok(())
    }

    fn last_hash(&self) -> Hash {
        let mut padded = self.hash.clone();
        padded.pad();
        padded.absorb(&(self.lengths)(self.aad_length, self.length));
        padded.hash
    }
}

impl<Cipher: StreamCipher, Hash: UniversalHash<BlockSize = U16> + Clone> Aead
    for Composed<Cipher, Hash>
{
    fn seal(&mut self, piece: &mut [u8]) -> Result<()> {
        self.apply(piece)?;
        self.hash.absorb(piece);
        Ok(())
    }

    fn open(&mut self, piece: &mut [u8]) -> Result<()> {
        self.hash.absorb(piece);
        self.apply(piece)
    }

    fn tag(&self) -> Block {
        xor(self.last_hash().finalize().into(), *self.mask)
    }

    fn verify(&self, tag: Block) -> bool {
        self.last_hash()
            .verify(&xor(tag, *self.mask).into())
            .is_ok()
    }
}

/// A universal hash that takes bytes in pieces of any length, and pads them where a section ends.
#[derive(Clone)]
struct Padded<Hash> {
    hash: Hash,
    /// The first bytes of the next block.
    pending: Block,
    filled: usize,
}

impl<Hash: UniversalHash<BlockSize = U16>> Padded<Hash> {
    /// A hash that has taken `aad` and its padding.
    fn after(hash: Hash, aad: &[u8]) -> Self {
        let mut padded = Self {
            hash,
            pending: [0; BLOCK],
            filled: 0,
        };
        padded.absorb(aad);
        padded.pad();
        padded
    }

    fn absorb(&mut self, bytes: &[u8]) {
        let missing = (BLOCK - self.filled) % BLOCK;
        let (head, rest) = bytes.split_at(missing.min(bytes.len()));
        self.hold(head);
        if self.filled == BLOCK {
            self.pad();
        }
        let (blocks, tail) = ghash::Block::slice_as_chunks(rest);
        self.hash.update(blocks);
        self.hold(tail);
    }

    /// Keeps bytes that do not fill a block, or just fill it.
    fn hold(&mut self, bytes: &[u8]) {
        for (to, from) in self.pending.iter_mut().skip(self.filled).zip(bytes) {
            *to = *from;
        }
        self.filled += bytes.len();
    }

    /// Hashes a block that is under way, with zeros at its end.
    fn pad(&mut self) {
        if self.filled > 0 {
            self.hash.update(&[self.pending.into()]);
        }
        self.pending = [0; BLOCK];
        self.filled = 0;
    }
}

/// SHA-256 (FIPS 180-4) of what came so far; of content of any length.
#[derive(Default)]
pub struct ContentHash(Sha256);

impl ContentHash {
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash so far; more may follow.
    pub fn so_far(&self) -> [u8; 32] {
        self.0.clone().finalize().into()
    }
}

#[cfg(test)]
mod tests;
