//! The tools by which an agent works on its drafts, as a model reads them. They are listed for agents that may propose,
//! and for nobody else; none of them publishes.

use std::sync::Arc;

use portcullis_model::PortSet;
use rmcp::model::{Tool, ToolAnnotations};
use serde_json::{Value, json};

use super::output;
use super::tool::object;

/// What can be done with drafts. Their names are never read as an action's: no slug holds an underscore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DraftTool {
    Create,
    Change,
    Validate,
    Test,
    Request,
    List,
    Show,
    Withdraw,
}

/// A template that keeps every rule, for a reader to go by.
const EXAMPLE: &str = r#"{"slug": "get-thing", "label": "Get a thing", "description": "Returns one thing by its id.", "method": "GET", "path": "/v1/things/{id}", "inputs": {"parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}, "required": true, "description": "Id of the thing."}, {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}, "description": "Which fields to return."}]}, "approvalMode": "automatic", "requestBodyMode": "none", "resultMode": "json"}"#;

impl DraftTool {
    /// Every tool.
    pub(super) const ALL: [Self; 8] =
        [Self::Create, Self::Change, Self::Validate, Self::Test, Self::Request, Self::List, Self::Show, Self::Withdraw];

    /// The tool of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "portcullis__draft_create",
            Self::Change => "portcullis__draft_change",
            Self::Validate => "portcullis__draft_validate",
            Self::Test => "portcullis__draft_test",
            Self::Request => "portcullis__draft_request",
            Self::List => "portcullis__draft_list",
            Self::Show => "portcullis__draft_show",
            Self::Withdraw => "portcullis__draft_withdraw",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Create => "Propose an action",
            Self::Change => "Change a draft",
            Self::Validate => "Validate a draft",
            Self::Test => "Test a draft",
            Self::Request => "Request that a draft be published",
            Self::List => "List your drafts",
            Self::Show => "Show a draft",
            Self::Withdraw => "Withdraw a draft",
        }
    }

    fn description(self, ports: &PortSet) -> String {
        let text = match self {
            Self::Create => {
                return format!(
                    "Proposes a new action for an installed port, as a draft: {ports}. Origin and credential are the \
                     port's own and cannot be said. Returns the draft's id and every problem. Next: change it until \
                     there is none, test it, request it. An operator publishes it, then it is a tool. \
                     Example of a template: {EXAMPLE}"
                );
            }
            Self::Change => {
                "Gives your draft another template, whole. Takes a request back, and ends what waits for a test of it. \
                 Returns every problem."
            }
            Self::Validate => {
                "Checks your draft by all rules, and tries its example. Sends nothing. Returns every problem."
            }
            Self::Test => {
                "Shows the exact request that your draft makes of an input. Sends nothing, unless `live` is true: then \
                 a person sees the request and lets it go once, or not; fetch the outcome with `portcullis__result`."
            }
            Self::Request => "Asks the operator to publish your draft as it is. It must have no problems.",
            Self::List => "Lists your drafts, with their states and the operator's reasons.",
            Self::Show => "Shows your draft with its template.",
            Self::Withdraw => "Takes your draft back for good. Its template is gone.",
        };
        text.to_owned()
    }

    fn input(self, ports: &PortSet) -> Value {
        let draft = json!({"type": "string", "description": "The draft's id: drf-…"});
        let (properties, required) = match self {
            Self::Create => {
                let ports: Vec<&str> = ports.iter().map(portcullis_model::PortSlug::as_str).collect();
                (json!({"port": {"enum": ports}, "template": template()}), json!(["port", "template"]))
            }
            Self::Change => (json!({"draft": draft, "template": template()}), json!(["draft", "template"])),
            Self::Test => {
                let input = json!({
                    "type": "object",
                    "description": "{\"path\": {…}, \"query\": {…}, \"body\": …}, each where the template has such inputs."
                });
                let live = json!({"type": "boolean", "description": "Ask a person to send it, once."});
                (json!({"draft": draft, "input": input, "live": live}), json!(["draft"]))
            }
            Self::List => {
                let state = json!({"enum": ["open", "requested", "published", "rejected", "withdrawn"]});
                (json!({"state": state}), json!([]))
            }
            Self::Validate | Self::Request | Self::Show | Self::Withdraw => (json!({"draft": draft}), json!(["draft"])),
        };
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    }

    fn hints(self) -> ToolAnnotations {
        let reads = matches!(self, Self::Validate | Self::List | Self::Show);
        let destroys = matches!(self, Self::Withdraw);
        let repeats = reads || matches!(self, Self::Change | Self::Withdraw);
        let leaves = matches!(self, Self::Test);
        ToolAnnotations::new().read_only(reads).destructive(destroys).idempotent(repeats).open_world(leaves)
    }

    /// As it is listed for an agent that may propose for these ports.
    pub(super) fn tool(self, ports: &PortSet) -> Tool {
        let mut tool = Tool::new(self.name(), self.description(ports), Arc::new(object(self.input(ports))))
            .with_title(self.title())
            .with_annotations(self.hints());
        if self == Self::Test {
            tool.output_schema = Some(Arc::new(output::schema(None)));
        }
        tool
    }
}

/// The schema of a template: what a model needs to write one. The rules themselves are not in it.
fn template() -> Value {
    let text = |words: &str| json!({"type": "string", "description": words});
    let schema = json!({"type": "object", "description": "JSON Schema (2020-12) of the value."});
    let parameter = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "in": {"enum": ["path", "query", "body"]},
            "schema": schema,
            "default": {"description": "Sent where the caller gives none."},
            "required": {"type": "boolean"},
            "description": {"type": "string"}
        },
        "required": ["name", "in"],
        "additionalProperties": false
    });
    let whole = json!({
        "type": "object",
        "description": "The whole body as one JSON value, instead of parameters `in: body`.",
        "properties": {"schema": schema, "required": {"type": "boolean"}},
        "required": ["schema"],
        "additionalProperties": false
    });
    json!({
        "type": "object",
        "properties": {
            "slug": text("Name within the port, such as get-thing; not one of the port's own actions."),
            "label": text("Name for people."),
            "description": text("What it does and when to call it."),
            "method": {"enum": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]},
            "path": text("Such as /v1/things/{id}: each {name} is a parameter `in: path`. No host, no query."),
            "inputs": {
                "type": "object",
                "properties": {"parameters": {"type": "array", "items": parameter}, "body": whole},
                "additionalProperties": false
            },
            "approvalMode": {
                "enum": ["automatic", "require_approval"],
                "description": "`automatic` only for a GET or HEAD that changes nothing."
            },
            "requestBodyMode": {"enum": ["none", "json", "form"]},
            "resultMode": {"enum": ["json", "json_summary", "text"]},
            "effect": {"enum": ["read", "write", "destructive"], "description": "By the method, where left out."},
            "promptBearing": {"type": "boolean", "description": "It carries text that a model will read."},
            "billable": {"type": "boolean", "description": "The service charges for it."},
            "example": {"type": "object", "description": "An input to try: {\"path\": {…}, \"query\": {…}, \"body\": …}."}
        },
        "required": [
            "slug", "label", "description", "method", "path", "approvalMode", "requestBodyMode", "resultMode"
        ],
        "additionalProperties": false
    })
}

#[cfg(test)]
mod tests {
    use portcullis_model::ActionId;

    use super::*;
    use crate::doors::mcp::name::ToolName;
    use crate::drafts::Proposal;

    #[test]
    fn the_example_that_a_model_goes_by_keeps_every_rule_and_its_own_schema() {
        let proposal = Proposal::read(EXAMPLE).unwrap();
        assert!(proposal.problems.is_empty(), "{:?}", proposal.problems);
        let schema = portcullis_registry::Schema::compile(&template(), "p/a").unwrap();
        schema.check(&serde_json::from_str(EXAMPLE).unwrap()).unwrap();
    }

    #[test]
    fn no_name_of_these_tools_is_an_actions() {
        for tool in DraftTool::ALL {
            assert!(tool.name().parse::<ToolName>().is_err(), "{}", tool.name());
            assert_eq!(DraftTool::named(tool.name()), Some(tool));
        }
        assert_eq!(DraftTool::named("portcullis__draft_publish"), None);
        let port: ActionId = "portcullis/draft".parse().unwrap();
        assert_eq!(DraftTool::named(&ToolName::of(&port).to_string()), None);
    }

    #[test]
    fn every_tool_names_what_it_takes() {
        let ports = PortSet::new(["mistral".parse().unwrap()]);
        for tool in DraftTool::ALL {
            let listed = tool.tool(&ports);
            let schema = Value::Object((*listed.input_schema).clone());
            portcullis_registry::Schema::compile(&schema, "p/a").unwrap();
            assert_eq!(schema["additionalProperties"], false, "{}", tool.name());
            assert!(listed.description.is_some_and(|text| text.len() < 1500), "{}", tool.name());
        }
        let create = DraftTool::Create.tool(&ports);
        assert_eq!(create.input_schema["properties"]["port"], json!({"enum": ["mistral"]}));
    }
}
