//! Every no that Portcullis can say: one type, a stable code, the room that said it, and the way out.

use std::fmt;

use serde::{Serialize, Serializer};

/// Where in the life of a call a refusal was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the rooms of the design, by name")]
pub enum Room {
    Door,
    Registry,
    Schema,
    Sandbox,
    RouteCheck,
    Policy,
    Approval,
    Audit,
    Egress,
    Shape,
}

impl Room {
    /// Name of the room.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Door => "door",
            Self::Registry => "registry",
            Self::Schema => "schema",
            Self::Sandbox => "sandbox",
            Self::RouteCheck => "route-check",
            Self::Policy => "policy",
            Self::Approval => "approval",
            Self::Audit => "audit",
            Self::Egress => "egress",
            Self::Shape => "shape",
        }
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $case:ident = $text:literal in $room:ident),+ $(,)?) => {
        /// A stable code. Callers branch on it; it never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $case,)+ }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// The code as text.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$case => $text,)+ }
            }

            /// The room that says it.
            #[must_use]
            pub fn room(self) -> Room {
                match self { $(Self::$case => Room::$room,)+ }
            }
        }
    };
}

codes! {
    /// The call itself is malformed.
    BadRequest = "bad-request" in Door,
    /// No valid token.
    Unauthenticated = "unauthenticated" in Door,
    /// The token may not do that.
    Forbidden = "forbidden" in Door,
    /// No such route.
    NotFound = "not-found" in Door,
    /// The route has no such method.
    MethodNotAllowed = "method-not-allowed" in Door,
    /// The request's body is not of the kind that the route takes.
    UnsupportedMediaType = "unsupported-media-type" in Door,
    /// The request is over a limit of the door.
    RequestTooLarge = "request-too-large" in Door,
    /// The request did not arrive in time.
    RequestTimeout = "request-timeout" in Door,
    /// The request names a host that is not this one.
    HostRefused = "host-refused" in Door,
    /// The request comes from a page of another site.
    OriginRefused = "origin-refused" in Door,
    /// More calls in a time than the operator allows.
    RateLimited = "rate-limited" in Door,
    /// More calls at a time than the operator allows.
    TooManyCalls = "too-many-calls" in Door,
    /// The idempotency key was used for another request.
    KeyReused = "key-reused" in Door,
    /// The first call with the idempotency key still runs.
    KeyBusy = "key-busy" in Door,
    /// The call may or may not have been sent, and is never sent again.
    OutcomeUnknown = "outcome-unknown" in Door,
    /// A token of that name is or was there.
    TokenTaken = "token-taken" in Door,
    /// The host is stopping and takes no new calls.
    ShuttingDown = "shutting-down" in Door,
    /// A tool that builds a plugin is not there.
    ToolMissing = "tool-missing" in Door,
    /// A tool that builds a plugin failed.
    BuildFailed = "build-failed" in Door,
    /// The host itself failed.
    Internal = "internal" in Door,
    /// No such port or action is installed.
    UnknownAction = "unknown-action" in Registry,
    /// The component's bytes are not the ones installed.
    DigestMismatch = "digest-mismatch" in Registry,
    /// The manifest breaks a rule.
    BadManifest = "bad-manifest" in Registry,
    /// An integration document breaks a rule.
    BadDocument = "bad-document" in Registry,
    /// No listed identity vouches for the bytes, or what vouches is not right.
    SignatureRefused = "signature-refused" in Registry,
    /// Nobody whom the operator lists reviewed these bytes and found nothing.
    ReviewRequired = "review-required" in Registry,
    /// The catalog's index is older than one seen before, or its time is over.
    IndexRefused = "index-refused" in Registry,
    /// The place that a plugin is to come from does not give it.
    SourceUnavailable = "source-unavailable" in Registry,
    /// No such draft.
    DraftUnknown = "draft-unknown" in Registry,
    /// The draft is in no state for that.
    DraftState = "draft-state" in Registry,
    /// A port of that name is installed already.
    AlreadyInstalled = "already-installed" in Registry,
    /// The input does not pass the action's schema.
    InvalidInput = "invalid-input" in Schema,
    /// The bytes are not a component of the contract.
    NotAPlugin = "not-a-plugin" in Sandbox,
    /// The component imports what its tier may not.
    ForbiddenImport = "forbidden-import" in Sandbox,
    /// Compiling took too long or too much memory.
    CompileFailed = "compile-failed" in Sandbox,
    /// The plugin said no.
    PluginRefused = "plugin-refused" in Sandbox,
    /// The plugin crashed or ran out of memory or stack.
    PluginTrapped = "plugin-trapped" in Sandbox,
    /// The plugin ran over its time.
    PluginTimeout = "plugin-timeout" in Sandbox,
    /// The plugin, its input or its output is too large.
    PluginTooLarge = "plugin-too-large" in Sandbox,
    /// The description is not what the action declares.
    UndeclaredRoute = "undeclared-route" in RouteCheck,
    /// A header that the action may not send.
    ForbiddenHeader = "forbidden-header" in RouteCheck,
    /// A path segment that could become more than one.
    BadSegment = "bad-segment" in RouteCheck,
    /// A body of the wrong kind, or not strict JSON.
    BadBody = "bad-body" in RouteCheck,
    /// A rule of the operator says no.
    Denied = "denied" in Policy,
    /// A person must approve first.
    ApprovalRequired = "approval-required" in Approval,
    /// No such approval.
    ApprovalUnknown = "approval-unknown" in Approval,
    /// The approval's time is over.
    ApprovalExpired = "approval-expired" in Approval,
    /// The approval was decided or spent before.
    ApprovalUsed = "approval-used" in Approval,
    /// The approval was given for another request.
    ApprovalMismatch = "approval-mismatch" in Approval,
    /// The audit log cannot be written: nothing was sent.
    AuditUnavailable = "audit-unavailable" in Audit,
    /// The request was sent, but its outcome could not be recorded.
    AuditIncomplete = "audit-incomplete" in Audit,
    /// No credential is stored for the port.
    CredentialMissing = "credential-missing" in Egress,
    /// The place where credentials are kept cannot be read.
    CredentialUnavailable = "credential-unavailable" in Egress,
    /// A credential that would not be safe to use.
    CredentialUnfit = "credential-unfit" in Egress,
    /// The service's name resolves to an address that is not public.
    AddressRefused = "address-refused" in Egress,
    /// The service's name does not resolve.
    UpstreamUnresolved = "upstream-unresolved" in Egress,
    /// No connection, or TLS failed.
    UpstreamUnreachable = "upstream-unreachable" in Egress,
    /// The service took too long.
    UpstreamTimeout = "upstream-timeout" in Egress,
    /// The service broke off or spoke no HTTP.
    UpstreamBroken = "upstream-broken" in Egress,
    /// The answer is over the limit.
    ResponseTooLarge = "response-too-large" in Egress,
    /// The answer is compressed although that was not asked for.
    EncodingRefused = "encoding-refused" in Egress,
    /// The answer is not of the declared kind.
    UnexpectedAnswer = "unexpected-answer" in Shape,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One place at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// JSON Pointer (RFC 6901) into the input, or a path into a manifest.
    pub at: String,
    /// What is wrong there.
    pub what: String,
}

/// A no. Its text is safe to show: values of strangers in it went through [`Shown`](crate::Shown).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    code: Code,
    message: String,
    fix: Option<String>,
    details: Vec<Detail>,
    retry_after_ms: Option<u64>,
}

impl Refusal {
    /// A refusal with its message: lower case, no full stop.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fix: None, details: Vec::new(), retry_after_ms: None }
    }

    /// Adds what to type or change next.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Adds the places at fault.
    #[must_use]
    pub fn details(mut self, details: impl IntoIterator<Item = Detail>) -> Self {
        self.details.extend(details);
        self
    }

    /// Says when the same may succeed, in milliseconds from now.
    #[must_use]
    pub fn retry_after_ms(mut self, ms: u64) -> Self {
        self.retry_after_ms = Some(ms);
        self
    }

    /// When the same may succeed, in whole seconds from now, as `retry-after` (RFC 9110, section 10.2.3) counts.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_ms.map(|ms| ms.div_ceil(1000))
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The message, without fix and details.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do next.
    #[must_use]
    pub fn way_out(&self) -> Option<&str> {
        self.fix.as_deref()
    }

    /// Places at fault.
    #[must_use]
    pub fn places(&self) -> &[Detail] {
        &self.details
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.code.room(), self.message)
    }
}

impl std::error::Error for Refusal {}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("Refusal", 5)?;
        out.serialize_field("code", &self.code)?;
        out.serialize_field("room", &self.code.room())?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("fix", &self.fix)?;
        out.serialize_field("details", &self.details)?;
        out.end()
    }
}
