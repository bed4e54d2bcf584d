// MIMI message ids over bytes as received: draft-ietf-mimi-content-04 and -08, each in a file of its own.

pub mod draft04;
pub mod draft08;
mod lanes;
