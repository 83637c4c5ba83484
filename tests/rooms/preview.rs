//! What a person reads before saying yes: every byte shown or counted, nothing that acts on the screen, and no secret.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use portcullis_model::{AuthDraft, Digest, FixedOrigin, Preview, RoutedRequest, Shown};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;

use crate::route::any;
use crate::route::world::{World, create, get, note, text};

/// The body as it is read off a preview: the marked lines, with escapes undone.
fn body_lines(shown: &str) -> String {
    let lines: Vec<&str> = shown.lines().filter_map(|line| line.strip_prefix("| ")).collect();
    unescaped(&lines.join("\n"))
}

fn unescaped(shown: &str) -> String {
    let mut pieces = shown.split("\\u{");
    let mut whole = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('}').unwrap();
        whole.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        whole.push_str(rest);
    }
    whole
}

fn note_request(body: &str) -> RoutedRequest {
    World::default().route("send-text", note(body))
}

#[test]
fn a_request_is_shown_as_it_will_stand_on_the_wire() {
    let mut description = create("{\"a\":\n1}");
    description.headers = vec![(text("x-request-id"), text("r-1"))];
    let shown = Preview::new(&World::default().route("create-thing", description)).to_string();
    let digest = Digest::of(b"{\"a\":\n1}");
    let agent = format!("portcullis/{}", env!("CARGO_PKG_VERSION"));
    let expected = format!(
        "POST https://api.example.com/v1/things\nhost: api.example.com\nuser-agent: {agent}\naccept: application/json\n\
         accept-encoding: identity\nx-request-id: r-1\ncontent-type: application/json\ncontent-length: 8\n\
         authorization: Bearer <credential `things`>\n\n| {{\"a\":\n| 1}}\n\n(body: 8 bytes, {digest})"
    );
    assert_eq!(shown, expected);
}

#[test]
fn no_body_and_an_empty_body_are_told_apart() {
    let none = World::default().route("get-thing", get("7"));
    assert!(Preview::new(&none).to_string().ends_with("\n\n(no body)"));
    let empty = note_request("");
    assert!(Preview::new(&empty).to_string().ends_with(&format!("\n\n| \n\n(body: 0 bytes, {})", Digest::of(b""))));
}

#[test]
fn the_credential_is_named_where_it_will_stand_and_its_value_is_not_there() {
    let mut world = World::default();
    world.draft.port.auth = AuthDraft::Header { name: text("x-api-key"), prefix: text("key=") };
    let request = world.route("get-thing", get("7"));
    assert!(Preview::new(&request).to_string().contains("\nx-api-key: key=<credential `things`>\n"));
    let data = Preview::new(&request).data();
    assert_eq!(data.headers.last().unwrap(), &(text("x-api-key"), text("key=<credential `things`>")));
    world.draft.port.auth = AuthDraft::None;
    assert!(!Preview::new(&world.route("get-thing", get("7"))).to_string().contains("credential"));
}

#[test]
fn an_origin_that_the_operator_set_is_said_to_be() {
    let set = World { origin: Some(FixedOrigin::by_operator("http://127.0.0.1:4010").unwrap()), ..World::default() };
    let first = |world: &World| {
        Preview::new(&world.route("get-thing", get("7"))).to_string().lines().next().unwrap().to_owned()
    };
    assert_eq!(first(&set), "GET http://127.0.0.1:4010/v1/things/7   (origin set by the operator)");
    assert_eq!(first(&World::default()), "GET https://api.example.com/v1/things/7");
}

#[test]
fn a_long_body_is_cut_with_what_is_hidden_counted_and_sealed() {
    let limit = 16 << 10;
    let body = format!("{}{}", "a".repeat(limit - 1), "é and the rest");
    let request = note_request(&body);
    let shown = Preview::new(&request).to_string();
    let seen = body_lines(&shown);
    assert_eq!(seen, "a".repeat(limit - 1), "a character is shown whole or not at all");
    let hidden = body.len() - seen.len();
    assert!(shown.ends_with(&format!(
        "\n(body: {} bytes, the last {hidden} not shown, {})",
        body.len(),
        Digest::of(body.as_bytes())
    )));
    let whole = Preview::new(&request).whole().to_string();
    assert_eq!(body_lines(&whole), body);
    assert!(whole.ends_with(&format!("\n(body: {} bytes, {})", body.len(), Digest::of(body.as_bytes()))));

    let fits = Preview::new(&note_request(&"a".repeat(limit))).to_string();
    assert!(!fits.contains("not shown") && body_lines(&fits).len() == limit);
    assert_eq!(Preview::new(&request).data().body.unwrap().text, body, "data is never cut");
}

#[test]
fn a_body_cannot_pass_for_the_hosts_own_words() {
    let fake =
        format!("hello\n\n(body: 5 bytes, {})\n(no body)\nauthorization: none\nSend it? [y/N] y", Digest::of(b"hello"));
    let shown = Preview::new(&note_request(&fake)).to_string();
    let (_, after) = shown.split_once("\n\n").unwrap();
    let (body, footer) = after.rsplit_once("\n\n").unwrap();
    assert!(body.lines().all(|line| line.starts_with("| ")), "{shown}");
    assert_eq!(footer, format!("(body: {} bytes, {})", fake.len(), Digest::of(fake.as_bytes())));
}

#[test]
fn what_acts_on_the_screen_or_hides_is_written_out() {
    for c in [
        '\0',
        '\u{7}',
        '\u{8}',
        '\t',
        '\r',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{9b}',
        '\u{ad}',
        '\u{61c}',
        '\u{200b}',
        '\u{200d}',
        '\u{200e}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{2800}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{fff9}',
        '\u{13437}',
        '\u{16fe4}',
        '\u{1d159}',
        '\u{1d173}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e01ef}',
    ] {
        let shown = Preview::new(&note_request(&format!("a{c}b"))).to_string();
        let escape = format!("\n| a\\u{{{:x}}}b\n", c as u32);
        assert!(shown.contains(&escape) && !shown.contains(c), "{escape:?} in {shown:?}");
        assert_eq!(Shown::new(&c.to_string()).to_string(), format!("\\u{{{:x}}}", c as u32));
    }
    for c in ['a', ' ', 'é', '模', 'ع', '🦀', '\\', '`', '\u{a0}', '\u{301}'] {
        assert_eq!(Shown::new(&c.to_string()).to_string(), c.to_string());
    }
}

#[test]
fn a_quoted_value_is_cut_after_120_bytes_and_says_so() {
    assert_eq!(Shown::new(&"a".repeat(120)).to_string(), "a".repeat(120));
    assert_eq!(Shown::new(&"a".repeat(121)).to_string(), format!("{}… (1 bytes more)", "a".repeat(120)));
}

/// Pieces of what the preview itself writes.
fn lookalike() -> impl Strategy<Value = String> {
    select(vec!["\\u{202e}", "\\u{5c}", "\\", "u{", "}", "\n| ", "| ", "\n\n(body: "]).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(Config { cases: 2000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_body_can_be_read_back_off_its_preview(pieces in vec(prop_oneof![any::text(), lookalike()], 0..6)) {
        let body = pieces.concat();
        let shown = Preview::new(&note_request(&body)).to_string();
        prop_assert_eq!(body_lines(&shown), body);
        prop_assert!(!shown.contains(|c: char| c.is_control() && c != '\n'));
    }

    #[test]
    fn what_is_shown_in_one_line_is_one_line_that_reads_back(text in any::text()) {
        let shown = Shown::new(&text).limit_bytes(usize::MAX).to_string();
        prop_assert!(!shown.contains(char::is_control), "{:?}", shown);
        prop_assert_eq!(unescaped(&shown), text);
    }
}
