//! Tests that look at their whole process run in one of their own.

use std::env;
use std::process::Command;

const ALONE: &str = "PORTCULLIS_TEST_ALONE";

/// Runs `body` in a process in which no other test runs. `name` is the path of the test that calls this.
pub(crate) fn alone(name: &str, body: impl FnOnce()) {
    if env::var_os(ALONE).is_some_and(|n| n == name) {
        return body();
    }
    let test =
        Command::new(env::current_exe().unwrap()).args(["--exact", name, "--nocapture"]).env(ALONE, name).output();
    let output = test.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{name} names no test: {said}");
}

/// Resident memory of this process, in bytes.
pub(crate) fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * rustix::param::page_size()
}

/// Whether a condition comes true within ten seconds.
pub(crate) fn comes_true(mut condition: impl FnMut() -> bool) -> bool {
    let began = std::time::Instant::now();
    while began.elapsed().as_secs() < 10 {
        if condition() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}
