//! The rules for a path, over its text: what keeps the library's parser and evaluator from endless work.
//!
//! A path comes from an agent and is run over a document from anywhere. The parser of `serde_json_path` 0.7 tries
//! nested filters and nested functions again at each level, doubling the work, and panics on an unfinished `\u`; its
//! evaluator has no bound, `['a','a']` finds a place twice, and `match` compiles its pattern at every place. So a path
//! is read here first, left to right, and only what has none of these goes on. Does not check the grammar: that is the
//! parser's work.

use std::iter::Peekable;
use std::str::CharIndices;

/// Bytes of a path.
pub(super) const MAX_BYTES: usize = 512;
/// Open parentheses.
const MAX_PARENTHESES: usize = 8;
/// Functions that do no more than look. `match` and `search` compile a pattern at every place.
const FUNCTIONS: [&str; 3] = ["count", "length", "value"];
/// What is said of other lists.
const SEVERAL: &str = "several selectors in one bracket are different plain names, or numbers of one sign";

/// What a path does, as far as it tells how much work that is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// It can find one place at most (RFC 9535, section 2.3.5.1).
    pub(super) singular: bool,
    /// It goes down to every level.
    pub(super) descends: bool,
    /// Steps outside filters.
    pub(super) steps: usize,
    /// Steps inside filters.
    pub(super) tests: usize,
    /// Comparisons, each of which can compare all that stands in two places.
    pub(super) comparisons: usize,
}

/// Reads a path. The error says which rule it breaks.
pub(super) fn read(text: &str) -> Result<Shape, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("a path has at most {MAX_BYTES} bytes, and this one has {}", text.len()));
    }
    if !text.starts_with('$') {
        return Err("a path starts with `$`, the whole answer".to_owned());
    }
    Reader { text, rest: text.char_indices().peekable(), shape: Shape { singular: true, ..Shape::default() } }.read()
}

struct Reader<'t> {
    text: &'t str,
    rest: Peekable<CharIndices<'t>>,
    shape: Shape,
}

/// A bracket of a filter, and how deep one is in it.
#[derive(Default)]
struct Filter {
    brackets: usize,
    parentheses: usize,
    /// The parenthesis that belongs to a function, counted as `parentheses`.
    function: Option<usize>,
}

impl Reader<'_> {
    fn read(mut self) -> Result<Shape, String> {
        let mut filter: Option<Filter> = None;
        while let Some((at, character)) = self.rest.next() {
            match character {
                '\'' | '"' => self.string(character)?,
                '$' if at > 0 => return Err("`$` stands at the start only; in a filter, `@` is the item".to_owned()),
                '?' if filter.is_some() => return Err("a filter cannot hold another one".to_owned()),
                '?' => return Err("a filter stands in brackets, alone".to_owned()),
                ',' if filter.as_ref().is_some_and(Filter::is_outermost) => return Err(SEVERAL.to_owned()),
                '*' | ':' => self.shape.singular = false,
                '.' => self.dot(filter.is_some())?,
                '[' => match &mut filter {
                    Some(filter) => {
                        filter.brackets += 1;
                        self.shape.tests += 1;
                        self.list(false)?;
                    }
                    None => {
                        self.shape.steps += 1;
                        if self.list(true)? {
                            self.shape.singular = false;
                            filter = Some(Filter { brackets: 1, ..Filter::default() });
                        }
                    }
                },
                ']' => {
                    if let Some(open) = &mut filter {
                        open.brackets -= 1;
                        if open.brackets == 0 {
                            filter = None;
                        }
                    }
                }
                '@' => self.shape.tests += 1,
                '=' | '<' | '>' => self.shape.comparisons += 1,
                '(' => {
                    let before = &self.text[..at];
                    match &mut filter {
                        Some(filter) => filter.open(before)?,
                        None => return Err("parentheses stand in filters only".to_owned()),
                    }
                }
                ')' => {
                    if let Some(filter) = &mut filter {
                        filter.close();
                    }
                }
                _ => {}
            }
        }
        Ok(self.shape)
    }

    /// After a quote: up to the other one.
    fn string(&mut self, quote: char) -> Result<(), String> {
        while let Some((_, character)) = self.rest.next() {
            match character {
                '\\' => match self.rest.next() {
                    Some((_, 'u')) => {
                        for _ in 0..4 {
                            if !self.rest.next().is_some_and(|(_, digit)| digit.is_ascii_hexdigit()) {
                                return Err("`\\u` wants four hexadecimal digits".to_owned());
                            }
                        }
                    }
                    Some(_) => {}
                    None => break,
                },
                character if character == quote => return Ok(()),
                _ => {}
            }
        }
        Err(format!("a string does not end: {quote} is missing"))
    }

    /// After a dot.
    fn dot(&mut self, in_filter: bool) -> Result<(), String> {
        if self.rest.next_if(|(_, character)| *character == '.').is_some() {
            if self.shape.descends {
                return Err("`..` can stand in a path once".to_owned());
            }
            self.shape.descends = true;
            self.shape.singular = false;
        }
        if in_filter {
            self.shape.tests += 1;
        } else {
            self.shape.steps += 1;
        }
        Ok(())
    }

    /// After an opening bracket: whether it opens a filter, and then goes on to the expression in it. Several selectors
    /// in one bracket have to be different names, or different places counted from the same end, so that no place is
    /// found twice.
    fn list(&mut self, opens_filter: bool) -> Result<bool, String> {
        let mut ahead = Reader { text: self.text, rest: self.rest.clone(), shape: Shape::default() };
        let (mut selectors, mut start) = (Vec::new(), None);
        while let Some((at, character)) = ahead.rest.next() {
            let start_at = *start.get_or_insert(at);
            match character {
                '?' if self.text[start_at..at].trim().is_empty() && selectors.is_empty() && opens_filter => {
                    self.rest = ahead.rest;
                    return Ok(true);
                }
                '\'' | '"' => ahead.string(character)?,
                ',' | ']' => {
                    selectors.push(self.text[start_at..at].trim());
                    start = None;
                    if character == ']' {
                        break;
                    }
                }
                _ => {}
            }
        }
        if selectors.len() > 1 {
            self.shape.singular = false;
            distinct(&selectors)?;
        }
        Ok(false)
    }
}

impl Filter {
    /// Whether one is between the bracket of the filter and anything inside it.
    fn is_outermost(&self) -> bool {
        self.brackets == 1 && self.parentheses == 0
    }

    /// At an opening parenthesis; `before` is all that stands before it.
    fn open(&mut self, before: &str) -> Result<(), String> {
        if self.function.is_some() {
            return Err("a function cannot hold parentheses".to_owned());
        }
        self.parentheses += 1;
        if self.parentheses > MAX_PARENTHESES {
            return Err(format!("at most {MAX_PARENTHESES} parentheses can be open"));
        }
        let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let name = &before[before.trim_end_matches(is_name).len()..];
        if !name.is_empty() {
            if !FUNCTIONS.contains(&name) {
                return Err(format!("there is no function `{name}` here, only {}", FUNCTIONS.join(", ")));
            }
            self.function = Some(self.parentheses);
        }
        Ok(())
    }

    fn close(&mut self) {
        if self.function == Some(self.parentheses) {
            self.function = None;
        }
        self.parentheses = self.parentheses.saturating_sub(1);
    }
}

/// Whether several selectors in one bracket can find no place twice.
fn distinct(selectors: &[&str]) -> Result<(), String> {
    let name = |selector: &str| {
        let quoted = |quote| selector.strip_prefix(quote)?.strip_suffix(quote);
        quoted('\'').or_else(|| quoted('"')).filter(|name| !name.contains('\\')).map(str::to_owned)
    };
    let index = |selector: &str| selector.parse::<i64>().ok();
    let mut names: Vec<String> = selectors.iter().filter_map(|selector| name(selector)).collect();
    let mut indices: Vec<i64> = selectors.iter().filter_map(|selector| index(selector)).collect();
    let all = names.len() + indices.len();
    names.sort_unstable();
    names.dedup();
    indices.sort_unstable();
    indices.dedup();
    let one_end = indices.iter().all(|index| *index < 0) || indices.iter().all(|index| *index >= 0);
    if all == selectors.len() && names.len() + indices.len() == all && one_end {
        return Ok(());
    }
    Err(SEVERAL.to_owned())
}

#[cfg(test)]
mod tests;
