// Reads the row codec (see ../codec.rs). Each kind of value has a reader of its own, and packed bytes and variant
// numbers go through the same readers: forwarding them all to `deserialize_any` would compile every visitor of
// OpenMLS against every kind of value, which made the package 510 KB larger.

use serde::de::{self, DeserializeSeed, Visitor};

use super::{CodecError, tag};

type Result<T> = std::result::Result<T, CodecError>;

/// Reads exactly one value from all of `bytes`.
pub fn from_slice<'de, T: de::Deserialize<'de>>(bytes: &'de [u8]) -> Result<T> {
    let mut reader = Reader {
        rest: bytes,
        next: Next::Value,
    };
    let value = T::deserialize(&mut reader)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(fault("trailing bytes"))
    }
}

fn fault(what: &str) -> CodecError {
    CodecError(what.into())
}

/// What stands next: a tagged value, one byte of a packed sequence, or the number of a variant.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Value,
    PackedByte,
    VariantNumber,
}

enum Integer {
    Unsigned(u64),
    Signed(i64),
}

pub struct Reader<'de> {
    rest: &'de [u8],
    next: Next,
}

impl<'de> Reader<'de> {
    fn take(&mut self, length: usize) -> Result<&'de [u8]> {
        let (head, tail) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| fault("truncated"))?;
        self.rest = tail;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8> {
        let (&byte, tail) = self.rest.split_first().ok_or_else(|| fault("truncated"))?;
        self.rest = tail;
        Ok(byte)
    }

    /// The tag of the next value.
    fn tag(&mut self) -> Result<u8> {
        if self.next == Next::Value {
            self.byte()
        } else {
            Err(fault("a number where another value belongs"))
        }
    }

    fn expect(&mut self, expected: u8) -> Result<()> {
        if self.tag()? == expected {
            Ok(())
        } else {
            Err(fault("a value of another kind"))
        }
    }

    fn number(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(fault("a number above 64 bits"))
    }

    fn integer(&mut self) -> Result<Integer> {
        match std::mem::replace(&mut self.next, Next::Value) {
            Next::PackedByte => return Ok(Integer::Unsigned(self.byte()?.into())),
            Next::VariantNumber => return Ok(Integer::Unsigned(self.number()?)),
            Next::Value => {}
        }
        match self.byte()? {
            tag::BYTE => Ok(Integer::Unsigned(self.byte()?.into())),
            tag::UINT => Ok(Integer::Unsigned(self.number()?)),
            tag::NEGATIVE => {
                let value =
                    i64::try_from(self.number()?).map_err(|_| fault("a number below 64 bits"))?;
                Ok(Integer::Signed(!value))
            }
            _ => Err(fault("a value of another kind")),
        }
    }

    fn float(&mut self) -> Result<f64> {
        let bytes = self.take(8)?.try_into().map_err(|_| fault("truncated"))?;
        Ok(f64::from_le_bytes(bytes))
    }

    /// A count of things that take at least one byte each, so that a lying count cannot make anyone allocate.
    fn count(&mut self) -> Result<usize> {
        let count = usize::try_from(self.number()?).map_err(|_| fault("truncated"))?;
        if count > self.rest.len() {
            Err(fault("truncated"))
        } else {
            Ok(count)
        }
    }

    fn blob(&mut self) -> Result<&'de [u8]> {
        let length = self.count()?;
        self.take(length)
    }

    fn text(&mut self) -> Result<&'de str> {
        std::str::from_utf8(self.blob()?).map_err(|_| fault("text that is not UTF-8"))
    }

    /// The items of a sequence, packed or not, after its tag.
    fn items(&mut self, kind: u8) -> Result<Items<'_, 'de>> {
        let packed = match kind {
            tag::SEQ | tag::MAP => false,
            tag::BYTES => true,
            _ => return Err(fault("a value of another kind")),
        };
        let left = self.count()?;
        Ok(Items {
            reader: self,
            left,
            packed,
        })
    }

    fn sequence<V: Visitor<'de>>(&mut self, kind: u8, visitor: V) -> Result<V::Value> {
        let mut items = self.items(kind)?;
        let value = visitor.visit_seq(&mut items)?;
        items.finished(value)
    }

    fn map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let mut items = self.items(tag::MAP)?;
        let value = visitor.visit_map(&mut items)?;
        items.finished(value)
    }
}

macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.integer()? {
                Integer::Unsigned(value) => visitor.visit_u64(value),
                Integer::Signed(value) => visitor.visit_i64(value),
            }
        }
    )*};
}

macro_rules! texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.expect(tag::TEXT)?;
            visitor.visit_borrowed_str(self.text()?)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = CodecError;

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_identifier
    }
    texts! { deserialize_char deserialize_str deserialize_string }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.next != Next::Value {
            return self.deserialize_u64(visitor);
        }
        match self
            .rest
            .first()
            .copied()
            .ok_or_else(|| fault("truncated"))?
        {
            tag::UNIT => self.deserialize_unit(visitor),
            tag::FALSE | tag::TRUE => self.deserialize_bool(visitor),
            tag::NONE | tag::SOME => self.deserialize_option(visitor),
            tag::BYTE | tag::UINT | tag::NEGATIVE => self.deserialize_i64(visitor),
            tag::FLOAT => self.deserialize_f64(visitor),
            tag::BYTES => self.deserialize_bytes(visitor),
            tag::TEXT => self.deserialize_str(visitor),
            tag::SEQ => self.deserialize_seq(visitor),
            tag::MAP => self.deserialize_map(visitor),
            _ => self.deserialize_enum("", &[], visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.tag()? {
            tag::FALSE => visitor.visit_bool(false),
            tag::TRUE => visitor.visit_bool(true),
            _ => Err(fault("a value of another kind")),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.expect(tag::FLOAT)?;
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match (self.tag()?, self.rest) {
            (tag::BYTES, _) => visitor.visit_borrowed_bytes(self.blob()?),
            // An empty sequence of bytes was written before anyone knew that it was one of bytes.
            (tag::SEQ, [0, tail @ ..]) => {
                self.rest = tail;
                visitor.visit_borrowed_bytes(&[])
            }
            _ => Err(fault("a value of another kind")),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.tag()? {
            tag::NONE => visitor.visit_none(),
            tag::SOME => visitor.visit_some(self),
            _ => Err(fault("a value of another kind")),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.expect(tag::UNIT)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let kind = self.tag()?;
        if kind == tag::MAP {
            return Err(fault("a value of another kind"));
        }
        self.sequence(kind, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.expect(tag::MAP)?;
        self.map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let unit = match self.tag()? {
            tag::UNIT_VARIANT => true,
            tag::VARIANT => false,
            _ => return Err(fault("a value of another kind")),
        };
        visitor.visit_enum(Variant { reader: self, unit })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_any(visitor)
    }
}

/// The items of a sequence or map that are still to come.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
    packed: bool,
}

impl Items<'_, '_> {
    fn finished<T>(&self, value: T) -> Result<T> {
        if self.left == 0 {
            Ok(value)
        } else {
            Err(fault("more items than expected"))
        }
    }

    /// Whether another item follows; if so, the reader knows how to read it.
    fn advance(&mut self) -> bool {
        let Some(left) = self.left.checked_sub(1) else {
            return false;
        };
        self.left = left;
        if self.packed {
            self.reader.next = Next::PackedByte;
        }
        true
    }
}

impl<'de> de::SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = CodecError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.advance() {
            seed.deserialize(&mut *self.reader).map(Some)
        } else {
            Ok(None)
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> de::MapAccess<'de> for &mut Items<'_, 'de> {
    type Error = CodecError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        de::SeqAccess::next_element_seed(self, seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(&mut *self.reader)
    }
}

struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
    unit: bool,
}

impl Variant<'_, '_> {
    fn check(&self, unit: bool) -> Result<()> {
        if self.unit == unit {
            Ok(())
        } else {
            Err(fault("a variant of another kind"))
        }
    }
}

impl<'de> de::EnumAccess<'de> for Variant<'_, 'de> {
    type Error = CodecError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        self.reader.next = Next::VariantNumber;
        let variant = seed.deserialize(&mut *self.reader)?;
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, 'de> {
    type Error = CodecError;

    fn unit_variant(self) -> Result<()> {
        self.check(true)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        self.check(false)?;
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value> {
        self.check(false)?;
        de::Deserializer::deserialize_tuple(self.reader, length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.tuple_variant(0, visitor)
    }
}
