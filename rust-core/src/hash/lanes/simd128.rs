// The compression function of SHA-256 (FIPS 180-4, section 6.2.2) on four blocks at once, a lane each.

use core::arch::wasm32::*;

use super::{Block, LANES, State};

/// FIPS 180-4, section 4.2.2.
const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

macro_rules! rotate {
    ($x:expr, $n:literal) => {
        v128_or(u32x4_shr($x, $n), i32x4_shl($x, 32 - $n))
    };
}

macro_rules! sum {
    ($first:expr $(, $next:expr)+) => {{
        let sum = $first;
        $(let sum = i32x4_add(sum, $next);)+
        sum
    }};
}

macro_rules! xor {
    ($a:expr, $b:expr, $c:expr) => {
        v128_xor(v128_xor($a, $b), $c)
    };
}

/// Words 4n to 4n + 3 of the four blocks: a word of all lanes in each vector.
#[inline(always)]
fn load_words(blocks: &[&Block; LANES], at: usize) -> [v128; 4] {
    let [a, b, c, d] = blocks.map(|block| {
        // SAFETY: 16 of the block's 64 bytes, as `at` is below 4; loads of v128 need no alignment.
        let words = unsafe { v128_load(block.as_ptr().add(16 * at).cast()) };
        i8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(words, words)
    });
    let ab_low = i32x4_shuffle::<0, 4, 1, 5>(a, b);
    let ab_high = i32x4_shuffle::<2, 6, 3, 7>(a, b);
    let cd_low = i32x4_shuffle::<0, 4, 1, 5>(c, d);
    let cd_high = i32x4_shuffle::<2, 6, 3, 7>(c, d);
    [
        i64x2_shuffle::<0, 2>(ab_low, cd_low),
        i64x2_shuffle::<1, 3>(ab_low, cd_low),
        i64x2_shuffle::<0, 2>(ab_high, cd_high),
        i64x2_shuffle::<1, 3>(ab_high, cd_high),
    ]
}

/// One round; the caller turns the names of the eight variables instead of moving their values.
macro_rules! round {
    ($a:ident, $b:ident, $c:ident, $d:ident, $e:ident, $f:ident, $g:ident, $h:ident, $kw:expr) => {
        let sigma1 = xor!(rotate!($e, 6), rotate!($e, 11), rotate!($e, 25));
        let choice = v128_bitselect($f, $g, $e);
        let t1 = sum!($h, sigma1, choice, $kw);
        let sigma0 = xor!(rotate!($a, 2), rotate!($a, 13), rotate!($a, 22));
        let majority = v128_or(v128_and($a, $b), v128_and($c, v128_or($a, $b)));
        $d = i32x4_add($d, t1);
        $h = sum!(t1, sigma0, majority);
    };
}

/// Round `$i` of sixteen: the schedule word with its constant; after the first sixteen rounds made from earlier words.
macro_rules! word {
    ($w:ident, $k:ident, $i:literal, first) => {
        i32x4_add($w[$i], u32x4_splat($k[$i]))
    };
    ($w:ident, $k:ident, $i:literal, next) => {{
        let near = $w[($i + 1) % 16];
        let far = $w[($i + 14) % 16];
        let sigma0 = xor!(rotate!(near, 7), rotate!(near, 18), u32x4_shr(near, 3));
        let sigma1 = xor!(rotate!(far, 17), rotate!(far, 19), u32x4_shr(far, 10));
        $w[$i] = sum!($w[$i], sigma0, $w[($i + 9) % 16], sigma1);
        i32x4_add($w[$i], u32x4_splat($k[$i]))
    }};
}

macro_rules! sixteen_rounds {
    ($s:ident, $w:ident, $k:ident, $which:tt) => {{
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = $s;
        round!(a, b, c, d, e, f, g, h, word!($w, $k, 0, $which));
        round!(h, a, b, c, d, e, f, g, word!($w, $k, 1, $which));
        round!(g, h, a, b, c, d, e, f, word!($w, $k, 2, $which));
        round!(f, g, h, a, b, c, d, e, word!($w, $k, 3, $which));
        round!(e, f, g, h, a, b, c, d, word!($w, $k, 4, $which));
        round!(d, e, f, g, h, a, b, c, word!($w, $k, 5, $which));
        round!(c, d, e, f, g, h, a, b, word!($w, $k, 6, $which));
        round!(b, c, d, e, f, g, h, a, word!($w, $k, 7, $which));
        round!(a, b, c, d, e, f, g, h, word!($w, $k, 8, $which));
        round!(h, a, b, c, d, e, f, g, word!($w, $k, 9, $which));
        round!(g, h, a, b, c, d, e, f, word!($w, $k, 10, $which));
        round!(f, g, h, a, b, c, d, e, word!($w, $k, 11, $which));
        round!(e, f, g, h, a, b, c, d, word!($w, $k, 12, $which));
        round!(d, e, f, g, h, a, b, c, word!($w, $k, 13, $which));
        round!(c, d, e, f, g, h, a, b, word!($w, $k, 14, $which));
        round!(b, c, d, e, f, g, h, a, word!($w, $k, 15, $which));
        $s = [a, b, c, d, e, f, g, h];
    }};
}

// Indices are literals below 16 into arrays of 16.
#[allow(clippy::indexing_slicing)]
pub fn compress(state: &mut State, blocks: [&Block; LANES]) {
    let before = state.map(|[a, b, c, d]| u32x4(a, b, c, d));
    let mut words = [u32x4_splat(0); 16];
    for (at, group) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        *group = load_words(&blocks, at);
    }
    let mut s = before;
    for (sixteen, k) in K.as_chunks::<16>().0.iter().enumerate() {
        if sixteen == 0 {
            sixteen_rounds!(s, words, k, first);
        } else {
            sixteen_rounds!(s, words, k, next);
        }
    }
    for ((word, old), new) in state.iter_mut().zip(before).zip(s) {
        let sum = i32x4_add(old, new);
        *word = [
            u32x4_extract_lane::<0>(sum),
            u32x4_extract_lane::<1>(sum),
            u32x4_extract_lane::<2>(sum),
            u32x4_extract_lane::<3>(sum),
        ];
    }
}
