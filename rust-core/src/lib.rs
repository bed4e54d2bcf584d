// The MLS core: OpenMLS behind the entries of boundary.rs, which are all that JavaScript sees.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod algorithms;
mod attachment;
mod boundary;
mod codec;
mod components;
mod crypto;
mod decode;
mod encryption_keys;
mod error;
mod external;
mod group;
mod group_info;
mod hash;
mod hub_group;
mod identity;
mod import;
mod key_package;
mod provider;
mod reply;
mod request;
mod storage;
mod summary;
#[cfg(feature = "vectors")]
mod vectors;

pub use boundary::*;
