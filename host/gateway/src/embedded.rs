//! Components built with the host, and the documents of the catalog, carried in its binary.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A shipped plugin.
pub(crate) fn plugin(name: &str) -> Option<&'static [u8]> {
    PLUGINS.iter().find(|(n, _)| *n == name).map(|(_, bytes)| *bytes)
}

/// The template.
pub(crate) fn template() -> &'static [u8] {
    TEMPLATE
}

/// Names of the shipped plugins.
pub(crate) fn plugin_names() -> impl Iterator<Item = &'static str> {
    PLUGINS.iter().map(|(name, _)| *name)
}

/// A document of the catalog.
pub(crate) fn document(name: &str) -> Option<&'static str> {
    DOCUMENTS.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// Every document of the catalog by name.
pub(crate) fn documents() -> impl Iterator<Item = (&'static str, &'static str)> {
    DOCUMENTS.iter().copied()
}

/// A hostile guest of the demo.
pub(crate) fn hostile(name: &str) -> Option<&'static [u8]> {
    HOSTILE.iter().find(|(n, _)| *n == name).map(|(_, bytes)| *bytes)
}
