//! The only crate with reqwest, keyring and secrecy: resolves, attaches, sends, scrubs.
