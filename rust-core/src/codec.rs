// The row codec: a compact, self-describing serde format for OpenMLS's stored types. Every value begins with a tag;
// structs are sequences of their fields without names, byte sequences of any Rust type become one byte string.
// The rows of a store and the snapshots of a hub are in this format, each behind a version byte.

mod byte_probe;
mod de;
mod ser;

pub use de::from_slice;
pub use ser::{to_vec, to_vec_after};

/// Why a value could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecError(pub String);

impl std::fmt::Display for CodecError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CodecError {}

impl serde::ser::Error for CodecError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl serde::de::Error for CodecError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

mod tag {
    pub const UNIT: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const NONE: u8 = 3;
    pub const SOME: u8 = 4;
    /// One byte: only for `u8`, so that sequences of it can be told and packed.
    pub const BYTE: u8 = 5;
    /// LEB128.
    pub const UINT: u8 = 6;
    /// LEB128 of the bitwise complement.
    pub const NEGATIVE: u8 = 7;
    pub const FLOAT: u8 = 8;
    pub const BYTES: u8 = 9;
    pub const TEXT: u8 = 10;
    /// LEB128 count, then the elements.
    pub const SEQ: u8 = 11;
    pub const MAP: u8 = 12;
    /// LEB128 variant number, then nothing, or the content.
    pub const UNIT_VARIANT: u8 = 13;
    pub const VARIANT: u8 = 14;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde::{Deserialize, Serialize, de::DeserializeOwned};
    use std::collections::BTreeMap;

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    enum Shape {
        Unit,
        New(u16),
        Tuple(u8, String),
        Struct {
            left: Option<Box<Shape>>,
            right: i64,
        },
    }

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Words(Vec<String>),
    }

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Record {
        bytes: Vec<u8>,
        array: [u8; 3],
        none: Option<u8>,
        some: Option<u8>,
        map: BTreeMap<(u8, u32), Vec<Shape>>,
        shapes: Vec<Shape>,
        either: Vec<Either>,
        large: u64,
        negative: i32,
        float: f64,
        text: String,
        empty: Vec<u16>,
        unit: (),
        flag: bool,
    }

    fn round_trip<T: Serialize + DeserializeOwned + std::fmt::Debug + PartialEq>(
        value: T,
    ) -> Vec<u8> {
        let bytes = to_vec(&value).unwrap();
        assert_eq!(from_slice::<T>(&bytes).unwrap(), value);
        bytes
    }

    fn record() -> Record {
        Record {
            bytes: (0..=255).collect(),
            array: [5, 5, 5],
            none: None,
            some: Some(7),
            map: [((1, 70_000), vec![Shape::Unit, Shape::New(65_535)])].into(),
            shapes: vec![
                Shape::Struct {
                    left: Some(Box::new(Shape::Unit)),
                    right: i64::MIN,
                },
                Shape::Tuple(0, "é".into()),
            ],
            either: vec![
                Either::Number(u64::MAX),
                Either::Words(vec!["two".into(), "words".into()]),
            ],
            large: u64::MAX,
            negative: -129,
            float: -0.5,
            text: "text".into(),
            empty: vec![],
            unit: (),
            flag: true,
        }
    }

    #[test]
    fn every_shape_of_value_survives() {
        round_trip(record());
        round_trip(Vec::<u8>::new());
        round_trip(vec![vec![1u8, 2], vec![]]);
        round_trip((u8::MAX, i8::MIN, 'x', Some(Some(1u32))));
        round_trip((1u8, 2u8, "three".to_owned(), 4u8));
        round_trip(("one".to_owned(), 2u8, true, 4u8));
    }

    #[test]
    fn byte_sequences_are_packed() {
        assert_eq!(round_trip(vec![5u8; 100]).len(), 102);
    }

    #[test]
    fn truncated_and_trailing_bytes_are_refused() {
        let bytes = to_vec(&record()).unwrap();
        for end in 0..bytes.len() {
            assert!(from_slice::<Record>(bytes.get(..end).unwrap()).is_err());
        }
        let mut trailing = bytes;
        trailing.push(0);
        assert!(from_slice::<Record>(&trailing).is_err());
    }

    #[test]
    fn a_huge_length_is_refused_without_allocating() {
        assert!(from_slice::<Vec<u64>>(&[tag::SEQ, 0xff, 0xff, 0xff, 0xff, 0x0f]).is_err());
        assert!(from_slice::<Vec<u8>>(&[tag::BYTES, 0xff, 0xff, 0xff, 0xff, 0x0f]).is_err());
    }
}
