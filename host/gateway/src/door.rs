//! Who is at the command line.
//!
//! A person at this machine's own account is the operator; calls made here are the operator's own.

use portcullis_model::{AgentName, Code, Refusal};

/// The name under which the operator's own calls are recorded.
const OPERATOR: &str = "operator";

/// The caller of a command.
///
/// # Errors
/// Never in practice: the name is a constant that is one.
pub(crate) fn caller() -> Result<AgentName, Refusal> {
    OPERATOR.parse().map_err(|e: portcullis_model::SlugProblem| Refusal::new(Code::Unauthenticated, e.to_string()))
}
