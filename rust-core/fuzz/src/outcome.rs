// What a call may end with: an answer or a refusal. Everything else is a finding and stops the run by a panic.

/// The code of a refusal.
pub type Refusal = &'static str;

/// A call's answer, or the code of its refusal.
macro_rules! outcome {
    ($call:expr) => {
        match $call {
            Ok(answer) => Ok(answer),
            Err(error) => {
                let code = error.code.name();
                // The core met a state that it holds to be impossible.
                assert_ne!(code, "internal", "{}: {}", stringify!($call), error.rule);
                Err(code)
            }
        }
    };
}
pub(crate) use outcome;

/// The same over rows or a snapshot that were changed by whoever can write the store: there the core may also meet
/// an impossible state, but neither panic nor hang.
macro_rules! damaged_outcome {
    ($call:expr) => {
        $call.map_err(|error| error.code.name())
    };
}
pub(crate) use damaged_outcome;
