//! Imports: none, or listed ones where the operator says so.

use portcullis_model::Code;
use portcullis_sandbox::{Census, Tier};

use crate::graft::{Imported, honest, importing, importing_too};
use crate::stage::guest;

const REFUSED: &[(&str, Imported)] = &[
    ("wasi:http/outgoing-handler@0.2.6", Imported::Instance),
    ("wasi:http/types@0.2.6", Imported::Instance),
    ("wasi:sockets/network@0.2.6", Imported::Instance),
    ("wasi:sockets/instance-network@0.2.0", Imported::Instance),
    ("wasi:sockets/ip-name-lookup@0.2.6", Imported::Instance),
    ("wasi:keyvalue/store@0.2.0", Imported::Instance),
    ("wasi:cli/run@0.2.6", Imported::Instance),
    ("wasi:cli/environment", Imported::Instance),
    ("wasi:cli/environment@0.2", Imported::Instance),
    ("wasi:cli/environment@0.3.0", Imported::Instance),
    ("wasi:cli/environment@0.2.6-rc.1", Imported::Instance),
    ("wasi:cli/environment@0.2.", Imported::Instance),
    ("wasi:cli/environment@1.2.6", Imported::Instance),
    ("wasi:cli/environment-of-the-host@0.2.6", Imported::Instance),
    ("wasi:cli/Environment@0.2.6", Imported::Instance),
    ("portcullis:action/contract@0.1.0", Imported::Instance),
    ("definition", Imported::Function),
    ("send", Imported::Function),
    ("escape", Imported::Resource),
    ("", Imported::Function),
    ("\u{1b}[2Jsealed\u{202e}", Imported::Function),
];

#[test]
fn an_import_that_is_on_no_list_is_refused_by_its_name_in_either_tier() {
    for (name, what) in REFUSED {
        let refusal = Census::of(&importing(name, *what)).expect_err(name);
        assert_eq!(refusal.code(), Code::ForbiddenImport, "{name}");
        assert!(!refusal.to_string().contains(char::is_control), "{refusal:?}");
        if name.is_ascii() && !name.contains('\u{1b}') {
            assert!(refusal.message().contains(&format!("`{name}`")), "{refusal}");
        }
    }
}

#[test]
fn a_listed_import_makes_a_plugin_inert_and_the_operator_decides() {
    let sealed = Census::of(&honest()).unwrap();
    assert_eq!((sealed.tier, sealed.imports.len()), (Tier::Sealed, 0));
    for name in ["wasi:random/random@0.2.0", "wasi:io/poll@0.2.12", "wasi:filesystem/types@0.2.99"] {
        let census = Census::of(&importing(name, Imported::Instance)).unwrap();
        assert_eq!((census.tier, census.imports.as_slice()), (Tier::Inert, &[name.to_owned()][..]));
        assert!(census.accept(Tier::Inert).is_ok());
        let refusal = census.accept(Tier::Sealed).unwrap_err();
        assert_eq!(refusal.code(), Code::ForbiddenImport);
        assert!(
            refusal.message().contains(name) && refusal.way_out().unwrap().contains("tier = \"inert\""),
            "{refusal}"
        );
    }
}

#[test]
fn a_listed_import_does_not_hide_one_that_is_not() {
    let mut bytes = importing("wasi:random/random@0.2.6", Imported::Instance);
    let hidden = importing("wasi:sockets/tcp@0.2.6", Imported::Instance);
    bytes.extend(&hidden[honest().len()..]);
    let refusal = Census::of(&bytes).unwrap_err();
    assert!(refusal.message().contains("wasi:sockets/tcp@0.2.6"), "{refusal}");
}

#[test]
fn a_template_imports_its_definition_and_nothing_else() {
    for template in [portcullis_gateway::template(), guest("template_echo")] {
        let census = Census::of_template(template).unwrap();
        assert_eq!((census.tier, census.imports.len(), census.declarative), (Tier::Sealed, 0, true));
        census.accept(Tier::Sealed).unwrap();
        for (name, what) in REFUSED.iter().filter(|(name, _)| *name != "definition") {
            let refusal = Census::of_template(&importing_too(template, name, *what)).expect_err(name);
            assert_eq!(refusal.code(), Code::ForbiddenImport, "{name}");
        }
        // What an inert plugin may, a template may not.
        let refusal = Census::of_template(&importing_too(template, "wasi:random/random@0.2.6", Imported::Instance));
        let refusal = refusal.unwrap_err();
        assert!(refusal.message().contains("`wasi:random/random@0.2.6`"), "{refusal}");
    }
}

#[test]
fn a_definition_is_a_function_and_what_reads_none_is_no_template() {
    assert!(Census::of_template(&importing("definition", Imported::Function)).is_ok());
    for what in [Imported::Instance, Imported::Resource] {
        let refusal = Census::of_template(&importing("definition", what)).unwrap_err();
        assert_eq!(refusal.code(), Code::ForbiddenImport);
    }
    let refusal = Census::of_template(&honest()).unwrap_err();
    assert_eq!(refusal.code(), Code::NotAPlugin);
    assert!(refusal.message().contains("`definition`"), "{refusal}");
    assert!(!Census::of(&honest()).unwrap().declarative);
}

#[test]
fn a_template_is_no_plugin() {
    for template in [portcullis_gateway::template(), guest("template_echo")] {
        let refusal = Census::of(template).unwrap_err();
        assert_eq!(refusal.code(), Code::ForbiddenImport);
        assert!(refusal.message().contains("`definition`"), "{refusal}");
    }
}
