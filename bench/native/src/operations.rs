// The operations that are timed, under the names that the benchmark's table has.

use std::time::Instant;

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;

use crate::pair::{Pair, Party, SUITE, commit, config, exact, message};

const FEWEST: usize = 3;

/// Times of `timed`, for about `millis`; `prepare` is not timed, though it counts towards four times that limit.
fn samples<T>(millis: u64, mut prepare: impl FnMut() -> T, mut timed: impl FnMut(T)) -> Vec<f64> {
    let limit = millis as f64 * 1000.0;
    let started = Instant::now();
    let mut spent = 0.0;
    let mut samples = Vec::new();
    loop {
        let prepared = prepare();
        let start = Instant::now();
        timed(prepared);
        let micros = start.elapsed().as_nanos() as f64 / 1000.0;
        samples.push(micros);
        spent += micros;
        let over = spent >= limit || started.elapsed().as_micros() as f64 >= 4.0 * limit;
        if over && samples.len() >= FEWEST {
            return samples;
        }
    }
}

pub fn measure(name: &str, pair: Option<&mut Pair>, millis: u64) -> Vec<f64> {
    match name {
        "key package" => {
            let party = Party::new("solo");
            return samples(
                millis,
                || (),
                |()| {
                    let key_package = party.key_package(false);
                    std::hint::black_box(key_package.tls_serialize_detached().expect("no bytes"));
                },
            );
        }
        "create group" => return create(millis),
        _ => {}
    }
    let pair = pair.expect("no group");
    match name {
        "add one client" => add(pair, 1, millis),
        "add 100 clients" => add(pair, 100, millis),
        "join from a Welcome" => join(pair, millis),
        "join by an external commit" => join_externally(pair, millis),
        "self-update, made and merged" => {
            let pending: std::cell::RefCell<Vec<Vec<u8>>> = Default::default();
            let pair = std::cell::RefCell::new(pair);
            let follow = || {
                for commit in pending.borrow_mut().drain(..) {
                    pair.borrow_mut().hub_follows(&commit);
                    pair.borrow_mut().second_follows(&commit);
                }
            };
            let times = samples(millis, follow, |()| {
                pending.borrow_mut().push(pair.borrow_mut().update());
            });
            follow();
            times
        }
        "commit processed by a member" => {
            cycle(pair, millis, Pair::second_follows, Pair::hub_follows)
        }
        "commit processed and applied by the hub" => {
            cycle(pair, millis, Pair::hub_follows, Pair::second_follows)
        }
        "send 1 KiB" => {
            let plaintext = [0x61; 1024];
            let times = samples(
                millis,
                || (),
                |()| {
                    std::hint::black_box(pair.encrypt(&plaintext));
                },
            );
            // The receiver would refuse to skip so many generations.
            pair.new_epoch();
            times
        }
        "receive 1 KiB" => {
            let plaintext = [0x61; 1024];
            pair.new_epoch();
            let pair = std::cell::RefCell::new(pair);
            samples(
                millis,
                || pair.borrow_mut().encrypt(&plaintext),
                |bytes| pair.borrow_mut().decrypt(&bytes),
            )
        }
        other => panic!("no operation is called {other}"),
    }
}

fn create(millis: u64) -> Vec<f64> {
    let party = Party::new("solo");
    let mut made = 0u32;
    samples(
        millis,
        || (),
        |()| {
            made += 1;
            let group = MlsGroup::builder()
                .with_group_id(GroupId::from_slice(&made.to_be_bytes()))
                .ciphersuite(SUITE)
                .with_wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
                .use_ratchet_tree_extension(false)
                .build(&party.provider, &party.signer, party.credential.clone())
                .expect("no group");
            std::hint::black_box(group);
        },
    )
}

fn add(pair: &mut Pair, count: usize, millis: u64) -> Vec<f64> {
    let newcomers: Vec<KeyPackageIn> = (0..count)
        .map(|at| Party::new(&format!("newcomer {at}")).key_package(false))
        .map(|key_package| exact(&key_package.tls_serialize_detached().expect("no bytes")))
        .collect();
    let Pair { first, parties, .. } = pair;
    let party = &parties[0];
    let first = std::cell::RefCell::new(first);
    let times = samples(
        millis,
        || {
            let storage = party.provider.storage();
            first
                .borrow_mut()
                .clear_pending_commit(storage)
                .expect("not cleared");
            newcomers.clone()
        },
        |newcomers| {
            let add: Vec<KeyPackage> = newcomers
                .into_iter()
                .map(|unverified| {
                    unverified
                        .validate(party.provider.crypto(), ProtocolVersion::Mls10)
                        .expect("refused")
                })
                .collect();
            std::hint::black_box(commit(&mut first.borrow_mut(), party, &add, false));
        },
    );
    let storage = party.provider.storage();
    first
        .borrow_mut()
        .clear_pending_commit(storage)
        .expect("not cleared");
    times
}

/// The second member joins again and again from the Welcome of its last-resort key package, into storage that has
/// only that key package.
fn join(pair: &mut Pair, millis: u64) -> Vec<f64> {
    let Pair {
        parties,
        welcome,
        tree,
        ..
    } = pair;
    let party = &parties[1];
    let kept = party
        .provider
        .storage()
        .values
        .read()
        .expect("poisoned")
        .clone();
    let times = samples(
        millis,
        || {
            let mut values = party.provider.storage().values.write().expect("poisoned");
            values.retain(|key, _| !is_of_group(key));
        },
        |()| {
            std::hint::black_box(party.join(welcome, tree));
        },
    );
    *party.provider.storage().values.write().expect("poisoned") = kept;
    times
}

/// Rows of everything but key packages and signature keys.
fn is_of_group(key: &[u8]) -> bool {
    !key.starts_with(b"KeyPackage")
        && !key.starts_with(b"SignatureKeyPair")
        && !key.starts_with(b"EncryptionKeyPair")
}

fn join_externally(pair: &mut Pair, millis: u64) -> Vec<f64> {
    let party = &pair.parties[0];
    let group_info = pair
        .first
        .export_group_info(party.provider.crypto(), &party.signer, false)
        .expect("no GroupInfo")
        .tls_serialize_detached()
        .expect("no bytes");
    let tree = pair
        .first
        .export_ratchet_tree()
        .tls_serialize_detached()
        .expect("no bytes");
    samples(
        millis,
        || Party::new("newcomer"),
        |newcomer| {
            let MlsMessageBodyIn::GroupInfo(group_info) = message(&group_info) else {
                panic!("no GroupInfo");
            };
            let provider = &newcomer.provider;
            let (group, bundle) = MlsGroup::external_commit_builder()
                .with_config(config())
                .with_ratchet_tree(exact(&tree))
                .skip_lifetime_validation()
                .build_group(provider, group_info, newcomer.credential.clone())
                .expect("refused")
                .load_psks(provider.storage())
                .expect("no PSKs")
                .create_group_info(true)
                .build(provider.rand(), provider.crypto(), &newcomer.signer, |_| {
                    true
                })
                .expect("no commit")
                .finalize(provider)
                .expect("not joined");
            let commit = bundle.into_commit().tls_serialize_detached();
            std::hint::black_box((group, commit.expect("no bytes")));
        },
    )
}

/// Times what one party does with a fresh commit; the other party follows untimed.
fn cycle(
    pair: &mut Pair,
    millis: u64,
    timed: impl Fn(&mut Pair, &[u8]),
    then: impl Fn(&mut Pair, &[u8]),
) -> Vec<f64> {
    let pair = std::cell::RefCell::new(pair);
    samples(
        millis,
        || {
            let mut pair = pair.borrow_mut();
            let commit = pair.update();
            then(&mut pair, &commit);
            commit
        },
        |commit| timed(&mut pair.borrow_mut(), &commit),
    )
}
