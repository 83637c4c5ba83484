//! The template on definitions that no host would hand it, driven by wasmtime alone: it says no, and where it can say
//! nothing it stops.

use portcullis_gateway::template;
use serde_json::{Value, json};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store, Trap};

use crate::declared::{change, definition};

wasmtime::component::bindgen!({ path: "../wit", world: "template" });

struct Bare {
    engine: Engine,
    pre: TemplatePre<String>,
}

impl TemplateImports for String {
    fn definition(&mut self) -> String {
        self.clone()
    }
}

impl Bare {
    fn new() -> Self {
        let engine = Engine::default();
        let component = Component::new(&engine, template()).unwrap();
        let mut linker = Linker::new(&engine);
        Template::add_to_linker::<String, wasmtime::component::HasSelf<String>>(&mut linker, |text| text).unwrap();
        let pre = TemplatePre::new(linker.instantiate_pre(&component).unwrap()).unwrap();
        Self { engine, pre }
    }

    /// Whether a definition is declared, and whether a call of it is refused in words.
    fn run(&self, text: &str) -> (bool, bool) {
        let mut store = Store::new(&self.engine, text.to_owned());
        let instance = self.pre.instantiate(&mut store).unwrap();
        let declared = match instance.portcullis_action_contract().call_declare(&mut store) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::UnreachableCodeReached), "{error:?}");
                false
            }
        };
        let mut store = Store::new(&self.engine, text.to_owned());
        let instance = self.pre.instantiate(&mut store).unwrap();
        let described = instance.portcullis_action_contract().call_describe(&mut store, "change-thing", INPUT).unwrap();
        (declared, described.is_err())
    }
}

const INPUT: &str = r#"{"path":{"id":"a"},"body":{"name":"n"}}"#;

#[test]
fn a_broken_definition_is_a_refusal_of_every_call_and_declares_nothing() {
    let bare = Bare::new();
    let whole = definition(vec![change("change-thing")]);
    assert_eq!(bare.run(whole.as_str()), (true, false));
    let mut value: Value = serde_json::from_str(whole.as_str()).unwrap();
    value["manifest"]["actions"][0]["more"] = json!(1);
    for text in [
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        "\u{0}".to_owned(),
        "[".repeat(10_000),
        format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
        "{\"manifest\":".repeat(10_000),
        format!("\"{}\"", "a".repeat(8 << 20)),
        whole.as_str().replace("\"PATCH\"", "\"TRACE\""),
        whole.as_str()[1..].to_owned(),
        value.to_string(),
    ] {
        assert_eq!(bare.run(&text), (false, true), "{}", text.chars().take(60).collect::<String>());
    }
}

#[test]
fn a_definition_cut_short_anywhere_declares_nothing() {
    let bare = Bare::new();
    let whole = definition(vec![change("change-thing")]);
    for part in 0..50 {
        assert_eq!(bare.run(&whole.as_str()[..whole.as_str().len() * part / 50]), (false, true), "{part}");
    }
}

#[test]
fn no_input_is_a_trap() {
    let bare = Bare::new();
    let whole = definition(vec![change("change-thing")]);
    let describe = |input: &str| {
        let mut store = Store::new(&bare.engine, whole.as_str().to_owned());
        let instance = bare.pre.instantiate(&mut store).unwrap();
        instance.portcullis_action_contract().call_describe(&mut store, "change-thing", input).unwrap()
    };
    for input in [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "{\"path\":".repeat(10_000),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        r#"{"path":{"id":1e999}}"#.to_owned(),
        r#"{"path":{"id":"\ud800"}}"#.to_owned(),
        format!(r#"{{"path":{{"id":"a"}},"{}":1}}"#, "/~".repeat(10_000)),
    ] {
        assert!(describe(&input).is_err(), "{}", &input[..input.len().min(60)]);
    }
    assert!(describe(INPUT).is_ok());
}
