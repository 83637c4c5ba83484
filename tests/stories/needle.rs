//! Finds a secret in bytes, in every form it could have been copied in.
//!
//! Written apart from the scrubber, so that the two do not share a mistake.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// A run of so many bytes of the secret, in plain, is a leak too.
const RUN_BYTES: usize = 12;

/// A secret and what it looks like.
pub(crate) struct Needle {
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Needle {
    pub(crate) fn new(secret: &str) -> Self {
        let bytes = secret.as_bytes();
        let mut forms: Vec<(&'static str, Vec<u8>)> =
            bytes.windows(RUN_BYTES).map(|run| ("plain", run.to_vec())).collect();
        for before in 0..3 {
            let shifted = [&vec![0; before][..], bytes].concat();
            // Characters that also hold bits of a neighbour are left out.
            let (first, last) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
            for (name, engine) in [("base64", &STANDARD), ("base64url", &URL_SAFE)] {
                forms.push((name, engine.encode(&shifted).as_bytes()[first..last].to_vec()));
            }
        }
        let each = |write: &dyn Fn(u8) -> String| bytes.iter().map(|b| write(*b)).collect::<String>().into_bytes();
        let seldom = |b: u8, other: String| {
            if b.is_ascii_alphanumeric() || b"-._~".contains(&b) { char::from(b).to_string() } else { other }
        };
        forms.push(("hex", each(&|b| format!("{b:02x}"))));
        forms.push(("hex", each(&|b| format!("{b:02X}"))));
        forms.push(("bytes as a list", each(&|b| format!("{b}, "))));
        forms.push(("percent", each(&|b| format!("%{b:02X}"))));
        forms.push(("percent", each(&|b| format!("%{b:02x}"))));
        forms.push(("percent", each(&|b| seldom(b, format!("%{b:02X}")))));
        forms.push(("percent", each(&|b| seldom(b, format!("%{b:02x}")))));
        forms.push(("json", each(&|b| format!("\\u{b:04x}"))));
        forms.push(("json", each(&|b| format!("\\u{b:04X}"))));
        forms.push(("json", each(&|b| if b == b'/' { "\\/".to_owned() } else { char::from(b).to_string() })));
        forms.push(("utf-16", bytes.iter().flat_map(|b| [*b, 0]).collect()));
        forms.push(("utf-16", bytes.iter().flat_map(|b| [0, *b]).collect()));
        Self { forms }
    }

    /// In which form it is there.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let held = |form: &[u8]| bytes.windows(form.len()).any(|window| window == form);
        self.forms.iter().find(|(_, form)| held(form)).map(|(name, _)| *name)
    }

    /// In which file below a folder it is, and how.
    pub(crate) fn found_below(&self, folder: &Path) -> Option<String> {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let found = if path.is_dir() {
                self.found_below(&path)
            } else {
                // Files of other processes may go away meanwhile.
                let bytes = fs::read(&path).unwrap_or_default();
                let named = self.found_in(path.as_os_str().as_encoded_bytes());
                named.or_else(|| self.found_in(&bytes)).map(|form| format!("{} ({form})", path.display()))
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

#[test]
fn a_secret_is_found_in_every_form_and_nowhere_else() {
    let secret = "Xy/12+ab=cd~ef%gh:ij";
    let needle = Needle::new(secret);
    for before in ["", "a", "ab", "abc"] {
        let text = format!("{before}{secret} and more");
        for encoded in
            [STANDARD.encode(&text), URL_SAFE.encode(&text), hex::encode(&text), hex::encode_upper(&text), text.clone()]
        {
            assert!(needle.found_in(encoded.as_bytes()).is_some(), "{encoded}");
        }
    }
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(needle.found_in(&wide), Some("utf-16"));
    assert_eq!(needle.found_in(b"?token=Xy%2F12%2Bab%3Dcd~ef%25gh%3Aij"), Some("percent"));
    assert_eq!(needle.found_in(format!("{:?}", format!("{secret}.").as_bytes()).as_bytes()), Some("bytes as a list"));
    assert_eq!(needle.found_in(b"Xy/12+ab=cd"), None);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(needle.found_below(folder.path()), None);
    fs::create_dir(folder.path().join("deep")).unwrap();
    fs::write(folder.path().join("deep").join("file"), format!("x{}", STANDARD.encode(secret))).unwrap();
    assert!(needle.found_below(folder.path()).is_some_and(|place| place.contains("base64")));
}
