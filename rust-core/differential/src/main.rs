// Random walks of groups whose every commit, and damaged copies of it, are judged by OpenMLS as published and as the
// core builds it: both must accept the same commits, refuse the same with the same words, and come to the same state.
// Usage: exedra-differential [commits] [seed]

mod damage;

/// The cryptography of the core.
#[path = "../../src"]
mod core_sources {
    pub mod algorithms;
}
use core_sources::algorithms;

// Each side is asked for a part of what both can do.
#[allow(dead_code)]
mod published {
    use openmls_published as openmls;
    include!("side.rs");
}

#[allow(dead_code)]
mod patched {
    use openmls_patched as openmls;
    include!("side.rs");
}

/// What the algorithms ask of the core.
mod provider {
    use openmls_traits::types::{Ciphersuite, CryptoError};

    pub const SUITES: [Ciphersuite; 3] = [
        Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
        Ciphersuite::MLS_128_DHKEMP256_AES128GCM_SHA256_P256,
        Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519,
    ];

    pub fn check_suite(suite: Ciphersuite) -> Result<(), CryptoError> {
        if SUITES.contains(&suite) {
            Ok(())
        } else {
            Err(CryptoError::UnsupportedCiphersuite)
        }
    }
}

use damage::{Random, damaged, signed_again};
use openmls_traits::types::Ciphersuite;

/// Commits of one group before the next begins.
const WALK: usize = 100;
const MOST_LEAVES: usize = 40;
/// Members who process every commit, on both sides together.
const MOST_LIVE: usize = 6;
/// Copies of each commit that are damaged.
const DAMAGED: usize = 2;

#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Damaged commits with a valid signature, and how many of them a hub accepts.
    signed_again: usize,
    signed_again_accepted: usize,
}

/// A member on either side.
enum Live {
    Published(published::Member),
    Patched(patched::Member),
}

macro_rules! each {
    ($live:expr, $member:ident => $result:expr) => {
        match $live {
            Live::Published($member) => $result,
            Live::Patched($member) => $result,
        }
    };
}

struct Walk {
    suite: Ciphersuite,
    live: Vec<Live>,
    hubs: (published::Hub, patched::Hub),
}

impl Walk {
    fn new(suite: Ciphersuite) -> Self {
        let mut first = published::Device::new(suite).create();
        let second = patched::Device::new(suite);
        let made = first.commit(&[second.key_package()], &[], true);
        first.merge_own();
        let tree = first.tree();
        let second = second.join(&made.welcome.unwrap(), &tree);
        Self {
            suite,
            live: vec![Live::Published(first), Live::Patched(second)],
            hubs: (
                published::Hub::track(&made.group_info, &tree),
                patched::Hub::track(&made.group_info, &tree),
            ),
        }
    }

    /// One commit, by a member of either side, with newcomers of either side.
    fn step(&mut self, random: &mut Random, tally: &mut Tally) {
        let committer = random.below(self.live.len());
        let leaves = each!(&self.live[committer], member => member.leaves());
        let own = each!(&self.live[committer], member => member.index());
        let mut add = Vec::new();
        let mut joining = Vec::new();
        for _ in 0..[0, 0, 1, 1, 2, 5][random.below(6)] {
            if leaves.len() + add.len() >= MOST_LEAVES {
                break;
            }
            if random.below(2) == 0 {
                let device = published::Device::new(self.suite);
                add.push(device.key_package());
                joining.push((Some(device), None));
            } else {
                let device = patched::Device::new(self.suite);
                add.push(device.key_package());
                joining.push((None, Some(device)));
            }
        }
        let mut remove = Vec::new();
        for _ in 0..[0, 0, 1, 2][random.below(4)] {
            let index = leaves[random.below(leaves.len())];
            let of_last = self.live.len() <= 3
                && self
                    .live
                    .iter()
                    .any(|live| each!(live, member => member.index()) == index);
            if index != own && !remove.contains(&index) && !of_last {
                remove.push(index);
            }
        }
        let update = random.below(2) == 0 || (add.is_empty() && remove.is_empty());
        let made = each!(&mut self.live[committer], member => {
            let made = member.commit(&add, &remove, update);
            (made.commit, made.welcome)
        });
        let (commit, welcome) = made;

        for _ in 0..DAMAGED {
            let damaged = damaged(&commit, random);
            self.compare_refusals(&damaged, committer, tally);
            let context = self.hubs.0.context();
            let again = each!(&self.live[committer], member => {
                signed_again(&commit, &context, member.key(), random)
            });
            if let Some(again) = again {
                tally.signed_again += 1;
                tally.signed_again_accepted += usize::from(self.compare_hubs(&again, tally));
            }
        }

        assert!(
            self.compare_hubs(&commit, tally),
            "a good commit is refused"
        );
        let (first, second) = (self.hubs.0.judge(&commit), self.hubs.1.judge(&commit));
        self.hubs.0.apply(first.unwrap());
        self.hubs.1.apply(second.unwrap());
        assert_eq!(self.hubs.0.state(), self.hubs.1.state());
        for (at, live) in self.live.iter_mut().enumerate() {
            each!(live, member => {
                if at == committer {
                    member.merge_own();
                } else {
                    let staged = member.judge(&commit).expect("a good commit is refused");
                    member.merge(staged);
                }
            });
        }
        let tree = each!(&self.live[committer], member => member.tree());
        assert!(self.hubs.0.state().ends_with(&tree));
        self.live
            .retain(|live| each!(live, member => member.is_active()));
        if let Some(welcome) = welcome {
            for device in joining {
                if self.live.len() == MOST_LIVE {
                    break;
                }
                self.live.push(match device {
                    (Some(device), _) => Live::Published(device.join(&welcome, &tree)),
                    (_, Some(device)) => Live::Patched(device.join(&welcome, &tree)),
                    _ => continue,
                });
            }
        }
        let mut authenticators = self
            .live
            .iter()
            .map(|live| each!(live, member => member.authenticator()));
        let first = authenticators.next().unwrap();
        assert!(
            authenticators.all(|other| other == first),
            "members disagree"
        );
    }

    /// Both hubs on one commit, which neither applies; whether they accept it.
    fn compare_hubs(&self, commit: &[u8], tally: &mut Tally) -> bool {
        let first = self
            .hubs
            .0
            .judge(commit)
            .map(|staged| self.hubs.0.preview(&staged));
        let second = self
            .hubs
            .1
            .judge(commit)
            .map(|staged| self.hubs.1.preview(&staged));
        assert_eq!(first, second, "the hubs disagree");
        if first.is_ok() {
            tally.accepted += 1;
        } else {
            tally.refused += 1;
        }
        first.is_ok()
    }

    /// Hubs and members on a damaged commit.
    fn compare_refusals(&mut self, commit: &[u8], committer: usize, tally: &mut Tally) {
        self.compare_hubs(commit, tally);
        let verdicts: Vec<Option<String>> = self
            .live
            .iter_mut()
            .enumerate()
            .filter(|(at, _)| *at != committer)
            .map(|(_, live)| each!(live, member => member.judge(commit).err()))
            .collect();
        let first = verdicts.first().unwrap();
        assert!(first.is_some(), "a member accepts a damaged commit");
        // The words differ where they tell of the reader's own place in the tree; that all refuse must not.
        assert!(
            verdicts.iter().all(Option::is_some),
            "members disagree: {verdicts:?}"
        );
    }
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse::<u64>().expect("a number"));
    let commits = arguments.next().unwrap_or(300) as usize;
    let seed = arguments.next().unwrap_or(1);
    let mut random = Random::new(seed);
    let mut tally = Tally::default();
    let mut walk = Walk::new(provider::SUITES[0]);
    for made in 1..=commits {
        if made % WALK == 0 {
            walk = Walk::new(provider::SUITES[(made / WALK) % 3]);
        }
        walk.step(&mut random, &mut tally);
    }
    println!(
        "{commits} commits: {} verdicts to accept, {} to refuse, all the same; of {} damaged commits with a valid \
         signature, {} were accepted by a hub",
        tally.accepted, tally.refused, tally.signed_again, tally.signed_again_accepted
    );
}
