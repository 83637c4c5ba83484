//! A service that sends the caller elsewhere: that is an answer, and nobody goes there.

use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::home::Home;
use crate::tap::{Tap, answer};

/// The `location` that a caller gets to see.
fn location(answer: &Value) -> &str {
    let headers = answer["headers"].as_array().unwrap();
    headers.iter().find(|header| header[0] == "location").and_then(|header| header[1].as_str()).unwrap()
}

#[test]
fn a_redirect_is_handed_over_and_not_followed() {
    let elsewhere = Tap::quiet();
    let target = Arc::new(Mutex::new(String::new()));
    let told = target.clone();
    let tap = Tap::answering(move |_| answer("302 Found", &format!("location: {}\r\n", told.lock().unwrap()), b""));
    let home = Home::holding(tap.origin(), "redirect-token-0123456789");
    let host = tap.origin().strip_prefix("http://").unwrap();
    let user = format!("http://{host}@{}/", elsewhere.origin().strip_prefix("http://").unwrap());
    for lure in [
        format!("{}/v1/models", elsewhere.origin()),
        format!("https://{host}/v1/models"),
        user,
        "//other.example/".to_owned(),
    ] {
        target.lock().unwrap().clone_from(&lure);
        let answer = home.run(["run", "mistral/list-models", "--json"]).exits(0).json();
        assert_eq!((&answer["status"], location(&answer)), (&302.into(), "[removed: another origin]"), "{lure}");
    }
    // The twin: on the same origin the address is of use, and not followed either.
    for near in ["/v1/models/other".to_owned(), format!("{}/v1/models/other", tap.origin())] {
        target.lock().unwrap().clone_from(&near);
        let answer = home.run(["run", "mistral/list-models", "--json"]).exits(0).json();
        assert_eq!(location(&answer), near);
    }
    assert_eq!((tap.heard().len(), elsewhere.heard().len()), (6, 0));
}
