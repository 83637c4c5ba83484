//! Starts the host. Credentials leave the environment before anything else happens.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_gateway::main()
}
