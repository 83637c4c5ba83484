//! An action that was found: bound to its component, with its schema at hand.

use std::sync::{Arc, OnceLock};

use portcullis_model::{Binding, Code, Detail, Refusal, parse_strict};
use serde_json::Value;

use crate::schema::Schema;

/// An installed action, ready for input.
pub struct ResolvedAction {
    binding: Arc<Binding>,
    schema: OnceLock<Result<Schema, Refusal>>,
}

/// Input that passed its action's schema. Only [`ResolvedAction::check`] makes one.
#[derive(Debug)]
pub struct CheckedInput {
    text: String,
}

impl CheckedInput {
    /// The input as JSON text, as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl ResolvedAction {
    pub(crate) fn new(binding: Binding) -> Arc<Self> {
        Arc::new(Self { binding: Arc::new(binding), schema: OnceLock::new() })
    }

    /// Which component, origin and credential it is bound to.
    #[must_use]
    pub fn binding(&self) -> &Arc<Binding> {
        &self.binding
    }

    /// Checks input: strict JSON, then the action's schema. The schema is compiled on first use.
    ///
    /// # Errors
    /// `invalid-input` with a JSON Pointer for each problem.
    pub fn check(&self, text: &str) -> Result<CheckedInput, Refusal> {
        let input: Value = parse_strict(text).map_err(|e| {
            let detail = Detail { at: "/".to_owned(), what: e.to_string() };
            Refusal::new(Code::InvalidInput, "the input is not strict JSON").details([detail])
        })?;
        self.schema()?.check(&input).map_err(|refusal| {
            let id = self.binding.id();
            refusal.fix(format!("portcullis actions {} --show {}", id.port, id.action))
        })?;
        Ok(CheckedInput { text: text.to_owned() })
    }

    /// Compiles the schema, if that was not done before.
    ///
    /// # Errors
    /// `bad-manifest` when it cannot be used.
    pub fn schema(&self) -> Result<&Schema, Refusal> {
        let compiled = self
            .schema
            .get_or_init(|| Schema::compile(&self.binding.action().input_schema, &self.binding.id().to_string()));
        compiled.as_ref().map_err(Clone::clone)
    }
}
