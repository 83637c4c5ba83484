//! Building a request. It has no origin: the host fixes that.

use crate::{Body, Method, QueryText, Request};

impl Request {
    /// A request of any method. Segments are not percent-encoded: the host does that.
    #[must_use]
    pub fn new<S: Into<String>>(method: Method, path: impl IntoIterator<Item = S>) -> Self {
        Self {
            method,
            path: path.into_iter().map(Into::into).collect(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// A GET, such as `Request::get(["v1", "models"])`.
    #[must_use]
    pub fn get<S: Into<String>>(path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Get, path)
    }

    /// A POST.
    #[must_use]
    pub fn post<S: Into<String>>(path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Post, path)
    }

    /// A PUT.
    #[must_use]
    pub fn put<S: Into<String>>(path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Put, path)
    }

    /// A PATCH.
    #[must_use]
    pub fn patch<S: Into<String>>(path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Patch, path)
    }

    /// A DELETE.
    #[must_use]
    pub fn delete<S: Into<String>>(path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Delete, path)
    }

    /// Adds a query pair. The action must declare the key; a key may occur once.
    #[must_use]
    pub fn query(mut self, key: &str, value: impl QueryText) -> Self {
        self.query.push((key.to_owned(), value.query_text()));
        self
    }

    /// Adds a header. The action must declare the name, in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a JSON body: a [`Value`](crate::Value), or text that already is JSON and is sent as it stands.
    #[must_use]
    pub fn json(mut self, value: impl ToString) -> Self {
        self.body = Some(Body::Json(value.to_string()));
        self
    }

    /// Sets a body of form fields, in order.
    #[must_use]
    pub fn form<K: Into<String>, V: Into<String>>(mut self, fields: impl IntoIterator<Item = (K, V)>) -> Self {
        let fields = fields.into_iter().map(|(k, v)| (k.into(), v.into()));
        self.body = Some(Body::Form(fields.collect()));
        self
    }

    /// Sets a body of plain text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.body = Some(Body::Text(text.to_owned()));
        self
    }
}
