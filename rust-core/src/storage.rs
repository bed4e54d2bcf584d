// A device's MLS state as rows in memory: a compact key, a self-describing value (codec.rs) behind a version byte,
// and a journal of the rows that the host has not saved yet. What OpenMLS asks of it is in storage/rows.rs.

mod rows;

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroize;

use crate::codec::{self, CodecError};
use crate::error::{Code, Error};

/// The first byte of every value; another one means rows of another release.
const ROW_VERSION: u8 = 1;

/// The first byte of a row's key: what the row is.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Label {
    // Rows of a group; their keys go on with the group id.
    JoinConfig = 1,
    OwnLeafNodes = 2,
    ProposalRefs = 3,
    Proposal = 4,
    Tree = 5,
    InterimTranscriptHash = 6,
    Context = 7,
    ConfirmationTag = 8,
    GroupState = 9,
    MessageSecrets = 10,
    ResumptionPsks = 11,
    OwnLeafIndex = 12,
    EpochSecrets = 13,
    ApplicationExportTree = 14,
    EpochKeyPairs = 15,
    /// Ours: the group was joined by an external commit that nobody has accepted yet.
    ExternalPending = 16,
    // Rows of the device.
    SignatureKeyPair = 64,
    EncryptionKeyPair = 65,
    KeyPackage = 66,
    Psk = 67,
    /// Ours: an identity.
    Identity = 68,
}

/// Added to a group row's label while the row is put aside (see `Store::shelve`).
const SHELVED: u8 = 128;
const FIRST_GROUP_LABEL: u8 = Label::JoinConfig as u8;
const LAST_GROUP_LABEL: u8 = Label::ExternalPending as u8;

pub type Key = Vec<u8>;

/// A row's value, wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
struct Value(Vec<u8>);

impl Drop for Value {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[derive(Default)]
struct Rows {
    rows: BTreeMap<Key, Value>,
    /// Key -> number of the last change to it.
    dirty: BTreeMap<Key, u64>,
    changes: u64,
    /// What the rows were before the running operation changed them.
    undo: Option<BTreeMap<Key, Option<Value>>>,
}

impl Rows {
    fn put(&mut self, key: Key, value: Option<Value>) {
        let before = match value {
            Some(value) => {
                if self.rows.get(&key) == Some(&value) {
                    return;
                }
                self.rows.insert(key.clone(), value)
            }
            None => match self.rows.remove(&key) {
                Some(before) => Some(before),
                None => return,
            },
        };
        if let Some(undo) = &mut self.undo {
            undo.entry(key.clone()).or_insert(before);
        }
        self.changes += 1;
        self.dirty.insert(key, self.changes);
    }
}

/// A changed row, as the host saves it; `None` deletes the key.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// The rows of one device.
#[derive(Default)]
pub struct Store(RefCell<Rows>);

impl Store {
    /// Puts a saved row back; it is not pending.
    pub fn restore_row(&self, key: &[u8], value: &[u8]) {
        self.0
            .borrow_mut()
            .rows
            .insert(key.to_vec(), Value(value.to_vec()));
    }

    /// The rows that changed since the last confirmed write, and the number to confirm them by.
    pub fn pending(&self) -> (u64, Vec<Change>) {
        let rows = self.0.borrow();
        let changes = rows
            .dirty
            .keys()
            .map(|key| (key.clone(), rows.rows.get(key).map(|value| value.0.clone())))
            .collect();
        (rows.changes, changes)
    }

    /// The host has saved what `pending` gave with this number.
    pub fn confirm(&self, up_to: u64) {
        self.0
            .borrow_mut()
            .dirty
            .retain(|_, change| *change > up_to);
    }

    pub fn rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.0
            .borrow()
            .rows
            .iter()
            .map(|(key, value)| (key.clone(), value.0.clone()))
            .collect()
    }

    /// Runs `operation`; if it fails, every row is again what it was. Tells whether rows had to be put back.
    pub fn atomically<T>(
        &self,
        operation: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, (Error, bool)> {
        self.0.borrow_mut().undo = Some(BTreeMap::new());
        let outcome = operation();
        let undo = self.0.borrow_mut().undo.take().unwrap_or_default();
        outcome.map_err(|error| {
            let changed = !undo.is_empty();
            let mut rows = self.0.borrow_mut();
            for (key, before) in undo {
                rows.put(key, before);
            }
            (error, changed)
        })
    }

    /// Puts the rows of a group aside, so that another state of the same group can take their place.
    pub fn shelve(&self, group_id: &impl Serialize) -> Result<(), Error> {
        self.relabel(group_id, 0, SHELVED)
    }

    /// Puts the rows of a group back that `shelve` put aside, in place of those it has now.
    pub fn unshelve(&self, group_id: &impl Serialize) -> Result<(), Error> {
        self.relabel(group_id, SHELVED, 0)
    }

    /// Forgets the rows of a group that `shelve` put aside.
    pub fn forget_shelved(&self, group_id: &impl Serialize) -> Result<(), Error> {
        for key in self.group_keys(group_id, SHELVED)? {
            self.0.borrow_mut().put(key, None);
        }
        Ok(())
    }

    /// Forgets all rows of a group.
    pub fn forget_group(&self, group_id: &impl Serialize) -> Result<(), Error> {
        for key in self.group_keys(group_id, 0)? {
            self.0.borrow_mut().put(key, None);
        }
        Ok(())
    }

    fn relabel(&self, group_id: &impl Serialize, from: u8, to: u8) -> Result<(), Error> {
        for key in self.group_keys(group_id, to)? {
            self.0.borrow_mut().put(key, None);
        }
        for key in self.group_keys(group_id, from)? {
            let mut rows = self.0.borrow_mut();
            let mut moved = key.clone();
            if let Some(label) = moved.first_mut() {
                *label = *label - from + to;
            }
            let value = rows.rows.get(&key).cloned();
            rows.put(moved, value);
            rows.put(key, None);
        }
        Ok(())
    }

    fn group_keys(&self, group_id: &impl Serialize, offset: u8) -> Result<Vec<Key>, Error> {
        let id = codec::to_vec(group_id)?;
        let rows = self.0.borrow();
        let mut keys = Vec::new();
        for label in FIRST_GROUP_LABEL..=LAST_GROUP_LABEL {
            let mut prefix = vec![label + offset];
            prefix.extend_from_slice(&id);
            let found = rows
                .rows
                .range(prefix.clone()..)
                .take_while(|(key, _)| key.starts_with(&prefix));
            keys.extend(found.map(|(key, _)| key.clone()));
        }
        Ok(keys)
    }

    pub fn write(&self, key: Key, value: &(impl Serialize + ?Sized)) -> Result<(), CodecError> {
        let mut rows = self.0.borrow_mut();
        // As long as it was, and a little: growing means copying and wiping.
        let expected = rows
            .rows
            .get(&key)
            .map_or(0, |before| before.0.len() + before.0.len() / 16);
        let versioned = codec::to_vec_after(&[ROW_VERSION], value, expected)?;
        rows.put(key, Some(Value(versioned)));
        Ok(())
    }

    pub fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, CodecError> {
        match self.0.borrow().rows.get(key) {
            None => Ok(None),
            Some(value) => match value.0.split_first() {
                Some((&ROW_VERSION, encoded)) => codec::from_slice(encoded).map(Some),
                _ => Err(CodecError("a row of another version".into())),
            },
        }
    }

    pub fn contains(&self, key: &Key) -> bool {
        self.0.borrow().rows.contains_key(key)
    }

    pub fn delete(&self, key: Key) {
        self.0.borrow_mut().put(key, None);
    }
}

/// The key of a row: its label, then what it belongs to.
pub fn key(label: Label, owner: &(impl Serialize + ?Sized)) -> Result<Key, CodecError> {
    let mut key = vec![label as u8];
    key.extend_from_slice(&codec::to_vec(owner)?);
    Ok(key)
}

/// The key of one of several rows of an owner.
pub fn key_of(
    label: Label,
    owner: &(impl Serialize + ?Sized),
    part: &(impl Serialize + ?Sized),
) -> Result<Key, CodecError> {
    let mut key = key(label, owner)?;
    key.extend_from_slice(&codec::to_vec(part)?);
    Ok(key)
}

impl From<CodecError> for Error {
    fn from(error: CodecError) -> Self {
        Error::new(Code::DamagedStore, error.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn put(store: &Store, key: u8, value: u8) {
        store
            .write(super::key(Label::Psk, &[key]).unwrap(), &[value])
            .unwrap();
    }

    fn keys(store: &Store) -> usize {
        store.pending().1.len()
    }

    #[test]
    fn what_changed_stays_pending_until_it_is_confirmed() {
        let store = Store::default();
        put(&store, 1, 1);
        let (first, _) = store.pending();
        put(&store, 2, 2);
        put(&store, 1, 3);
        store.confirm(first);
        assert_eq!(keys(&store), 2);
        store.confirm(store.pending().0);
        assert_eq!(keys(&store), 0);
    }

    #[test]
    fn an_equal_value_is_no_change() {
        let store = Store::default();
        put(&store, 1, 1);
        store.confirm(store.pending().0);
        put(&store, 1, 1);
        assert_eq!(keys(&store), 0);
    }

    #[test]
    fn a_failed_operation_leaves_every_row_as_it_was() {
        let store = Store::default();
        put(&store, 1, 1);
        put(&store, 2, 2);
        let before = store.rows();
        let outcome: Result<(), _> = store.atomically(|| {
            put(&store, 1, 9);
            put(&store, 1, 8);
            put(&store, 3, 3);
            store.delete(super::key(Label::Psk, &[2u8])?);
            Err(Error::new(Code::Internal, ""))
        });
        assert!(outcome.unwrap_err().1);
        assert_eq!(store.rows(), before);
    }

    #[test]
    fn rows_put_aside_come_back_in_place_of_the_new_ones() {
        let store = Store::default();
        let (group, other) = ("group", "other");
        store
            .write(key(Label::Tree, group).unwrap(), "old")
            .unwrap();
        store
            .write(key(Label::Tree, other).unwrap(), "untouched")
            .unwrap();
        let before = store.rows();
        store.shelve(&group).unwrap();
        assert_eq!(
            store
                .read::<String>(&key(Label::Tree, group).unwrap())
                .unwrap(),
            None
        );
        store
            .write(key(Label::Tree, group).unwrap(), "new")
            .unwrap();
        store
            .write(key(Label::Context, group).unwrap(), "new")
            .unwrap();
        store.unshelve(&group).unwrap();
        assert_eq!(store.rows(), before);
    }
}
