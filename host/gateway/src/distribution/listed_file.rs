//! Files that the operator lists beside the settings: keys, and roots of Sigstore.
//!
//! Whoever may write one decides whom to trust, so that no other account may. Read anew whenever something is verified.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use portcullis_model::{Code, Refusal, Shown};

/// Reads a file of at most so many bytes, and one more where it has more; `what` it is is said where it cannot be.
///
/// # Errors
/// `signature-refused` where it cannot be read, or another account may write it.
pub(super) fn read(beside: &Path, file: &Path, what: &str, limit_bytes: usize) -> Result<Vec<u8>, Refusal> {
    let path = beside.join(file);
    let refused = |why: &str, fix: String| {
        let name = file.display().to_string();
        let what = format!("the {what} `{}` that portcullis.toml lists {why}", Shown::new(&name));
        Refusal::new(Code::SignatureRefused, what).fix(fix)
    };
    let unread = |_| refused("cannot be read", format!("put the {what} there: {}", path.display()));
    let opened = fs::File::open(&path).map_err(unread)?;
    if let Some(fix) = only_ours(&opened.metadata().map_err(unread)?, &path) {
        return Err(refused("is a file that another account may write, and so decide whom to trust", fix));
    }
    let mut bytes = Vec::new();
    opened.take(limit_bytes as u64 + 1).read_to_end(&mut bytes).map_err(unread)?;
    Ok(bytes)
}

/// What to do where another account owns a file or may write it. The machine's own administrator may.
#[cfg(unix)]
fn only_ours(meta: &fs::Metadata, path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    if meta.mode() & 0o022 != 0 {
        return Some(format!("chmod go-w {}", path.display()));
    }
    (meta.uid() != own && meta.uid() != 0).then(|| format!("chown {own} {}", path.display()))
}

#[cfg(not(unix))]
fn only_ours(_: &fs::Metadata, _: &Path) -> Option<String> {
    None
}
