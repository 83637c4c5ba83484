//! Reads the tables beside it. In every string, `⟦text*n⟧` stands for `text`, `n` times.

use portcullis_model::{Body, Method};
use serde::{Deserialize, Deserializer};

/// A file of rows, with what its rows have in common.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    action: Option<String>,
    path: Option<Vec<Long>>,
    rows: Vec<Row>,
}

/// One description and what must come of it: `gives`, `lines` and `sent`, or `refused` and `why`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) action: String,
    /// Where the plugin describes another method than the declared one.
    pub(crate) method: Option<Method>,
    #[serde(default)]
    path: Option<Vec<Long>>,
    /// Short for the path `v1`, `things` and this.
    segment: Option<Long>,
    #[serde(default)]
    query: Vec<(Long, Long)>,
    #[serde(default)]
    headers: Vec<(Long, Long)>,
    body: Option<Sent>,
    /// Method, path and query.
    pub(crate) gives: Option<Long>,
    /// Header lines that the host does not add by itself.
    #[serde(default)]
    pub(crate) lines: Vec<Long>,
    /// The body's bytes.
    pub(crate) sent: Option<Long>,
    /// The code of the refusal.
    pub(crate) refused: Option<String>,
    /// Part of its message, so that no other guard can stand in for the one that is meant.
    pub(crate) why: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sent {
    Json(Long),
    Form(Vec<(Long, Long)>),
    Text(Long),
}

/// A string of a table, written out.
#[derive(Debug, Clone)]
pub(crate) struct Long(pub(crate) String);

impl<'de> Deserialize<'de> for Long {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut rest = String::deserialize(deserializer)?;
        let mut whole = String::new();
        while let Some((before, from)) = rest.split_once('⟦') {
            let (repeat, after) = from.split_once('⟧').unwrap();
            let (text, times) = repeat.rsplit_once('*').unwrap();
            whole.push_str(before);
            whole.push_str(&text.repeat(times.parse().unwrap()));
            rest = after.to_owned();
        }
        Ok(Self(whole + &rest))
    }
}

impl Row {
    pub(crate) fn path(&self) -> Vec<String> {
        match &self.segment {
            Some(segment) => vec!["v1".to_owned(), "things".to_owned(), segment.0.clone()],
            None => self.path.iter().flatten().map(|s| s.0.clone()).collect(),
        }
    }

    pub(crate) fn query(&self) -> Vec<(String, String)> {
        pairs(&self.query)
    }

    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        pairs(&self.headers)
    }

    pub(crate) fn body(&self) -> Option<Body> {
        self.body.as_ref().map(|body| match body {
            Sent::Json(text) => Body::Json(text.0.clone()),
            Sent::Form(fields) => Body::Form(pairs(fields)),
            Sent::Text(text) => Body::Text(text.0.clone()),
        })
    }
}

fn pairs(pairs: &[(Long, Long)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.0.clone(), value.0.clone())).collect()
}

/// Every row of every table.
pub(crate) fn rows() -> Vec<Row> {
    let files = [
        ("methods", include_str!("methods.toml")),
        ("paths", include_str!("paths.toml")),
        ("segments", include_str!("segments.toml")),
        ("queries", include_str!("queries.toml")),
        ("headers", include_str!("headers.toml")),
        ("bodies", include_str!("bodies.toml")),
    ];
    files.into_iter().flat_map(|(table, text)| rows_of(table, text)).collect()
}

fn rows_of(table: &str, text: &str) -> Vec<Row> {
    let file: File = toml::from_str(text).unwrap();
    let mut rows = file.rows;
    for row in &mut rows {
        row.name = format!("{table}: {}", row.name);
        if row.action.is_empty() {
            row.action = file.action.clone().unwrap();
        }
        row.path = row.path.take().or_else(|| file.path.clone());
    }
    rows
}

/// What may be declared at all, and what may not, with the reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declarations {
    pub(crate) query: QueryKeys,
    pub(crate) header: HeaderNames,
    pub(crate) path: Templates,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueryKeys {
    pub(crate) good: Vec<Long>,
    pub(crate) credential: Vec<Long>,
    pub(crate) method: Vec<Long>,
    pub(crate) malformed: Vec<Long>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderNames {
    pub(crate) good: Vec<Long>,
    pub(crate) reserved: Vec<Long>,
    pub(crate) malformed: Vec<Long>,
    pub(crate) underscored: Vec<Long>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Templates {
    pub(crate) good: Vec<Long>,
    pub(crate) malformed: Vec<Long>,
}

pub(crate) fn declarations() -> Declarations {
    toml::from_str(include_str!("declarations.toml")).unwrap()
}
