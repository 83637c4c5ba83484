//! Installed plugins and input schemas.
