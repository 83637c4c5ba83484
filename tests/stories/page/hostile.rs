//! Words of agents and plugins in every place where they are shown: complete or visibly cut, and inert.

use rusqlite::Connection;
use serde_json::json;

use super::browser::Browser;
use crate::doors::served::Served;
use crate::home::Home;
use crate::service::Mistral;

/// Markup, a script, a way out of an attribute, a terminal's commands, reordering, the invisible, and a smile.
const NASTY: [&str; 8] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "\u{1b}[2J\u{1b}]0;x\u{7}",
    "\u{202e}live\u{2066}",
    "a\u{200b}b\u{feff}c\u{e0041}",
    "&lt;b&gt; {{ 7*7 }} ${7*7} javascript:alert(1)",
    "🙂 é ü שלום",
];

/// What may stand in no page, whatever it is about.
#[track_caller]
fn inert(page: &str) {
    for raw in [
        "<script>",
        "<img src=x",
        "<svg/onload",
        "\u{1b}",
        "\u{7}",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{feff}",
        "\u{e0041}",
    ] {
        assert!(!page.contains(raw), "{raw:?}: {page}");
    }
    for tag in page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
        assert!(!tag.contains("alert(1)"), "<{tag}>");
    }
}

fn chat(content: &str) -> String {
    json!({ "model": "m", "messages": [{ "role": "user", "content": content }] }).to_string()
}

#[test]
fn bodies_of_agents_are_shown_and_do_nothing() {
    let home = Home::holding("http://127.0.0.1:1", "hostile-token-0123456789");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    for nasty in NASTY {
        let page = browser.page(&format!("/approvals/{}", home.hold(&chat(nasty))));
        inert(&page);
    }
    let page = browser.page(&format!("/approvals/{}", home.hold(&chat(&NASTY.concat()))));
    inert(&page);
    for shown in
        ["&lt;script&gt;alert(1)&lt;/script&gt;", "<span class=\"escape\">\\u{202e}</span>", "🙂 é ü שלום", "{{ 7*7 }}"]
    {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    inert(&browser.page("/"));
}

#[test]
fn a_megabyte_is_cut_where_everybody_sees_it_and_is_there_whole() {
    let wide = "input_bytes = 4000000\noutput_bytes = 4000000\n";
    let home = Home::with("http://127.0.0.1:1", wide).env("PORTCULLIS_SECRET_MISTRAL", "hostile-token-0123456789");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let text = format!("{}<script>end</script>", "<b>é".repeat(220_000));
    let file = home.path().join("input.json");
    std::fs::write(&file, chat(&text)).unwrap();
    let id = home.hold(&format!("@{}", file.display()));
    let page = browser.page(&format!("/approvals/{id}"));
    assert!(page.len() < 1 << 20, "{}", page.len());
    assert!(!page.contains("<b>é") && !page.contains("end&lt;/script"));
    let bytes = home.approval(&id)["request"]["body"]["bytes"].as_u64().unwrap();
    let thousands = format!("{},{:03} bytes shown", bytes / 1000, bytes % 1000);
    assert!(page.contains(&thousands) || page.contains("bytes shown"), "{thousands}");
    let whole = browser.get(&format!("/approvals/{id}/body")).is(200);
    assert_eq!(whole.body.len() as u64, bytes);
    assert!(whole.body.contains("<script>end</script>"));
    assert_eq!(whole.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(whole.header("content-disposition"), Some(format!("attachment; filename=\"{id}.txt\"").as_str()));
    assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
    let policy = whole.header("content-security-policy").unwrap();
    assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
    Browser::new(&served).get(&format!("/approvals/{id}/body")).is(401);
    // A short one is not cut, and says nothing of it.
    let short = browser.page(&format!("/approvals/{}", home.hold(&chat("short"))));
    assert!(!short.contains("bytes shown"), "{short}");
}

#[test]
fn reasons_and_names_in_addresses_are_shown_and_do_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    for nasty in NASTY {
        let id = home.hold(&chat("x"));
        let seal = super::browser::field(&browser.page(&format!("/approvals/{id}")), "fingerprint");
        browser.submit(&format!("/approvals/{id}/reject"), &[("fingerprint", &seal), ("reason", nasty)]).is(303);
        inert(&browser.page(&format!("/approvals/{id}")));
        // The call does not get far; the log keeps what was refused.
        let input = json!({ "model_id": nasty }).to_string();
        home.run(["run", "mistral/get-model", "--input", &input, "--json"]);
        let encoded: String = nasty.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for path in ["/approvals/", "/ports/", "/activity/", "/activity?agent=", "/activity?kind=", "/sign-in?", "/"] {
            inert(&browser.get(&format!("{path}{encoded}")).body);
        }
    }
    inert(&browser.page("/activity"));
    inert(&browser.page("/"));
    let rows = home.rows();
    for call in rows.iter().filter_map(|row| row["call"].as_str()) {
        inert(&browser.page(&format!("/activity/{call}")));
    }
}

#[test]
fn words_of_plugins_and_rows_that_were_edited_are_shown_and_do_nothing() {
    let home = Home::holding("http://127.0.0.1:1", "hostile-token-0123456789");
    home.run(["run", "mistral/list-models", "--json"]);
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let db = Connection::open(home.database()).unwrap();
    let markup = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    let edits =
        "UPDATE plugins SET manifest = replace(replace(manifest, 'Mistral API', ?1), 'List models', ?1), source = ?2";
    db.execute(edits, (&markup[..50], NASTY.concat())).unwrap();
    let body = json!({ "action": NASTY.concat(), "agent": NASTY[0], "code": NASTY[1], "message": NASTY.concat(), NASTY[2]: NASTY[4] });
    db.execute("UPDATE audit SET body = ?1, kind = 'refused' WHERE kind = 'intent'", [body.to_string()]).unwrap();
    db.execute("UPDATE audit SET kind = ?1 WHERE kind = 'installed'", [NASTY.concat()]).unwrap();
    for path in ["/ports", "/ports/mistral", "/activity", "/agents", "/"] {
        let page = browser.page(path);
        inert(&page);
        assert!(!path.starts_with("/ports") || page.contains("&lt;script&gt;alert(1)"), "{page}");
    }
    browser.submit("/activity/verify", &[]).is(303);
    let page = browser.page("/activity");
    inert(&page);
    assert!(page.contains("Not intact"), "{page}");
}
