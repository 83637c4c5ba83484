//! Path templates: the only paths an action may describe.

use std::fmt;

use percent_encoding::utf8_percent_encode;
use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::segment::{ENCODED, Segment, SegmentProblem};
use crate::shown::Shown;

/// A parsed template such as `/v1/agents/{agent_id}` or `/v1/files/{path+}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Parameter(String),
    /// One or more segments; only ever the last part.
    Rest(String),
}

/// Why a template or a path is not right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateProblem {
    /// The template itself is malformed.
    #[error("`{0}` is not a path template: {1}")]
    Malformed(String, &'static str),
    /// The path has another shape.
    #[error("path `{path}` is not `{template}`")]
    Mismatch {
        /// The path as described, escaped.
        path: String,
        /// The declared template.
        template: String,
    },
    /// One segment is unfit.
    #[error(transparent)]
    Segment(#[from] SegmentProblem),
}

const MAX_PARTS: usize = 32;

impl PathTemplate {
    /// Parses a declared template.
    ///
    /// # Errors
    /// Names what is malformed.
    pub fn parse(text: &str) -> Result<Self, TemplateProblem> {
        let bad = |why| TemplateProblem::Malformed(Shown::new(text).to_string(), why);
        let rest = text.strip_prefix('/').ok_or_else(|| bad("it must start with `/`"))?;
        if rest.is_empty() {
            return Ok(Self { parts: Vec::new() });
        }
        let mut parts: Vec<Part> = Vec::new();
        for piece in rest.split('/') {
            if matches!(parts.last(), Some(Part::Rest(_))) {
                return Err(bad("`{name+}` must be last"));
            }
            let part = parse_part(piece).map_err(bad)?;
            if let Some(name) = part.parameter()
                && parts.iter().any(|p| p.parameter() == Some(name))
            {
                return Err(bad("a parameter occurs twice"));
            }
            parts.push(part);
        }
        if parts.len() > MAX_PARTS {
            return Err(bad("it has more than 32 segments"));
        }
        Ok(Self { parts })
    }

    /// Checks the segments of a description and writes them as a URL path.
    ///
    /// # Errors
    /// When the shape differs or a segment is unfit.
    pub fn fill(&self, segments: &[String]) -> Result<String, TemplateProblem> {
        let mismatch = || TemplateProblem::Mismatch {
            path: Shown::new(&format!("/{}", segments.join("/"))).to_string(),
            template: self.to_string(),
        };
        let open_ended = matches!(self.parts.last(), Some(Part::Rest(_)));
        let fits = if open_ended { segments.len() >= self.parts.len() } else { segments.len() == self.parts.len() };
        if !fits || segments.len() > MAX_PARTS {
            return Err(mismatch());
        }
        let mut path = String::new();
        for (at, segment) in segments.iter().enumerate() {
            path.push('/');
            // Past the last part only an open-ended template gets here, and its last part is the `Rest`.
            match self.parts.get(at).or(self.parts.last()) {
                Some(Part::Literal(literal)) if literal == segment => path.push_str(literal),
                Some(Part::Parameter(_) | Part::Rest(_)) => path.push_str(&Segment::parse(segment)?.encoded()),
                _ => return Err(mismatch()),
            }
        }
        if path.is_empty() {
            path.push('/');
        }
        Ok(path)
    }

    /// What the parameters stand for in segments that fit: each as described, the last `{name+}` as its segments,
    /// percent-encoded, with `/` between them.
    #[must_use]
    pub fn values(&self, segments: &[String]) -> Vec<(String, String)> {
        let value = |(at, part): (usize, &Part)| match part {
            Part::Literal(_) => None,
            Part::Parameter(name) => Some((name.clone(), segments.get(at)?.clone())),
            Part::Rest(name) => {
                let rest: Vec<String> =
                    segments.get(at..)?.iter().map(|s| utf8_percent_encode(s, ENCODED).to_string()).collect();
                Some((name.clone(), rest.join("/")))
            }
        };
        self.parts.iter().enumerate().filter_map(value).collect()
    }

    /// Names of the parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(Part::parameter)
    }
}

impl Part {
    fn parameter(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter(name) | Self::Rest(name) => Some(name),
        }
    }
}

fn parse_part(piece: &str) -> Result<Part, &'static str> {
    if let Some(inner) = piece.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
        let (name, open_ended) = match inner.strip_suffix('+') {
            Some(name) => (name, true),
            None => (inner, false),
        };
        let ok =
            (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !ok {
            return Err("a parameter is `{name}`, made of letters, digits, `_` and `-`");
        }
        return Ok(if open_ended { Part::Rest(name.to_owned()) } else { Part::Parameter(name.to_owned()) });
    }
    if piece.is_empty() {
        return Err("a segment is empty");
    }
    if piece == "." || piece == ".." {
        return Err("`.` and `..` are no segments");
    }
    // Unreserved characters and the few of `pchar` (RFC 3986, section 3.3) that nobody splits on.
    if piece.len() > 128 || !piece.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:@,=".contains(&b)) {
        return Err("a literal segment is made of letters, digits and `-._~:@,=`");
    }
    Ok(Part::Literal(piece.to_owned()))
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.parts.is_empty() {
            return f.write_str("/");
        }
        for part in &self.parts {
            match part {
                Part::Literal(text) => write!(f, "/{text}")?,
                Part::Parameter(name) => write!(f, "/{{{name}}}")?,
                Part::Rest(name) => write!(f, "/{{{name}+}}")?,
            }
        }
        Ok(())
    }
}

impl Serialize for PathTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
