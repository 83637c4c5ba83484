//! How much of an answer a person or a script wants: options that several commands share, and printing the result.

use anyhow::Result;
use portcullis_model::{Refusal, Shown};
use serde_json::Value;

use crate::shape::{ResponseMode, Shaped, View};
use crate::terminal::{self, DIM, styled};

/// What is shown of an answer.
#[derive(clap::Args)]
pub(super) struct ViewArgs {
    /// Only what this JSONPath (RFC 9535) finds in the answer, such as '$.data[*].id'.
    #[arg(long, value_name = "JSONPATH")]
    select: Option<String>,
    /// How much of the answer: as the action declares, a small summary, or only its status.
    #[arg(long, value_enum, default_value_t)]
    mode: ResponseMode,
}

impl ViewArgs {
    /// Reads them, before anything is sent.
    pub(super) fn parse(&self) -> Result<View, Refusal> {
        View::new(self.mode, self.select.as_deref())
    }
}

/// Prints a result to standard output, and what it leaves out beside it.
pub(super) fn print(shaped: &Shaped) -> Result<()> {
    match &shaped.result {
        Value::String(text) => terminal::say(Shown::block(text)),
        other => terminal::json(other)?,
    }
    for cut in &shaped.left_out {
        let at = if cut.at.is_empty() { "the top" } else { &cut.at };
        terminal::note(styled(DIM, format_args!("left out at {}: {} {}", Shown::new(at), cut.count, cut.of)));
    }
    Ok(())
}
