//! The page of one approval: the same for every approval, and with nothing in it but what this server wrote.

use super::asked::Reply;
use super::served::Served;
use crate::home::Home;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// That it is what it says, and may load and run nothing but this server's own files.
#[track_caller]
fn own(reply: &Reply, media_type: &str) {
    assert_eq!(reply.status, 200, "{reply:#?}");
    assert_eq!(reply.header("content-type"), Some(media_type), "{reply:#?}");
    assert_eq!(reply.header("content-security-policy"), Some(POLICY), "{reply:#?}");
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{reply:#?}");
    assert_eq!(reply.header("set-cookie"), None, "{reply:#?}");
}

#[test]
fn the_page_is_the_same_for_every_approval_and_says_nothing_of_any() {
    let home = Home::new("");
    let served = Served::start(&home);
    let page = served.get("/approvals/apr-0000000000000000", "");
    own(&page, "text/html; charset=utf-8");
    let hostile = served.get("/approvals/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "");
    own(&hostile, "text/html; charset=utf-8");
    assert_eq!(hostile.body, page.body);
    own(&served.get("/page/approval.js", ""), "text/javascript; charset=utf-8");
    own(&served.get("/page/approval.css", ""), "text/css; charset=utf-8");
}

#[test]
fn the_script_sets_text_and_never_markup_and_keeps_the_token_in_memory() {
    let home = Home::new("");
    let script = Served::start(&home).get("/page/approval.js", "").is(200).body;
    for word in
        ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Storage", "cookie", "http:", "https:"]
    {
        assert!(!script.contains(word), "{word}");
    }
    assert!(script.contains("textContent"));
}
