// Fuzz targets for every entry of the core that takes bytes; docs/fuzzing.md says how to run and replay them.
// A target panics on a finding: a panic of the core, a code `internal`, a group that a refusal has changed.

mod clock;
mod insider;
mod live;
mod outcome;
mod parts;
mod prepared;
mod resolve;
mod stored;
mod targets;

pub use prepared::corpus_folder;
pub use targets::{Bench, Run, TARGETS, named};
