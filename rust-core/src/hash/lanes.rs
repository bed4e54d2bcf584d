// SHA-256 (FIPS 180-4) of many messages at once: one message in each of four lanes, block by block in step. A lane
// that is through takes the next message, so that messages of all lengths keep all lanes busy until the last few.

use sha2::block_api::compress256;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

const LANES: usize = 4;
const BLOCK: usize = 64;
/// Bytes of a hash.
pub const HASH: usize = 32;

type Block = [u8; BLOCK];
/// Word by word, and in each word lane by lane.
type State = [[u32; LANES]; 8];

/// FIPS 180-4, section 5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// Adds one block to each lane.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn compress_lanes(state: &mut State, blocks: [&Block; LANES]) {
    simd128::compress(state, blocks);
}

/// Elsewhere one lane after the other: the rest of this file is the same, and so are its tests.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn compress_lanes(state: &mut State, blocks: [&Block; LANES]) {
    for (lane, block) in blocks.into_iter().enumerate() {
        let mut own = take_lane(state, lane);
        compress256(&mut own, std::slice::from_ref(block));
        put_lane(state, lane, own);
    }
}

fn take_lane(state: &State, lane: usize) -> [u32; 8] {
    state.map(|word| word.get(lane).copied().unwrap_or_default())
}

fn put_lane(state: &mut State, lane: usize, own: [u32; 8]) {
    for (word, value) in state.iter_mut().zip(own) {
        if let Some(slot) = word.get_mut(lane) {
            *slot = value;
        }
    }
}

/// A message on its way through a lane: whole blocks first, then one or two with what is left and the padding.
struct Job<'a> {
    /// Which of the messages it is.
    index: usize,
    whole: std::slice::Iter<'a, Block>,
    tail: [Block; 2],
    tail_blocks: usize,
    tail_done: usize,
}

impl<'a> Job<'a> {
    fn new(index: usize, message: &'a [u8]) -> Self {
        let (whole, rest) = message.as_chunks::<BLOCK>();
        let mut job = Self {
            index,
            whole: whole.iter(),
            tail: [[0; BLOCK]; 2],
            // The mark and the length in bits take nine bytes.
            tail_blocks: if rest.len() + 9 > BLOCK { 2 } else { 1 },
            tail_done: 0,
        };
        let bits = (message.len() as u64).wrapping_mul(8).to_be_bytes();
        let tail = job.tail.as_flattened_mut();
        let end = job.tail_blocks * BLOCK;
        let padded = rest.iter().chain(&[0x80]);
        for (to, from) in tail.iter_mut().zip(padded) {
            *to = *from;
        }
        if let Some(length) = tail.get_mut(end - bits.len()..end) {
            length.copy_from_slice(&bits);
        }
        job
    }

    /// The next block; none when the message is through.
    fn next(&mut self) -> Option<&Block> {
        if let Some(block) = self.whole.next() {
            return Some(block);
        }
        let at = self.tail_done;
        self.tail_done += 1;
        self.tail.get(at).filter(|_| at < self.tail_blocks)
    }

    fn is_done(&self) -> bool {
        self.tail_done == self.tail_blocks
    }

    /// The rest by itself.
    fn finish(mut self, mut state: [u32; 8]) -> [u32; 8] {
        compress256(&mut state, self.whole.as_slice());
        self.whole = [].iter();
        while let Some(block) = self.next() {
            compress256(&mut state, std::slice::from_ref(block));
        }
        state
    }
}

fn write_hash(hashes: &mut [[u8; HASH]], index: usize, state: [u32; 8]) {
    if let Some(hash) = hashes.get_mut(index) {
        for (to, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *to = word.to_be_bytes();
        }
    }
}

/// The hashes of the messages, in their order.
pub fn sha256_all(messages: &[&[u8]]) -> Vec<[u8; HASH]> {
    let mut hashes = vec![[0; HASH]; messages.len()];
    let mut waiting = messages
        .iter()
        .enumerate()
        .map(|(index, message)| Job::new(index, message));
    let mut state = INITIAL.map(|word| [word; LANES]);
    let mut jobs: [Option<Job>; LANES] = std::array::from_fn(|_| waiting.next());
    // Below two lanes the four in step would take longer than the one by itself.
    while jobs.iter().flatten().count() >= 2 {
        let idle: Block = [0; BLOCK];
        let mut blocks = [&idle; LANES];
        for (block, job) in blocks.iter_mut().zip(&mut jobs) {
            *block = job.as_mut().and_then(Job::next).unwrap_or(&idle);
        }
        compress_lanes(&mut state, blocks);
        for (lane, slot) in jobs.iter_mut().enumerate() {
            if let Some(done) = slot.take_if(|job| job.is_done()) {
                write_hash(&mut hashes, done.index, take_lane(&state, lane));
                put_lane(&mut state, lane, INITIAL);
                *slot = waiting.next();
            }
        }
    }
    for (lane, job) in jobs.into_iter().enumerate() {
        if let Some(job) = job {
            let index = job.index;
            write_hash(&mut hashes, index, job.finish(take_lane(&state, lane)));
        }
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn check(lengths: impl Iterator<Item = usize>) {
        let messages: Vec<Vec<u8>> = lengths
            .enumerate()
            .map(|(at, length)| (0..length).map(|byte| (byte * 31 + at) as u8).collect())
            .collect();
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let expected: Vec<[u8; HASH]> = messages
            .iter()
            .map(|message| Sha256::digest(message).into())
            .collect();
        assert_eq!(sha256_all(&messages), expected);
    }

    #[test]
    fn every_length_gives_the_hash_of_the_message_alone() {
        check(0..1_100);
        check((0..1_100).rev());
    }

    #[test]
    fn batches_of_every_shape_give_the_hashes_of_their_messages() {
        for count in 0..=9 {
            check(std::iter::repeat_n(200, count));
            check((0..count).map(|at| at * 61));
            check((0..count).map(|at| if at == 0 { 5_000 } else { 1 }));
        }
    }
}
