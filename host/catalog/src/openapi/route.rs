//! The path of an operation as a path template, and its parameters' names in it.

use portcullis_model::PathTemplate;

use super::reason::Reason;
use super::report::shown;

/// Longest path in bytes, far over what a template may have.
const MAX_BYTES: usize = 4_000;

/// Longest name of a path parameter.
const MAX_NAME_BYTES: usize = 64;

/// A path that an action can declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// Such as `/v1/agents/{agent_id}`.
    pub(super) template: String,
    /// Each parameter by its name in the description and in the template. They differ where the description uses
    /// characters that no template has; the name is never sent.
    pub(super) parameters: Vec<(String, String)>,
}

impl Route {
    /// A path below the server's base path.
    pub(super) fn of(base: &str, path: &str) -> Result<Self, Reason> {
        let mut template = base.to_owned();
        let mut parameters: Vec<(String, String)> = Vec::new();
        if path.len() > MAX_BYTES {
            return Err(Reason::Path(format!("`{}` is too long", shown(path))));
        }
        if path.contains('?') {
            return Err(Reason::Path(format!("`{}` has a query in its path", shown(path))));
        }
        let rest =
            path.strip_prefix('/').ok_or_else(|| Reason::Path(format!("`{}` starts without `/`", shown(path))))?;
        for segment in rest.split('/') {
            template.push('/');
            let inner = segment.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
            match inner.filter(|inner| !inner.contains(['{', '}'])) {
                Some(name) => {
                    let plain = plain(name, &parameters);
                    template.push_str(&format!("{{{plain}}}"));
                    parameters.push((name.to_owned(), plain));
                }
                None if segment.contains(['{', '}']) => {
                    let segment = shown(segment);
                    return Err(Reason::Path(format!("`{segment}` is more than one parameter between two slashes")));
                }
                None => template.push_str(segment),
            }
        }
        PathTemplate::parse(&template).map_err(|problem| Reason::Path(problem.to_string()))?;
        Ok(Self { template, parameters })
    }

    /// The name in the template of a parameter of the description.
    pub(super) fn name(&self, described: &str) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| name == described).map(|(_, plain)| plain.as_str())
    }
}

/// A name that a template may have. Another one of the same name stays the same, and the template is refused.
fn plain(name: &str, taken: &[(String, String)]) -> String {
    let known = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    let plain: String = name.chars().take(MAX_NAME_BYTES).map(known).collect();
    let is_taken = |plain: &str| taken.iter().any(|(described, other)| other == plain && described != name);
    if !is_taken(&plain) {
        return plain;
    }
    let numbered = (2..=taken.len() + 2).map(|number| {
        let kept: String = plain.chars().take(MAX_NAME_BYTES - 4).collect();
        format!("{kept}_{number}")
    });
    numbered.into_iter().find(|name| !is_taken(name)).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stands_below_the_base_path_with_plain_names() {
        let route = Route::of("/v1", "/a/{user.id}/{user_id}/b").unwrap();
        assert_eq!(route.template, "/v1/a/{user_id}/{user_id_2}/b");
        assert_eq!(route.name("user.id"), Some("user_id"));
        assert_eq!(route.name("user_id"), Some("user_id_2"));
        assert_eq!(Route::of("", "/").unwrap().template, "/");
    }

    #[test]
    fn a_path_that_no_template_can_be_is_left_out() {
        for path in [
            "",
            "a",
            "/a/",
            "//a",
            "/a/../b",
            "/./a",
            "/a/{id}.json",
            "/a/{x}{y}",
            "/a/{}",
            "/a/{id}:run",
            "/a b",
            "/a?x=1",
            "/a%2fb",
            "/{x}/{x}",
            "/a\\b",
        ] {
            assert!(matches!(Route::of("", path), Err(Reason::Path(_))), "{path}");
        }
        assert!(matches!(Route::of("/v1", "/"), Err(Reason::Path(_))), "a last slash is another path");
    }
}
