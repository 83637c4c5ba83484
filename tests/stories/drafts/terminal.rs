//! The operator at the command line: looks, publishes what was looked at, rejects.

use serde_json::json;

use super::{PEEK, made, peek, proposer, requested};
use crate::doors::served::Served;
use crate::home::Home;

#[test]
fn the_operator_lists_shows_compares_and_publishes_by_digest() {
    let home = Home::at("http://127.0.0.1:9");
    let builder = proposer(&home, "builder");
    assert_eq!(home.run(["draft", "list", "--json"]).exits(0).json(), json!([]));
    let served = Served::start(&home);
    let (at, digest) = requested(&served, &builder, PEEK);
    let id = at.strip_prefix("/v1/drafts/").unwrap();
    let listed = home.run(["draft", "list"]).exits(0).out;
    for word in [id, "requested", "mistral/peek-model", "builder"] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    let shown = home.run(["draft", "show", id]).exits(0).out;
    assert!(shown.contains("in the words of agent `builder`") && shown.contains("| {"), "{shown}");
    let diff = home.run(["draft", "diff", id]).exits(0).out;
    for line in
        ["+ name      peek-model", "+ sends     GET /v1/models/{id}", "+ headers   none", "+ approval  automatic"]
    {
        assert!(diff.lines().any(|found| found == line), "{line}: {diff}");
    }
    assert!(diff.contains(&digest) && diff.contains("http://127.0.0.1:9 (set by the operator)"), "{diff}");

    // Nobody can be asked here, and a yes needs to say to what.
    home.run(["draft", "publish", id, "--json"]).refused("approval-required");
    home.run(["draft", "publish", id, "--yes"]).exits(2);
    let other = format!("sha256:{}", "0".repeat(64));
    home.run(["draft", "publish", id, "--yes", "--digest", &other, "--json"]).refused("draft-state");
    let published = home.run(["draft", "publish", id, "--yes", "--digest", &digest, "--json"]).exits(0).json();
    assert_eq!((&published["state"], &published["by"]), (&json!("published"), &json!("operator")));
    assert_eq!(home.run(["draft", "list", "--json"]).exits(0).json(), json!([]));
    assert_eq!(home.run(["draft", "list", "--all", "--json"]).exits(0).json()[0]["state"], "published");
    home.run(["draft", "diff", id, "--json"]).refused("draft-state");
}

#[test]
fn what_is_no_action_can_be_shown_and_rejected_and_not_published() {
    let home = Home::at("http://127.0.0.1:9");
    let builder = proposer(&home, "builder");
    let served = Served::start(&home);
    let at = made(&served, &builder, &peek(json!({"slug": "list-models"})));
    let id = at.strip_prefix("/v1/drafts/").unwrap();
    let shown = home.run(["draft", "show", id]).exits(0).out;
    assert!(shown.contains("it is no action yet") && shown.contains("/slug"), "{shown}");
    home.run(["draft", "diff", id, "--json"]).refused("bad-document");
    let digest = home.run(["draft", "show", id, "--json"]).exits(0).json()["digest"].as_str().unwrap().to_owned();
    home.run(["draft", "publish", id, "--yes", "--digest", &digest, "--json"]).refused("draft-state");
    home.run(["draft", "reject", id, "--reason", "it is there already"]).exits(0);
    home.run(["draft", "reject", id, "--json"]).refused("draft-state");
    home.run(["draft", "show", "drf-0000000000000000", "--json"]).refused("draft-unknown");
    home.run(["draft", "show", "nonsense"]).exits(2);
    assert_eq!(served.get(&at, &builder).is(200).json()["reason"], "it is there already");
}

#[test]
fn what_was_installed_meanwhile_is_looked_at_again() {
    let home = Home::at("http://127.0.0.1:9");
    let builder = proposer(&home, "builder");
    let served = Served::start(&home);
    let (at, digest) = requested(&served, &builder, PEEK);
    let id = at.strip_prefix("/v1/drafts/").unwrap();
    home.run(["remove", "mistral", "--yes"]).exits(0);
    let refusal = home.run(["draft", "publish", id, "--yes", "--digest", &digest, "--json"]).refused("bad-document");
    assert!(refusal["details"][0]["what"].as_str().unwrap().contains("not installed"), "{refusal:#}");
    home.run(["install", "mistral", "--yes"]).exits(0);
    home.run(["draft", "publish", id, "--yes", "--digest", &digest]).exits(0);
}
