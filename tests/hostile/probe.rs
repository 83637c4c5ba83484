//! What a probe finds in plugins that try to get by it, through the real sandbox, and what it does not find in ours.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use portcullis_gateway::{Candidate, Package, Source, probe};
use portcullis_model::Code;
use portcullis_probe::{Ended, Finding, FindingKind, NoteKind, Options, Pace, Report};
use serde_json::Value;

use crate::guests;
use crate::stage::{Stage, examine, guest};

/// The inert tier for those guests that need it, and time enough that none is stopped for a busy machine.
const SETTINGS: &str = "[sandbox]\ntier = \"inert\"\n[sandbox.limits]\nwall_time_ms = 200\n";

/// Fewer calls than a reviewer makes, and no end by time.
fn options(calls_per_action: u64) -> Options {
    Options { calls_per_action, seconds: 600, ..Options::default() }
}

fn tried(candidate: &Candidate, calls_per_action: u64) -> Report {
    probe(candidate, options(calls_per_action), &|_| {}, &AtomicBool::new(false)).unwrap()
}

fn probed(stage: &Stage, name: &str, calls_per_action: u64) -> Report {
    let candidate = examine(&stage.host, guest(name)).unwrap();
    let began = Instant::now();
    let report = tried(&candidate, calls_per_action);
    let (calls, found) = (report.calls, report.findings.len());
    println!("{name}: {found} findings, {calls} calls, {:.1} s", began.elapsed().as_secs_f64());
    report
}

fn only(report: &Report) -> &Finding {
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
    &report.findings[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_misbehaves_seldom_is_found_with_the_smallest_input() {
    let stage = Stage::set(SETTINGS).await;
    for (name, kind, code, smallest) in [
        ("once_in_a_thousand", FindingKind::LeftDeclaration, Some(Code::UndeclaredRoute), r#"{"page":7}"#),
        (
            "sleeper",
            FindingKind::LeftDeclaration,
            Some(Code::BadSegment),
            r#"{"wishes":[{"note":"swordfish at midnight"}]}"#,
        ),
        ("loops_for_one", FindingKind::OverLimit, Some(Code::PluginTimeout), r#"{"station":918273645}"#),
        ("counts_calls", FindingKind::KeepsState, None, "{}"),
    ] {
        let report = probed(&stage, name, 20_000);
        let finding = only(&report);
        assert_eq!((finding.kind, finding.code.as_deref()), (kind, code.map(Code::as_str)), "{name}: {finding:#?}");
        assert_eq!(finding.input, smallest, "{name}");
        assert_eq!(report.ended, Ended::Calls, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_keeps_something_is_found_with_what_came_before() {
    let stage = Stage::set(SETTINGS).await;
    let counting = probed(&stage, "counts_calls", 2_000);
    assert_eq!(only(&counting).before, vec!["{}"; 5]);
    let twofold = probed(&stage, "second_answer", 400);
    let finding = only(&twofold);
    assert_eq!((finding.kind, finding.input.as_str()), (FindingKind::KeepsState, r#"{"attack":true}"#));
    assert_eq!(finding.before, [r#"{"attack":true}"#]);

    let telling = probed(&stage, "remembers", 4_000);
    let leak = telling.findings.iter().find(|finding| finding.kind == FindingKind::LeaksInput).unwrap();
    let of = |text: &str| serde_json::from_str::<Value>(text).unwrap()["city"].as_str().unwrap().to_owned();
    assert_eq!(leak.before.len(), 1, "{leak:#?}");
    assert!(leak.what.contains(&of(&leak.before[0])) && !leak.input.contains(&of(&leak.before[0])), "{leak:#?}");
    let others: Vec<FindingKind> = telling.findings.iter().map(|finding| finding.kind).collect();
    assert!(others.iter().all(|kind| matches!(kind, FindingKind::LeaksInput | FindingKind::KeepsState)), "{others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_goes_by_chance_or_the_clock_is_found() {
    let stage = Stage::set(SETTINGS).await;
    let report = probed(&stage, "draws_lots", 2_000);
    let finding = only(&report);
    assert_eq!(finding.kind, FindingKind::DiffersOnSecondCall);
    assert!([r#"{"by":"lot"}"#, r#"{"by":"hour"}"#].contains(&finding.input.as_str()), "{finding:#?}");
    let report = probed(&stage, "inert_probe", 20_000);
    let kinds: Vec<FindingKind> = report.findings.iter().map(|finding| finding.kind).collect();
    for kind in [FindingKind::DiffersOnSecondCall, FindingKind::Trapped, FindingKind::OverLimit] {
        assert!(kinds.contains(&kind), "the words that its code waits for: {kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_trips_over_an_edge_is_found() {
    let stage = Stage::set(SETTINGS).await;
    let report = probed(&stage, "trips_on_edge", 4_000);
    let finding = only(&report);
    assert_eq!((finding.kind, finding.code.as_deref()), (FindingKind::Trapped, Some("plugin-trapped")));
    let input: Value = serde_json::from_str(&finding.input).unwrap();
    assert!(input["city"].as_str().unwrap().chars().count() <= 3, "{finding:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_guest_that_attacks_when_it_is_called_is_found_to() {
    let stage = Stage::set(SETTINGS).await;
    for (name, code) in guests::attackers() {
        let report = probed(&stage, name, 150);
        if code == Code::PluginRefused {
            assert!(report.notes.iter().any(|note| note.kind == NoteKind::PluginRefuses), "{name}");
            continue;
        }
        let finding = report.findings.iter().find(|finding| finding.code.as_deref() == Some(code.as_str()));
        let finding = finding.unwrap_or_else(|| panic!("{name}: {code} is not among {:#?}", report.findings));
        assert_eq!(finding.input, r#"{"attack":true}"#, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plugin_that_comes_with_the_program_has_no_finding() {
    let stage = Stage::set("").await;
    let report = tried(&examine(&stage.host, guest("mistral")).unwrap(), 4_000);
    assert!(report.is_clean() && report.findings.is_empty(), "{:#?}", report.findings);
    assert_eq!(report.ended, Ended::Calls);
    let (reached, branches) = report.coverage();
    assert!(reached * 10 > branches * 9, "{reached} of {branches}");
    assert!(report.actions.iter().all(|action| action.broken.made == action.broken.refused), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_document_of_the_catalog_has_a_finding() {
    let stage = Stage::set("").await;
    let mut tried_ones = 0;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog/integrations");
    for publisher in std::fs::read_dir(folder).unwrap() {
        for entry in std::fs::read_dir(publisher.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            let source = Source::File("document.json".to_owned());
            let package = Package::read(std::fs::read(&path).unwrap(), source).unwrap();
            if !package.is_document() {
                continue;
            }
            let candidate = Candidate::examine(&stage.host, package, None).unwrap();
            let report = tried(&candidate, 900);
            assert!(report.findings.is_empty(), "{}: {:#?}", path.display(), report.findings);
            tried_ones += 1;
        }
    }
    assert!(tried_ones >= 4, "{tried_ones}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_gives_the_same_report() {
    let stage = Stage::set(SETTINGS).await;
    let candidate = examine(&stage.host, guest("once_in_a_thousand")).unwrap();
    let timeless = || Report { pace: Pace::default(), ..tried(&candidate, 6_000) };
    assert_eq!(timeless(), timeless());
}

#[test]
fn no_call_takes_the_ways_that_exist_for_probing() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/gateway/src");
    let mut waiting = vec![folder];
    let mut users = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs")
                && std::fs::read_to_string(&path).unwrap().contains(".probing()")
            {
                users.push(path.file_name().unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(users, ["probe.rs"]);
}
