//! The places of a body that a standing approval leaves open. Everything they do not name stays fixed.
//!
//! In JSON a place is a JSON Pointer (RFC 6901), in a form the name of a field. Text has no places.

use crate::refusal::{Code, Refusal};
use crate::tree::Tree;
use crate::{Body, RoutedRequest, Shown};

/// Most places of one approval.
const MOST: usize = 16;

/// Longest place, in characters.
const LONGEST: usize = 256;

/// Places that were checked against the request they were named for; in order, none twice, none within another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FreePlaces(Vec<String>);

impl FreePlaces {
    /// Checks places against a request's body. Each must be there, or be missing from an object that is there: what
    /// may be left out may be added. An item of a list must be there.
    ///
    /// # Errors
    /// `bad-request` with the place at fault.
    pub fn of(request: &RoutedRequest, places: &[String]) -> Result<Self, Refusal> {
        if places.len() > MOST {
            return Err(refused(format!("{} places are to be free, expected at most {MOST}", places.len())));
        }
        if let Some(long) = places.iter().find(|place| place.chars().count() > LONGEST) {
            return Err(refused(format!("`{}` is over {LONGEST} characters", shown(long))));
        }
        match &request.description().body {
            Some(Body::Json(text)) => in_json(text, places)?,
            Some(Body::Form(_)) => in_form(places)?,
            Some(Body::Text(_)) | None if places.is_empty() => {}
            Some(Body::Text(_)) => return Err(refused("a text has no places that could be free")),
            None => return Err(refused("the request has no body in which something could be free")),
        }
        let mut places = places.to_vec();
        places.sort_unstable();
        if let Some(twice) = places.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(refused(format!("`{}` is named twice", shown(&twice[0]))));
        }
        Ok(Self(places))
    }

    /// Places that were stored. They free no more than [`Self::of`] allowed: the seal beside them covers them.
    #[must_use]
    pub fn stored(places: Vec<String>) -> Self {
        Self(places)
    }

    /// Each place.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Each place as steps through JSON; `None` where one is no pointer.
    pub(crate) fn steps(&self) -> Option<Vec<Vec<String>>> {
        self.0.iter().map(|place| steps(place)).collect()
    }
}

fn refused(what: impl Into<String>) -> Refusal {
    Refusal::new(Code::BadRequest, what)
}

fn shown(place: &str) -> String {
    Shown::new(place).limit_bytes(300).to_string()
}

fn in_json(text: &str, places: &[String]) -> Result<(), Refusal> {
    let Some(tree) = Tree::read(text) else { return Err(refused("the body is not strict JSON")) };
    let mut all: Vec<Vec<String>> = Vec::with_capacity(places.len());
    for place in places {
        let what = |why: &str| refused(format!("`{}` cannot be free: {why}", shown(place)));
        if place.is_empty() {
            return Err(what("it is the whole body"));
        }
        let steps = steps(place).ok_or_else(|| {
            what("expected a JSON Pointer").fix("write such as `/messages` or `/options/temperature`")
        })?;
        let parent = steps.split_last().and_then(|(_, parents)| tree.at(parents));
        match parent {
            Some(Tree::Object(_)) => {}
            Some(Tree::Array(_)) if tree.at(&steps).is_some() => {}
            Some(Tree::Array(_)) => return Err(what("the list has no such item")),
            Some(Tree::Plain(_) | Tree::Text(_)) | None => return Err(what("the body has no such place")),
        }
        all.push(steps);
    }
    for (at, outer) in all.iter().enumerate() {
        let within = |(other, inner): (usize, &Vec<String>)| {
            other != at && inner.len() > outer.len() && inner.starts_with(outer)
        };
        if let Some(other) = all.iter().enumerate().position(within) {
            return Err(refused(format!("`{}` lies within `{}`", shown(&places[other]), shown(&places[at]))));
        }
    }
    Ok(())
}

fn in_form(places: &[String]) -> Result<(), Refusal> {
    if places.iter().any(String::is_empty) {
        return Err(refused("a form field without a name cannot be free"));
    }
    Ok(())
}

/// Reads a JSON Pointer; `None` where it is none, or the whole document.
fn steps(place: &str) -> Option<Vec<String>> {
    place.strip_prefix('/')?.split('/').map(step).collect()
}

/// One step: `~1` stands for `/` and `~0` for `~`, and `~` stands for nothing else.
fn step(text: &str) -> Option<String> {
    let mut parts = text.split('~');
    let mut step = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (sign, rest) = match part.as_bytes().first()? {
            b'0' => ('~', &part[1..]),
            b'1' => ('/', &part[1..]),
            _ => return None,
        };
        step.push(sign);
        step.push_str(rest);
    }
    Some(step)
}

/// Writes steps as a JSON Pointer.
pub(crate) fn pointer(steps: &[String]) -> String {
    steps.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

    use super::*;

    #[test]
    fn a_pointer_is_read_as_its_rfc_says() {
        for (place, expected) in [
            ("/a", vec!["a"]),
            ("/a/0/b", vec!["a", "0", "b"]),
            ("/", vec![""]),
            ("/a~1b/m~0n", vec!["a/b", "m~n"]),
            ("/~01", vec!["~1"]),
        ] {
            assert_eq!(steps(place).unwrap(), expected, "{place}");
            assert_eq!(pointer(&steps(place).unwrap()), place);
        }
        for bad in ["", "a", "#/a", "/a~", "/a~2", "/~é"] {
            assert_eq!(steps(bad), None, "{bad}");
        }
    }
}
