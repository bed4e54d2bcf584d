// Every input of the committed corpus, natively: none may be a finding, and each target must have some that are
// accepted, for else the corpus no longer fits the prepared groups.

use exedra_fuzz::{Bench, TARGETS, corpus_folder};

#[test]
fn no_input_of_the_corpus_is_a_finding_and_every_target_accepts_some() {
    let mut bench = Bench::default();
    for (target, run) in TARGETS {
        let mut accepted = 0;
        let folder = corpus_folder().join(target);
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{target}: {e}"));
        for entry in entries {
            let path = entry.expect("an entry").path();
            let input = std::fs::read(&path).expect("an input");
            let outcome = run(&mut bench, &input);
            println!("{}: {outcome:?}", path.display());
            accepted += usize::from(outcome.is_ok());
        }
        assert!(
            accepted > 0,
            "{target} accepts none of its inputs: make the corpus anew"
        );
    }
}
