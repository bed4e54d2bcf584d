// Groups that are restored once and take one input after the other, for as long as nothing is accepted. After each
// refusal they must be what they were: every row, or the snapshot; now and then they must also still work.

use exedra_core::{CoreGroup, CoreHubGroup, CoreStore};

use crate::outcome::{Refusal, outcome};
use crate::prepared::{self, Prepared};
use crate::resolve::{UNRESOLVED, last_wins};

/// How many refusals pass between two proofs that a group still works.
const TRIAL: u32 = 64;

/// bob, with what he has accepted forgotten.
pub struct Member {
    prepared: &'static Prepared,
    live: Option<(CoreStore, CoreGroup)>,
    refusals: u32,
}

impl Member {
    pub fn new(prepared: &'static Prepared) -> Self {
        Self {
            prepared,
            live: None,
            refusals: 0,
        }
    }

    pub fn process(&mut self, message: &[u8]) -> Result<(), Refusal> {
        let bob = &self.prepared.bob;
        let (store, group) = self
            .live
            .get_or_insert_with(|| prepared::group(self.prepared, bob));
        let answer = outcome!(group.process(message, None)).and_then(|answer| match answer[0] {
            UNRESOLVED => outcome!(group.process(message, Some(last_wins(&answer[1..])))),
            _ => Ok(answer),
        });
        match answer {
            Ok(answer) => {
                accept(group, &answer);
                self.live = None;
                Ok(())
            }
            Err(code) => {
                assert!(store.rows() == rows_of(bob), "{code} changed the rows");
                self.refusals += 1;
                if self.refusals.is_multiple_of(TRIAL) {
                    let good = group.process(&self.prepared.good_message, None);
                    assert!(good.is_ok(), "a good message is no longer taken");
                    self.live = None;
                }
                Err(code)
            }
        }
    }
}

/// Goes on from what `process` answered (see test/unit/mls and ts/mls/group.ts for its shape).
fn accept(group: &CoreGroup, answer: &[u8]) {
    let epoch = group.epoch().ok();
    // The number of the first stage of a group is 1.
    if outcome!(group.accept(1)).is_ok() {
        assert_eq!(group.epoch().ok(), epoch.map(|epoch| epoch + 1));
    }
    assert!(!answer.is_empty());
    let _ = outcome!(group.members());
    let _ = outcome!(group.clear_proposals());
    let _ = outcome!(group.encrypt(b"on", b"", 0));
    let _ = outcome!(group.group_info());
}

fn rows_of(rows: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    prepared::store(rows).rows()
}

/// The hub, with what it has applied forgotten.
pub struct Hub {
    prepared: &'static Prepared,
    live: Option<CoreHubGroup>,
    refusals: u32,
}

impl Hub {
    pub fn new(prepared: &'static Prepared) -> Self {
        Self {
            prepared,
            live: None,
            refusals: 0,
        }
    }

    pub fn process(&mut self, message: &[u8]) -> Result<(), Refusal> {
        let hub = self
            .live
            .get_or_insert_with(|| prepared::hub(self.prepared));
        let answer = outcome!(hub.process(message)).and_then(|answer| match answer[0] {
            UNRESOLVED => outcome!(hub.resolve(stage_of(&answer), &last_wins(&answer[5..]))),
            _ => Ok(answer),
        });
        match answer {
            Ok(answer) => {
                outcome!(hub.apply(stage_of(&answer))).expect("what was checked can be applied");
                same_when_restored(hub);
                self.live = None;
                Ok(())
            }
            Err(code) => {
                self.unchanged(code);
                Err(code)
            }
        }
    }

    pub fn verify_group_info(&mut self, group_info: &[u8]) -> Result<(), Refusal> {
        let hub = self
            .live
            .get_or_insert_with(|| prepared::hub(self.prepared));
        let verdict = outcome!(hub.verify_group_info(group_info));
        self.unchanged("verifyGroupInfo");
        verdict
    }

    fn unchanged(&mut self, by: &str) {
        let Some(hub) = &self.live else { return };
        let snapshot = hub.snapshot().ok();
        assert!(
            snapshot.as_deref() == Some(&self.prepared.hub),
            "{by} changed the hub"
        );
        self.refusals += 1;
        if self.refusals.is_multiple_of(TRIAL) {
            let good = hub.process(&self.prepared.good_commit);
            assert!(good.is_ok(), "a good commit is no longer taken");
            self.live = None;
        }
    }
}

/// The stage behind the kind of a hub's answer.
fn stage_of(answer: &[u8]) -> u32 {
    answer[1..5]
        .try_into()
        .map(u32::from_le_bytes)
        .expect("a stage")
}

/// A hub's group comes back from its snapshot as it was.
pub fn same_when_restored(hub: &CoreHubGroup) {
    let snapshot = outcome!(hub.snapshot()).expect("a snapshot");
    let again = outcome!(CoreHubGroup::restore(&snapshot)).expect("a snapshot can be restored");
    assert!(outcome!(again.snapshot()).expect("a snapshot") == snapshot);
    let _ = outcome!(again.pending_proposals());
    let _ = outcome!(again.members());
}
