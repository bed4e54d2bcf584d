// Writes the row codec (see ../codec.rs).

use serde::ser::{self, Serialize};
use zeroize::Zeroize;

use super::byte_probe::ByteProbe;
use super::{CodecError, tag};

type Result<T> = std::result::Result<T, CodecError>;

/// The bytes of `value`. Fails only where `value`'s own `Serialize` does.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    to_vec_after(&[], value, 0)
}

/// `prefix`, then the bytes of `value`, about `expected` bytes altogether.
pub fn to_vec_after<T: Serialize + ?Sized>(
    prefix: &[u8],
    value: &T,
    expected: usize,
) -> Result<Vec<u8>> {
    let mut writer = Writer {
        out: Vec::with_capacity(expected.max(256)),
    };
    writer.put(prefix);
    value.serialize(&mut writer)?;
    Ok(writer.out)
}

pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// Grows by hand: a reallocation would leave a copy of secrets behind in freed memory.
    #[inline]
    fn reserve(&mut self, more: usize) {
        let needed = self.out.len().saturating_add(more);
        if needed > self.out.capacity() {
            self.grow(needed);
        }
    }

    #[cold]
    fn grow(&mut self, needed: usize) {
        let mut grown = Vec::with_capacity(needed.max(self.out.capacity().saturating_mul(2)));
        grown.extend_from_slice(&self.out);
        self.out.zeroize();
        self.out = grown;
    }

    fn put(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.out.extend_from_slice(bytes);
    }

    fn head(&mut self, tag: u8, mut number: u64) {
        self.reserve(11);
        self.out.push(tag);
        while number >= 0x80 {
            self.out.push((number as u8) | 0x80);
            number >>= 7;
        }
        self.out.push(number as u8);
    }

    fn signed(&mut self, value: i64) -> Result<()> {
        if value < 0 {
            self.head(tag::NEGATIVE, !value as u64)
        } else {
            self.head(tag::UINT, value as u64)
        }
        Ok(())
    }

    fn sequence(&mut self, length: Option<usize>) -> Result<Sequence<'_>> {
        let length = length.ok_or_else(|| CodecError("a sequence of unknown length".into()))?;
        let start = self.out.len();
        self.head(tag::SEQ, length as u64);
        Ok(Sequence {
            start,
            length,
            written: 0,
            packed: false,
            writer: self,
        })
    }
}

/// A sequence being written: packed, for as long as all its elements are bytes.
pub struct Sequence<'a> {
    writer: &'a mut Writer,
    /// Where its head stands.
    start: usize,
    length: usize,
    written: usize,
    packed: bool,
}

impl Sequence<'_> {
    #[inline]
    fn put<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        // Whether an element is a byte is known when this is compiled, for each type: bytes are most of what is
        // stored, and one by one behind tags they took half of the time that a member spent on a commit.
        if (self.packed || (self.written == 0 && self.length > 0))
            && let Ok(byte) = value.serialize(ByteProbe)
        {
            self.byte(byte);
            return Ok(());
        }
        self.value(value)
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        if !self.packed {
            self.packed = true;
            self.writer.out.truncate(self.start);
            self.writer.head(tag::BYTES, self.length as u64);
            self.writer.reserve(self.length);
        }
        self.written += 1;
        self.writer.put(&[byte]);
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if self.packed {
            self.unpack();
        }
        self.written += 1;
        value.serialize(&mut *self.writer)
    }

    /// It began with bytes, and goes on with something else.
    #[cold]
    fn unpack(&mut self) {
        let bytes = self
            .writer
            .out
            .split_off(self.writer.out.len() - self.written);
        let mut bytes = zeroize::Zeroizing::new(bytes);
        self.packed = false;
        self.writer.out.truncate(self.start);
        self.writer.head(tag::SEQ, self.length as u64);
        for byte in bytes.drain(..) {
            self.writer.put(&[tag::BYTE, byte]);
        }
    }
}

macro_rules! unsigned {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, value: $type) -> Result<()> {
            self.head(tag::UINT, u64::from(value));
            Ok(())
        })*
    };
}

macro_rules! signed {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, value: $type) -> Result<()> {
            self.signed(i64::from(value))
        })*
    };
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = CodecError;
    type SerializeSeq = Sequence<'a>;
    type SerializeTuple = Sequence<'a>;
    type SerializeTupleStruct = Sequence<'a>;
    type SerializeTupleVariant = Sequence<'a>;
    type SerializeMap = Sequence<'a>;
    type SerializeStruct = Sequence<'a>;
    type SerializeStructVariant = Sequence<'a>;

    unsigned! { serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, }
    signed! { serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_u8(self, value: u8) -> Result<()> {
        self.put(&[tag::BYTE, value]);
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.put(&[if value { tag::TRUE } else { tag::FALSE }]);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<()> {
        self.put(&[tag::FLOAT]);
        self.put(&value.to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        self.head(tag::TEXT, value.len() as u64);
        self.put(value.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.head(tag::BYTES, value.len() as u64);
        self.put(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<()> {
        self.put(&[tag::NONE]);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        self.put(&[tag::SOME]);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.put(&[tag::UNIT]);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<()> {
        self.head(tag::UNIT_VARIANT, u64::from(index));
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        self.head(tag::VARIANT, u64::from(index));
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Sequence<'a>> {
        self.sequence(length)
    }

    fn serialize_tuple(self, length: usize) -> Result<Sequence<'a>> {
        self.sequence(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Sequence<'a>> {
        self.sequence(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        length: usize,
    ) -> Result<Sequence<'a>> {
        self.head(tag::VARIANT, u64::from(index));
        self.sequence(Some(length))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Sequence<'a>> {
        let length = length.ok_or_else(|| CodecError("a map of unknown length".into()))?;
        self.head(tag::MAP, length as u64);
        // Length 0: a map is never packed.
        Ok(Sequence {
            start: self.out.len(),
            length: 0,
            written: 0,
            packed: false,
            writer: self,
        })
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Sequence<'a>> {
        self.sequence(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        length: usize,
    ) -> Result<Sequence<'a>> {
        self.head(tag::VARIANT, u64::from(index));
        self.sequence(Some(length))
    }
}

macro_rules! compound {
    ($($trait:ident $method:ident ($($name:ident: $type:ty)?),)*) => {
        $(impl ser::$trait for Sequence<'_> {
            type Ok = ();
            type Error = CodecError;
            fn $method<T: Serialize + ?Sized>(&mut self, $($name: $type,)? value: &T) -> Result<()> {
                self.put(value)
            }
            fn end(self) -> Result<()> {
                Ok(())
            }
        })*
    };
}

compound! {
    SerializeSeq serialize_element (),
    SerializeTuple serialize_element (),
    SerializeTupleStruct serialize_field (),
    SerializeTupleVariant serialize_field (),
    SerializeStruct serialize_field (_name: &'static str),
    SerializeStructVariant serialize_field (_name: &'static str),
}

impl ser::SerializeMap for Sequence<'_> {
    type Ok = ();
    type Error = CodecError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.put(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.put(value)
    }

    fn end(self) -> Result<()> {
        Ok(())
    }
}
