//! A publisher's private key, read from its file. The passphrase comes from a prompt or standard input, never from the
//! command line.

use std::fs;
use std::io::{BufRead as _, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use portcullis_catalog::SigningKey;
use portcullis_model::{Code, Refusal};
use zeroize::Zeroizing;

use crate::terminal;

/// Largest key file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 10;

/// Reads a key, and asks for its passphrase where it has one.
pub(super) fn key(path: &Path) -> Result<SigningKey> {
    let mut pem = Zeroizing::new(Vec::new());
    let opened = fs::File::open(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    private(&opened.metadata().context("the key file cannot be looked at")?, path)?;
    opened.take(MAX_BYTES).read_to_end(&mut pem).context("the key file cannot be read")?;
    let passphrase = if SigningKey::is_encrypted(&pem) { passphrase()? } else { Zeroizing::default() };
    Ok(SigningKey::from_pem(&pem, &passphrase)?)
}

fn passphrase() -> Result<Zeroizing<String>> {
    if terminal::can_ask() {
        let typed = rpassword::prompt_password("passphrase of the key: ").context("the terminal cannot be read")?;
        return Ok(Zeroizing::new(typed));
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

/// That nobody else can read a key.
#[cfg(unix)]
fn private(meta: &fs::Metadata, path: &Path) -> Result<(), Refusal> {
    use std::os::unix::fs::MetadataExt as _;
    if meta.mode() & 0o077 == 0 {
        return Ok(());
    }
    let what = format!("`{}` can be read by other accounts, who could sign with it", path.display());
    Err(Refusal::new(Code::BadRequest, what).fix(format!("chmod 600 {}", path.display())))
}

#[cfg(not(unix))]
fn private(_: &fs::Metadata, _: &Path) -> Result<(), Refusal> {
    Ok(())
}
