//! Each kind of finding is found, with the smallest input, and an honest plugin has none.

use crate::scripted::{
    Instance, Scripted, honest, only, options, port_of, probed, probed_of, probed_with, refused, request,
};
use portcullis_model::{Code, Description, Refusal};
use portcullis_probe::{Finding, FindingKind, NoteKind};
use serde_json::{Value, json};

#[test]
fn an_honest_plugin_has_no_finding_and_nothing_to_look_at() {
    let report = probed(honest);
    assert!(report.is_clean() && report.findings.is_empty(), "{:#?}", report.findings);
    assert!(report.notes.is_empty(), "{:#?}", report.notes);
    let action = &report.actions[0];
    assert!(action.calls > 7_000 && action.described > 3_000 && action.refused == 0, "{action:?}");
    assert_eq!(action.coverage.missed, Vec::<String>::new());
    assert!(action.coverage.branches > 10 && action.broken.made > 15, "{action:?}");
    assert_eq!(action.broken.made, action.broken.refused);
    assert!(action.made.examples > 0 && action.made.valid > 0 && action.made.edge > 0, "{action:?}");
}

fn finds(
    describe: fn(&Value, &mut Instance) -> Result<Description, Refusal>,
    kind: FindingKind,
    code: Option<Code>,
) -> Finding {
    let report = probed(describe);
    let finding = only(&report);
    assert_eq!((finding.kind, finding.code.as_deref()), (kind, code.map(Code::as_str)), "{finding:#?}");
    assert!(!report.is_clean());
    finding.clone()
}

#[test]
fn what_leaves_its_declaration_once_in_a_thousand_is_found_by_its_smallest_number() {
    let finding = finds(
        |input, _| {
            Ok(if input["days"].as_i64().is_some_and(|n| n % 1000 == 7) {
                request("a/b", None)
            } else {
                honest(input, &mut Instance::default())?
            })
        },
        FindingKind::LeftDeclaration,
        Some(Code::BadSegment),
    );
    assert_eq!(finding.input, r#"{"days":7}"#);
    assert!(finding.what.contains("a/b") && finding.inputs >= 1, "{finding:?}");
}

#[test]
fn what_waits_for_a_word_that_only_its_code_has_is_found_and_all_else_is_left_out() {
    let finding = finds(
        |input, keeps| {
            let mut described = honest(input, keeps)?;
            if input["deep"]["note"] == "swordfish" {
                described.path.push("more".to_owned());
            }
            Ok(described)
        },
        FindingKind::LeftDeclaration,
        Some(Code::UndeclaredRoute),
    );
    assert_eq!(finding.input, r#"{"deep":{"note":"swordfish"}}"#);
}

#[test]
fn a_header_it_does_not_declare_is_its_own_doing_and_a_value_of_its_caller_is_not() {
    finds(
        |input, keeps| {
            let mut described = honest(input, keeps)?;
            if input["deep"]["plain"] == true {
                described.headers.push(("authorization".to_owned(), "Bearer x".to_owned()));
            }
            Ok(described)
        },
        FindingKind::LeftDeclaration,
        Some(Code::ForbiddenHeader),
    );
    let passing_on = probed(|input, _| {
        Ok(match input["city"].as_str() {
            Some("oslo") | None => request("a", input["city"].as_str()),
            Some(city) => request(city, None),
        })
    });
    assert!(passing_on.findings.is_empty(), "{:#?}", passing_on.findings);
    let note = passing_on.notes.iter().find(|note| note.kind == NoteKind::ValueRefused).unwrap();
    assert!(note.what.starts_with("bad-segment: ") && note.inputs > 3, "{note:?}");
}

#[test]
fn a_query_that_gets_too_long_is_no_way_out_of_the_declaration() {
    let report = probed(|input, _| {
        Ok(request(
            "a",
            input["city"].as_str().map(|city| city.repeat(if city == "oslo" { 1 } else { 2_000 })).as_deref(),
        ))
    });
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    assert!(
        report.notes.iter().any(|note| note.kind == NoteKind::ValueRefused && note.what.contains("8000")),
        "{:?}",
        report.notes
    );
}

#[test]
fn what_differs_in_another_world_is_found() {
    let describe = |input: &Value, keeps: &mut Instance| {
        let lot =
            if input["days"].as_i64().is_some_and(|days| days > 40) { keeps.world.to_string() } else { "a".to_owned() };
        Ok(request(&lot, input["city"].as_str()))
    };
    let report = probed_with(&Scripted { describe, has_world: true }, options(), 2, false);
    let finding = only(&report);
    assert_eq!(finding.kind, FindingKind::DiffersOnSecondCall);
    assert_eq!(finding.input, r#"{"days":41}"#);
    assert!(finding.what.starts_with("first `") && finding.what.contains("`, then `"), "{}", finding.what);
    let report = probed_with(&Scripted { describe, has_world: false }, options(), 2, false);
    assert!(report.findings.is_empty());
}

#[test]
fn what_counts_its_calls_is_found_with_as_few_calls_before_as_it_takes() {
    let finding = finds(
        |input, keeps| {
            keeps.calls += 1;
            Ok(request(if keeps.calls > 3 { "b" } else { "a" }, input["city"].as_str()))
        },
        FindingKind::KeepsState,
        None,
    );
    assert_eq!((finding.input.as_str(), finding.before.len()), ("{}", 3), "{finding:?}");
    assert!(finding.before.iter().all(|before| before == "{}"));
}

#[test]
fn what_tells_one_callers_word_to_the_next_is_found_with_both_inputs() {
    let report = probed(|input, keeps| {
        let city = input["city"].as_str();
        let described = request("a", city.or(Some(&keeps.last).filter(|last| !last.is_empty()).map(String::as_str)));
        keeps.last = city.filter(|city| city.len() > 6).unwrap_or_default().to_owned();
        Ok(described)
    });
    let finding = report.findings.iter().find(|finding| finding.kind == FindingKind::LeaksInput).unwrap();
    assert_eq!((finding.input.as_str(), finding.before.len()), ("{}", 1));
    let before: Value = serde_json::from_str(&finding.before[0]).unwrap();
    let city = before["city"].as_str().unwrap();
    assert_eq!(city.len(), 7, "{finding:?}");
    assert!(finding.what.starts_with(&format!("`{city}` of an earlier input stands in it")), "{}", finding.what);
    // Where the word is in the later input as well, nobody can tell whose it is: the state is found all the same.
    assert!(
        report.findings.iter().all(|f| matches!(f.kind, FindingKind::LeaksInput | FindingKind::KeepsState)),
        "{report:#?}"
    );
}

#[test]
fn crashes_and_exceeded_limits_are_found_each_by_its_code() {
    let finding = finds(
        |input, keeps| match input["city"].as_str() {
            Some(city) if !city.is_ascii() => Err(refused(Code::PluginTrapped, "the plugin crashed: unreachable")),
            _ => honest(input, keeps),
        },
        FindingKind::Trapped,
        Some(Code::PluginTrapped),
    );
    let input: Value = serde_json::from_str(&finding.input).unwrap();
    assert_eq!(input["city"].as_str().unwrap().chars().count(), 1, "{finding:?}");
    for code in [Code::PluginTimeout, Code::PluginTooLarge] {
        let describe: fn(&Value, &mut Instance) -> _ = match code {
            Code::PluginTimeout => |input, keeps| {
                if input["days"] == 9 { Err(refused(Code::PluginTimeout, "too slow")) } else { honest(input, keeps) }
            },
            _ => |input, keeps| {
                if input["days"] == 9 { Err(refused(Code::PluginTooLarge, "too large")) } else { honest(input, keeps) }
            },
        };
        let finding = finds(describe, FindingKind::OverLimit, Some(code));
        assert_eq!(finding.input, r#"{"days":9}"#);
    }
}

#[test]
fn an_example_that_is_not_what_it_describes_is_found() {
    let finding = finds(
        |input, keeps| Ok(if input["city"] == "oslo" { request("a", Some("bergen")) } else { honest(input, keeps)? }),
        FindingKind::WrongExample,
        None,
    );
    assert!(finding.what.contains("`One`"), "{}", finding.what);
}

#[test]
fn a_no_of_the_plugin_is_worth_a_look_in_its_own_words_and_one_without_words_is_called_that() {
    let report = probed(|input, keeps| match input["days"].as_i64() {
        Some(days) if days > 14 => Err(refused(
            Code::PluginRefused,
            "the plugin cannot make a request of this input; it says: \"too many\u{202e}\"",
        )),
        Some(13) => Err(refused(Code::PluginRefused, "the plugin cannot make a request of this input; it says: \"\"")),
        _ => honest(input, keeps),
    });
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let kinds: Vec<NoteKind> = report.notes.iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::PluginRefuses, NoteKind::RefusesWithoutReason]);
    assert!(report.notes[0].what.contains("too many\\u{202e}"), "{:?}", report.notes);
    assert!(report.actions[0].refused > 100);
}

#[test]
fn what_keeps_state_is_found_even_where_there_is_one_input() {
    let port = port_of(&json!({"type": "object", "additionalProperties": false, "maxProperties": 0}));
    let describe = |_: &Value, keeps: &mut Instance| {
        keeps.calls += 1;
        Ok(request(if keeps.calls > 3 { "b" } else { "a" }, Some("oslo")))
    };
    let report = probed_of(&port, &Scripted { describe, has_world: false }, options(), 2, false);
    assert!(report.actions[0].exhausted, "{:?}", report.actions);
    assert_eq!(report.findings[0].kind, FindingKind::KeepsState, "{:#?}", report.findings);
}

#[test]
fn what_always_takes_all_its_time_is_not_asked_a_thousand_times() {
    let report = probed(|_, _| Err(refused(Code::PluginTimeout, "the plugin ran for longer than 100 ms")));
    assert_eq!(only(&report).code.as_deref(), Some("plugin-timeout"));
    assert!(report.calls < 800, "{}", report.calls);
}

#[test]
fn the_smallest_input_still_passes_its_schema() {
    let port = port_of(&json!({"type": "object", "additionalProperties": false, "required": ["city"], "properties": {
        "city": {"type": "string", "minLength": 3}, "days": {"type": "integer", "minimum": 4}}}));
    let describe = |input: &Value, keeps: &mut Instance| match input["days"].as_i64() {
        Some(_) => Err(refused(Code::PluginTrapped, "the plugin crashed")),
        None => honest(input, keeps),
    };
    let report = probed_of(&port, &Scripted { describe, has_world: false }, options(), 2, false);
    let finding = only(&report);
    port.actions().next().unwrap().check(&finding.input).unwrap();
    let input: Value = serde_json::from_str(&finding.input).unwrap();
    assert_eq!((input["city"].as_str().unwrap().len(), input["days"].as_i64()), (3, Some(4)), "{finding:?}");
}
