//! The operations of a description: each path with each of its methods, and each with its name.

use std::collections::BTreeSet;

use portcullis_model::{Code, Method, Refusal};
use serde_json::Value;

use super::answer;
use super::description::Description;
use super::names::Names;
use super::reason::Reason;
use super::report::{LeftOut, shown};

/// Members of a path that are operations (OpenAPI 3.1.1, section 4.8.9), and the methods that an action may have.
const METHODS: [(&str, Option<Method>); 8] = [
    ("get", Some(Method::Get)),
    ("put", Some(Method::Put)),
    ("post", Some(Method::Post)),
    ("delete", Some(Method::Delete)),
    ("options", None),
    ("head", Some(Method::Head)),
    ("patch", Some(Method::Patch)),
    ("trace", None),
];

/// Most operations of a description, chosen or not.
const MAX_OPERATIONS: usize = 20_000;

/// One operation.
pub(super) struct Operation<'d> {
    /// Such as `POST /v1/files`, safe to show.
    pub(super) title: String,
    /// Its name as an action.
    pub(super) slug: String,
    /// None where an action has no such method.
    pub(super) method: Option<Method>,
    /// As the description writes it.
    pub(super) path: &'d str,
    /// Without what follows a `#`, which tells apart operations of one path and is never sent.
    pub(super) route: &'d str,
    /// The path with all of its operations.
    pub(super) item: &'d Value,
    /// The operation itself.
    pub(super) body: &'d Value,
}

/// All operations of a description.
pub(super) struct Operations<'d> {
    pub(super) all: Vec<Operation<'d>>,
    /// Paths whose operations are somewhere else.
    pub(super) unread: Vec<LeftOut>,
    streaming: BTreeSet<(&'static str, &'d str)>,
}

impl<'d> Operations<'d> {
    /// Lists them in the order of the description.
    ///
    /// # Errors
    /// Where there are too many to be looked at: a short reference can stand for eight of them.
    pub(super) fn of(description: &'d Description) -> Result<Self, Refusal> {
        let mut out = Self { all: Vec::new(), unread: Vec::new(), streaming: BTreeSet::new() };
        let mut names = Names::default();
        let paths = description.root().get("paths").and_then(Value::as_object);
        for (path, item) in paths.into_iter().flatten().filter(|(path, _)| !path.starts_with("x-")) {
            let item = match description.resolve(item) {
                Ok(item) => item,
                Err(reason) => {
                    out.unread.push(LeftOut { operation: shown(path), reason });
                    continue;
                }
            };
            let route = path.split('#').next().unwrap_or(path);
            for (key, method) in METHODS {
                let Some(body) = item.get(key) else { continue };
                if out.all.len() == MAX_OPERATIONS {
                    let what = format!("the description has more than {MAX_OPERATIONS} operations");
                    return Err(Refusal::new(Code::BadDocument, what).fix("take parts of it out that you do not need"));
                }
                let name = key.to_ascii_uppercase();
                let identifier = body.get("operationId").and_then(Value::as_str);
                if let Some(method) = method
                    && answer::streams(description, body)
                {
                    out.streaming.insert((method.as_str(), route));
                }
                out.all.push(Operation {
                    title: format!("{name} {}", shown(path)),
                    slug: names.name(identifier, &name, route),
                    method,
                    path,
                    route,
                    item,
                    body,
                });
            }
        }
        Ok(out)
    }

    /// Whether the same request, but for its body, may be answered with a stream, here or as another operation.
    pub(super) fn may_stream(&self, operation: &Operation<'_>) -> bool {
        operation.method.is_some_and(|method| self.streaming.contains(&(method.as_str(), operation.route)))
    }
}

impl Operation<'_> {
    /// The method, or why there is no action.
    pub(super) fn method(&self) -> Result<Method, Reason> {
        let name = self.title.split(' ').next().unwrap_or_default();
        self.method.ok_or_else(|| Reason::Method(name.to_owned()))
    }
}
