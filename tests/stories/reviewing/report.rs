//! The report of `inspect`: what to look at first, everything that could be sent, and whose words are whose.

use serde_json::{Value, json};

use crate::catalog::weather::{document, home, written};
use crate::home::Home;
use crate::tap::Tap;

/// Text that would be markup, a script or another direction if anybody took it as it is.
const EVIL: &str = "<script>alert(1)</script><img src=x onerror=alert(1)> & \"quoted\" </title> end";

/// The rules that a report names, with the action each is about.
fn rules(report: &Value) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let warnings = report["warnings"].as_array().unwrap();
    warnings.iter().map(|w| (text(&w["rule"]).unwrap(), text(&w["action"]))).collect()
}

#[test]
fn what_stands_out_is_named_first_and_by_rule() {
    let tap = Tap::quiet();
    let home = home(&tap, "");
    let mut loose = document();
    loose["actionTemplates"][1]["inputs"]["parameters"][0]["schema"] = json!({"type": "object"});
    loose["actionTemplates"][1]["example"] = json!({"body": {"city": {}}});
    loose["note"] = json!("nobody knows this member");
    let mut export = loose["actionTemplates"][0].clone();
    export["slug"] = json!("export-forecasts");
    export["path"] = json!("/v1/forecasts/export");
    export["inputs"] = json!({"parameters": []});
    loose["actionTemplates"].as_array_mut().unwrap().push(export);
    let path = written(&home, "loose.json", &loose);

    let report = home.run(["inspect", path.to_str().unwrap(), "--json"]).exits(0).json();
    let named = rules(&report);
    for (rule, action) in [
        ("origin-overridden", None),
        ("not-signed", None),
        ("ignored-member", None),
        ("shared-shape", Some("get-forecast")),
        ("open-input", Some("report-weather")),
    ] {
        assert!(named.contains(&(rule.to_owned(), action.map(str::to_owned))), "{rule}: {named:?}");
    }
    let levels: Vec<&str> =
        report["warnings"].as_array().unwrap().iter().map(|w| w["level"].as_str().unwrap()).collect();
    let order = |level: &&str| ["danger", "caution", "note"].iter().position(|l| l == level).unwrap();
    assert!(levels.is_sorted_by_key(order), "{levels:?}");

    let page = home.run(["inspect", path.to_str().unwrap()]).exits(0).out;
    assert!(page.starts_with("to look at first"), "{page}");
    assert!(page.contains("/v1/forecasts/export") && page.contains("[shared-shape]"), "{page}");

    let plain = written(&home, "weather.json", &document());
    let report = home.run(["inspect", plain.to_str().unwrap(), "--json"]).exits(0).json();
    let named: Vec<String> = rules(&report).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(named, ["origin-overridden", "not-signed"], "a plain document is warned of nothing else");
}

#[test]
fn the_shipped_plugin_says_what_it_was_built_with_and_has_no_dangers() {
    let home = Home::new("");
    let report = home.run(["inspect", "mistral", "--json"]).exits(0).json();
    let levels: Vec<&Value> = report["warnings"].as_array().unwrap().iter().map(|w| &w["level"]).collect();
    assert!(!levels.contains(&&json!("danger")), "{:#}", report["warnings"]);
    assert!(!rules(&report).iter().any(|(rule, _)| rule == "not-signed"), "it comes with the program");
    let tools: Vec<&str> =
        report["toolchain"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert!(tools.contains(&"wit-component"), "{tools:?}");
    assert_eq!(report["reviewedBy"], Value::Null);
    let page = home.run(["inspect", "mistral"]).exits(0).out;
    for words in ["built with", "reviewed by nobody", "limits", "worked examples", "POST /v1/chat/completions"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn the_page_of_html_needs_nothing_and_runs_nothing() {
    let tap = Tap::quiet();
    let home = home(&tap, "");
    let mut evil = document();
    for place in ["/description", "/portTemplates/0/description", "/actionTemplates/0/description"] {
        *evil.pointer_mut(place).unwrap() = json!(EVIL);
    }
    evil["actionTemplates"][0]["label"] = json!("<b onmouseover=alert(1)>");
    evil["actionTemplates"][1]["inputs"]["parameters"][0]["schema"]["description"] = json!(EVIL);
    let path = written(&home, "evil.json", &evil);
    let page = home.run(["inspect", path.to_str().unwrap(), "--html"]).exits(0).out;
    assert!(!page.contains('\u{202e}'));
    // Whatever stands between angle brackets is the host's own markup.
    let style = page.find("</style>").unwrap();
    assert!(!page[..style].contains("url(") && !page[..style].contains("@import"));
    for tag in page[style..].split('<').skip(1).map(|rest| rest.split('>').next().unwrap().to_ascii_lowercase()) {
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
        assert!(!["script", "img", "link", "iframe", "object", "embed", "form", "base"].contains(&name), "<{tag}>");
        assert!(!tag.contains(" on") && !tag.contains("src=") && !tag.contains("javascript:"), "<{tag}>");
    }
    assert!(page.contains("&lt;script&gt;"), "it is shown all the same");
    assert!(page.contains("content=\"default-src 'none'"), "{}", &page[..600]);
    // One host, each route, which of them change something, what a person must approve.
    for words in
        [tap.origin(), "/v1/forecasts/{city}", "/v1/reports", "action-report-weather", "a person", "runs by itself"]
    {
        assert!(page.contains(words), "{words}");
    }

    let file = home.path().join("report.html");
    home.run(["inspect", path.to_str().unwrap(), "--html", "--output", file.to_str().unwrap()]).exits(0);
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim_end(), page.trim_end());
    home.run(["inspect", path.to_str().unwrap(), "--html", "--output", file.to_str().unwrap()]).exits(1);
    home.run(["inspect", path.to_str().unwrap(), "--html", "--json"]).exits(2);
    home.run(["inspect", path.to_str().unwrap(), "--output", "x.html"]).exits(2);
}
