//! The inert tier: what it links leads nowhere, and none of it makes the host wait.

use std::sync::Arc;
use std::time::Instant;

use portcullis_gateway::{dry_run, install};
use portcullis_model::{Code, Refusal};
use portcullis_sandbox::{HostLimits, Plugin, Tier};

use crate::stage::{Stage, examine, guest, invocation, patient, sandbox};

fn plugin_of(bytes: &[u8]) -> Arc<Plugin> {
    let folder = tempfile::tempdir().unwrap();
    sandbox(folder.path(), Tier::Inert, HostLimits::default()).load(bytes, patient(), &|_| {}).unwrap()
}

fn plugin() -> Arc<Plugin> {
    plugin_of(guest("inert_probe"))
}

fn ask(plugin: &Plugin, input: &str) -> Result<String, Refusal> {
    plugin.describe("forecast", input).map(|description| description.path[2].clone())
}

fn saw(plugin: &Plugin, probe: &str) -> String {
    ask(plugin, &format!(r#"{{"probe":"{probe}"}}"#)).unwrap()
}

fn stopped(plugin: &Plugin, input: &str) -> Code {
    ask(plugin, input).expect_err(input).code()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inert_plugin_is_refused_until_the_operator_says_otherwise() {
    let strict = Stage::set("").await;
    let refusal = strict.install(guest("inert_probe")).unwrap_err();
    assert_eq!(refusal.code(), Code::ForbiddenImport);
    assert!(refusal.message().contains("`wasi:"), "{refusal}");
    assert!(refusal.way_out().unwrap().contains("tier = \"inert\""), "{refusal}");
    let lenient = Stage::set("[sandbox]\ntier = \"inert\"\n").await;
    let candidate = examine(&lenient.host, guest("inert_probe")).unwrap();
    assert_eq!(candidate.plugin().census().tier, Tier::Inert);
    install(&lenient.host, &candidate, false).unwrap();
    for hopeless in ["socket_import", "unknown_import"] {
        assert_eq!(lenient.install(guest(hopeless)).unwrap_err().code(), Code::ForbiddenImport, "{hopeless}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inert_call_goes_through_every_room() {
    let stage = Stage::set("[sandbox]\ntier = \"inert\"\n").await;
    stage.install(guest("inert_probe")).unwrap();
    let mut call = invocation(r#"{"probe":"sleep"}"#);
    call.action = "inert/forecast".parse().unwrap();
    let plan = dry_run(&stage.host, call).await.unwrap();
    assert!(plan.shown.contains("true"), "{}", plan.shown);
}

#[test]
fn the_clock_stands_at_the_epoch() {
    assert_eq!(saw(&plugin(), "clocks"), "0-0-0-0-0");
}

#[test]
fn there_are_no_variables_arguments_or_folders() {
    assert_eq!(saw(&plugin(), "surroundings"), "0-0-0-false");
}

#[test]
fn randomness_is_a_function_of_component_and_input() {
    let (first, second) = (plugin(), plugin());
    let input = r#"{"probe":"random","salt":"a"}"#;
    let drawn = ask(&first, input).unwrap();
    assert_eq!(drawn, ask(&first, input).unwrap());
    assert_eq!(drawn, ask(&second, input).unwrap(), "another host draws the same");
    assert_ne!(drawn, ask(&first, r#"{"probe":"random","salt":"b"}"#).unwrap());
    assert_eq!(stopped(&first, r#"{"probe":"random","len":1099511627776}"#), Code::PluginTrapped);
}

#[test]
fn a_sleep_of_an_hour_is_over_at_once_in_every_version_of_the_interface() {
    let bytes = guest("inert_probe");
    for version in [b"@0.2.0", b"@0.2.3", b"@0.2.6", b"@0.2.9"] {
        let mut renamed = bytes.to_vec();
        for at in 0..renamed.len() - version.len() {
            if &renamed[at..at + version.len()] == b"@0.2.6" {
                renamed[at..at + version.len()].copy_from_slice(version);
            }
        }
        let began = Instant::now();
        assert_eq!(saw(&plugin_of(&renamed), "sleep"), "true-[0, 1]", "{version:?}");
        assert!(began.elapsed().as_secs() < 60);
    }
}

#[test]
fn standard_streams_are_closed_or_swallow() {
    let plugin = plugin();
    assert_eq!(saw(&plugin, "stdin"), "true-true");
    assert_eq!(saw(&plugin, "stdout"), "true-true");
}

#[test]
fn what_would_wait_hoard_or_leave_is_a_trap() {
    let plugin = plugin();
    for probe in ["poll-nothing", "exit", "zeroes", "hoard"] {
        assert_eq!(stopped(&plugin, &format!(r#"{{"probe":"{probe}"}}"#)), Code::PluginTrapped, "{probe}");
    }
    assert_eq!(stopped(&plugin, r#"{"probe":"sleep-loop"}"#), Code::PluginTimeout);
}

/// wasmtime-wasi's synchronous functions would panic in the second of these places.
#[test]
fn an_inert_plugin_runs_the_same_wherever_the_host_calls_it() {
    let plugin = plugin();
    let tour = |plugin: &Plugin| {
        plugin.manifest_draft().unwrap();
        ["sleep", "stdin", "stdout", "clocks"].map(|probe| saw(plugin, probe))
    };
    let plain = tour(&plugin);
    let many = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let one = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(many.block_on(async { tour(&plugin) }), plain, "inside a future");
    assert_eq!(one.block_on(async { tour(&plugin) }), plain, "inside a future of a runtime of one thread");
    let here = plugin.clone();
    let task = many.spawn(async move { tokio::task::block_in_place(|| tour(&here)) });
    assert_eq!(many.block_on(task).unwrap(), plain, "where the runtime was told");
}
