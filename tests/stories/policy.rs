//! The operator's rules, from files to decisions, rows and reports, through the program and the real plugin.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis_gateway::{Answered, Invocation, approve, invoke};
use portcullis_policy::Approver;
use serde_json::Value;

use crate::doors::served::Served;
use crate::home::{CHAT, Home, settings, until};
use crate::service::Mistral;

/// The groups that the example cases suppose.
const EXAMPLES: &str = "[policy]
timezone = \"UTC\"
groups = { ci = [\"bot-1\"], maintainers = [\"ann\"], guests = [\"guest-1\"] }
";

/// Denies every chat.
const NO_CHAT: &str = "@id(\"no-chat\")
@why(\"not today\")
forbid (principal, action == Action::\"invoke\", resource == PortAction::\"mistral/chat-complete\");
";

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("host/policy/examples")
}

/// Writes a rule file of a home.
fn rule(home: &Home, name: &str, text: &str) {
    let folder = home.path().join("policies");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    // As a person's editor does it: the file is there whole, or not yet.
    let written = home.path().join(format!("{name}.new"));
    fs::write(&written, text).unwrap();
    fs::set_permissions(&written, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(written, folder.join(name)).unwrap();
}

/// Rows of a kind, oldest first, without what their seals are about.
fn bodies(home: &Home, kind: &str) -> Vec<Value> {
    home.rows().into_iter().filter(|row| row["kind"] == kind).map(|row| row["body"].clone()).collect()
}

#[test]
fn every_example_case_comes_out_as_its_table_says() {
    let home = Home::with("http://127.0.0.1:9", EXAMPLES);
    for entry in fs::read_dir(examples()).unwrap() {
        let path = entry.unwrap().path();
        rule(&home, path.file_name().unwrap().to_str().unwrap(), &fs::read_to_string(&path).unwrap());
    }
    let checked = home.run(["policy", "check", "--json"]);
    assert_eq!((checked.code, &checked.json()["problems"]), (Some(0), &serde_json::json!([])), "{checked:#?}");
    let ended = home.run(["policy", "test", "--json"]);
    let outcomes = ended.json();
    let outcomes = outcomes.as_array().unwrap();
    let failed: Vec<&Value> = outcomes.iter().filter(|outcome| outcome["passed"] != true).collect();
    assert!(failed.is_empty() && ended.code == Some(0), "{failed:#?}");
    assert!(outcomes.len() >= 60, "{}", outcomes.len());
    // A case that is wrong is seen to be.
    let wrong = home.path().join("wrong.cases.toml");
    fs::write(&wrong, "[[case]]\nname = \"x\"\naction = \"mistral/list-models\"\nexpect = \"denied\"\n").unwrap();
    let ended = home.run(["policy", "test", wrong.to_str().unwrap()]).exits(1);
    assert!(
        ended.out.contains("- denied") && ended.out.contains("+ allowed, by manifest: automatic read"),
        "{ended:#?}"
    );
}

#[test]
fn a_rule_denies_with_its_reason_and_every_decision_row_names_the_rules() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    home.run(["run", "mistral/list-models"]).exits(0);
    assert_eq!(bodies(&home, "policy-changed"), Vec::<Value>::new(), "nobody changed anything");
    rule(&home, "own.cedar", NO_CHAT);
    let refusal = home.run(["run", "mistral/chat-complete", "--input", CHAT, "--json"]).refused("denied");
    assert_eq!(refusal["message"], "`mistral/chat-complete` is denied by own.cedar#no-chat (not today)");
    home.run(["run", "mistral/list-models"]).exits(0);
    fs::remove_file(home.path().join("policies/own.cedar")).unwrap();
    home.hold(CHAT);
    let changes = bodies(&home, "policy-changed");
    assert_eq!(changes.len(), 2, "{changes:#?}");
    assert_eq!(changes[0]["files"][0]["name"], "own.cedar");
    assert_eq!((&changes[0]["from"], &changes[0]["to"]), (&changes[1]["to"], &changes[1]["from"]));
    let (plain, own) = (&changes[0]["from"], &changes[0]["to"]);
    let by: Vec<Value> = bodies(&home, "intent").iter().map(|row| row["policy"].clone()).collect();
    assert_eq!(by, [plain.clone(), own.clone()]);
    assert_eq!(bodies(&home, "refused")[0]["policy"], *own);
    assert_eq!(bodies(&home, "approval-asked")[0]["policy"], *plain);
    let listed = home.run(["policy", "list", "--json"]).exits(0).json();
    assert_eq!(listed["digest"], *plain);
    assert_eq!(mistral.count(), 2);
}

#[test]
fn what_was_held_is_not_sent_once_a_rule_denies_it() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (id, other) = (home.hold(CHAT), home.hold(CHAT));
    // What the input said is known when a person answers.
    rule(
        &home,
        "own.cedar",
        "forbid (principal, action == Action::\"invoke\", resource) when { context.input has model && context.input.model like \"mistral-small*\" };",
    );
    home.run(["approvals", "approve", &id, "--yes", "--json"]).refused("denied");
    assert_eq!((home.approval(&id)["state"].as_str(), mistral.count()), (Some("pending"), 0));
    fs::remove_file(home.path().join("policies/own.cedar")).unwrap();
    home.run(["approvals", "approve", &other, "--yes", "--json"]).exits(0);
    assert_eq!(mistral.count(), 1);
}

#[test]
fn rules_on_trial_are_counted_and_enforce_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    rule(
        &home,
        "trial.cedar",
        "@id(\"reads\") @mode(\"shadow\")\nforbid (principal, action == Action::\"invoke\", resource) when { resource.effect == \"read\" };
        @id(\"chats\") @mode(\"shadow\")\npermit (principal, action == Action::\"invokeUnattended\", resource == PortAction::\"mistral/chat-complete\");",
    );
    home.run(["run", "mistral/list-models"]).exits(0);
    home.run(["run", "mistral/list-models"]).exits(0);
    home.hold(CHAT);
    let counts = home.run(["policy", "shadow", "--json"]).exits(0).json();
    assert_eq!(counts[0]["id"], "trial.cedar#chats");
    assert_eq!((&counts[0]["would_allow"], &counts[0]["would_deny"]), (&1.into(), &0.into()));
    assert_eq!((counts[1]["id"].as_str(), &counts[1]["would_deny"]), (Some("trial.cedar#reads"), &2.into()));
    let later = home.run(["policy", "shadow", "--since", "2100-01-01T00:00:00Z", "--json"]).exits(0).json();
    assert_eq!(later, serde_json::json!([]));
    assert_eq!(mistral.count(), 2);
}

#[test]
fn a_running_door_takes_changed_rules_and_keeps_the_old_ones_where_the_new_are_broken() {
    let mistral = Mistral::start();
    // It is asked again and again until the rules have changed.
    let often = "[doors.limits]\ncalls_per_minute = 60000\naction_calls_per_minute = 60000\n";
    let home = Home::with(&mistral.origin(), often).env("PORTCULLIS_SECRET_MISTRAL", mistral.token());
    let token = home.run(["agent", "create", "bot", "--actions", "mistral/*", "--json"]).exits(0).json();
    let token = token["token"].as_str().unwrap();
    let served = Served::start(&home);
    let status = || served.post("/v1/actions/mistral/list-models/execute", token, "{\"input\":{}}").status;
    assert_eq!(status(), 200);
    rule(&home, "own.cedar", &NO_CHAT.replace("mistral/chat-complete", "mistral/list-models"));
    until("the new rules hold", || (status() == 403).then_some(()));
    until("the change is on record", || (!bodies(&home, "policy-changed").is_empty()).then_some(()));
    rule(&home, "more.cedar", "forbid (principal, action, resource) when { context.bod has x };");
    assert_eq!(status(), 403, "the rules of before hold");
    let problem = home.run(["doctor"]).exits(1);
    assert!(problem.out.contains("the context has no `bod`"), "{problem:#?}");
    let checked = home.run(["policy", "check"]).exits(1);
    assert!(checked.err.contains("more.cedar#1: the context has no `bod`"), "{checked:#?}");
    // Nobody starts with rules that are not right.
    let refused = home.run(["run", "mistral/list-models"]).exits(1);
    assert!(refused.err.contains("portcullis policy check"), "{refused:#?}");
    fs::remove_file(home.path().join("policies/more.cedar")).unwrap();
    fs::remove_file(home.path().join("policies/own.cedar")).unwrap();
    until("no rule is left", || (status() == 200).then_some(()));
}

#[test]
fn rules_that_other_accounts_may_write_are_no_rules() {
    let home = Home::new("");
    rule(&home, "own.cedar", NO_CHAT);
    let file = home.path().join("policies/own.cedar");
    home.run(["ports"]).exits(0);
    for (path, mode) in [(file.clone(), 0o620), (file.clone(), 0o602), (file.parent().unwrap().to_owned(), 0o770)] {
        let before = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = home.run(["ports"]).exits(1);
        assert!(refused.err.contains("other accounts may write it"), "{refused:#?}");
        fs::set_permissions(&path, before).unwrap();
        home.run(["ports"]).exits(0);
    }
    for (name, says) in [("big.cedar", "larger than 1 MiB"), ("a b.cedar", "a name that rules cannot be named by")] {
        rule(&home, name, &"// nothing\n".repeat(if name == "big.cedar" { 100_000 } else { 1 }));
        let refused = home.run(["ports"]).exits(1);
        assert!(refused.err.contains(says), "{refused:#?}");
        fs::remove_file(home.path().join("policies").join(name)).unwrap();
    }
    rule(&home, "notes.txt", "not a rule");
    home.run(["ports"]).exits(0);
}

#[test]
fn an_explanation_says_which_rules_made_it_and_what_they_saw() {
    let home = Home::with("http://127.0.0.1:9", EXAMPLES);
    rule(&home, "tokens.cedar", &fs::read_to_string(examples().join("tokens.cedar")).unwrap());
    let input = r#"{"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"secret words"}]}"#;
    let explain = ["policy", "explain", "mistral/chat-complete", "--agent", "bot-1", "--input", input];
    let why = home.run(explain.into_iter().chain(["--json"])).exits(0).json();
    assert_eq!(why["decision"], "needs-approval");
    assert_eq!(why["unattended"]["forbids"], serde_json::json!(["tokens.cedar#many-tokens"]));
    assert_eq!(why["invoke"]["permits"], serde_json::json!(["default#ask"]));
    assert_eq!(why["context"], serde_json::json!({"body": {"max_tokens": 9000}}));
    let ended = home.run(explain).exits(0);
    assert!(ended.out.contains("tokens.cedar#many-tokens") && !ended.out.contains("secret words"), "{ended:#?}");
    assert!(home.rows().iter().all(|row| row["kind"] == "installed"), "something was recorded");
    let schema = home.run(["policy", "schema", "mistral/chat-complete"]).exits(0).out;
    assert!(schema.contains("\"max_tokens\"?: Long") && schema.contains("\"temperature\"?: decimal"), "{schema}");
    let refused = home.command(["policy", "list", "--json"]).env("PORTCULLIS_TOKEN", "x").output().unwrap();
    crate::home::Ended::from(refused).refused("forbidden");
}

/// Sixty-four calls at once through two hosts on one home, as two processes would be: ten go, the others wait.
#[test]
fn a_cap_that_denies_holds_for_what_people_approve_at_once_too() {
    const CAP: usize = 3;
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let held: Vec<String> = (0..12).map(|_| home.hold(CHAT)).collect();
    rule(
        &home,
        "cap.cedar",
        &format!(
            "@id(\"cap\") forbid (principal, action == Action::\"invoke\", resource) when {{ context.calls.day >= {CAP} }};"
        ),
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let done = runtime.block_on(async {
        let hosts: Vec<_> =
            (0..2).map(|_| Arc::new(acceptance::host_in(home.path(), &settings(&mistral.origin(), "")))).collect();
        let token = portcullis_egress::Credential::new(mistral.token().to_owned()).unwrap();
        hosts[0].egress().credentials().set(&"mistral".parse().unwrap(), token).await.unwrap();
        let answers = held.iter().enumerate().map(|(n, id)| {
            let (host, id) = (hosts[n % 2].clone(), id.parse().unwrap());
            tokio::spawn(async move { approve(&host, &id, &Approver::Terminal).await })
        });
        let mut done = 0;
        for answer in answers.collect::<Vec<_>>() {
            match answer.await.unwrap() {
                Ok(_) => done += 1,
                Err(refusal) => assert!(refusal.message().contains("cap.cedar#cap"), "{refusal}"),
            }
        }
        done
    });
    assert_eq!((done, mistral.count()), (CAP, CAP));
}

#[test]
fn a_cap_lets_exactly_as_many_through_however_many_come_at_once() {
    const CAP: usize = 10;
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    rule(
        &home,
        "cap.cedar",
        &format!(
            "@id(\"cap\") forbid (principal, action == Action::\"invokeUnattended\", resource) when {{ context.calls.day >= {CAP} }};"
        ),
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let (done, held) = runtime.block_on(async {
        let hosts: Vec<_> =
            (0..2).map(|_| Arc::new(acceptance::host_in(home.path(), &settings(&mistral.origin(), "")))).collect();
        let token = portcullis_egress::Credential::new(mistral.token().to_owned()).unwrap();
        hosts[0].egress().credentials().set(&"mistral".parse().unwrap(), token).await.unwrap();
        let calls = (0..64).map(|n| {
            let host = hosts[n % 2].clone();
            tokio::spawn(async move {
                let invocation = Invocation {
                    action: "mistral/list-models".parse().unwrap(),
                    input: "{}".to_owned(),
                    agent: "bot".parse().unwrap(),
                };
                invoke(&host, invocation).await.unwrap()
            })
        });
        let (mut done, mut held) = (0, Vec::new());
        for call in calls.collect::<Vec<_>>() {
            match call.await.unwrap() {
                Answered::Done(_) => done += 1,
                Answered::Held(question) => held.push(question.rule),
            }
        }
        (done, held)
    });
    assert_eq!((done, held.len(), mistral.count()), (CAP, 64 - CAP, CAP), "{held:#?}");
    assert!(held.iter().all(|rule| rule.contains("cap.cedar#cap") || rule.contains("context.calls")), "{held:#?}");
}
