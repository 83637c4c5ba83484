//! A report can be kept, is the same for the same seed however many threads there were, and says how it ended.

use crate::scripted::{Instance, Scripted, honest, options, probed, probed_with, refused, request};
use portcullis_model::{Code, Description, Refusal};
use portcullis_probe::{Ended, Options, Pace, REPORT_FORMAT, Report, Summary};
use serde_json::Value;

fn restless(input: &Value, keeps: &mut Instance) -> Result<Description, Refusal> {
    keeps.calls += 1;
    match input["days"].as_i64() {
        Some(days) if days % 50 == 3 => Ok(request("..", None)),
        Some(days) if days > 900 => Err(refused(Code::PluginTrapped, "the plugin crashed: | `x`\u{1b}[2J\n# title")),
        _ if keeps.calls > 2 => Ok(request("b", None)),
        _ => honest(input, keeps),
    }
}

fn timeless(report: Report) -> Report {
    Report { pace: Pace::default(), ..report }
}

#[test]
fn the_same_seed_gives_the_same_report_on_one_thread_and_on_four_and_another_seed_another_one() {
    let subject = Scripted { describe: restless, has_world: true };
    let with = |seed, threads| {
        timeless(probed_with(&subject, Options { seed, calls_per_action: 3_000, ..options() }, threads, false))
    };
    let one = with(1, 1);
    assert!(one.findings.len() >= 3, "{:#?}", one.findings);
    assert_eq!(one, with(1, 4));
    assert_eq!(one, with(1, 4));
    let other = with(2, 2);
    assert_ne!(one.actions[0].made, other.actions[0].made);
}

#[test]
fn a_report_reads_back_as_it_was() {
    let report = probed(restless);
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["format"], REPORT_FORMAT);
    for member in [
        "version",
        "subject",
        "options",
        "ended",
        "calls",
        "inputs",
        "dictionary",
        "actions",
        "findings",
        "notes",
        "pace",
    ] {
        assert!(value.get(member).is_some(), "{member}");
    }
    assert_eq!(value["findings"][0]["kind"], "left-declaration");
    assert_eq!(value["options"]["callsPerAction"], 8_000);
}

#[test]
fn what_ends_early_says_so_and_is_not_clean_where_somebody_stopped_it() {
    let subject = Scripted { describe: honest, has_world: false };
    let stopped = probed_with(&subject, options(), 2, true);
    assert_eq!((stopped.ended, stopped.calls, stopped.is_clean()), (Ended::Stopped, 0, false));
    let late = probed_with(&subject, Options { seconds: 0, ..options() }, 2, false);
    assert_eq!((late.ended, late.is_clean()), (Ended::Time, true));
    assert!(Summary(&late).to_string().contains("nothing found before it ended (time)"));
    let done = probed_with(&subject, options(), 2, false);
    assert_eq!(done.ended, Ended::Calls);
    assert!(done.calls <= done.options.calls_per_action + 200, "{}", done.calls);
}

#[test]
fn the_summary_of_a_hostile_plugin_is_markdown_in_which_its_words_are_only_text() {
    let text = Summary(&probed(restless)).to_string();
    assert!(text.starts_with("### probe of `weather`: 3 findings\n"), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains("\n# title"), "{text}");
    assert!(text.contains("#### trapped of `read` (`plugin-trapped`): it crashed"), "{text}");
    assert!(text.contains("```json\n{\"days\":3}\n```"), "{text}");
    assert!(
        text.lines().filter(|line| line.starts_with("| `read`")).all(|line| line.matches('|').count() == 10),
        "{text}"
    );
}
