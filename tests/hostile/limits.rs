//! Limits of one call, each with a twin that passes.

use portcullis_model::{Code, Refusal};
use portcullis_sandbox::Limits;

use crate::graft::honest;
use crate::stage::{ATTACK, Stage, guest, loaded, patient};

fn describe(name: &str, input: &str, limits: Limits) -> Result<(), Refusal> {
    loaded(guest(name), limits).unwrap().describe("forecast", input).map(|_| ())
}

#[test]
fn a_looping_plugin_is_stopped_and_the_limit_is_named() {
    let plugin = loaded(guest("infinite_loop"), Limits::default()).unwrap();
    let refusal = plugin.describe("forecast", ATTACK).unwrap_err();
    assert_eq!(refusal.code(), Code::PluginTimeout);
    assert!(refusal.message().contains("100 ms") && refusal.way_out().unwrap().contains("wall_time_ms"), "{refusal}");
    plugin.describe("forecast", "{}").unwrap();
}

#[test]
fn memory_is_limited() {
    let small = Limits { memory_bytes: 8 << 20, ..patient() };
    let refusal = describe("memory_bomb", ATTACK, small).unwrap_err();
    assert_eq!(refusal.code(), Code::PluginTrapped);
    assert!(refusal.message().contains("memory"), "{refusal}");
    describe("memory_bomb", "{}", small).unwrap();
    let none = Limits { memory_bytes: 1 << 10, ..patient() };
    assert_eq!(describe("memory_bomb", "{}", none).unwrap_err().code(), Code::PluginTrapped);
}

#[test]
fn the_input_is_limited_before_the_plugin_sees_it() {
    let input = |bytes: usize| format!("{{{}}}", " ".repeat(bytes - 2));
    describe("panics", &input(256 << 10), patient()).unwrap();
    let refusal = describe("panics", &input((256 << 10) + 1), patient()).unwrap_err();
    assert_eq!(refusal.code(), Code::PluginTooLarge);
    assert!(refusal.message().contains("262144"), "{refusal}");
}

#[test]
fn a_giant_string_is_refused_before_it_is_copied() {
    let slowly = Limits { wall_time_ms: 5_000, ..Limits::default() };
    for name in ["giant_return", "giant_list", "giant_refusal"] {
        let refusal = describe(name, ATTACK, slowly).unwrap_err();
        assert_eq!(refusal.code(), Code::PluginTooLarge, "{name}");
        // These are the words for what was not copied; what was copied and then found too large has others.
        assert!(refusal.message().contains("returned more than 1048576 bytes"), "{refusal}");
    }
    let small = Limits { output_bytes: 400, ..patient() };
    describe("giant_return", "{}", small).unwrap();
}

#[test]
fn the_manifest_is_limited() {
    let slowly = Limits { wall_time_ms: 5_000, ..Limits::default() };
    let plugin = loaded(guest("giant_manifest"), slowly).unwrap();
    let refusal = plugin.manifest_draft().unwrap_err();
    assert_eq!(refusal.code(), Code::PluginTooLarge);
    assert!(refusal.message().contains("returned more than 4194304 bytes"), "{refusal}");
    let small = Limits { manifest_bytes: 100, ..patient() };
    assert_eq!(loaded(&honest(), small).unwrap().manifest_draft().unwrap_err().code(), Code::PluginTooLarge);
    loaded(&honest(), patient()).unwrap().manifest_draft().unwrap();
}

#[test]
fn nothing_survives_a_call() {
    let plugin = loaded(guest("second_answer"), patient()).unwrap();
    let first = plugin.describe("forecast", ATTACK).unwrap();
    for _ in 0..10 {
        assert_eq!(plugin.describe("forecast", ATTACK).unwrap(), first);
    }
    let plugin = loaded(guest("second_manifest"), patient()).unwrap();
    assert_eq!(plugin.manifest_draft().unwrap(), plugin.manifest_draft().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_limits_for_one_port_hold_for_that_port() {
    let tight = "[ports.hostile.limits]\nwall_time_ms = 37\ninput_bytes = 20\n";
    let stage = Stage::set(tight).await;
    stage.install(guest("infinite_loop")).unwrap();
    let refusal = stage.call(ATTACK).await.unwrap_err();
    assert!(refusal.code() == Code::PluginTimeout && refusal.message().contains("37 ms"), "{refusal}");
    stage.call("{}").await.unwrap();
    let refusal = stage.call(r#"{"attack" : false     }"#).await.unwrap_err();
    assert!(refusal.code() == Code::PluginTooLarge && refusal.message().contains("at most 20"), "{refusal}");
    assert_eq!(stage.upstream.seen().len(), 1, "only the one call within its limits was sent");
    for (limit, code) in [("output_bytes = 8", Code::PluginTooLarge), ("memory_bytes = 65536", Code::PluginTrapped)] {
        let stage = Stage::set(&format!("[ports.hostile.limits]\n{limit}\n")).await;
        stage.install(&honest()).unwrap();
        assert_eq!(stage.call("{}").await.unwrap_err().code(), code, "{limit}");
        assert!(stage.upstream.seen().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_limits_for_all_hold_at_install() {
    let stage = Stage::set("[sandbox.limits]\nmanifest_bytes = 100\n").await;
    assert_eq!(stage.install(&honest()).unwrap_err().code(), Code::PluginTooLarge);
    let stage = Stage::set("[sandbox.limits]\ncomponent_bytes = 1000\n").await;
    assert_eq!(stage.install(&honest()).unwrap_err().code(), Code::PluginTooLarge);
}
