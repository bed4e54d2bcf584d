// The clock stands at the time when the prepared groups were made, and runs on from there, so that no key package in
// them ever runs out. On Linux the function below takes the place of the C library's, for Rust and libFuzzer alike;
// elsewhere the corpus has to be made anew after 84 days.

#![cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]

use std::ffi::{c_int, c_long};
use std::sync::OnceLock;

use crate::prepared::made_at;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

#[cfg(target_arch = "x86_64")]
const CLOCK_GETTIME: c_long = 228;
#[cfg(target_arch = "aarch64")]
const CLOCK_GETTIME: c_long = 113;
const REALTIME: c_int = 0;

/// How far the clock is behind, in seconds.
static BEHIND: OnceLock<i64> = OnceLock::new();

/// # Safety
/// As the C library's: `time` points to a timespec.
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int {
    // SAFETY: the arguments are passed on to the system call of the same name.
    let outcome = unsafe { syscall(CLOCK_GETTIME, clock, time) };
    if outcome == 0 && clock == REALTIME {
        // SAFETY: the call has just written there.
        let now = unsafe { &mut *time };
        let behind = BEHIND.get_or_init(|| now.seconds - made_at().cast_signed());
        now.seconds -= behind;
    }
    outcome as c_int
}
