// The format of an input that has several parts, and of a prepared state: each part behind its length, a
// little-endian u32. test/fuzz/support/parts.ts writes it.

/// The parts of any bytes: a length that lies takes what is left, so that damaged inputs still reach their target.
pub fn split(mut rest: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (part, tail) = tail.split_at(length.min(tail.len()));
        parts.push(part);
        rest = tail;
    }
    parts
}

/// The part at `index`; empty if there is none.
pub fn part<'a>(parts: &[&'a [u8]], index: usize) -> &'a [u8] {
    parts.get(index).copied().unwrap_or_default()
}
