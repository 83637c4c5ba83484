//! The one import, as the world `template` has it. Its exports are the world's too; the crate for authors writes them.

#[allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused,
    clippy::all,
    reason = "generated from `wit/`: the only code here that touches the component ABI"
)]
mod bindings {
    wit_bindgen::generate!({ world: "template", path: "../../wit" });
}

pub(crate) use bindings::definition;
