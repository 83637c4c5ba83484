//! Components built with the host and carried in its binary.

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

/// A hostile guest of the demo.
pub(crate) fn hostile(name: &str) -> Option<&'static [u8]> {
    HOSTILE.iter().find(|(n, _)| *n == name).map(|(_, bytes)| *bytes)
}
