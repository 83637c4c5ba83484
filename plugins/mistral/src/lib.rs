//! mistral
