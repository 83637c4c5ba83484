//! Input schemas: JSON Schema 2020-12, compiled so that a stranger's schema cannot stall or crash the host.

use std::{io, thread};

use jsonschema::{Draft, PatternOptions, Validator};
use portcullis_model::{Code, Detail, Refusal, Shown};
use serde_json::Value;

use crate::{effort, references};

/// Problems named in one refusal.
const MAX_DETAILS: usize = 20;

/// Stack of the thread that compiles, in bytes: 16 KiB for each level that a schema and its references may nest.
const COMPILE_STACK_BYTES: usize = 32 << 20;

/// Largest compiled pattern, in bytes. Matching takes at worst the text times this.
const MAX_PATTERN_BYTES: usize = 128 << 10;

/// A compiled schema.
pub struct Schema {
    validator: Validator,
    source: Value,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// `bad-manifest` when it is no schema, or one that could not be applied safely.
    pub fn compile(source: &Value, owner: &str) -> Result<Self, Refusal> {
        let bad = |why: String| {
            Refusal::new(Code::BadManifest, format!("the input schema of `{owner}` cannot be used: {why}"))
        };
        references::check(source).map_err(bad)?;
        let build = || {
            jsonschema::options()
                .with_draft(Draft::Draft202012)
                // Linear in the input; a backtracking engine lets a pattern stall the host.
                .with_pattern_options(PatternOptions::regex().size_limit(MAX_PATTERN_BYTES))
                .should_validate_formats(true)
                .build(source)
                .map_err(|e| format!("{} at `{}`", Shown::new(&e.to_string()), Shown::new(e.instance_path().as_str())))
        };
        let built = with_stack(build).map_err(|e| bad(format!("it cannot be compiled here: {e}")))?;
        let validator = built.map_err(bad)?;
        Ok(Self { validator, source: source.clone() })
    }

    /// Applies it.
    ///
    /// # Errors
    /// `invalid-input` with a JSON Pointer for each problem.
    pub fn check(&self, input: &Value) -> Result<(), Refusal> {
        if !effort::is_bounded(&self.source, input) {
            return Err(Refusal::new(
                Code::InvalidInput,
                "checking the input against the action's schema would take too long",
            ));
        }
        if self.validator.is_valid(input) {
            return Ok(());
        }
        let details: Vec<Detail> =
            self.validator.iter_errors(input).take(MAX_DETAILS).map(|e| self.detail(&e)).collect();
        Err(Refusal::new(Code::InvalidInput, "the input does not pass the action's schema").details(details))
    }

    /// Which of its subschemas hold for which places of an input, by the validator's own word; nothing for an input that
    /// does not pass. Slower than [`Self::check`] by far: for whoever wants to know how much of a schema was tried.
    #[must_use]
    pub fn holding(&self, input: &Value) -> Vec<Holding> {
        let mut holding = Vec::new();
        if effort::is_bounded(&self.source, input)
            && let Ok(tree) = serde_json::to_value(self.validator.evaluate(input).hierarchical())
        {
            collect(&tree, &mut holding);
        }
        holding
    }

    /// The schema as it was given.
    #[must_use]
    pub fn source(&self) -> &Value {
        &self.source
    }

    fn detail(&self, error: &jsonschema::ValidationError<'_>) -> Detail {
        let mut what = Shown::new(&error.to_string()).limit_bytes(300).to_string();
        // What the author wrote about the place is a better hint than what the validator says.
        if let Some(words) = self.description_near(error.schema_path().as_str()) {
            what = format!("{what} ({})", Shown::new(words).limit_bytes(300));
        }
        let at = error.instance_path().as_str();
        Detail { at: if at.is_empty() { "/".to_owned() } else { Shown::new(at).to_string() }, what }
    }

    fn description_near(&self, keyword: &str) -> Option<&str> {
        let (parent, _) = keyword.rsplit_once('/')?;
        if parent.is_empty() {
            return None;
        }
        self.source.pointer(parent)?.get("description")?.as_str()
    }
}

/// One subschema that holds for one place of an input. Both are JSON Pointers (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Where in the schema.
    pub schema: String,
    /// Where in the input.
    pub input: String,
}

/// Units of the hierarchical output (JSON Schema Core 2020-12, section 12.4.4), but for what is below one that fails.
fn collect(unit: &Value, holding: &mut Vec<Holding>) {
    if unit.get("valid") != Some(&Value::Bool(true)) {
        return;
    }
    let text = |name: &str| unit.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    holding.push(Holding { schema: text("schemaLocation"), input: text("instanceLocation") });
    for inner in unit.get("details").and_then(Value::as_array).into_iter().flatten() {
        collect(inner, holding);
    }
}

/// Runs on a thread with a stack for deep recursion, whatever thread this is.
fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(COMPILE_STACK_BYTES).spawn_scoped(scope, work)?;
        thread.join().map_err(|_| io::Error::other("the schema compiler panicked"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_problem_is_named_by_pointer_and_by_what_the_author_wrote() {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {
            "stream": {"const": false, "description": "streaming is not supported"},
            "n": {"type": "integer"}}});
        let schema = Schema::compile(&schema, "p/a").unwrap();
        assert!(schema.check(&json!({"n": 1})).is_ok());
        let refusal = schema.check(&json!({"stream": true, "n": "x", "more": 1})).unwrap_err();
        assert_eq!(refusal.code(), Code::InvalidInput);
        let places: Vec<&str> = refusal.places().iter().map(|d| d.at.as_str()).collect();
        assert!(places.contains(&"/stream") && places.contains(&"/n") && places.contains(&"/"), "{places:?}");
        assert!(refusal.places().iter().any(|d| d.what.contains("streaming is not supported")));
    }

    #[test]
    fn a_schema_that_would_stall_or_crash_the_host_is_refused() {
        let mut deep = json!({"type": "object"});
        for _ in 0..60 {
            deep = json!({"properties": {"a": deep}});
        }
        for bad in [
            json!({"$ref": "#"}),
            json!({"allOf": [{"$ref": "#"}]}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}}),
            json!({"properties": {"x": {"$ref": "#/properties/x"}}}),
            json!({"$anchor": "me", "not": {"$ref": "#me"}}),
            json!({"pattern": "(a{1000}){1000}"}),
            json!({"pattern": "(a"}),
            json!({"type": "nonsense"}),
            deep,
        ] {
            assert!(Schema::compile(&bad, "p/a").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_recursive_schema_that_consumes_input_is_fine() {
        let tree = json!({"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}});
        let schema = Schema::compile(&tree, "p/a").unwrap();
        assert!(schema.check(&json!({"children": [{"children": []}]})).is_ok());
        assert!(schema.check(&json!({"children": [{"children": 1}]})).is_err());
    }

    #[test]
    fn what_holds_for_an_input_is_the_branch_it_takes_and_no_other() {
        let schema = json!({"$defs": {"named": {"required": ["name"]}}, "properties": {"name": {"type": "string"}},
            "anyOf": [{"$ref": "#/$defs/named"}, {"required": ["id"]}], "if": {"required": ["x"]}, "else": true});
        let schema = Schema::compile(&schema, "p/a").unwrap();
        let holding = schema.holding(&json!({"name": "a"}));
        let holds = |schema: &str, input: &str| holding.iter().any(|h| h.schema == schema && h.input == input);
        for (schema, input) in [("", ""), ("/anyOf/0", ""), ("/$defs/named", ""), ("/properties/name", "/name")] {
            assert!(holds(schema, input), "{schema} {input}: {holding:#?}");
        }
        // The keyword `if` holds whatever its subschema says (JSON Schema Core 2020-12, section 10.2.2.1).
        assert!(holds("/else", "") && !holds("/anyOf/1", ""), "{holding:#?}");
        assert!(schema.holding(&json!({"name": 1})).is_empty());
    }

    #[test]
    fn a_pattern_takes_linear_time() {
        let schema = Schema::compile(&json!({"type": "string", "pattern": "^(a+)+$"}), "p/a").unwrap();
        assert!(schema.check(&Value::String(format!("{}!", "a".repeat(200_000)))).is_err());
    }
}
