//! Path templates such as `/v1/agents/{agent_id}`.

/// One part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Stands for itself.
    Literal(&'a str),
    /// `{name}`: one segment.
    One(&'a str),
    /// `{name+}`: one or more segments.
    Many(&'a str),
}

/// The parts of a template, in order, for plugins that fill one in themselves; a [`Route`](crate::Route) does it for the
/// others. Whether the template is well formed is the host's to check.
pub fn parts(template: &str) -> impl Iterator<Item = Part<'_>> {
    let path = template.strip_prefix('/').unwrap_or(template);
    // `/` alone has no segments, and an empty one would be refused.
    path.split('/').filter(|text| !text.is_empty()).map(part)
}

fn part(text: &str) -> Part<'_> {
    let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
    match inner {
        None => Part::Literal(text),
        Some(name) => match name.strip_suffix('+') {
            None => Part::One(name),
            Some(name) => Part::Many(name),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    #[test]
    fn names_are_told_from_literals() {
        let found: Vec<_> = parts("/v1/files/{id}/{rest+}").collect();
        let expected = [Part::Literal("v1"), Part::Literal("files"), Part::One("id"), Part::Many("rest")];
        assert_eq!(found, expected);
        assert_eq!(parts("/").count(), 0);
    }
}
