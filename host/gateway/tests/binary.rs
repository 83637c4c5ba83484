//! The binary starts and says what it is. Also makes cargo build it before any acceptance test runs.

use std::process::Command;

#[test]
fn the_binary_says_its_version() -> std::io::Result<()> {
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis")).arg("--version").output()?;
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("portcullis "));
    Ok(())
}
