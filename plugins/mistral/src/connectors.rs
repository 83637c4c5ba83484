//! Connectors: MCP servers that Mistral calls for the workspace. A beta API.
//!
//! Two kinds of name occur in its paths. Reads and tool calls take `connector_id_or_name`; update and delete take
//! `connector_id`, a UUID, so that a renamed connector is never changed by mistake.

pub(crate) mod changing;
pub(crate) mod reading;
pub(crate) mod tools;

/// The connector that the worked examples speak of.
const EXAMPLE_ID: &str = "5c3269fe-6a18-4216-b1fb-b093005874cd";
