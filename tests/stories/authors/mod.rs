//! Authors: from nothing to a described request, and what they are told where that does not work.

mod beginning;
mod building;
mod checking;
mod developing;
mod rust;
mod testing;
mod workshop;
