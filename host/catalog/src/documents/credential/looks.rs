//! Values that look like a credential: by a mark that a service puts on its own, by their shape, or by being long and
//! without any pattern.

/// A mark at the beginning, what follows it, and whose it is.
struct Mark {
    begins: &'static str,
    /// Least characters after it.
    least: usize,
    of: &'static str,
}

const fn mark(begins: &'static str, least: usize, of: &'static str) -> Mark {
    Mark { begins, least, of }
}

/// As the services document them, or as secret scanners have long known them.
#[rustfmt::skip]
const MARKS: &[Mark] = &[
    mark("sk-", 20, "an API key"), mark("sk_live_", 10, "a Stripe key"), mark("sk_test_", 10, "a Stripe key"),
    mark("rk_live_", 10, "a Stripe key"), mark("rk_test_", 10, "a Stripe key"), mark("whsec_", 16, "a webhook secret"),
    mark("ghp_", 20, "a GitHub token"), mark("gho_", 20, "a GitHub token"), mark("ghu_", 20, "a GitHub token"),
    mark("ghs_", 20, "a GitHub token"), mark("ghr_", 20, "a GitHub token"), mark("github_pat_", 20, "a GitHub token"),
    mark("glpat-", 16, "a GitLab token"), mark("glsa_", 20, "a Grafana token"),
    mark("xoxa-", 10, "a Slack token"), mark("xoxb-", 10, "a Slack token"), mark("xoxc-", 10, "a Slack token"),
    mark("xoxd-", 10, "a Slack token"), mark("xoxe-", 10, "a Slack token"), mark("xoxe.", 10, "a Slack token"),
    mark("xoxp-", 10, "a Slack token"), mark("xoxr-", 10, "a Slack token"), mark("xoxs-", 10, "a Slack token"),
    mark("xapp-", 10, "a Slack token"), mark("hooks.slack.com/services/", 16, "a Slack webhook"),
    mark("discord.com/api/webhooks/", 16, "a Discord webhook"),
    mark("AKIA", 16, "an AWS key"), mark("ASIA", 16, "an AWS key"), mark("AIza", 30, "a Google key"),
    mark("ya29.", 20, "a Google token"), mark("GOCSPX-", 20, "a Google secret"), mark("SG.", 20, "a SendGrid key"),
    mark("hf_", 20, "a Hugging Face token"), mark("npm_", 30, "an npm token"), mark("pypi-", 40, "a PyPI token"),
    mark("dop_v1_", 32, "a DigitalOcean token"), mark("dckr_pat_", 20, "a Docker token"), mark("gsk_", 30, "a Groq key"),
    mark("ntn_", 30, "a Notion token"), mark("secret_", 30, "a Notion token"), mark("lin_api_", 20, "a Linear key"),
    mark("shpat_", 20, "a Shopify token"), mark("shpss_", 20, "a Shopify secret"), mark("hvs.", 20, "a Vault token"),
    mark("AGE-SECRET-KEY-1", 20, "an age key"), mark("pca_", 20, "a Portcullis token"),
    mark("pco_", 20, "a Portcullis token"),
];

/// What a value looks like, if like a credential. `name` is that of its member, or of the list it stands in.
pub(super) fn like(text: &str, name: &str) -> Option<&'static str> {
    MARKS
        .iter()
        .find(|mark| is_marked(text, mark))
        .map(|mark| mark.of)
        .or_else(|| (text.contains("-----BEGIN ") && text.contains("PRIVATE KEY")).then_some("a private key"))
        .or_else(|| is_jwt(text).then_some("a JSON Web Token"))
        .or_else(|| has_scheme(text).then_some("an authorization header's value"))
        .or_else(|| has_user(text).then_some("an address with a user in it"))
        .or_else(|| has_query_credential(text).then_some("an address with a credential in its query"))
        .or_else(|| {
            (!is_spelled_out(name) && has_random_run(text)).then_some("a key or token: long, and random to read")
        })
}

/// Members whose values are long and irregular by their nature: patterns, references and digests.
fn is_spelled_out(name: &str) -> bool {
    matches!(name, "pattern" | "$ref" | "digest")
}

/// As far as a value is looked at from its beginning: enough to know it, and a bound on the work.
const REACH_BYTES: usize = 512;

/// Characters that keys and tokens are made of.
fn of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Where a text occurs without being the rest of a longer word.
fn beginnings<'a>(text: &'a str, begins: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(begins)
        .filter(|(at, _)| !text[..*at].bytes().next_back().is_some_and(of_token))
        .map(|(at, found)| &text[at + found.len()..])
}

/// The mark and enough behind it. A placeholder such as `sk-your-key-goes-here-instead` has no digit.
fn is_marked(text: &str, mark: &Mark) -> bool {
    beginnings(text, mark.begins).any(|rest| {
        let tail = rest.bytes().take(REACH_BYTES).take_while(|b| of_token(*b) || matches!(b, b'.' | b'/'));
        let (length, has_digit) = tail.fold((0, false), |(n, digit), b| (n + 1, digit || b.is_ascii_digit()));
        length >= mark.least && has_digit
    })
}

/// RFC 7519: a base64url header that begins with `{"`, a dot, a payload.
fn is_jwt(text: &str) -> bool {
    beginnings(text, "eyJ").any(|rest| {
        let near: Vec<u8> = rest.bytes().take(REACH_BYTES).take_while(|b| of_token(*b) || *b == b'.').collect();
        let mut parts = near.split(|b| *b == b'.').map(<[u8]>::len);
        parts.next().is_some_and(|header| header >= 10) && parts.next().is_some_and(|payload| payload >= 10)
    })
}

/// RFC 9110, section 11.4: a scheme and credentials. Prose about bearer tokens has no such long word behind it.
fn has_scheme(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["bearer ", "basic "].iter().any(|scheme| {
        beginnings(&lower, scheme).any(|rest| {
            let rest = text[text.len() - rest.len()..].trim_start_matches(' ');
            let tail = rest.split(|c: char| !(c.is_ascii_alphanumeric() || "-._~+/=".contains(c))).next().unwrap_or("");
            tail.len() >= 12
                && (tail.len() >= 16 && tail.bytes().any(|b| b.is_ascii_digit()) || changes(tail) >= RANDOM)
        })
    })
}

/// RFC 3986, section 3.2.1.
fn has_user(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let rest = &text[at + 3..];
        let end = rest.find(|c: char| c.is_whitespace() || "/?#\\\"'`<>()".contains(c)).unwrap_or(rest.len());
        rest[..end].find('@').is_some_and(|user| user > 0)
    })
}

fn has_query_credential(text: &str) -> bool {
    text.match_indices(['?', '&']).any(|(at, _)| {
        let pair = text[at + 1..].split(|c: char| c.is_whitespace() || "?&#\"'`<>()".contains(c)).next().unwrap_or("");
        pair.split_once('=').is_some_and(|(key, value)| {
            value.len() >= 8 && value.bytes().any(|b| b.is_ascii_digit()) && super::is_credential(key)
        })
    })
}

/// A word of 32 or more letters and digits that no person would read as made of words.
fn has_random_run(text: &str) -> bool {
    // An inlined file is no key.
    if text.starts_with("data:") && text.contains(";base64,") {
        return false;
    }
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_+=".contains(c))).any(|run| {
        let run = without_uuids(run);
        let count = run.bytes().filter(u8::is_ascii_alphanumeric).count();
        count >= 32 && !is_digest(&run) && changes(&run) >= RANDOM && distinct(&run) >= 12
    })
}

/// SHA-1 and SHA-256 name commits, blobs and components.
fn is_digest(run: &str) -> bool {
    matches!(run.len(), 40 | 64) && run.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
}

/// The run with a dash for each UUID (RFC 9562), written with dashes or without, that no letter or digit adjoins.
fn without_uuids(run: &str) -> String {
    let mut kept = String::with_capacity(run.len());
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let adjoins = |next: Option<u8>| next.is_some_and(|b| b.is_ascii_alphanumeric());
        let begins = !adjoins(kept.bytes().next_back());
        let is_one =
            |length: usize| rest.get(..length).is_some_and(is_uuid) && !adjoins(rest.as_bytes().get(length).copied());
        let uuid = [36, 32].into_iter().find(|length| begins && is_one(*length));
        kept.push(if uuid.is_some() { '-' } else { first });
        rest = &rest[uuid.unwrap_or(first.len_utf8())..];
    }
    kept
}

/// 32 hexadecimal digits with version and variant in their places.
fn is_uuid(text: &str) -> bool {
    let dashes = text.len() == 36;
    let placed = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 if dashes => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let mut digits = text.bytes().filter(|b| *b != b'-').map(|b| b.to_ascii_lowercase());
    text.bytes().enumerate().all(placed)
        && digits.nth(12).is_some_and(|version| (b'1'..=b'8').contains(&version))
        && digits.nth(3).is_some_and(|variant| matches!(variant, b'8' | b'9' | b'a' | b'b'))
}

/// From here on a word is random to read; see [`changes`].
const RANDOM: usize = 25;

/// In how many of a hundred neighbouring pairs a digit begins or ends, or a capital follows a small letter. Random
/// letters and digits have 40 to 47 such pairs; words, `CamelCase`, dates and version numbers seldom more than 20.
fn changes(run: &str) -> usize {
    let (mut all, mut changed) = (0, 0);
    for pair in run.as_bytes().windows(2).filter(|pair| pair.iter().all(u8::is_ascii_alphanumeric)) {
        let digits = pair.iter().filter(|b| b.is_ascii_digit()).count();
        all += 1;
        changed += usize::from(digits == 1 || pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    }
    (changed * 100_usize).checked_div(all).unwrap_or(0)
}

fn distinct(run: &str) -> usize {
    let mut seen = [false; 256];
    run.bytes().filter(u8::is_ascii_alphanumeric).for_each(|b| seen[usize::from(b)] = true);
    seen.iter().filter(|seen| **seen).count()
}
