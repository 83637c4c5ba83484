//! The time zone whose hours and days rules speak of, read from this machine's zone files.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use jiff::tz::TimeZone;

/// Where machines keep the IANA database.
const FOLDERS: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/var/db/timezone/zoneinfo"];

/// Where a machine says which zone is its own.
const OWN: &str = "/etc/localtime";

/// A zone by its IANA name.
///
/// # Errors
/// When it is no name, or this machine does not know it.
pub(crate) fn named(name: &str) -> Result<(String, TimeZone)> {
    if name == "UTC" {
        return Ok((name.to_owned(), TimeZone::UTC));
    }
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b));
    if name.len() > 64 || !name.split('/').all(part) {
        bail!("`{name}` is no time zone: expected a name such as \"Europe/Berlin\"");
    }
    for folder in FOLDERS {
        match fs::read(Path::new(folder).join(name)) {
            Ok(bytes) => {
                let zone = TimeZone::tzif(name, &bytes).with_context(|| format!("the zone file of `{name}`"))?;
                return Ok((name.to_owned(), zone));
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(error).with_context(|| format!("the zone file of `{name}` cannot be read")),
        }
    }
    bail!("this machine does not know the time zone `{name}`: expected a name such as \"Europe/Berlin\", or \"UTC\"")
}

/// The machine's own zone; UTC where it says nothing.
///
/// # Errors
/// When what it says cannot be read.
pub(crate) fn own() -> Result<(String, TimeZone)> {
    let bytes = match fs::read(OWN) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return named("UTC"),
        Err(error) => return Err(error).with_context(|| format!("`{OWN}` cannot be read")),
    };
    let target = fs::canonicalize(OWN).ok();
    let name = target.as_deref().and_then(Path::to_str).and_then(|path| Some(path.split_once("zoneinfo/")?.1));
    let name = name.unwrap_or("the machine's");
    Ok((name.to_owned(), TimeZone::tzif(name, &bytes).with_context(|| format!("`{OWN}`"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_a_name_and_never_a_path() {
        assert_eq!(named("UTC").unwrap().0, "UTC");
        for bad in
            ["", "/etc/passwd", "../../../etc/passwd", "Europe/../UTC", "Europe//Berlin", "Nowhere/Such", "Europe"]
        {
            assert!(named(bad).is_err(), "{bad}");
        }
        own().unwrap();
    }
}
