// The row codec by itself, over types that OpenMLS stores and one with every kind of value. The core does not export
// it: its source is compiled here a second time.

use std::collections::BTreeMap;

use openmls::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::outcome::Refusal;

#[path = "../../src"]
mod core_source {
    #[allow(unused_imports)]
    pub mod codec;
}
use core_source::codec;

#[derive(Serialize, Deserialize)]
enum Kind {
    Unit,
    New(u16),
    Tuple(u8, String),
    Struct { left: Option<i64>, right: f64 },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Number(u64),
    Words(Vec<String>),
    Map(BTreeMap<String, bool>),
}

#[derive(Serialize, Deserialize)]
struct Record {
    bytes: Vec<u8>,
    array: [u8; 3],
    kinds: Vec<Kind>,
    either: Vec<Either>,
    map: BTreeMap<(u8, u32), Option<i32>>,
    character: char,
    unit: (),
}

/// The first byte selects the type. Whatever can be read can be written, and reads as what was written.
pub fn decode(input: &[u8]) -> Result<(), Refusal> {
    let (&selector, bytes) = input.split_first().ok_or("malformed")?;
    let kinds: [fn(&[u8]) -> Result<(), Refusal>; 12] = [
        again::<Record>,
        again::<GroupContext>,
        again::<ConfirmationTag>,
        again::<KeyPackageBundle>,
        again::<QueuedProposal>,
        again::<MlsGroupJoinConfig>,
        again::<LeafNode>,
        again::<Credential>,
        again::<Extensions<GroupContext>>,
        again::<Vec<(u64, Option<String>)>>,
        again::<Either>,
        again::<(i8, u8, i16, u16, i32, u32, i64)>,
    ];
    kinds[usize::from(selector) % kinds.len()](bytes)
}

fn again<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<(), Refusal> {
    let value: T = codec::from_slice(bytes).map_err(|_| "damagedStore")?;
    let written = codec::to_vec(&value).expect("what was read can be written");
    let read: T = codec::from_slice(&written).expect("what was written can be read");
    let rewritten = codec::to_vec(&read).expect("what was read can be written");
    assert!(rewritten == written, "a value changed on its way");
    Ok(())
}
