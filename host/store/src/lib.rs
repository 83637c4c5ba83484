//! The only crate with SQL: approvals, audit chain, installed plugins.
