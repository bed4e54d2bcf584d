// Reads what a call is given as one buffer, written by ts/mls/request.ts: one crossing of the boundary per call, and no
// JavaScript object whose exception could leave the core's own bookkeeping half done. Little-endian, no alignment.

use crate::error::{Code, Error, Result};

pub struct Request<'a>(&'a [u8]);

impl<'a> Request<'a> {
    /// Reads all of `bytes`; what is left over is refused.
    pub fn read<T>(bytes: &'a [u8], read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let mut request = Self(bytes);
        let value = read(&mut request)?;
        if request.0.is_empty() {
            Ok(value)
        } else {
            Err(invalid())
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or_else(invalid)?;
        self.0 = tail;
        Ok(*head)
    }

    pub fn bool(&mut self) -> Result<bool> {
        Ok(self.array::<1>()? != [0])
    }

    pub fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.u32()? as usize;
        let (head, tail) = self.0.split_at_checked(length).ok_or_else(invalid)?;
        self.0 = tail;
        Ok(head)
    }

    pub fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        if self.bool()? {
            read(self).map(Some)
        } else {
            Ok(None)
        }
    }

    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let length = self.u32()?;
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(read(self)?);
        }
        Ok(items)
    }
}

fn invalid() -> Error {
    Error::new(Code::InvalidArgument, "a request that is damaged")
}
