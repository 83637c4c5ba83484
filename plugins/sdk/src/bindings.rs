//! The world `plugin`, as Rust. Generated when this crate is compiled; nothing here is written by hand.

wit_bindgen::generate!({
    world: "plugin",
    path: "../../wit",
    pub_export_macro: true,
    export_macro_name: "export_world",
    additional_derives: [PartialEq, Eq],
});
