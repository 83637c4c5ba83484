//! How changes of what could be sent are printed, the heaviest first.

use portcullis_model::{Change, Weight};

use crate::terminal::{self, DIM, GREEN, YELLOW, styled};

/// Prints a line a change.
pub(super) fn print(changes: &[Change]) {
    let at = changes.iter().map(|change| change.at.chars().count()).max().unwrap_or(0);
    for Change { weight, at: place, what } in changes {
        let style = match weight {
            Weight::Widened => YELLOW,
            Weight::Narrowed => GREEN,
            Weight::Wording => DIM,
        };
        terminal::say(format_args!("{}  {place:<at$}  {what}", styled(style, format_args!("{weight:<8}"))));
    }
}

/// Whether something could be sent that could not be sent before.
pub(super) fn widen(changes: &[Change]) -> bool {
    changes.iter().any(|change| change.weight == Weight::Widened)
}
