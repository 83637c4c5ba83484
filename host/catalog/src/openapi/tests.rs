//! Each rule of an import, on small descriptions.
