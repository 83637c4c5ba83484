//! A browser as far as these tests need one: it keeps the cookie it was given and sends the forms it was shown.

use std::fmt::Write as _;

use crate::doors::asked::{Reply, ask};
use crate::doors::served::{Served, operator};
use crate::home::Home;

/// What every page says to a browser, beyond what every answer does.
const HEADERS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// A browser at one door.
pub(super) struct Browser<'a> {
    pub(super) served: &'a Served,
    /// Name and value, where it has one.
    pub(super) cookie: Option<String>,
}

impl<'a> Browser<'a> {
    /// One that nobody has signed in with.
    pub(super) fn new(served: &'a Served) -> Self {
        Self { served, cookie: None }
    }

    /// Signed in by the link that the program printed.
    #[track_caller]
    pub(super) fn by_link(served: &'a Served) -> Self {
        let mut browser = Self::new(served);
        browser.enter(secret(served.link().unwrap())).is(303);
        browser
    }

    /// Signed in by an operator's token of this name, made for it.
    #[track_caller]
    pub(super) fn by_token(served: &'a Served, home: &Home, name: &str) -> Self {
        let mut browser = Self::new(served);
        browser.enter(&operator(home, name)).is(303);
        browser
    }

    /// Sends the form of the sign-in page, and keeps the cookie of the answer.
    #[track_caller]
    pub(super) fn enter(&mut self, secret: &str) -> Reply {
        let reply = self.send("POST", "/sign-in", &self.own_origin(), Some(&form(&[("token", secret)])));
        if let Some(set) = reply.header("set-cookie") {
            self.cookie = Some(set.split(';').next().unwrap().to_owned());
        }
        reply
    }

    /// Asks for a page.
    #[track_caller]
    pub(super) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", None)
    }

    /// A page that must be there, with everything that keeps it to itself.
    #[track_caller]
    pub(super) fn page(&self, path: &str) -> String {
        let reply = self.get(path).is(200);
        guarded(&reply);
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{reply:#?}");
        reply.body
    }

    /// Sends a form with the token of its own session.
    #[track_caller]
    pub(super) fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = self.csrf();
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        self.send("POST", path, &self.own_origin(), Some(&form(&fields)))
    }

    /// The token that this session's forms hold.
    #[track_caller]
    pub(super) fn csrf(&self) -> String {
        field(&self.page("/ports"), "csrf")
    }

    /// The line by which a browser says where a form comes from.
    pub(super) fn own_origin(&self) -> String {
        format!("origin: {}\r\n", self.served.url())
    }

    /// A request with these header lines.
    #[track_caller]
    pub(super) fn send(&self, method: &str, path: &str, lines: &str, body: Option<&str>) -> Reply {
        ask(self.served.address(), self.request(method, path, lines, body))
    }

    /// The same, as bytes.
    pub(super) fn request(&self, method: &str, path: &str, lines: &str, body: Option<&str>) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.served.address());
        if let Some(cookie) = &self.cookie {
            write!(head, "cookie: {cookie}\r\n").unwrap();
        }
        if let Some(body) = body {
            let length = body.len();
            write!(head, "content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n").unwrap();
        }
        format!("{head}{lines}\r\n{}", body.unwrap_or_default())
    }
}

/// That no other site can frame it, run in it or read it.
#[track_caller]
pub(super) fn guarded(reply: &Reply) {
    for (name, value) in HEADERS {
        assert_eq!(reply.header(name), Some(value), "{name}: {reply:#?}");
    }
}

/// The part of a link that a browser keeps to itself.
pub(super) fn secret(link: &str) -> &str {
    link.split_once('#').unwrap().1
}

/// Fields as a form is sent.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The value of a hidden field.
#[track_caller]
pub(super) fn field(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&start).unwrap_or_else(|| panic!("no field {name}: {page}")).1;
    rest.split_once('"').unwrap().0.to_owned()
}
