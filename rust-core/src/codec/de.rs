// Reads the row codec (see ../codec.rs).

use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::{CodecError, tag};

type Result<T> = std::result::Result<T, CodecError>;

/// Reads exactly one value from all of `bytes`.
pub fn from_slice<'de, T: de::Deserialize<'de>>(bytes: &'de [u8]) -> Result<T> {
    let mut reader = Reader { rest: bytes };
    let value = T::deserialize(&mut reader)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(CodecError("trailing bytes".into()))
    }
}

pub struct Reader<'de> {
    rest: &'de [u8],
}

impl<'de> Reader<'de> {
    fn take(&mut self, length: usize) -> Result<&'de [u8]> {
        let (head, tail) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| CodecError("truncated".into()))?;
        self.rest = tail;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8> {
        let (&byte, tail) = self
            .rest
            .split_first()
            .ok_or_else(|| CodecError("truncated".into()))?;
        self.rest = tail;
        Ok(byte)
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
        Err(CodecError("a number above 64 bits".into()))
    }

    /// A count of things that take at least one byte each, so that a lying count cannot make anyone allocate.
    fn count(&mut self) -> Result<usize> {
        let count = usize::try_from(self.number()?).map_err(|_| CodecError("truncated".into()))?;
        if count > self.rest.len() {
            Err(CodecError("truncated".into()))
        } else {
            Ok(count)
        }
    }

    fn blob(&mut self) -> Result<&'de [u8]> {
        let length = self.count()?;
        self.take(length)
    }

    fn variant(&mut self) -> Result<u32> {
        u32::try_from(self.number()?).map_err(|_| CodecError("a variant above 32 bits".into()))
    }
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = CodecError;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.byte()? {
            tag::UNIT => visitor.visit_unit(),
            tag::FALSE => visitor.visit_bool(false),
            tag::TRUE => visitor.visit_bool(true),
            tag::NONE => visitor.visit_none(),
            tag::SOME => visitor.visit_some(self),
            tag::BYTE => visitor.visit_u8(self.byte()?),
            tag::UINT => visitor.visit_u64(self.number()?),
            tag::NEGATIVE => {
                let value = i64::try_from(self.number()?)
                    .map_err(|_| CodecError("a number below 64 bits".into()))?;
                visitor.visit_i64(!value)
            }
            tag::FLOAT => {
                let bytes = self
                    .take(8)?
                    .try_into()
                    .map_err(|_| CodecError("truncated".into()))?;
                visitor.visit_f64(f64::from_le_bytes(bytes))
            }
            tag::BYTES => visitor.visit_borrowed_bytes(self.blob()?),
            tag::TEXT => {
                let text = std::str::from_utf8(self.blob()?)
                    .map_err(|_| CodecError("text that is not UTF-8".into()))?;
                visitor.visit_borrowed_str(text)
            }
            tag::SEQ => {
                let left = self.count()?;
                let mut items = Items { reader: self, left };
                let value = visitor.visit_seq(&mut items)?;
                items.finished(value)
            }
            tag::MAP => {
                let left = self.count()?;
                let mut items = Items { reader: self, left };
                let value = visitor.visit_map(&mut items)?;
                items.finished(value)
            }
            tag::UNIT_VARIANT => {
                let index = self.variant()?;
                visitor.visit_enum(Variant {
                    reader: self,
                    index,
                    unit: true,
                })
            }
            tag::VARIANT => {
                let index = self.variant()?;
                visitor.visit_enum(Variant {
                    reader: self,
                    index,
                    unit: false,
                })
            }
            other => Err(CodecError(format!("unknown tag {other}"))),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.rest.first() {
            Some(&tag::BYTES) => {
                self.byte()?;
                visitor.visit_seq(Packed(self.blob()?))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.rest {
            // An empty sequence of bytes was written before anyone knew that it was one of bytes.
            [tag::SEQ, 0, tail @ ..] => {
                self.rest = tail;
                visitor.visit_borrowed_bytes(&[])
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
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

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string option unit unit_struct
        map enum identifier ignored_any
    }
}

/// The items of a sequence or map that are still to come.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
}

impl Items<'_, '_> {
    fn finished<T>(&self, value: T) -> Result<T> {
        if self.left == 0 {
            Ok(value)
        } else {
            Err(CodecError("more items than expected".into()))
        }
    }
}

impl<'de> de::SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = CodecError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
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

/// A packed byte string, read as a sequence of `u8`.
struct Packed<'de>(&'de [u8]);

impl<'de> de::SeqAccess<'de> for Packed<'de> {
    type Error = CodecError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some((&byte, tail)) = self.0.split_first() else {
            return Ok(None);
        };
        self.0 = tail;
        seed.deserialize(byte.into_deserializer()).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
    index: u32,
    unit: bool,
}

impl<'a, 'de> de::EnumAccess<'de> for Variant<'a, 'de> {
    type Error = CodecError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let index = seed.deserialize(IntoDeserializer::<CodecError>::into_deserializer(
            self.index,
        ))?;
        Ok((index, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, 'de> {
    type Error = CodecError;

    fn unit_variant(self) -> Result<()> {
        if self.unit {
            Ok(())
        } else {
            Err(CodecError("content in a unit variant".into()))
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        if self.unit {
            return Err(CodecError("a variant without content".into()));
        }
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value> {
        if self.unit {
            return Err(CodecError("a variant without content".into()));
        }
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
