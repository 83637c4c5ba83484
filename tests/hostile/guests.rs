//! Every guest program, and what stops it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use portcullis_gateway::{Answered, GALLERY};
use portcullis_model::Code;

use crate::stage::{ATTACK, Stage, guest};

/// Where a guest ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// It is not installed.
    Install(Code),
    /// It is installed, and its attack is refused.
    Call(Code),
    /// It gets nowhere: what it describes is harmless, however often it is asked.
    Nowhere,
    /// It belongs to another file of these tests.
    Elsewhere,
}

use End::{Call, Elsewhere, Install, Nowhere};

const GUESTS: &[(&str, End)] = &[
    ("authorization_header", Call(Code::ForbiddenHeader)),
    ("bidi_segment", Call(Code::BadSegment)),
    ("body_on_read", Call(Code::BadBody)),
    ("counts_calls", Elsewhere),
    ("crlf_in_value", Call(Code::ForbiddenHeader)),
    ("declare_loops", Install(Code::PluginTimeout)),
    ("declare_panics", Install(Code::PluginTrapped)),
    ("deep_recursion", Call(Code::PluginTrapped)),
    ("dot_dot_segment", Call(Code::BadSegment)),
    ("draws_lots", Elsewhere),
    ("duplicate_keys", Call(Code::BadBody)),
    ("encoded_slash", Call(Code::BadSegment)),
    ("extra_segment", Call(Code::UndeclaredRoute)),
    ("giant_list", Call(Code::PluginTooLarge)),
    ("giant_manifest", Install(Code::PluginTooLarge)),
    ("giant_refusal", Call(Code::PluginTooLarge)),
    ("giant_return", Call(Code::PluginTooLarge)),
    ("host_header", Call(Code::ForbiddenHeader)),
    ("inert_probe", Elsewhere),
    ("infinite_loop", Call(Code::PluginTimeout)),
    ("ip_origin", Install(Code::BadManifest)),
    ("loops_for_one", Elsewhere),
    ("lying_example", Install(Code::BadManifest)),
    ("many_problems", Install(Code::BadManifest)),
    ("memory_bomb", Call(Code::PluginTrapped)),
    ("once_in_a_thousand", Elsewhere),
    ("other_method", Call(Code::UndeclaredRoute)),
    ("other_origin", Call(Code::BadSegment)),
    ("panics", Call(Code::PluginTrapped)),
    ("query_credential", Call(Code::UndeclaredRoute)),
    ("query_smuggling", Call(Code::UndeclaredRoute)),
    ("query_twice", Call(Code::UndeclaredRoute)),
    ("refusal_escapes", Call(Code::PluginRefused)),
    ("remembers", Elsewhere),
    ("schema_bomb", Install(Code::BadManifest)),
    ("second_answer", Nowhere),
    ("second_manifest", Nowhere),
    ("sleeper", Elsewhere),
    ("small_steps", Call(Code::PluginTimeout)),
    ("socket_import", Install(Code::ForbiddenImport)),
    // It is no plugin; what it does as a template is in its own tests.
    ("template_echo", Install(Code::ForbiddenImport)),
    ("trips_on_edge", Elsewhere),
    ("undeclared_route", Call(Code::UndeclaredRoute)),
    ("unknown_import", Install(Code::ForbiddenImport)),
    ("unlisted_header", Call(Code::ForbiddenHeader)),
];

/// Guests that are installed and attack when they are called, and what stops each.
pub(crate) fn attackers() -> impl Iterator<Item = (&'static str, Code)> {
    GUESTS.iter().filter_map(|(name, end)| if let Call(code) = end { Some((*name, *code)) } else { None })
}

#[test]
fn every_guest_program_has_a_test_and_every_test_a_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile/examples");
    let programs: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let tested: BTreeSet<String> = GUESTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(programs, tested);
}

#[test]
fn the_demo_shows_no_guest_that_is_not_tested_and_promises_what_the_test_demands() {
    for shown in GALLERY {
        let (_, end) = GUESTS.iter().find(|(name, _)| *name == shown.guest).unwrap();
        let code = match end {
            Install(code) | Call(code) => Some(*code),
            Nowhere | Elsewhere => None,
        };
        assert_eq!(code, shown.stopped_by, "{}", shown.guest);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_guest_is_stopped_in_its_room_on_record_and_before_anything_is_sent() {
    // Time enough that no guest is stopped for being slow on a busy machine before it is for what it does.
    let stage = Stage::set("[sandbox.limits]\nwall_time_ms = 1000\n").await;
    for &(name, end) in GUESTS {
        let before = (stage.rows("refused").len(), stage.rows("intent").len());
        match end {
            Elsewhere => continue,
            Install(code) => {
                let refusal = stage.install(guest(name)).expect_err(name);
                assert_eq!(refusal.code(), code, "{name}: {refusal}");
            }
            Call(code) => {
                stage.install(guest(name)).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
                let refusal = stage.call(ATTACK).await.expect_err(name);
                assert_eq!(refusal.code(), code, "{name}: {refusal}");
                let rows = stage.rows("refused");
                assert_eq!(rows.len(), before.0 + 1, "{name} is not on record");
                assert_eq!(rows[0].body["code"], code.as_str(), "{name}");
                assert_eq!(rows[0].body["room"], code.room().as_str(), "{name}");
                assert!(!refusal.to_string().contains(char::is_control), "{name}: {refusal:?}");
            }
            Nowhere => {
                stage.install(guest(name)).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
                for _ in 0..2 {
                    assert!(matches!(stage.call(ATTACK).await, Ok(Answered::Done(_))), "{name}");
                }
                let lines: Vec<String> = stage.upstream.seen().into_iter().map(|seen| seen.line).collect();
                assert!(lines.iter().all(|line| line == "GET /v1/things/paris"), "{name}: {lines:?}");
                continue;
            }
        }
        assert_eq!(stage.rows("intent").len(), before.1, "{name} opened a send");
    }
    // Two guests that get nowhere made two harmless calls each; nobody else sent a byte.
    assert_eq!(stage.upstream.seen().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_guest_of_the_calling_kind_behaves_when_it_is_not_told_to_attack() {
    let stage = Stage::set("").await;
    for (name, end) in GUESTS {
        if matches!(end, Call(_)) && *name != "duplicate_keys" {
            stage.install(guest(name)).unwrap();
            assert!(matches!(stage.call("{}").await, Ok(Answered::Done(_))), "{name}");
        }
    }
    stage.install(guest("duplicate_keys")).unwrap();
    assert!(matches!(stage.call("{}").await, Ok(Answered::Held(_))), "a write waits for a person");
}
