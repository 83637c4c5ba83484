//! The words of Portcullis and its pure checks: what a plugin may declare, what it may describe, and what a
//! checked request looks like.
//!
//! Nothing here does I/O, is async, or knows how to send. A [`RoutedRequest`] can only come out of
//! [`RoutedRequest::check`]; a [`Manifest`] only out of [`Manifest::check`].

mod action;
mod binding;
mod body;
mod change;
mod definition;
mod description;
mod digest;
mod fingerprint;
mod free;
mod grant;
mod header;
mod json;
mod latitude;
mod manifest;
mod method;
mod narrower;
mod origin;
mod port;
mod port_set;
mod preview;
mod query;
mod refusal;
mod route;
mod seal;
mod segment;
mod shown;
mod slug;
mod template;
mod tree;

pub use action::{Action, ActionDraft, ApprovalMode, BodyMode, Effect, Example, ResultMode, Traits};
pub use binding::Binding;
pub use body::{Body, WireBody};
pub use change::{Change, Weight};
pub use definition::{Definition, DefinitionError};
pub use description::Description;
pub use digest::{Digest, DigestError, Hasher};
pub use fingerprint::Fingerprint;
pub use free::FreePlaces;
pub use grant::{Grant, GrantProblem, Grants};
pub use header::{AuthHeader, DeclaredHeader, HeaderProblem};
pub use json::{StrictJsonError, parse_strict};
pub use latitude::{Latitude, Stated};
pub use manifest::{Manifest, ManifestDraft, Problem};
pub use method::Method;
pub use origin::{FixedOrigin, OriginProblem};
pub use port::{Auth, AuthDraft, Port, PortDraft, Publisher};
pub use port_set::PortSet;
pub use preview::{BodyData, Preview, PreviewData};
pub use query::{QueryKey, QueryProblem};
pub use refusal::{Code, Detail, Refusal, Room};
pub use route::{Line, RoutedRequest, WireHeader};
pub use seal::Seal;
pub use segment::{Segment, SegmentProblem};
pub use shown::{Shown, deceives};
pub use slug::{ActionId, ActionSlug, AgentName, PortSlug, SlugProblem};
pub use template::{PathTemplate, TemplateProblem};
