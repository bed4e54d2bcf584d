// The prepared groups that inputs are made for: read from fuzz/corpus/state, restored as often as needed.
// test/fuzz/support/prepared.ts describes and reads the same files.

use std::path::PathBuf;

use exedra_core::{CoreGroup, CoreHubGroup, CoreIdentity, CoreStore};

use crate::parts::{part, split};

type Row = (Vec<u8>, Vec<u8>);

pub struct Prepared {
    pub suite: u16,
    pub group_id: Vec<u8>,
    pub alice: Vec<Row>,
    pub bob: Vec<Row>,
    pub carol: Vec<Row>,
    pub hub: Vec<u8>,
    pub alice_key: Vec<u8>,
    pub carol_key: Vec<u8>,
    pub group_context: Vec<u8>,
    pub membership_key: Vec<u8>,
    pub group_info: Vec<u8>,
    pub tree: Vec<u8>,
    pub good_message: Vec<u8>,
    pub good_commit: Vec<u8>,
}

/// fuzz/corpus, with a folder of inputs for each target.
pub fn corpus_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus"))
}

/// When the states were made, in seconds since 1970.
pub fn made_at() -> u64 {
    let path = corpus_folder().join("state/made-at.txt");
    let text = std::fs::read_to_string(path).expect("fuzz/corpus/state/made-at.txt");
    text.trim().parse().expect("a number of seconds")
}

fn rows(bytes: &[u8]) -> Vec<Row> {
    split(bytes)
        .chunks_exact(2)
        .map(|pair| (part(pair, 0).to_vec(), part(pair, 1).to_vec()))
        .collect()
}

impl Prepared {
    fn read(suite: u16) -> Self {
        let path = corpus_folder().join(format!("state/suite-{suite}.bin"));
        let bytes = std::fs::read(path).expect("a prepared state");
        let parts = split(&bytes);
        let own = |index| part(&parts, index).to_vec();
        Self {
            suite,
            group_id: own(0),
            alice: rows(part(&parts, 1)),
            bob: rows(part(&parts, 2)),
            carol: rows(part(&parts, 3)),
            hub: own(4),
            alice_key: own(5),
            carol_key: own(6),
            group_context: own(7),
            membership_key: own(8),
            group_info: own(9),
            tree: own(10),
            good_message: own(11),
            good_commit: own(12),
        }
    }

    /// The groups of suites 1, 2 and 3.
    pub fn all() -> [&'static Self; 3] {
        [1, 2, 3].map(|suite| &*Box::leak(Box::new(Self::read(suite))))
    }
}

pub fn store(rows: &[Row]) -> CoreStore {
    let store = CoreStore::new();
    for (key, value) in rows {
        store.restore_row(key, value);
    }
    store
}

pub fn group(prepared: &Prepared, rows: &[Row]) -> (CoreStore, CoreGroup) {
    let store = store(rows);
    let group = CoreGroup::load(&store, &prepared.group_id);
    let group = group.ok().flatten().expect("the prepared group");
    (store, group)
}

pub fn identity(rows: &[Row], key: &[u8]) -> (CoreStore, CoreIdentity) {
    let store = store(rows);
    let identity = CoreIdentity::load(&store, key);
    let identity = identity.ok().expect("the prepared identity");
    (store, identity)
}

pub fn hub(prepared: &Prepared) -> CoreHubGroup {
    CoreHubGroup::restore(&prepared.hub)
        .ok()
        .expect("the prepared hub")
}
