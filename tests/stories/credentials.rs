//! The same read with the credential from each place it can be kept in; in, listed, out, and never printed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::home::{Home, settings};
use crate::service::Mistral;

/// Lists the models and looks at what arrived.
pub(crate) fn list_models(home: &Home, mistral: &Mistral) {
    let before = mistral.count();
    let answer = home.run(["run", "mistral/list-models", "--json"]).exits(0).json();
    assert_eq!(answer["status"], 200);
    assert_eq!(answer["result"]["data"][0]["id"], "mistral-small-latest");
    let seen = mistral.seen();
    assert_eq!(seen.len(), before + 1);
    assert_eq!(seen[before].line, "GET /v1/models");
}

/// Where the credential of mistral is said to be.
pub(crate) fn place(home: &Home) -> Value {
    let listed = home.run(["secret", "list", "--json"]).exits(0).json();
    let line = listed.as_array().unwrap().iter().find(|line| line["id"] == "mistral");
    line.expect("mistral is installed")["credential"].clone()
}

#[test]
fn a_read_works_with_the_token_from_the_environment() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    assert_eq!(place(&home), "environment");
    list_models(&home, &mistral);
    let wrong = Home::holding(&mistral.origin(), "another-token-0123456789");
    let answer = wrong.run(["run", "mistral/list-models", "--json"]).exits(1).json();
    assert_eq!(answer["status"], 401);
}

#[test]
fn a_read_works_with_the_token_from_the_file_that_a_passphrase_opens() {
    let mistral = Mistral::start();
    let open =
        Home::with(&mistral.origin(), "[credentials]\nstore = \"file\"\n").env("PORTCULLIS_PASSPHRASE", "a long horse");
    let kept = open.feed(["secret", "set", "mistral", "--json"], &format!("{}\n", mistral.token())).exits(0).json();
    assert_eq!((&kept["id"], &kept["credential"]), (&"mistral".into(), &"file".into()));
    assert_eq!(place(&open), "file");
    list_models(&open, &mistral);
    let shut = open.env("PORTCULLIS_PASSPHRASE", "a short horse");
    shut.run(["run", "mistral/list-models", "--json"]).refused("credential-unavailable");
    let unasked = shut.env("PORTCULLIS_PASSPHRASE", "");
    let refusal = unasked.run(["run", "mistral/list-models", "--json"]).refused("credential-unavailable");
    assert!(refusal["fix"].as_str().unwrap().contains("PORTCULLIS_PASSPHRASE"), "{refusal:#}");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_read_works_with_the_token_from_the_file_that_a_key_opens() {
    let mistral = Mistral::start();
    let home = Home::at(&mistral.origin());
    let key = home.path().join("age.key");
    let place_of_key = format!("[credentials]\nstore = \"file\"\nkey_file = \"{}\"\n", key.display());
    home.configure(&settings(&mistral.origin(), &place_of_key));
    home.feed(["secret", "set", "mistral"], mistral.token()).exits(0);
    assert_eq!(place(&home), "file");
    list_models(&home, &mistral);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    home.run(["run", "mistral/list-models", "--json"]).refused("credential-unavailable");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_credential_comes_in_by_standard_input_is_listed_and_goes() {
    let mistral = Mistral::start();
    let home =
        Home::with(&mistral.origin(), "[credentials]\nstore = \"file\"\n").env("PORTCULLIS_PASSPHRASE", "a long horse");
    assert_eq!(place(&home), "missing");
    let refusal = home.run(["run", "mistral/list-models", "--json"]).refused("credential-missing");
    assert_eq!(refusal["fix"], "portcullis secret set mistral");
    for line in ["one-token-0123456789\r\n", mistral.token()] {
        let set = home.feed(["secret", "set", "mistral"], line).exits(0);
        assert!(!set.out.contains(line.trim()) && !set.err.contains(line.trim()), "{set:?}");
    }
    list_models(&home, &mistral);
    assert_eq!(home.run(["ports", "--json"]).exits(0).json()[0]["credential"], "file");
    assert_eq!(home.run(["secret", "remove", "mistral", "--json"]).exits(0).json()["removed"], true);
    assert_eq!(place(&home), "missing");
    home.run(["secret", "remove", "mistral", "--json"]).refused("credential-missing");
    home.run(["run", "mistral/list-models", "--json"]).refused("credential-missing");
    let kinds: Vec<Value> = home.rows().into_iter().map(|row| row["kind"].clone()).collect();
    for (kind, count) in [("secret-set", 2), ("secret-removed", 1)] {
        assert_eq!(kinds.iter().filter(|k| *k == kind).count(), count, "{kinds:?}");
    }
}

#[test]
fn an_unfit_credential_is_refused_wherever_it_comes_from() {
    let mistral = Mistral::start();
    let home =
        Home::with(&mistral.origin(), "[credentials]\nstore = \"file\"\n").env("PORTCULLIS_PASSPHRASE", "a long horse");
    for unfit in ["", "fifteen-letters", "sixteen letters!", "sixteen-lettersé", "sixteen-\u{7f}letters!"] {
        let refusal = home.feed(["secret", "set", "mistral", "--json"], unfit).refused("credential-unfit");
        assert!(unfit.is_empty() || !refusal.to_string().contains(unfit), "{refusal:#}");
    }
    assert_eq!(place(&home), "missing");
    let short = home.env("PORTCULLIS_SECRET_MISTRAL", "fifteen-letters");
    let refusal = short.run(["run", "mistral/list-models", "--json"]).refused("credential-unfit");
    assert!(refusal["message"].as_str().unwrap().contains("PORTCULLIS_SECRET_MISTRAL"), "{refusal:#}");
    assert_eq!(mistral.count(), 0);
}
