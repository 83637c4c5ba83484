//! Every form of a credential is found, in any mixture, and nothing else is touched.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::{MARKER, Scrubber};

const TOKEN: &str = "sk-Proj/9aZ+kf?Q~7>wMx";

fn scrubbed(token: &str, text: impl Into<Vec<u8>>) -> (String, usize) {
    let (clean, count) = Scrubber::new(token.as_bytes()).scrub(text.into());
    (String::from_utf8_lossy(&clean).into_owned(), count)
}

fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn json_all(text: &str) -> String {
    text.bytes().map(|b| format!("\\u{b:04x}")).collect()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
}

fn wrapped(text: &str, line_end: &str) -> String {
    text.as_bytes().chunks(11).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>().join(line_end)
}

#[test]
fn each_form_is_removed() {
    let bearer = format!("Bearer {TOKEN}");
    let forms = [
        TOKEN.to_owned(),
        percent(TOKEN),
        percent(TOKEN).to_lowercase(),
        TOKEN.replace('/', "%2F").replace('+', "%2b"),
        json_all(TOKEN),
        TOKEN.replace('/', "\\/"),
        TOKEN.replace('s', "\\u0073").replace('/', "%2f").replace('9', "\\x39"),
        TOKEN.replace('/', "&#x2F;").replace('>', "&gt;").replace('+', "&#43;"),
        percent(&percent(TOKEN)),
        json_all(&percent(TOKEN)),
        json_all(TOKEN).replace('\\', "\\\\"),
        hex::encode(TOKEN),
        hex::encode_upper(TOKEN),
        hex::encode(TOKEN).replace('b', "B").replacen('d', "D", 1),
        wrapped(TOKEN, "\n"),
    ];
    for form in forms {
        for text in [form.clone(), format!("{{\"a\":\"{form}\"}}"), format!("x{form}y{form}z")] {
            let expected = text.replace(&form, std::str::from_utf8(MARKER).unwrap_or_default());
            assert_eq!(scrubbed(TOKEN, text.clone()), (expected, text.matches(&form).count()), "{text}");
        }
    }
    for (n, lead) in ["", "a", "ab", "abc", "Bearer ", "user:"].iter().enumerate() {
        let plain = format!("{lead}{TOKEN}{}", &"\u{1}zz"[..n % 3]);
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            let text = engine.encode(&plain);
            for text in
                [text.clone(), wrapped(&text, "\r\n"), wrapped(&text, "\\n"), percent(&text), text.replace('/', "\\/")]
            {
                let (clean, count) = scrubbed(TOKEN, format!("{{\"b\":\"{text}\"}}"));
                assert_eq!(count, 1, "{plain}: {text}");
                assert!(clean.len() < 60, "{clean} keeps more than the edges of {text}");
            }
        }
    }
    assert_eq!(scrubbed(TOKEN, STANDARD.encode(&bearer)).1, 1);
    for big in [false, true] {
        let (clean, count) = Scrubber::new(TOKEN.as_bytes()).scrub(utf16(&format!("é{TOKEN}ü"), big));
        assert_eq!(count, 1);
        assert_eq!(clean, [utf16("é", big), MARKER.to_vec(), utf16("ü", big)].concat());
    }
}

#[test]
fn a_stray_escape_before_a_plain_credential_hides_nothing() {
    for lead in ["\\", "%", "%4", "\\u00", "\\u", "&", "&#x4", "\\\\", "\n"] {
        for token in ["n2f41deadbeef0123", "u0041deadbeef0123", "41deadbeef012345", "/deadbeef0123456"] {
            let (clean, count) = scrubbed(token, format!("{lead}{token}"));
            // Where the two together are an escape, it goes as a whole.
            assert!(lead.starts_with(clean.trim_end_matches("[credential removed]")), "{lead}{token}: {clean}");
            assert_eq!(count, 1, "{lead}{token}: {clean}");
        }
    }
}

#[test]
fn a_credential_that_looks_escaped_is_found_escaped_and_not() {
    for token in ["abc%41defghijklmnop", "a\\u0041bcdefghijklmn", "%2541%2541-xyzuvwrst"] {
        for text in [
            token.to_owned(),
            percent(token),
            json_all(token),
            token.replace('d', "%64"),
            token.replace('b', "\\u0062"),
        ] {
            assert_eq!(scrubbed(token, text.clone()), ("[credential removed]".to_owned(), 1), "{token}: {text}");
        }
    }
}

#[test]
fn a_shorter_form_inside_a_longer_one_leaves_nothing_behind() {
    // What the credential itself decodes to is the beginning of it.
    let token = "u4%%\\a4/44a%%0%44";
    assert_eq!(scrubbed(token, json_all(token)), ("[credential removed]".to_owned(), 1));
    let token = "a".repeat(20);
    assert_eq!(scrubbed(&token, "a".repeat(50)), ("[credential removed]".to_owned(), 1));
}

#[test]
fn most_of_a_credential_is_not_the_credential() {
    for text in [&TOKEN[1..], &TOKEN[..TOKEN.len() - 1], &TOKEN.to_lowercase(), &hex::encode(&TOKEN[1..])] {
        assert_eq!(scrubbed(TOKEN, text), (text.to_owned(), 0));
    }
}

fn token() -> impl Strategy<Value = String> {
    prop_oneof!["[!-~]{16,80}", "[A-Za-z0-9_-]{16,64}", "[ab%/\\\\4u0]{16,40}"]
}

/// One character in one of the ways to write it. `%`, `\` and `&` are always escaped: bare, they are not what an
/// encoder leaves in a text it escapes.
fn written(byte: u8, way: u8) -> String {
    let bare = !matches!(byte, b'%' | b'\\' | b'&');
    match way % 6 {
        0 | 1 if bare => char::from(byte).to_string(),
        2 => format!("%{byte:02X}"),
        3 => format!("%{byte:02x}"),
        4 => format!("\\u{byte:04X}"),
        _ => format!("\\u{byte:04x}"),
    }
}

proptest! {
    #[test]
    fn any_mixture_of_escapes_is_removed(token in token(), ways in proptest::collection::vec(any::<u8>(), 80), before in "[ -~é\n]{0,40}[ -!(-.:-Z]", after in "[ -$'-Z^-~]{0,40}") {
        prop_assume!(!token.contains(before.as_str()) || before.len() > 3);
        let text: String = token.bytes().zip(&ways).map(|(b, way)| written(b, *way)).collect();
        let (clean, count) = scrubbed(&token, format!("{before}{text}{after}"));
        prop_assert_eq!(count, 1);
        prop_assert_eq!(clean, format!("{before}[credential removed]{after}"));
    }

    #[test]
    fn any_whole_encoding_is_removed(token in token(), lead in proptest::collection::vec(any::<u8>(), 0..20), tail in proptest::collection::vec(any::<u8>(), 0..20), upper in any::<u64>()) {
        let plain = [lead.as_slice(), token.as_bytes(), &tail].concat();
        let scrubber = Scrubber::new(token.as_bytes());
        for engine in [&STANDARD, &URL_SAFE_NO_PAD] {
            prop_assert_eq!(scrubber.scrub(engine.encode(&plain).into_bytes()).1, 1);
        }
        let hex: String = hex::encode(&plain).chars().enumerate().map(|(n, c)| if upper >> (n % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect();
        prop_assert!(scrubber.scrub(hex.into_bytes()).1 >= 1);
        prop_assert_eq!(scrubber.scrub(utf16(&token, true)).1, 1);
        prop_assert_eq!(scrubber.scrub(utf16(&token, false)).1, 1);
        prop_assert_eq!(scrubber.scrub(plain.clone()).1, 1);
        let (clean, _) = scrubber.scrub(plain);
        prop_assert_eq!(scrubber.scrub(clean).1, 0);
    }

    #[test]
    fn other_text_stays_byte_for_byte(token in "[A-Z]{4}[!-~]{16,80}", text in proptest::collection::vec(any::<u8>(), 0..600), json in "[a-z\\\\%&u0-9\"/\n]{0,400}") {
        let scrubber = Scrubber::new(token.as_bytes());
        for text in [text, json.into_bytes()] {
            prop_assert_eq!(scrubber.scrub(text.clone()), (text, 0));
        }
    }
}

/// Prints times; run with `--release --ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a check"]
fn ten_mebibytes() {
    const SIZE: usize = 10 << 20;
    let fill = |part: &[u8]| part.iter().copied().cycle().take(SIZE).collect::<Vec<u8>>();
    let noise = STANDARD
        .encode((0..SIZE as u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect::<Vec<_>>());
    let texts = [
        ("plain text", fill(b"The quick brown fox jumps over the lazy dog, and then it does so again. ")),
        ("json", fill(br#"{"id":"cmpl-e5cc70bb28c444948073e77776eb30ef","choices":[{"index":0,"message":{"content":"Hello!\nHow \"are\" you today?"}}]},"#)),
        ("pretty json", fill(b"{\n  \"object\": \"list\",\n  \"data\": [\n    {\n      \"embedding\": [0.0123, -0.456, 0.789]\n    }\n  ]\n}\n")),
        ("nested json", fill(br#"{"arguments":"{\"path\":\"a%20b\/c\\n\",\"text\":\"caf\\u00e9 one two three four five\"}"},"#)),
        ("base64", noise.into_bytes()[..SIZE].to_vec()),
        ("all percent", fill(b"%41%42%43")),
        ("utf-16", fill(b"a\0b\0c\0 \0")),
        ("backslashes", fill(b"\\")),
        ("half a token", fill(&TOKEN.as_bytes()[..16])),
    ];
    let scrubber = Scrubber::new(TOKEN.as_bytes());
    for (name, text) in texts {
        let mut best = f64::MAX;
        for _ in 0..15 {
            let copy = text.clone();
            let start = Instant::now();
            let (clean, count) = scrubber.scrub(copy);
            best = best.min(start.elapsed().as_secs_f64() * 1000.0);
            assert_eq!((clean.len(), count), (text.len(), 0));
        }
        println!("{name:>12}: {best:.1} ms");
    }
}
