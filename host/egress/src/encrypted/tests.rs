//! The encrypted file: private, whole, and opened by its key only.

use std::error::Error;
use std::thread;

use tempfile::TempDir;

use super::*;

fn by_passphrase(folder: &TempDir, text: &str) -> Result<EncryptedFile, Refusal> {
    let key = FileKey::Passphrase(Passphrase::new(text.to_owned())?);
    Ok(EncryptedFile::new(folder.path().join("credentials.age"), Some(key)))
}

fn by_key_file(folder: &TempDir) -> EncryptedFile {
    let key = FileKey::KeyFile(folder.path().join("key.txt"));
    EncryptedFile::new(folder.path().join("credentials.age"), Some(key))
}

fn value(file: &EncryptedFile, slot: &Slot) -> Result<Option<String>, Refusal> {
    Ok(file.read(slot)?.map(|c| c.expose().to_owned()))
}

#[test]
fn what_was_written_is_read_and_removed() -> Result<(), Box<dyn Error>> {
    let (one, two) = (TempDir::new()?, TempDir::new()?);
    let (demo, other) = ("demo".parse()?, "other".parse()?);
    for file in [by_passphrase(&one, "correct horse")?, by_key_file(&two)] {
        assert_eq!(value(&file, &demo)?, None);
        file.write(&demo, Credential::new("demo-0123456789abcdef".to_owned())?)?;
        file.write(&other, Credential::new("other-0123456789abcdef".to_owned())?)?;
        file.write(&demo, Credential::new("demo-again-0123456789".to_owned())?)?;
        assert_eq!(value(&file, &demo)?.as_deref(), Some("demo-again-0123456789"));
        assert!(file.remove(&demo)?);
        assert!(!file.remove(&demo)?);
        assert_eq!(value(&file, &demo)?, None);
        assert_eq!(value(&file, &other)?.as_deref(), Some("other-0123456789abcdef"));
        let sealed = fs::read(&file.path)?;
        assert!(!sealed.windows(8).any(|w| w == b"other-01"));
    }
    Ok(())
}

#[test]
fn a_key_file_is_made_once_and_kept_private() -> Result<(), Box<dyn Error>> {
    let folder = TempDir::new()?;
    let demo = "demo".parse()?;
    let file = by_key_file(&folder);
    assert_eq!(value(&file, &demo)?, None);
    assert!(!folder.path().join("key.txt").exists(), "reading makes no key");
    file.write(&demo, Credential::new("demo-0123456789abcdef".to_owned())?)?;
    assert_eq!(value(&by_key_file(&folder), &demo)?.as_deref(), Some("demo-0123456789abcdef"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for name in ["key.txt", "credentials.age", "credentials.lock"] {
            assert_eq!(fs::metadata(folder.path().join(name))?.permissions().mode() & 0o777, 0o600, "{name}");
        }
        fs::set_permissions(folder.path().join("key.txt"), fs::Permissions::from_mode(0o644))?;
        let refusal = value(&file, &demo).err().ok_or("read with a public key file")?;
        assert_eq!(refusal.way_out(), Some("chmod 600 KEYFILE"));
    }
    fs::remove_file(folder.path().join("key.txt"))?;
    assert!(
        file.write(&demo, Credential::new("demo-0123456789abcdef".to_owned())?).is_err(),
        "no new key for an old file"
    );
    Ok(())
}

#[test]
fn another_passphrase_or_a_changed_byte_opens_nothing() -> Result<(), Box<dyn Error>> {
    let folder = TempDir::new()?;
    let demo = "demo".parse()?;
    by_passphrase(&folder, "correct horse")?.write(&demo, Credential::new("demo-0123456789abcdef".to_owned())?)?;
    let wrong = by_passphrase(&folder, "battery staple")?;
    assert_eq!(wrong.read(&demo).err().map(|r| r.code()), Some(Code::CredentialUnavailable));
    assert!(
        wrong.write(&demo, Credential::new("demo-0123456789abcdef".to_owned())?).is_err(),
        "nothing is written over"
    );
    let path = folder.path().join("credentials.age");
    let mut sealed = fs::read(&path)?;
    if let Some(byte) = sealed.last_mut() {
        *byte ^= 1;
    }
    fs::write(&path, sealed)?;
    assert!(by_passphrase(&folder, "correct horse")?.read(&demo).is_err());
    Ok(())
}

#[test]
fn a_passphrase_is_asked_for_once_and_again_after_a_mistake() -> Result<(), Box<dyn Error>> {
    let folder = TempDir::new()?;
    let demo = "demo".parse()?;
    by_passphrase(&folder, "right")?.write(&demo, Credential::new("demo-0123456789abcdef".to_owned())?)?;
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&asked);
    let ask = move || {
        let first = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        Passphrase::new(if first { "wrong" } else { "right" }.to_owned())
    };
    let file = EncryptedFile::new(folder.path().join("credentials.age"), Some(FileKey::Ask(Box::new(ask))));
    assert!(file.read(&demo).is_err());
    assert!(file.read(&demo)?.is_some());
    assert!(file.read(&demo)?.is_some());
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 2);
    Ok(())
}

#[test]
fn writers_at_the_same_time_lose_nothing() -> Result<(), Box<dyn Error>> {
    let folder = TempDir::new()?;
    let write = |n: usize| -> Result<(), Refusal> {
        let port = format!("port-{n}").parse().map_err(|_| no_key())?;
        by_key_file(&folder).write(&port, Credential::new(format!("credential-of-{n:05}"))?)
    };
    write(0)?;
    thread::scope(|scope| {
        let all: Vec<_> = (1..12).map(|n| scope.spawn(move || write(n))).collect();
        all.into_iter().all(|one| matches!(one.join(), Ok(Ok(())))).then_some(())
    })
    .ok_or("a writer failed")?;
    assert_eq!(by_key_file(&folder).open()?.len(), 12);
    Ok(())
}
