//! The operator's page, through the real program, byte by byte as a browser would ask, and as no browser would.

mod browser;
mod deciding;
mod drafts;
mod forms;
mod framed;
mod hostile;
mod live;
mod policy;
mod reading;
mod sessions;
mod sign_in;
