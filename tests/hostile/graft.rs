//! Components that no toolchain makes: an honest plugin with something foreign grown onto it.

use crate::stage::guest;

const COMPONENT: u8 = 4;
const INSTANCE: u8 = 5;
const IMPORT: u8 = 10;

/// An import as a component's bytes spell it (Component Model, Binary.md, `externdesc`).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Imported {
    /// An instance of the first type.
    Instance,
    /// A function of the first type.
    Function,
    /// A resource type.
    Resource,
}

/// A plugin that passes every check.
pub(crate) fn honest() -> Vec<u8> {
    guest("second_answer").to_vec()
}

/// The honest plugin, with a component beside it that is instantiated when the plugin is.
pub(crate) fn beside(component: &[u8]) -> Vec<u8> {
    let mut bytes = honest();
    let index = sections(&bytes).filter(|id| *id == COMPONENT).count();
    section(&mut bytes, COMPONENT, component);
    let mut instance = vec![1, 0];
    number(&mut instance, index);
    instance.push(0);
    section(&mut bytes, INSTANCE, &instance);
    bytes
}

/// The same, from text.
pub(crate) fn beside_text(component: &str) -> Vec<u8> {
    beside(&wat::parse_str(component).unwrap())
}

/// The honest plugin, with an import that is never used.
pub(crate) fn importing(name: &str, what: Imported) -> Vec<u8> {
    importing_too(&honest(), name, what)
}

/// A component, with one import more.
pub(crate) fn importing_too(component: &[u8], name: &str, what: Imported) -> Vec<u8> {
    let mut import = vec![1, 0];
    number(&mut import, name.len());
    import.extend(name.as_bytes());
    import.extend(match what {
        Imported::Instance => [5, 0],
        Imported::Function => [1, 0],
        Imported::Resource => [3, 1],
    });
    let mut bytes = component.to_vec();
    section(&mut bytes, IMPORT, &import);
    bytes
}

/// Appends a section.
pub(crate) fn section(bytes: &mut Vec<u8>, id: u8, content: &[u8]) {
    bytes.push(id);
    number(bytes, content.len());
    bytes.extend(content);
}

/// Identifiers of the outermost sections.
fn sections(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let mut at = 8;
    std::iter::from_fn(move || {
        let id = *bytes.get(at)?;
        let (mut size, mut shift) = (0_usize, 0);
        loop {
            at += 1;
            size |= usize::from(bytes[at] & 0x7f) << shift;
            shift += 7;
            if bytes[at] & 0x80 == 0 {
                break;
            }
        }
        at += 1 + size;
        Some(id)
    })
}

/// Unsigned LEB128.
fn number(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
}
