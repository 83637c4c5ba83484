//! What an author's verbs share: building a project, loading its component without an operator's state, and hearing of
//! changes to its files.

mod desk;
mod make;
mod subject;
mod watched;

pub(crate) use desk::Desk;
pub(crate) use make::{Made, make};
pub(crate) use subject::Subject;
pub(crate) use watched::Watched;
