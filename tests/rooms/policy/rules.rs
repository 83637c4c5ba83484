//! The operator's rule files: what they settle, and that whatever goes wrong in one makes a call wait, never run.

use portcullis_model::RoutedRequest;
use portcullis_policy::{
    Decision, Explanation, OperatorApproval, RuleFile, RuleSet, Rules, Sent, Situation, Windows, decide, explain,
};

use portcullis_model::{Description, Method};

use crate::route::world::{World, agent, create};

const NOW_MS: u64 = 1_767_780_000_000; // 2026-01-07T10:00:00Z

/// Lets `create-thing` go without a person, unless something speaks against it.
const FREE: &str = "permit (principal, action == Action::\"invokeUnattended\", resource);";

fn files(text: &str) -> Vec<RuleFile> {
    vec![RuleFile { name: "own.cedar".to_owned(), text: format!("@id(\"free\")\n{FREE}\n{text}") }]
}

fn set(text: &str) -> RuleSet {
    let mut words = Rules::default();
    words.set_group("ci".to_owned(), [agent()].into());
    RuleSet::new(words, &files(text)).unwrap_or_else(|problems| panic!("{text}: {problems:#?}"))
}

/// The first problem of a file.
fn problem(text: &str) -> String {
    match RuleSet::new(Rules::default(), &files(text)) {
        Ok(_) => panic!("taken: {text}"),
        Err(problems) => problems[0].to_string(),
    }
}

fn request(body: &str) -> RoutedRequest {
    World::default().route("create-thing", create(body))
}

fn why(text: &str, body: &str) -> Explanation {
    let situation = Situation { input: Some("{}"), tier: Some("sealed"), ..Situation::at(NOW_MS) };
    explain(&request(body), &agent(), &set(text), &situation)
}

fn forbid(verb: &str, when: &str) -> String {
    format!("@id(\"no\")\nforbid (principal, action == Action::\"{verb}\", resource) when {{ {when} }};")
}

#[test]
fn a_rule_holds_on_its_side_of_the_edge() {
    let over = forbid("invokeUnattended", "context.body has n && context.body.n > 10");
    let deny = forbid("invoke", "context.body has n && context.body.n > 10");
    for (text, body, decision, rule) in [
        (over.as_str(), r#"{"n":10}"#, "allowed", "own.cedar#free"),
        (&over, r#"{"n":11}"#, "needs-approval", "own.cedar#no"),
        (&over, "{}", "allowed", "own.cedar#free"),
        (&deny, r#"{"n":10}"#, "allowed", "own.cedar#free"),
        (&deny, r#"{"n":11}"#, "denied", "own.cedar#no"),
    ] {
        let why = why(text, body);
        assert_eq!((why.decision, why.rule.as_str()), (decision, rule), "{text} {body}");
    }
}

#[test]
fn what_goes_wrong_in_a_rule_makes_the_call_wait_and_says_so() {
    for (verb, when, body, says) in [
        ("invokeUnattended", "context.body.n > 10", "{}", "own.cedar#no cannot be evaluated: there is no `n`"),
        ("invoke", "context.body.n > 10", "{}", "own.cedar#no cannot be evaluated: there is no `n`"),
        ("invoke", "context.body.n > 10", r#"{"n":"10"}"#, "a value is of another type"),
        ("invoke", "context.body.n + 1 > 10", r#"{"n":9223372036854775807}"#, "a number in it grows too large"),
        (
            "invoke",
            "decimal(context.body.n).greaterThan(decimal(\"1.0\"))",
            r#"{"n":"secret"}"#,
            "a text is not the decimal",
        ),
        ("invoke", "context.body.n > 10", r#"{"n":null}"#, "`context.body.n`, which is null"),
        ("invoke", "context.body has n", r#"{"n":null}"#, "`context.body.n`, which is null"),
        (
            "invoke",
            "context.body has n && context.body.n > 10",
            r#"{"n":1e40}"#,
            "which is a number too large or too fine",
        ),
        (
            "invoke",
            "context.body has n && context.body.n == {}",
            r#"{"n":{"secret":null}}"#,
            "`context.body.n`, of which a part is null",
        ),
        ("invoke", "context.calls.day > 10", "{}", "`context.calls`, which is not known"),
        ("invokeUnattended", "context.body.n.m > 10", r#"{"n":[1]}"#, "own.cedar#no cannot be evaluated"),
    ] {
        let why = why(&forbid(verb, when), body);
        assert_eq!(why.decision, "needs-approval", "{when} {body}");
        assert!(why.rule.contains(says), "{when} {body}: {}", why.rule);
        assert!(!why.rule.contains("secret"), "it quotes the call: {}", why.rule);
    }
}

#[test]
fn what_no_rule_reads_makes_nobody_wait() {
    let text = forbid("invoke", "context.body has n && context.body.n > 10");
    let why = why(&text, r#"{"n":1,"other":null,"more":1e40}"#);
    assert_eq!((why.decision, &why.unheld[..]), ("allowed", &[][..]));
    assert_eq!(why.context, serde_json::json!({"body": {"n": 1}}));
}

#[test]
fn a_rule_that_cannot_speak_of_a_call_cannot_make_it_wait() {
    for scope in [
        "principal == Agent::\"other\", action, resource",
        "principal in Group::\"others\", action, resource",
        "principal, action, resource == PortAction::\"things/other\"",
        "principal, action, resource in Port::\"other\"",
    ] {
        let text = format!("forbid ({scope}) when {{ context.body.missing > 1 }};");
        assert_eq!(why(&text, "{}").decision, "allowed", "{scope}");
    }
    for scope in [
        "principal == Agent::\"robot\", action, resource",
        "principal in Group::\"ci\", action, resource",
        "principal is Agent in Group::\"ci\", action, resource",
        "principal, action in [Action::\"invoke\"], resource == PortAction::\"things/create-thing\"",
        "principal, action, resource is PortAction in Port::\"things\"",
    ] {
        let text = format!("forbid ({scope}) when {{ context.body.missing > 1 }};");
        assert_eq!(why(&text, "{}").decision, "needs-approval", "{scope}");
        assert_eq!(why(&format!("forbid ({scope});"), "{}").invoke.forbids, ["own.cedar#2"], "{scope}");
    }
}

#[test]
fn an_error_in_one_rule_leaves_the_no_of_another_a_no() {
    let text = format!(
        "{}\nforbid (principal, action, resource) when {{ context.body.missing > 1 }};",
        forbid("invoke", "context.bodyBytes > 0")
    );
    let why = why(&text, "{}");
    assert_eq!((why.decision, why.rule.as_str()), ("denied", "own.cedar#no"));
    assert_eq!(why.errors, ["own.cedar#3: there is no `missing`"]);
}

#[test]
fn the_words_of_the_settings_and_those_of_files_tighten_each_other() {
    let decided = |word, text: &str| {
        let mut words = Rules::default();
        words.set("things/create-thing".parse().unwrap(), word);
        let rules = RuleSet::new(words, &files(text)).unwrap();
        match decide(request("{}"), agent(), &rules, &Situation::at(NOW_MS)) {
            Decision::Allowed(_) => "allowed",
            Decision::NeedsApproval(_) => "asks",
            Decision::Denied(_) => "denied",
        }
    };
    let (ask, deny) = (forbid("invokeUnattended", "true"), forbid("invoke", "true"));
    use OperatorApproval::{Automatic, Deny, RequireApproval};
    for (word, text, expected) in [
        (Automatic, "", "allowed"),
        (Automatic, ask.as_str(), "asks"),
        (Automatic, &deny, "denied"),
        (RequireApproval, "", "asks"),
        (RequireApproval, &deny, "denied"),
        (Deny, "", "denied"),
        (Deny, &ask, "denied"),
    ] {
        assert_eq!(decided(word, text), expected, "{word:?} {text}");
    }
}

#[test]
fn a_rule_on_trial_changes_nothing_and_is_noted_where_it_would() {
    let trial = |text: &str| format!("@mode(\"shadow\")\n{text}");
    let over = |verb: &str| trial(&forbid(verb, "context.body has n && context.body.n > 10"));
    for (text, body, notes) in [
        (over("invoke"), r#"{"n":11}"#, &["own.cedar#no: would deny"][..]),
        (over("invokeUnattended"), r#"{"n":11}"#, &["own.cedar#no: would ask"]),
        (over("invoke"), r#"{"n":10}"#, &[]),
        (trial(&forbid("invoke", "context.body.n > 10")), "{}", &["own.cedar#no: would ask"]),
        (trial(&forbid("invoke", "context.body has n")), r#"{"n":null}"#, &["own.cedar#no: would ask"]),
    ] {
        let why = why(&text, body);
        assert_eq!(why.decision, "allowed", "{text} {body}");
        assert_eq!(why.shadow, notes, "{text} {body}");
    }
    let would = [RuleFile { name: "own.cedar".to_owned(), text: trial(&format!("@id(\"yes\")\n{FREE}")) }];
    let rules = RuleSet::new(Rules::default(), &would).unwrap();
    let why = explain(&request("{}"), &agent(), &rules, &Situation::at(NOW_MS));
    assert_eq!((why.decision, &why.shadow[..]), ("needs-approval", &["own.cedar#yes: would allow".to_owned()][..]));
}

#[test]
fn a_file_that_is_not_right_makes_no_set_of_rules() {
    for (text, says) in [
        ("permit (principal, action, resource)", "own.cedar:"),
        ("forbid (principal, action, resource) when { context.bodi has n };", "the context has no `bodi`"),
        ("forbid (principal, action, resource) when { context has boddy };", "the context has no `boddy`"),
        ("forbid (principal, action, resource) when { resource.efect == \"read\" };", "`resource` has no `efect`"),
        ("forbid (principal, action, resource) when { principal.role == \"x\" };", "`principal` has no `role`"),
        ("forbid (principal == User::\"a\", action, resource);", "there is no type `User`"),
        ("forbid (principal is User, action, resource);", "there is no type `User`"),
        ("forbid (principal, action, resource) when { resource in Plugin::\"a\" };", "there is no type `Plugin`"),
        ("forbid (principal, action == Action::\"call\", resource);", "there is no Action::\"call\""),
        ("forbid (principal, action, resource == ?resource);", "template"),
        ("@mode(\"shadwo\") forbid (principal, action, resource);", "it has a mode that is none"),
        ("@mode forbid (principal, action, resource);", "it has a mode that is none"),
        ("@shadow forbid (principal, action, resource);", "`@shadow` means nothing here"),
        ("@id(\"free\") forbid (principal, action, resource);", "two rules have this id"),
        ("@id(\"2\") forbid (principal, action, resource);", "its `@id` is no name"),
        ("@id(\"a b\") forbid (principal, action, resource);", "its `@id` is no name"),
        ("@why(\"\") forbid (principal, action, resource);", "its `@why` is not one line"),
    ] {
        let problem = problem(text);
        assert!(problem.contains(says), "{text}: {problem}");
    }
    assert!(problem("forbid (principal, action, resource)\nwhen { context.body has };").starts_with("own.cedar:4:"));
}

#[test]
fn everything_that_decides_is_in_the_digest() {
    let plain = RuleSet::default().digest();
    let words = |change: &dyn Fn(&mut Rules)| {
        let mut words = Rules::default();
        change(&mut words);
        RuleSet::bundled(words).digest()
    };
    let file = |name: &str, text: &str| {
        let file = RuleFile { name: name.to_owned(), text: text.to_owned() };
        RuleSet::new(Rules::default(), &[file]).unwrap().digest()
    };
    let all = [
        plain,
        words(&|words| words.set("a/b".parse().unwrap(), OperatorApproval::Deny)),
        words(&|words| words.set("a/b".parse().unwrap(), OperatorApproval::Automatic)),
        words(&|words| words.set_group("ci".to_owned(), [agent()].into())),
        words(&|words| words.set_group("ci".to_owned(), [].into())),
        file("a.cedar", FREE),
        file("b.cedar", FREE),
        file("a.cedar", &format!("{FREE} ")),
        file("a.cedar", ""),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "number {at} is not told apart");
    }
    assert_eq!(plain, words(&|words| words.set_approval_life_ms(5)), "how long an approval waits decides nothing");
    assert_eq!(file("a.cedar", FREE), file("a.cedar", FREE));
}

#[test]
fn a_decision_that_rests_on_counts_takes_them_along() {
    let capped = set(&forbid("invokeUnattended", "context.calls.day >= 10"));
    let sent = |day| Sent { calls: Windows { minute: 0, hour: 0, day }, ..Sent::default() };
    let decided =
        |rules: &RuleSet, sent| decide(request("{}"), agent(), rules, &Situation { sent, ..Situation::at(NOW_MS) });
    let Decision::Allowed(permit) = decided(&capped, Some(sent(9))) else { panic!() };
    assert_eq!(permit.sent(), Some(sent(9)));
    assert!(matches!(decided(&capped, Some(sent(10))), Decision::NeedsApproval(_)));
    assert!(matches!(decided(&capped, None), Decision::NeedsApproval(_)));
    let Decision::Allowed(permit) = decided(&set(""), Some(sent(9))) else { panic!() };
    assert_eq!(permit.sent(), None, "nothing rests on them");
}

#[test]
fn a_read_is_checked_by_path_and_query_too() {
    let text = format!(
        "{}\n{}",
        forbid("invokeUnattended", "context.query has q && context.query.q.contains(\"999\")"),
        "@id(\"x\") forbid (principal, action == Action::\"invoke\", resource) when { context.method != \"GET\" };"
    );
    let path = vec!["v1".to_owned(), "things".to_owned()];
    let mut description = Description { method: Method::Get, path, body: None, ..create("") };
    let plain = World::default().route("list-things", description.clone());
    let rules = set(&text);
    assert_eq!(explain(&plain, &agent(), &rules, &Situation::at(NOW_MS)).decision, "allowed");
    description.query = vec![("q".to_owned(), "999".to_owned())];
    let large = World::default().route("list-things", description);
    assert_eq!(explain(&large, &agent(), &rules, &Situation::at(NOW_MS)).decision, "needs-approval");
    let path = ["v1", "files", "a b", "c"].map(str::to_owned).to_vec();
    let file = Description { method: Method::Get, path, body: None, ..create("") };
    let rules = set(&forbid("invoke", "context.path.path == \"a%20b/c\""));
    let file = World::default().route("get-file", file);
    assert_eq!(explain(&file, &agent(), &rules, &Situation::at(NOW_MS)).decision, "denied");
}

#[test]
fn a_check_finds_what_is_misspelt_and_what_can_never_apply() {
    let mut world = World::default();
    for action in &mut world.draft.actions {
        action.input_schema =
            r#"{"type":"object","properties":{"n":{"type":"integer"},"t":{"type":"number"}}}"#.to_owned();
    }
    let bindings = world.bind_all();
    let found = |text: &str| {
        let problems = set(text).check(&bindings.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        problems.into_iter().map(|p| (p.warning, p.to_string())).collect::<Vec<_>>()
    };
    let on = |when: &str| {
        format!(
            "@id(\"x\")\nforbid (principal, action, resource == PortAction::\"things/create-thing\") when {{ {when} }};"
        )
    };
    for right in [
        "context.body has n && context.body.n > 1",
        "context.input has t && context.input.t.lessThan(decimal(\"1.5\"))",
    ] {
        assert_eq!(found(&on(right)), [], "{right}");
    }
    for (wrong, says) in [
        ("context.body has n && context.body.m > 1", "`body.m`"),
        ("context.body.n > 1", "`body.n`"),
        ("context.body has t && context.body.t > 1", "expected"),
        ("context.bodyBytes == \"1\"", "are not compatible"),
    ] {
        let found = found(&on(wrong));
        assert!(found.iter().any(|(warning, text)| !warning && text.contains(says)), "{wrong}: {found:#?}");
        assert!(found[0].1.starts_with("own.cedar:"), "{found:#?}");
    }
    let everywhere = found("forbid (principal, action, resource) when { context.body has n };");
    assert_eq!(everywhere.len(), 1, "one mistake is one problem: {everywhere:#?}");
    assert!(everywhere[0].1.contains(" more: attribute `body` in the context not found"), "{everywhere:#?}");
    for (never, says) in [
        (on("context.body has m"), "it never applies"),
        (
            "forbid (principal, action, resource in Port::\"thing\");".to_owned(),
            "no installed action is within its scope",
        ),
        ("forbid (principal in Group::\"cj\", action, resource);".to_owned(), "nobody is in Group::\"cj\""),
    ] {
        let found = found(&never);
        assert!(found.iter().any(|(warning, text)| *warning && text.contains(says)), "{never}: {found:#?}");
    }
}
