//! The README's way to a bundled integration, line by line, against a loopback service.

use std::fs;
use std::path::Path;

use crate::home::Home;
use crate::tap::{Tap, ok};

const TOKEN: &str = "slack-token-0123456789abcdef";

/// The lines of the README's first block about the catalog.
fn lines() -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("README.md");
    let text = fs::read_to_string(readme).unwrap();
    let section = text.split("\n## The catalog\n").nth(1).unwrap();
    let block = section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    block.lines().map(str::to_owned).collect()
}

fn words(line: &str) -> Vec<String> {
    let (plain, input) = match line.split_once(" --input ") {
        Some((plain, input)) => (plain, Some(input.trim_matches('\'').to_owned())),
        None => (line, None),
    };
    let mut words: Vec<String> = plain.split(' ').skip(1).map(str::to_owned).collect();
    words.extend(input.into_iter().flat_map(|input| ["--input".to_owned(), input]));
    words
}

#[test]
fn an_integration_of_the_catalog_is_found_installed_and_called_by_the_readme_alone() {
    let tap = Tap::answering(|_| ok(r#"{"ok":true,"channels":[{"id":"C1","name":"general"}]}"#));
    let settings = format!(
        "[ports.slack-web-api]\norigin = \"{}\"\n[sandbox.limits]\nwall_time_ms = 5000\n[credentials]\nstore = \"file\"\n",
        tap.origin()
    );
    let home = Home::new(&settings).env("PORTCULLIS_PASSPHRASE", "a long horse");
    let lines = lines();
    assert_eq!(lines.len(), 6, "{lines:?}");
    for line in &lines {
        let mut words = words(line);
        let ended = match words[0].as_str() {
            // What asks at a terminal takes its yes as a word here.
            "install" => {
                words.push("--yes".to_owned());
                home.run(words.iter().map(String::as_str))
            }
            "secret" => home.feed(words.iter().map(String::as_str), TOKEN),
            _ => home.run(words.iter().map(String::as_str)),
        };
        let ended = ended.exits(0);
        match words[..2] {
            [ref a, ref b] if a == "catalog" && b == "list" => {
                for name in ["github-rest", "mistral-api", "openai-api", "slack-web-api", "stripe-api"] {
                    assert!(ended.out.contains(name), "{name}: {ended:?}");
                }
            }
            [ref a, _] if a == "catalog" => assert!(ended.out.contains("slack-web-api"), "{ended:?}"),
            [ref a, _] if a == "run" => assert!(ended.out.contains("general"), "{ended:?}"),
            _ => {}
        }
    }
    let heard: Vec<String> = tap.heard().into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with("GET /api/conversations.list?"), "{}", heard[0]);
    assert!(heard[0].contains("limit=20") && heard[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")));
    // A write of it waits.
    let message = r#"{"body":{"channel":"C1","text":"hi"}}"#;
    let id = home.run(["run", "slack-web-api/post-message", "--input", message]).exits(3).out;
    assert_eq!(tap.heard().len(), 1);
    home.run(["approvals", "approve", id.trim(), "--yes"]).exits(0);
    let sent = String::from_utf8(tap.heard().remove(1)).unwrap();
    assert!(sent.starts_with("POST /api/chat.postMessage ") && sent.contains(r#""text":"hi""#), "{sent}");
}

#[test]
fn every_integration_of_the_catalog_installs_and_its_examples_describe() {
    let home = Home::new("[sandbox.limits]\nwall_time_ms = 5000\n");
    let listed = home.run(["catalog", "list", "--json"]).exits(0).json();
    let listed = listed.as_array().unwrap();
    assert!(listed.len() >= 6, "{listed:?}");
    for line in listed {
        let name = line["id"].as_str().unwrap();
        home.run(["install", name, "--yes"]).exits(0);
        let shown = home.run(["inspect", name, "--json"]).exits(0).json();
        for action in shown["manifest"]["actions"].as_array().unwrap() {
            let id = format!("{name}/{}", action["slug"].as_str().unwrap());
            let input = action["examples"][0]["input"].as_str().unwrap();
            let plan = home.run(["run", &id, "--input", input, "--dry-run", "--json"]).exits(0).json();
            let automatic = action["approval"] == "automatic" && action["effect"] == "read";
            assert_eq!(plan["decision"] == "allowed", automatic, "{id}: {plan:#}");
        }
    }
}
