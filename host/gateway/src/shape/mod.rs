//! The scrubbed answer in the form its action declares and its caller asks for.
//!
//! An answer is kept whole as [`Content`] and shaped when it is handed out, so that one answer can be looked at in more
//! than one way. Does not scrub: what comes here is free of credentials already. Never refuses either, since by then
//! the call was made and its answer may have cost money; what is wrong with a [`View`] is said before the call.

mod content;
mod kept;
mod path;
mod select;
mod shaped;
mod size;
mod summary;
mod view;

pub use content::Content;
pub use kept::Kept;
pub use select::Selection;
pub use shaped::{LeftOut, Shaped, What};
pub use view::{ResponseMode, View};
