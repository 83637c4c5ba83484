//! Where the service is: one https origin, and the path under which all others stand.

use portcullis_model::{Code, FixedOrigin, PathTemplate, Refusal};
use serde_json::Value;

use super::reason::Reason;
use super::remark::Remark;
use super::report::shown;

/// Servers of one list that are looked at.
const MAX_SERVERS: usize = 64;

/// Variables in one address; each is looked for in the whole of it.
const MAX_VARIABLES: usize = 16;

/// Longest address in bytes.
const MAX_BYTES: usize = 2_000;

/// The service's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Such as `https://api.example.com`.
    pub(super) origin: String,
    /// Nothing, or such as `/v1`.
    pub(super) base: String,
}

impl Server {
    /// The operator's, or the first of the description's that can be used.
    pub(super) fn choose(root: &Value, wish: Option<&str>, remarks: &mut Vec<Remark>) -> Result<Self, Refusal> {
        let fix = "name the server: `--server https://host/path`";
        if let Some(wish) = wish {
            return Self::parse(wish).map_err(|why| Refusal::new(Code::BadDocument, why).fix(fix));
        }
        let listed = list(root);
        let mut first_problem = None;
        for server in listed {
            let (text, filled_in) = address(server);
            match Self::parse(&text) {
                Ok(chosen) => {
                    let others = listed.len() - 1;
                    if others > 0 || filled_in {
                        let address = format!("{}{}", chosen.origin, chosen.base);
                        let why = if filled_in { "its variables filled in as described" } else { "the first usable" };
                        remarks.push(Remark::Whole(format!(
                            "the server is `{address}`, {why}, of {} described",
                            listed.len()
                        )));
                    }
                    return Ok(chosen);
                }
                Err(why) => {
                    first_problem.get_or_insert(why);
                }
            }
        }
        let why = first_problem.unwrap_or_else(|| "the description names no server".to_owned());
        Err(Refusal::new(Code::BadDocument, why).fix(fix))
    }

    /// Which of the servers that an operation or a path names for itself is at this origin. Its base path, where one is.
    pub(super) fn base_of(&self, item: &Value) -> Result<Option<String>, Reason> {
        let listed = list(item);
        let Some(first) = listed.first() else { return Ok(None) };
        let here = listed.iter().find_map(|server| {
            let server = Self::parse(&address(server).0).ok()?;
            (server.origin == self.origin).then_some(server.base)
        });
        here.map(Some).ok_or_else(|| Reason::OtherOrigin(format!("`{}`", shown(&address(first).0))))
    }

    /// An origin, and a path that could stand in a path template: no query, no fragment, no `..`.
    fn parse(text: &str) -> Result<Self, String> {
        let bad = |why: &str| format!("the server `{}` cannot be used: {why}", shown(text));
        let (scheme, rest) = text.split_once("://").ok_or_else(|| bad("expected `https://host`"))?;
        let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let origin = FixedOrigin::declared(&format!("{scheme}://{host}")).map_err(|e| bad(&e.to_string()))?;
        let base = path.trim_end_matches('/');
        if !base.is_empty() {
            let template = PathTemplate::parse(base).map_err(|e| bad(&e.to_string()))?;
            if template.parameters().next().is_some() {
                return Err(bad("a variable without a default"));
            }
        }
        Ok(Self { origin: origin.to_string(), base: base.to_owned() })
    }
}

fn list(item: &Value) -> &[Value] {
    let listed = item.get("servers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    &listed[..listed.len().min(MAX_SERVERS)]
}

/// Its address with the defaults of its variables (OpenAPI 3.1.1, section 4.8.6), and whether there were any.
fn address(server: &Value) -> (String, bool) {
    let mut text = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let variables = server.get("variables").and_then(Value::as_object);
    let mut filled_in = false;
    for (name, variable) in variables.into_iter().flatten().take(MAX_VARIABLES) {
        let default = match variable.get("default") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        let place = format!("{{{name}}}");
        if text.len() <= MAX_BYTES && default.len() <= MAX_BYTES && text.contains(&place) {
            text = text.replacen(&place, &default, 1);
            filled_in = true;
        }
    }
    (text, filled_in)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn choose(servers: Value) -> Result<Server, Refusal> {
        Server::choose(&json!({"servers": servers}), None, &mut Vec::new())
    }

    #[test]
    fn the_first_server_that_can_be_an_origin_is_taken_with_its_base_path() {
        let server = |origin: &str, base: &str| Server { origin: origin.to_owned(), base: base.to_owned() };
        let one = |url: &str| choose(json!([{"url": url}]));
        assert_eq!(one("https://a.example").unwrap(), server("https://a.example", ""));
        assert_eq!(one("https://a.example/").unwrap(), server("https://a.example", ""));
        assert_eq!(one("https://a.example:443/v1/x/").unwrap(), server("https://a.example", "/v1/x"));
        let listed = json!([{"url": "/v1"}, {"url": "http://a.example"}, {"url": "https://b.example:8443/v2"}]);
        assert_eq!(choose(listed).unwrap(), server("https://b.example:8443", "/v2"));
        let variable = json!([{"url": "https://{region}.example.com/{version}",
            "variables": {"region": {"default": "eu", "enum": ["eu", "us"]}, "version": {"default": 2}}}]);
        assert_eq!(choose(variable).unwrap(), server("https://eu.example.com", "/2"));
    }

    #[test]
    fn what_is_no_fixed_public_https_origin_is_refused() {
        for url in [
            "",
            "/",
            "/v1",
            "a.example",
            "http://a.example",
            "https://user:pass@a.example",
            "https://user@a.example/v1",
            "https://localhost",
            "https://127.0.0.1",
            "https://a.example/../v1",
            "https://a.example/v1?x=1",
            "https://a.example#x",
            "https://a.example//v1",
            "https://A.example",
            "https://{tenant}.example.com",
            "https://a.example/{tenant}",
            "https://a.example\\@b.example",
            "ftp://a.example",
        ] {
            let refusal = choose(json!([{"url": url}])).unwrap_err();
            assert_eq!(refusal.code(), Code::BadDocument, "{url}");
            assert!(refusal.way_out().unwrap().contains("--server"), "{url}");
        }
        assert!(choose(json!([])).is_err() && choose(json!("x")).is_err() && choose(json!([1])).is_err());
        let override_ = Server::choose(&json!({}), Some("https://a.example/v1"), &mut Vec::new()).unwrap();
        assert_eq!((override_.origin.as_str(), override_.base.as_str()), ("https://a.example", "/v1"));
        assert!(Server::choose(&json!({}), Some("http://a.example"), &mut Vec::new()).is_err());
    }

    #[test]
    fn a_server_of_an_operation_counts_where_it_is_at_the_same_origin() {
        let server = Server { origin: "https://a.example".to_owned(), base: "/v1".to_owned() };
        let base = |servers: Value| server.base_of(&json!({"servers": servers}));
        assert_eq!(server.base_of(&json!({})), Ok(None));
        assert_eq!(base(json!([])), Ok(None));
        assert_eq!(
            base(json!([{"url": "https://b.example"}, {"url": "https://a.example/v2"}])),
            Ok(Some("/v2".into()))
        );
        assert!(matches!(base(json!([{"url": "https://b.example"}])), Err(Reason::OtherOrigin(_))));
        assert!(matches!(base(json!([{"url": "https://a.example:8443"}])), Err(Reason::OtherOrigin(_))));
    }
}
