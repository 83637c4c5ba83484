//! Attacks that no language of plugins can express, written as bytes.

use portcullis_model::{Code, Refusal};
use portcullis_sandbox::{HostLimits, Limits, Tier};

use crate::graft::{beside, beside_text, honest, section};
use crate::stage::{loaded, patient, sandbox};

/// Loads, and asks what it declares: the first time that anything of it runs.
fn run(bytes: &[u8]) -> Result<(), Refusal> {
    loaded(bytes, patient())?.manifest().map(|_| ())
}

fn code(bytes: &[u8]) -> Option<Code> {
    run(bytes).err().map(|refusal| refusal.code())
}

#[test]
fn the_honest_plugin_that_is_grafted_onto_runs_and_so_does_a_harmless_graft() {
    run(&honest()).unwrap();
    run(&beside_text("(component (core module $m (memory 1) (table 8 funcref)) (core instance (instantiate $m)))"))
        .unwrap();
}

#[test]
fn bytes_that_are_no_component_are_refused_with_a_reason() {
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("text", b"#!/bin/sh\nexit 0\n".to_vec()),
        ("a magic number alone", b"\0asm".to_vec()),
        ("a core module", wat::parse_str("(module)").unwrap()),
        (
            "a core module that exports as we do",
            wat::parse_str("(module (func (export \"portcullis:action/contract@0.1.0#declare\")))").unwrap(),
        ),
        ("a component of no contract", wat::parse_str("(component)").unwrap()),
    ] {
        let refusal = run(&bytes).expect_err(what);
        assert_eq!(refusal.code(), Code::NotAPlugin, "{what}: {refusal}");
    }
    let module = run(&wat::parse_str("(module)").unwrap()).unwrap_err();
    assert!(module.message().contains("wasm-tools component new"), "{module}");
}

#[test]
fn a_component_with_something_behind_it_is_refused() {
    let mut unknown_section = honest();
    section(&mut unknown_section, 99, b"what is this");
    let mut trailing = honest();
    trailing.push(0);
    for bytes in [unknown_section, trailing] {
        let refusal = run(&bytes).unwrap_err();
        assert!(matches!(refusal.code(), Code::NotAPlugin | Code::CompileFailed), "{refusal}");
    }
}

#[test]
fn a_component_cut_short_anywhere_is_refused() {
    let whole = honest();
    for part in 0..40 {
        let bytes = &whole[..whole.len() * part / 40];
        let refusal = run(bytes).expect_err("cut short");
        assert!(matches!(refusal.code(), Code::NotAPlugin | Code::CompileFailed), "{part}: {refusal}");
    }
}

#[test]
fn a_component_with_a_flipped_byte_is_refused_or_runs_but_never_takes_the_host_down() {
    let whole = honest();
    for n in 0..24 {
        let mut bytes = whole.clone();
        let at = whole.len() * n / 24 + n;
        bytes[at] ^= 0x41;
        drop(run(&bytes));
    }
}

#[test]
fn a_nested_component_that_is_garbage_is_refused_in_words() {
    let mut nested = wat::parse_str("(component)").unwrap();
    section(&mut nested, 1, b"\0asm\x01\0\0\0\x0a\xff\xff\xff\xff\x0f");
    for garbage in [&b"not a component"[..], &nested] {
        let refusal = run(&beside(garbage)).unwrap_err();
        assert!(matches!(refusal.code(), Code::NotAPlugin | Code::CompileFailed), "{refusal}");
        assert!(!refusal.to_string().contains("panicked"), "{refusal}");
    }
}

#[test]
fn code_that_does_not_validate_is_refused_by_the_compiling_child() {
    let mut module = wat::parse_str("(module (func))").unwrap();
    let end = module.len() - 1;
    module[end] = 0x6a;
    let mut nested = wat::parse_str("(component)").unwrap();
    section(&mut nested, 1, &module);
    let refusal = run(&beside(&nested)).unwrap_err();
    assert_eq!(refusal.code(), Code::CompileFailed, "{refusal}");
    assert!(refusal.message().contains("not a valid component"), "{refusal}");
    assert!(!refusal.to_string().contains(char::is_control), "{refusal:?}");
}

#[test]
fn a_start_function_that_loops_is_stopped_as_a_call_is() {
    let bytes =
        beside_text("(component (core module $m (func $f (loop (br 0))) (start $f)) (core instance (instantiate $m)))");
    assert_eq!(code(&bytes), Some(Code::PluginTimeout));
}

#[test]
fn recursion_ends_where_the_stack_does() {
    let recursion = |depth: u32| {
        let module = format!(
            "(func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))))
            (func $start (call $f (i32.const {depth}))) (start $start)"
        );
        run(&beside_text(&format!("(component (core module $m {module}) (core instance (instantiate $m)))")))
    };
    recursion(1_000).unwrap();
    let refusal = recursion(10_000_000).unwrap_err();
    assert_eq!(refusal.code(), Code::PluginTrapped);
    assert!(refusal.message().contains("stack"), "{refusal}");
}

#[test]
fn a_table_bomb_is_refused_and_a_table_within_the_limit_is_not() {
    let table = |n: usize| format!("(component (core module $m (table {n} funcref)) (core instance (instantiate $m)))");
    let refusal = run(&beside_text(&table(100_001))).unwrap_err();
    assert_eq!(refusal.code(), Code::PluginTrapped);
    assert!(refusal.message().contains("table entries"), "{refusal}");
    run(&beside_text(&table(50_000))).unwrap();
}

#[test]
fn tables_are_counted_together() {
    let table = "(table 40000 funcref)";
    let three = format!(
        "(component (core module $m {table}) (core instance (instantiate $m)) (core instance (instantiate $m)) (core instance (instantiate $m)))"
    );
    assert_eq!(code(&beside_text(&three)), Some(Code::PluginTrapped));
}

#[test]
fn a_table_does_not_grow_past_the_limit() {
    // Loops for ever where growing is allowed, so that a missing limit shows as a timeout.
    let bytes = beside_text(
        "(component (core module $m (table $t 1 funcref)
            (func $f (if (i32.ne (table.grow $t (ref.null func) (i32.const 200000)) (i32.const -1)) (then (loop (br 0)))))
            (start $f)) (core instance (instantiate $m)))",
    );
    run(&bytes).unwrap();
}

#[test]
fn memories_are_counted_together() {
    let memories = |n: usize| {
        let module = "(core module $m (memory 320))";
        format!("(component {module} {})", "(core instance (instantiate $m))".repeat(n))
    };
    // 20 MiB each.
    run(&beside_text(&memories(2))).unwrap();
    let refusal = run(&beside_text(&memories(4))).unwrap_err();
    assert_eq!(refusal.code(), Code::PluginTrapped);
    assert!(refusal.message().contains("memory"), "{refusal}");
}

#[test]
fn many_empty_memories_are_refused_since_each_takes_address_space() {
    let memories =
        |n: usize| format!("(component (core module $m {}) (core instance (instantiate $m)))", "(memory 0)".repeat(n));
    run(&beside_text(&memories(16))).unwrap();
    assert_eq!(code(&beside_text(&memories(80))), Some(Code::PluginTrapped));
}

#[test]
fn instances_are_counted_over_nested_components() {
    let many = |n: usize| {
        let instances = "(core instance (instantiate $m))".repeat(100);
        let outer = "(instance (instantiate $c))".repeat(n);
        format!("(component (component $c (core module $m) {instances}) {outer})")
    };
    run(&beside_text(&many(2))).unwrap();
    assert_eq!(code(&beside_text(&many(11))), Some(Code::PluginTrapped));
}

#[test]
fn components_within_components_that_double_at_each_level_do_not_hold_the_host() {
    let mut nested = "(component (core module $m) (core instance (instantiate $m)))".to_owned();
    for _ in 0..24 {
        nested = nested.replacen("(component", "(component $c", 1);
        nested = format!("(component {nested} (instance (instantiate $c)) (instance (instantiate $c)))");
    }
    let folder = tempfile::tempdir().unwrap();
    let limits = HostLimits { compile_ms: 3_000, compile_bytes: 512 << 20, ..HostLimits::default() };
    let refusal = sandbox(folder.path(), Tier::Sealed, limits).load(&beside_text(&nested), Limits::default(), &|_| {});
    assert_eq!(refusal.err().unwrap().code(), Code::CompileFailed);
}

#[test]
fn handles_are_not_a_way_to_the_hosts_memory() {
    // Makes so many resources of its own and never drops them.
    let hoarding = |count: u32| {
        beside_text(&format!(
            "(component (type $r (resource (rep i32))) (core func $new (canon resource.new $r))
                (core module $m (import \"\" \"new\" (func $new (param i32) (result i32)))
                    (func $f (local $n i32) (loop (drop (call $new (i32.const 1)))
                        (local.set $n (i32.add (local.get $n) (i32.const 1)))
                        (br_if 0 (i32.lt_u (local.get $n) (i32.const {count}))))) (start $f))
                (core instance (instantiate $m (with \"\" (instance (export \"new\" (func $new)))))))"
        ))
    };
    run(&hoarding(4_000)).unwrap();
    assert_eq!(code(&hoarding(5_000)), Some(Code::PluginTrapped));
}

#[test]
fn features_that_are_switched_off_do_not_compile() {
    for (what, module) in [("64-bit memory", "(memory i64 1)"), ("shared memory", "(memory 1 1 shared)")] {
        let bytes = beside_text(&format!("(component (core module {module}))"));
        assert_eq!(code(&bytes), Some(Code::CompileFailed), "{what}");
    }
}

#[test]
fn the_size_of_a_component_is_limited_before_anything_reads_it() {
    let mut giant = honest();
    giant.resize(33 << 20, 0);
    assert_eq!(code(&giant), Some(Code::PluginTooLarge));
    let exact = Limits { component_bytes: honest().len(), ..patient() };
    assert!(loaded(&honest(), exact).is_ok());
    let short = Limits { component_bytes: honest().len() - 1, ..Limits::default() };
    let refusal = loaded(&honest(), short).err().unwrap();
    assert_eq!(refusal.code(), Code::PluginTooLarge);
    assert!(refusal.way_out().unwrap().contains("component_bytes"), "{refusal}");
}
