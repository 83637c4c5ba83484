//! The cookie that names a session. No script reads it, and no other site can have it sent along.
//!
//! Over TLS its name begins with `__Host-`, so that only this very host can have set it. A browser sends two of one
//! name when somebody else has put one there: then neither counts.

use axum::http::header::{self, HeaderMap, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

const SECURE: &str = "__Host-portcullis";
const PLAIN: &str = "portcullis_session";

/// What came in: the secret, and whether it was kept for TLS alone.
pub(super) struct Shown<'a> {
    pub(super) id: &'a str,
    pub(super) secure: bool,
}

/// The cookie of a request. Where this server speaks TLS, the other name is nobody's.
pub(super) fn read(headers: &HeaderMap, tls: bool) -> Option<Shown<'_>> {
    match (one(headers, SECURE)?, one(headers, PLAIN)?) {
        (Some(id), _) => Some(Shown { id, secure: true }),
        (None, Some(id)) if !tls => Some(Shown { id, secure: false }),
        _ => None,
    }
}

/// The value of a name; `None` where there are two.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<Option<&'a str>> {
    let mut found = None;
    for line in headers.get_all(header::COOKIE) {
        let pairs = line.to_str().ok()?.split(';').filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='));
        for (_, value) in pairs.filter(|(key, _)| *key == name) {
            if found.replace(value).is_some() {
                return None;
            }
        }
    }
    Some(found)
}

/// Sets it, for as long as the browser runs.
pub(super) fn set(id: &str, secure: bool) -> Option<HeaderValue> {
    line(&bare(id, secure).build())
}

/// Takes it away.
pub(super) fn clear(secure: bool) -> Option<HeaderValue> {
    line(&bare("", secure).max_age(Duration::ZERO).build())
}

fn bare(id: &str, secure: bool) -> cookie::CookieBuilder<'static> {
    let name = if secure { SECURE } else { PLAIN };
    Cookie::build((name, id.to_owned())).path("/").http_only(true).same_site(SameSite::Strict).secure(secure)
}

fn line(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::try_from(cookie.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cookie_is_read_and_of_two_none() {
        let read = |lines: &[&'static str], tls| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            super::read(&headers, tls).map(|shown| (shown.id.to_owned(), shown.secure))
        };
        let is = |id: &str, secure| Some((id.to_owned(), secure));
        assert_eq!(read(&["a=b; portcullis_session=x; c=d"], false), is("x", false));
        assert_eq!(read(&["__Host-portcullis=x"], true), is("x", true));
        assert_eq!(read(&["__Host-portcullis=x; portcullis_session=y"], false), is("x", true));
        for lines in [
            &["portcullis_session=x; portcullis_session=y"][..],
            &["portcullis_session=x; portcullis_session=x"],
            &["portcullis_session=x", "portcullis_session=y"],
            &["__Host-portcullis=x; portcullis_session=y; portcullis_session=z"],
            &["Portcullis_session=x"],
            &["portcullis_session"],
            &[],
        ] {
            assert_eq!(read(lines, false), None, "{lines:?}");
        }
        assert_eq!(read(&["portcullis_session=x"], true), None);
    }

    #[test]
    fn it_is_kept_from_scripts_and_from_other_sites() {
        let set = |secure| set("x", secure).unwrap().to_str().unwrap().to_owned();
        assert_eq!(set(false), "portcullis_session=x; HttpOnly; SameSite=Strict; Path=/");
        assert_eq!(set(true), "__Host-portcullis=x; HttpOnly; SameSite=Strict; Secure; Path=/");
        assert!(clear(true).unwrap().to_str().unwrap().contains("Max-Age=0"));
    }
}
