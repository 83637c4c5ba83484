//! A port of a definition.

use portcullis_plugin::{Auth, HeaderAuth, Port, Publisher, Value};

use crate::definition::NotADefinition;
use crate::members::{Members, Read, list, or_null, text};

pub(crate) fn port(value: Value) -> Read<Port> {
    Members::all(value, |members| {
        Ok(Port {
            slug: members.text("slug")?,
            label: members.text("label")?,
            description: members.text("description")?,
            origin: members.text("origin")?,
            auth: members.take("auth", auth)?,
            category: members.text("category")?,
            tags: members.take("tags", list(text))?,
            publisher: members.take("publisher", publisher)?,
        })
    })
}

/// A word, or the word for a header with the header in it.
fn auth(value: Value) -> Read<Auth> {
    match value.as_str() {
        Some("bearer") => Ok(Auth::Bearer),
        Some("none") => Ok(Auth::None),
        Some(_) => Err(NotADefinition),
        None => Members::all(value, |members| members.take("header", header).map(Auth::Header)),
    }
}

fn header(value: Value) -> Read<HeaderAuth> {
    Members::all(value, |members| Ok(HeaderAuth { name: members.text("name")?, prefix: members.text("prefix")? }))
}

fn publisher(value: Value) -> Read<Publisher> {
    Members::all(value, |members| {
        Ok(Publisher {
            slug: members.text("slug")?,
            name: members.text("name")?,
            website_url: members.take("website_url", or_null(text))?,
        })
    })
}
