//! What a script relies on: exit statuses, refusals as data, help, completions, lists with an `id`.

use serde_json::Value;

use crate::home::{CHAT, Home};
use crate::service::Mistral;

/// Nothing is typed after these; every other verb shows an example.
const WITHOUT_EXAMPLES: [&str; 4] = ["help", "demo", "doctor", "ports"];

#[test]
fn the_exit_status_tells_done_refused_usage_and_approval_required() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let chat = ["run", "mistral/chat-complete", "--input", CHAT];
    for (code, command) in [
        (0, &["run", "mistral/list-models"][..]),
        (0, &["run", "mistral/list-models", "--dry-run"]),
        (0, &["actions", "mistral", "--show", "chat-complete"]),
        (0, &["install", "mistral", "--yes"]),
        (0, &["--version"]),
        (1, &["run", "mistral/get-model", "--input", r#"{"model_id":"no-such-model"}"#]),
        (1, &["run", "mistral/get-model"]),
        (1, &["run", "mistral/no-such-action"]),
        (1, &["run", "no-such-port/action"]),
        (1, &["run", "mistral/list-models", "--input", "@no-such-file"]),
        (1, &["run", "mistral/list-models", "--input", "{"]),
        (1, &["inspect", "no-such-plugin"]),
        (1, &["remove", "mistral"]),
        (1, &["remove", "no-such-port", "--yes"]),
        (2, &[]),
        (2, &["run"]),
        (2, &["run", "nonsense"]),
        (2, &["run", "Mistral/list-models"]),
        (2, &["run", "mistral/list-models", "--inptu", "{}"]),
        (2, &["secret", "set"]),
        (2, &["secret", "set", "mistral", "a-token-as-an-argument"]),
        (2, &["approvals", "approve", "1"]),
        (2, &["completions", "tcsh"]),
        (2, &["no-such-verb"]),
        (3, &chat),
    ] {
        let ended = home.run(command.iter().copied());
        assert_eq!(ended.code, Some(code), "{command:?}: {ended:#?}");
        assert!(!ended.err.contains("panicked"), "{command:?}: {ended:#?}");
        assert!(code == 0 || !ended.err.is_empty() || !ended.out.is_empty(), "{command:?} fails without a word");
    }
}

#[test]
fn a_refusal_at_json_is_data_with_code_room_message_and_fix() {
    let home = Home::at("http://127.0.0.1:1");
    let no_such = ["run", "mistral/no-such-action", "--json"];
    for (code, room, command, fix) in [
        ("unknown-action", "registry", &no_such[..], true),
        ("unknown-action", "registry", &["run", "other/action", "--json"], true),
        ("invalid-input", "schema", &["run", "mistral/get-model", "--json"], false),
        ("credential-missing", "egress", &["run", "mistral/list-models", "--json"], true),
        ("approval-unknown", "approval", &["approvals", "approve", "apr-0000000000000000", "--yes", "--json"], true),
        ("bad-request", "door", &["install", "no-such-plugin", "--json"], true),
        ("approval-required", "approval", &["remove", "mistral", "--json"], true),
    ] {
        let refusal = home.run(command.iter().copied()).refused(code);
        assert_eq!(refusal["room"], room, "{refusal:#}");
        assert!(!fix || refusal["fix"].is_string(), "{command:?} says no way out: {refusal:#}");
    }
    let unreachable = Home::holding("http://127.0.0.1:1", "exits-token-0123456789");
    let refusal = unreachable.run(["run", "mistral/list-models", "--json"]).refused("upstream-unreachable");
    assert_eq!(refusal["room"], "egress");
}

#[test]
fn a_wrong_input_is_refused_with_a_pointer_to_each_place() {
    let home = Home::at("http://127.0.0.1:1");
    let input = r#"{"model":7,"messages":[{"role":"user","content":"hi"}],"stream":true}"#;
    let refusal = home.run(["run", "mistral/chat-complete", "--input", input, "--json"]).refused("invalid-input");
    let at: Vec<&str> = refusal["details"].as_array().unwrap().iter().map(|d| d["at"].as_str().unwrap()).collect();
    assert!(at.contains(&"/model") && at.contains(&"/stream"), "{refusal:#}");
    let words = home.run(["run", "mistral/chat-complete", "--input", input]).exits(1);
    assert!(words.err.contains("/stream") && words.out.is_empty(), "{words:?}");
}

#[test]
fn input_comes_as_text_as_a_file_and_by_standard_input() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let input = r#"{"model_id":"mistral-embed"}"#;
    let file = home.path().join("input.json");
    std::fs::write(&file, input).unwrap();
    let at_file = format!("@{}", file.display());
    for given in [input, &at_file] {
        home.run(["run", "mistral/get-model", "--input", given]).exits(0);
    }
    home.feed(["run", "mistral/get-model", "--input", "-"], input).exits(0);
    assert!(mistral.seen().iter().all(|seen| seen.line == "GET /v1/models/mistral-embed"));
    assert_eq!(mistral.count(), 3);
}

#[test]
fn nothing_is_installed_where_nobody_can_be_asked() {
    let home = Home::new("");
    let page = home.run(["install", "mistral"]).exits(1);
    assert!(page.out.contains("everything it could ever send"), "{page:?}");
    home.run(["install", "mistral", "--json"]).refused("approval-required");
    assert_eq!(home.run(["ports", "--json"]).exits(0).json(), Value::Array(Vec::new()));
    home.run(["run", "mistral/list-models", "--json"]).refused("unknown-action");
    assert_eq!(home.run(["install", "mistral", "--yes", "--json"]).exits(0).json()["installed"], "new");
    assert_eq!(home.run(["install", "mistral", "--yes", "--json"]).exits(0).json()["installed"], "again");
    assert_eq!(home.run(["remove", "mistral", "--yes", "--json"]).exits(0).json()["removed"], true);
    assert_eq!(home.run(["ports", "--json"]).exits(0).json(), Value::Array(Vec::new()));
}

#[test]
fn lists_are_arrays_whose_items_have_an_id() {
    let home = Home::at("http://127.0.0.1:1");
    home.hold(CHAT);
    for command in [
        &["ports"][..],
        &["actions"],
        &["actions", "mistral"],
        &["secret", "list"],
        &["approvals", "list"],
        &["doctor"],
    ] {
        let list = home.run(command.iter().copied().chain(["--json"])).json();
        let items = list.as_array().unwrap_or_else(|| panic!("{command:?} is no list"));
        assert!(!items.is_empty() && items.iter().all(|item| item["id"].is_string()), "{command:?}: {list:#}");
    }
    let actions = home.run(["actions", "--json"]).exits(0).json();
    assert!(actions.as_array().unwrap().iter().any(|action| action["id"] == "mistral/chat-complete"));
}

#[test]
fn one_page_says_what_a_plugin_could_ever_send() {
    let home = Home::at("http://127.0.0.1:4010");
    let page = home.run(["inspect", "mistral", "--json"]).exits(0).json();
    assert_eq!((&page["tier"], &page["imports"]), (&"sealed".into(), &Value::Array(Vec::new())));
    assert_eq!((&page["origin"], &page["originOverridden"]), (&"http://127.0.0.1:4010".into(), &true.into()));
    let text = home.run(["inspect", "mistral"]).exits(0).out;
    for action in home.run(["actions", "--json"]).exits(0).json().as_array().unwrap() {
        let slug = action["id"].as_str().unwrap().strip_prefix("mistral/").unwrap();
        assert!(text.contains(slug) && text.contains(action["path"].as_str().unwrap()), "{slug} is not on the page");
    }
    assert!(text.contains("set by the operator; the plugin declares https://api.mistral.ai"), "{text}");
}

#[test]
fn every_verb_explains_itself() {
    let home = Home::new("");
    let mut todo: Vec<Vec<String>> = vec![Vec::new()];
    let mut explained = 0;
    while let Some(verb) = todo.pop() {
        let arguments: Vec<&str> = verb.iter().map(String::as_str).chain(["--help"]).collect();
        let help = home.run(arguments).exits(0).out;
        assert!(help.contains("Usage: portcullis"), "{verb:?}: {help}");
        let inside = verbs(&help);
        if verb.len() == 1 && !WITHOUT_EXAMPLES.contains(&verb[0].as_str()) {
            assert!(help.contains("Example"), "`portcullis {} --help` shows no example", verb[0]);
        }
        assert!(!help.contains("__"), "{verb:?} shows what is for the host alone");
        explained += 1;
        todo.extend(inside.into_iter().filter(|name| name != "help").map(|name| [&verb[..], &[name]].concat()));
    }
    assert!(explained > 20, "only {explained} verbs were found");
}

/// Names under `Commands:` in a help text.
fn verbs(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

#[test]
fn there_are_completions_for_every_shell() {
    let home = Home::new("");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = home.run(["completions", shell]).exits(0).out;
        assert!(script.contains("portcullis") && script.contains("approvals"), "{shell}: {script}");
    }
}

#[test]
fn colours_are_for_terminals_only() {
    let home = Home::at("http://127.0.0.1:1");
    for command in [&["inspect", "mistral"][..], &["doctor"], &["run", "mistral/no-such-action"], &["--help"]] {
        let ended = home.run(command.iter().copied());
        assert!(!ended.out.contains('\u{1b}') && !ended.err.contains('\u{1b}'), "{command:?}: {ended:?}");
    }
}
