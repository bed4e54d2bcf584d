// OpenMLS as published, native, as a rival of the WASM core: it reads one JSON command a line and answers each with
// one JSON line, so that the benchmark can run both in turn. Durations are in microseconds.

mod operations;
mod pair;

use std::io::{BufRead, Write};

use pair::{Invited, Pair};
use serde_json::{Value, json};

/// What the commands work on: two members who are invited first and take part then.
#[derive(Default)]
struct Bench {
    invited: Option<Invited>,
    pair: Option<Pair>,
}

impl Bench {
    fn run(&mut self, command: &Value) -> Value {
        match command["do"].as_str().unwrap_or_default() {
            "invite" => {
                let invited = Invited::new();
                let key_packages: Vec<String> = invited
                    .key_packages()
                    .iter()
                    .map(|bytes| hex(bytes))
                    .collect();
                self.invited = Some(invited);
                json!({ "keyPackages": key_packages })
            }
            "create" => self.enter(Pair::create),
            "join first" => {
                let (welcome, tree) = (bytes(&command["welcome"]), bytes(&command["tree"]));
                self.enter(|invited| Pair::join_first(invited, &welcome, &tree))
            }
            "join both" => {
                let (welcome, tree) = (bytes(&command["welcome"]), bytes(&command["tree"]));
                self.enter(|invited| Pair::join_both(invited, welcome, tree))
            }
            "measure" => {
                let name = command["name"].as_str().expect("no name");
                let millis = command["millis"].as_u64().expect("no millis");
                let samples = operations::measure(name, self.pair.as_mut(), millis);
                json!({ "samples": samples })
            }
            "leave" => {
                self.pair = None;
                json!({ "ok": true })
            }
            other => json!({ "error": format!("no command is called {other}") }),
        }
    }

    fn enter(&mut self, make: impl FnOnce(Invited) -> Pair) -> Value {
        self.pair = Some(make(self.invited.take().expect("nobody is invited")));
        json!({ "ok": true })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("no bytes");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("no hexadecimal"))
        .collect()
}

fn main() {
    let mut bench = Bench::default();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("stdin failed");
        let command = serde_json::from_str(&line).expect("no JSON");
        writeln!(out, "{}", bench.run(&command)).expect("stdout failed");
        out.flush().expect("stdout failed");
    }
}
