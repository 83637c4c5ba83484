//! An installed port written down as a document, without secrets: a manifest has none.
//!
//! What is written gives the same manifest when it is read again; where a manifest says something that no document can,
//! there is no document.

use portcullis_model::{ActionDraft, AuthDraft, Code, ManifestDraft, Refusal, Shown};
use serde_json::{Map, Value};

use crate::documents::action::{ActionTemplate, Inputs};
use crate::documents::definitions::name_of;
use crate::documents::document::{ComponentRef, Document, PortTemplate, Publisher};
use crate::documents::layout;
use crate::documents::rules::is_word;

/// Most characters of a summary made from a description.
const MAX_SUMMARY_CHARS: usize = 120;

/// The scheme's space is the host's to add.
const BEARER: (&str, &str) = ("Authorization", "Bearer");

impl Document {
    /// The document of a port. With a component, the actions are listed and their inputs are not: those are the
    /// component's to say, and importing the document installs the component.
    ///
    /// Words for people that a manifest has not (`title`, `summary`, `helpText`) are made from its label and description,
    /// or left out.
    ///
    /// # Errors
    /// `bad-document`, naming what no document can say, such as a declared header.
    pub fn of_port(manifest: &ManifestDraft, component: Option<ComponentRef>) -> Result<Self, Refusal> {
        let port = &manifest.port;
        let mut defs = Map::new();
        let mut action_templates = Vec::new();
        for action in &manifest.actions {
            let template = match component {
                Some(_) => template(action, Inputs::default(), None)?,
                None => declarative(action, &mut defs)?,
            };
            action_templates.push(template);
        }
        let document = Self {
            format_version: 1,
            kind: "dock_integration".to_owned(),
            slug: port.slug.clone(),
            title: port.label.clone(),
            summary: summary(&port.description),
            description: port.description.clone(),
            version: manifest.version.clone(),
            publisher: Publisher {
                slug: port.publisher.slug.clone(),
                name: port.publisher.name.clone(),
                website_url: port.publisher.website_url.clone(),
            },
            category: port.category.clone(),
            tags: port.tags.clone(),
            compatibility: None,
            required_plan: None,
            port_templates: vec![port_template(manifest)?],
            action_templates,
            help_text: None,
            component,
            defs,
        };
        document.check()?;
        match &document.component {
            Some(_) => document.agrees_with(manifest)?,
            // Renaming shared schemas changes the text of what refers to them, and nothing else may change.
            None if !same_but_for_names(&document.manifest()?, manifest) => {
                return Err(cannot_say("the port", "something that does not come back when it is read again"));
            }
            None => {}
        }
        Ok(document)
    }

    /// The document as a file.
    ///
    /// # Errors
    /// `bad-document`; never for data of these types, which are plain enough to be written.
    pub fn to_json(&self) -> Result<String, Refusal> {
        let text = serde_json::to_string_pretty(self);
        let mut text = text.map_err(|error| Refusal::new(Code::BadDocument, error.to_string()))?;
        text.push('\n');
        Ok(text)
    }
}

fn cannot_say(whose: &str, what: &str) -> Refusal {
    Refusal::new(Code::BadDocument, format!("{whose} has {what}, which no document can say"))
        .fix("publish the component itself: portcullis publish")
}

fn port_template(manifest: &ManifestDraft) -> Result<PortTemplate, Refusal> {
    let port = &manifest.port;
    let (mode, header, prefix) = match &port.auth {
        AuthDraft::None => ("none", None, None),
        AuthDraft::Bearer => ("header_token", Some(BEARER.0), Some(BEARER.1)),
        AuthDraft::Header { name, prefix } => {
            let word = prefix.strip_suffix(' ').unwrap_or(prefix);
            // A prefix that ends without a space is part of the value, and a document's never is.
            if !is_word(word) || word == prefix && !word.is_empty() {
                return Err(cannot_say("the port", "something other than one word before the credential"));
            }
            ("header_token", Some(name.as_str()), Some(word).filter(|word| !word.is_empty()))
        }
    };
    Ok(PortTemplate {
        kind: "http_api".to_owned(),
        label: port.label.clone(),
        description: port.description.clone(),
        base_url: port.origin.clone(),
        auth_mode: mode.to_owned(),
        auth_header_name: header.map(str::to_owned),
        auth_token_prefix: prefix.map(str::to_owned),
    })
}

fn template(action: &ActionDraft, inputs: Inputs, example: Option<Value>) -> Result<ActionTemplate, Refusal> {
    Ok(ActionTemplate {
        slug: action.slug.clone(),
        label: action.label.clone(),
        description: action.description.clone(),
        method: action.method.as_str().to_owned(),
        path: action.path.clone(),
        inputs,
        approval_mode: action.approval.as_str().to_owned(),
        request_body_mode: action.body.as_str().to_owned(),
        result_mode: action.result.as_str().to_owned(),
        effect: Some(action.effect.as_str().to_owned()),
        prompt_bearing: action.traits.prompt_bearing,
        billable: action.traits.billable,
        example,
    })
}

fn declarative(action: &ActionDraft, defs: &mut Map<String, Value>) -> Result<ActionTemplate, Refusal> {
    let whose = format!("action `{}`", Shown::new(&action.slug));
    let other = || cannot_say(&whose, "inputs of another layout");
    let schema: Value = serde_json::from_str(&action.input_schema).map_err(|_| other())?;
    let (_, own) = layout::read(&schema).ok_or_else(other)?;
    let schema = renamed(schema, &share(own, defs));
    let (inputs, _) = layout::read(&schema).ok_or_else(other)?;
    let example = match action.examples.as_slice() {
        [example] => serde_json::from_str(&example.input).map_err(|_| other())?,
        _ => return Err(cannot_say(&whose, "another number of worked examples than one")),
    };
    template(action, inputs, Some(example))
}

/// Puts an action's shared schemas to those of the document, each under a name of its own: an action that was added
/// later may call another schema by the same name. Gives the new names.
fn share(own: Map<String, Value>, defs: &mut Map<String, Value>) -> Map<String, Value> {
    let taken = |name: &str, schema: &Value| defs.get(name).is_some_and(|there| there != schema);
    let mut names = Map::new();
    // Schemas that refer to a renamed one become others themselves, so that all of an action's are renamed together.
    if own.iter().any(|(name, schema)| taken(name, schema)) {
        for name in own.keys() {
            let fresh = (2..)
                .map(|n| format!("{name}-{n}"))
                .find(|fresh| !defs.contains_key(fresh) && !own.contains_key(fresh));
            if let Some(fresh) = fresh {
                names.insert(name.clone(), fresh.into());
            }
        }
    }
    for (name, schema) in own {
        let new = names.get(&name).and_then(Value::as_str).unwrap_or(&name).to_owned();
        defs.insert(new, renamed(schema, &names));
    }
    names
}

/// The schema with its references under their new names.
fn renamed(value: Value, names: &Map<String, Value>) -> Value {
    match value {
        _ if names.is_empty() => value,
        Value::Object(map) => map
            .into_iter()
            .map(|(key, inner)| {
                let new = (key == "$ref").then(|| inner.as_str().and_then(|r| rereferenced(r, names))).flatten();
                (key, new.map_or_else(|| renamed(inner, names), Value::String))
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(|inner| renamed(inner, names)).collect(),
        other => other,
    }
}

fn rereferenced(reference: &str, names: &Map<String, Value>) -> Option<String> {
    let new = names.get(&name_of(reference)?)?.as_str()?;
    let rest =
        reference.strip_prefix("#/$defs/")?.split_once('/').map_or(String::new(), |(_, rest)| format!("/{rest}"));
    Some(format!("#/$defs/{}{rest}", new.replace('~', "~0").replace('/', "~1")))
}

/// Whether two manifests are the same, however their shared schemas are called.
fn same_but_for_names(one: &ManifestDraft, other: &ManifestDraft) -> bool {
    let bare = |manifest: &ManifestDraft| {
        let mut manifest = manifest.clone();
        for action in &mut manifest.actions {
            action.input_schema = without_names(&action.input_schema);
        }
        manifest
    };
    one == other || bare(one) == bare(other)
}

/// An input schema with every reference and every shared schema's name taken out, and in their order.
fn without_names(schema: &str) -> String {
    fn blank(value: Value) -> Value {
        match value {
            Value::Object(map) => map
                .into_iter()
                .map(
                    |(key, inner)| {
                        if key == "$ref" && inner.is_string() { (key, Value::Null) } else { (key, blank(inner)) }
                    },
                )
                .collect(),
            Value::Array(items) => items.into_iter().map(blank).collect(),
            other => other,
        }
    }
    let Ok(Value::Object(mut schema)) = serde_json::from_str(schema) else { return String::new() };
    let mut defs: Vec<String> = match schema.shift_remove("$defs") {
        Some(Value::Object(defs)) => defs.into_iter().map(|(_, schema)| blank(schema).to_string()).collect(),
        _ => Vec::new(),
    };
    defs.sort();
    format!("{}{}", blank(Value::Object(schema)), defs.join("\n"))
}

/// The first line of a description that says something, or as much of it as a summary may have.
fn summary(description: &str) -> String {
    let line = description.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    match line.char_indices().nth(MAX_SUMMARY_CHARS) {
        None => line.to_owned(),
        Some((end, _)) => {
            let cut = line[..end].rsplit_once(' ').map_or(&line[..end], |(whole, _)| whole);
            format!("{cut}…")
        }
    }
}

#[cfg(test)]
mod tests;
