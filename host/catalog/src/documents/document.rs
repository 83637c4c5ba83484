//! An integration document: one service as data, in format version 1 of the public `dock_integration` shape.
//!
//! Members that only this project knows are optional, so that documents found elsewhere import as they are.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::documents::action::ActionTemplate;

/// A whole document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Always 1.
    pub format_version: u64,
    /// Always `dock_integration`.
    pub kind: String,
    /// Name under which the catalog lists it; the port's name too, unless the operator gives another.
    pub slug: String,
    /// Name for people.
    pub title: String,
    /// One line.
    pub summary: String,
    /// What it is for.
    pub description: String,
    /// Version of the document (Semantic Versioning 2.0.0).
    pub version: String,
    /// Who stands behind it. A claim.
    pub publisher: Publisher,
    /// A word or two.
    pub category: String,
    /// Words to search by.
    pub tags: Vec<String>,
    /// What other hosts of the format need to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility: Option<Value>,
    /// A plan of the service that is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_plan: Option<Value>,
    /// The service: exactly one.
    pub port_templates: Vec<PortTemplate>,
    /// What can be done there.
    pub action_templates: Vec<ActionTemplate>,
    /// What a person should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_text: Option<String>,
    /// Ours: a WebAssembly component that describes the actions instead of the shared template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<ComponentRef>,
    /// Ours: schemas that parameters refer to as `#/$defs/NAME`.
    #[serde(default, rename = "$defs", skip_serializing_if = "Map::is_empty")]
    pub defs: Map<String, Value>,
}

/// Who stands behind a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publisher {
    /// Short name.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website_url: Option<String>,
}

/// The service: one fixed origin, one credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PortTemplate {
    /// Always `http_api`.
    pub kind: String,
    /// Name for people.
    pub label: String,
    /// What the service is.
    pub description: String,
    /// The one origin.
    pub base_url: String,
    /// `header_token`; ours also `none`.
    pub auth_mode: String,
    /// The header that carries the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_header_name: Option<String>,
    /// The word before the credential, without the space after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_token_prefix: Option<String>,
}

/// A component by its reference and the digest of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentRef {
    /// An OCI reference, or `shipped:NAME` for one that comes with the host.
    #[serde(rename = "ref")]
    pub reference: String,
    /// `sha256:` and 64 hexadecimal digits. Left out only for a shipped one, whose bytes are the host's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}
