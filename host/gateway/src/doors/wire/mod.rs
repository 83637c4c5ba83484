//! What goes through the doors: the same data over HTTP and MCP, in camel case, described by its types.
//!
//! Nothing here decides or does anything.

mod approval;
mod audit;
mod draft;
mod execute;
mod listing;
mod outcome;
mod standing;

pub use approval::{ApprovalLineView, ApprovalView};
pub use audit::AuditRowView;
pub use draft::{DifferenceLine, DifferenceView, DraftLineView, DraftView, ProblemView, Test};
pub use execute::Execute;
pub use listing::{ActionDetail, ActionView, ExampleView, PortView};
pub(super) use outcome::next;
pub use outcome::{BodyView, Executed, Outcome, Pending, Plan, RequestView};
pub use standing::StandingView;
