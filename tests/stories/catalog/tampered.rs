//! What was changed behind the host's back is refused with the reason.

use std::fs;

use super::weather::installed;
use crate::home::Home;
use crate::tap::Tap;

const OSLO: &str = r#"{"path":{"city":"Oslo"}}"#;

fn read(home: &Home) -> crate::home::Ended {
    home.run(["run", "weather/get-forecast", "--input", OSLO, "--json"])
}

#[test]
fn a_definition_or_a_template_with_one_byte_changed_is_not_run() {
    let tap = Tap::quiet();
    let home = installed(&tap);
    let folder = home.path().join("state/components");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 2, "a definition and the template");
    for file in files {
        let whole = fs::read(&file).unwrap();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(&file, &changed).unwrap();
        let refusal = read(&home).refused("digest-mismatch");
        assert!(refusal["fix"].as_str().unwrap().contains("--replace"), "{refusal:#}");
        fs::remove_file(&file).unwrap();
        read(&home).refused("digest-mismatch");
        fs::write(&file, &whole).unwrap();
    }
    assert!(tap.heard().is_empty());
    read(&home).exits(0);
}

#[test]
fn a_file_of_compiled_code_with_one_byte_changed_is_compiled_anew() {
    let tap = Tap::quiet();
    let home = installed(&tap);
    read(&home).exits(0);
    let mut changed = 0;
    let mut folders = vec![home.path().join("cache")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(mut bytes) = fs::read(&path)
                && bytes.len() > 10_000
            {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                fs::write(&path, bytes).unwrap();
                changed += 1;
            }
        }
    }
    assert!(changed > 0, "there is compiled code");
    read(&home).exits(0);
    assert_eq!(tap.heard().len(), 2);
}
