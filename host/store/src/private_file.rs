//! Files and folders that only their owner may read: 0600 and 0700, on systems that have modes.
//!
//! Does not lock; see `lockfile`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::problem::Problem;

/// What to do where a file of that name is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Keep,
    Replace,
}

/// Name ending of a file that is still being written.
pub(crate) const UNFINISHED: &str = ".unfinished";

/// Random bytes as hexadecimal digits.
pub(crate) fn random_hex<const N: usize>() -> Result<String, Problem> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|_| Problem::said("the system gives no random bytes"))?;
    Ok(hex::encode(bytes))
}

/// Options for opening a file that is made with mode 0600.
pub(crate) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder, or narrows the mode of one that others may look into.
pub(crate) fn private_dir(dir: &Path) -> Result<(), Problem> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    narrow(dir, 0o700)
}

/// Makes an empty file, or narrows the mode of the one that is there.
pub(crate) fn touch(path: &Path) -> Result<(), Problem> {
    options().create(true).truncate(false).open(path)?;
    narrow(path, 0o600)
}

#[cfg(unix)]
fn narrow(path: &Path, mode: u32) -> Result<(), Problem> {
    use std::os::unix::fs::PermissionsExt as _;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn narrow(_: &Path, _: u32) -> Result<(), Problem> {
    Ok(())
}

/// Writes a file whole or not at all, durable against the loss of power. Gives `false` where one was kept.
///
/// A reader never sees half of it: the name appears only after the bytes are on the disk. With
/// [`Existing::Keep`] the name is taken by a hard link, which fails where another process was first.
pub(crate) fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<bool, Problem> {
    let dir = path.parent().ok_or_else(|| Problem::said("a file of the store has no folder"))?;
    let unfinished = dir.join(format!(".{}{UNFINISHED}", random_hex::<8>()?));
    let written = fill(&unfinished, bytes).and_then(|()| match existing {
        Existing::Replace => fs::rename(&unfinished, path).map(|()| true),
        Existing::Keep => match fs::hard_link(&unfinished, path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        },
    });
    if existing == Existing::Keep || written.is_err() {
        remove(&unfinished)?;
    }
    let written = written?;
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    Ok(written)
}

fn fill(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = options().create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
