// The targets under libFuzzer: EXEDRA_FUZZ_TARGET names one, the arguments are libFuzzer's.

#![no_main]

use std::cell::RefCell;

use exedra_fuzz::{Bench, Run, TARGETS, named};

fn asked() -> Run {
    let name = std::env::var("EXEDRA_FUZZ_TARGET").unwrap_or_default();
    named(&name).unwrap_or_else(|| {
        let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("EXEDRA_FUZZ_TARGET must be one of: {}", known.join(", "));
        std::process::exit(2);
    })
}

thread_local! {
    static RUN: Run = asked();
    static BENCH: RefCell<Bench> = RefCell::default();
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let run = RUN.with(|run| *run);
    let _ = BENCH.with(|bench| run(&mut bench.borrow_mut(), input));
});
