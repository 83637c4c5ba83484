//! Installed plugins, and the folder they live in: its modes, its versions, its accidents.

use std::path::Path;

use crate::store_support::{intact_rows, manifest, open, plugin_record, raw, read_call, runtime, take_in};
use portcullis_model::{Definition, Digest, ManifestDraft};
use portcullis_policy::Approver;
use portcullis_store::{
    Addition, AuditFilter, AuditReader, Files, InstallError, Installation, PluginRecord, Store, StoreConfig,
};

fn record(port: &str, bytes: &[u8]) -> PluginRecord {
    plugin_record(manifest(port), bytes)
}

fn components(dir: &Path) -> usize {
    std::fs::read_dir(dir.join("components")).unwrap().count()
}

#[test]
fn a_plugin_is_installed_listed_read_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let port = "demo".parse().unwrap();
    assert_eq!(take_in(&store, record("demo", b"one"), b"one", false).unwrap(), Installation::New);
    assert_eq!(take_in(&store, record("demo", b"one"), b"one", false).unwrap(), Installation::Again);
    let found = store.installed(&port).unwrap().unwrap();
    assert_eq!((found.line.version.as_str(), found.manifest), ("1.2.3", manifest("demo")));
    assert_eq!(store.installed_all().unwrap(), [found.line]);
    assert_eq!(store.component_bytes(Digest::of(b"one")).unwrap(), b"one");
    assert!(store.remove(&port).unwrap());
    assert!(!store.remove(&port).unwrap());
    assert!(store.component_bytes(Digest::of(b"one")).is_err());
    assert_eq!(components(dir.path()), 0);
    assert_eq!(intact_rows(&store), 3);
}

#[test]
fn other_bytes_under_a_port_need_an_explicit_word() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    let refused = take_in(&store, record("demo", b"two"), b"two", false);
    assert!(matches!(refused, Err(InstallError::AlreadyInstalled { digest, .. }) if digest == Digest::of(b"one")));
    assert!(store.component_bytes(Digest::of(b"two")).is_err(), "refused bytes are not kept");
    let done = take_in(&store, record("demo", b"two"), b"two", true).unwrap();
    assert_eq!(done, Installation::Replaced { digest: Digest::of(b"one") });
    assert_eq!(components(dir.path()), 1);
    let row = store.audit().row(2).unwrap().unwrap();
    assert_eq!(
        (row.kind.as_str(), row.body["replaced"].as_str()),
        ("installed", Some(Digest::of(b"one").to_string().as_str()))
    );
}

#[test]
fn a_number_tells_every_process_that_a_plugin_changed() {
    let dir = tempfile::tempdir().unwrap();
    let (store, watches) = (open(dir.path()), open(dir.path()));
    let mut last = watches.plugins_version().unwrap();
    let mut moved = || {
        let now = watches.plugins_version().unwrap();
        std::mem::replace(&mut last, now) != now
    };
    assert!(!moved());
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    assert!(moved(), "installed");
    take_in(&store, record("demo", b"two"), b"two", true).unwrap();
    assert!(moved(), "replaced");
    raw(dir.path()).execute("UPDATE plugins SET tier = 'inert'", ()).unwrap();
    assert!(moved(), "edited past the store");
    assert!(take_in(&store, record("demo", b"one"), b"one", false).is_err());
    assert!(!store.remove(&"other".parse().unwrap()).unwrap());
    runtime().block_on(read_call(&store));
    assert!(!moved(), "nothing changed");
    assert!(store.remove(&"demo".parse().unwrap()).unwrap());
    assert!(moved(), "removed");
    assert!(!moved());
}

#[test]
fn bytes_that_two_ports_share_stay_until_both_are_gone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    take_in(&store, record("other", b"one"), b"one", false).unwrap();
    store.remove(&"demo".parse().unwrap()).unwrap();
    assert_eq!(store.component_bytes(Digest::of(b"one")).unwrap(), b"one");
    store.remove(&"other".parse().unwrap()).unwrap();
    assert_eq!(components(dir.path()), 0);
}

#[test]
fn changed_bytes_are_refused_and_an_installation_mends_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    let file = dir.path().join("components").join(format!("{}.wasm", Digest::of(b"one").to_hex()));
    std::fs::write(&file, b"evil").unwrap();
    assert!(store.component_bytes(Digest::of(b"one")).is_err());
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    assert_eq!(store.component_bytes(Digest::of(b"one")).unwrap(), b"one");
}

#[test]
fn a_record_that_does_not_fit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let other_bytes = take_in(&store, record("demo", b"one"), b"two", false);
    assert!(matches!(other_bytes, Err(InstallError::OtherBytes { .. })));
    let wrong = PluginRecord { manifest: manifest("other"), ..record("demo", b"one") };
    assert!(matches!(take_in(&store, wrong, b"one", false), Err(InstallError::OtherPort { .. })));
    assert_eq!((components(dir.path()), intact_rows(&store)), (0, 0));
}

#[test]
#[cfg(unix)]
fn nobody_else_can_read_the_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("home");
    std::fs::create_dir(&dir).unwrap();
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).unwrap();
    let store = open(&dir);
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    runtime().block_on(read_call(&store));
    let mut seen = 0;
    let mut folders = vec![dir];
    while let Some(folder) = folders.pop() {
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700, "{folder:?}");
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 7, "{seen}");
}

#[test]
fn a_newer_folder_is_refused_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    raw(dir.path()).pragma_update(None, "user_version", 99).unwrap();
    let config = StoreConfig::new(dir.path());
    for error in [Store::open(config.clone()).err().unwrap(), AuditReader::open(&config).err().unwrap()] {
        assert!(error.to_string().contains("use the newer portcullis"), "{error}");
    }
    let version: i64 = raw(dir.path()).query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn a_damaged_database_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    for name in ["portcullis.db", "portcullis.db-wal"] {
        std::fs::write(dir.path().join(name), [b'x'; 8192]).unwrap();
    }
    let error = Store::open(StoreConfig::new(dir.path())).err().unwrap();
    assert!(error.to_string().contains("restore it from a backup"), "{error}");
    assert!(!error.to_string().contains(dir.path().to_str().unwrap()));
}

#[test]
fn a_thousand_plugins_are_listed_without_reading_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    take_in(&store, record("p0", b"one"), b"one", false).unwrap();
    raw(dir.path())
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
            INSERT INTO plugins (port, digest, tier, version, installed_ms, source, manifest)
            SELECT 'p' || i, digest, tier, version, installed_ms, source, printf('%.*c', 40000, 'x') FROM n, plugins",
        )
        .unwrap();
    std::fs::remove_dir_all(dir.path().join("components")).unwrap();
    // Neither a manifest, which is none, nor a component, which is gone, was looked at.
    assert_eq!(store.installed_all().unwrap().len(), 1000);
    assert!(store.installed(&"p7".parse().unwrap()).is_err());
}

fn added(port: &str, slug: &str, template: &[u8]) -> (Definition, ManifestDraft) {
    let base = manifest(port);
    let mut action = base.actions[0].clone();
    action.slug = slug.to_owned();
    let mut whole = base.clone();
    whole.actions.push(action.clone());
    (Definition::new(Digest::of(template), ManifestDraft { actions: vec![action], ..base }).unwrap(), whole)
}

fn addition(store: &Store, slug: &str, template: &[u8]) -> Addition {
    let port = "demo".parse().unwrap();
    let before = store.installed(&port).unwrap().unwrap().line.served();
    let (definition, manifest) = added("demo", slug, template);
    Addition { port, before, added: Some(definition), manifest }
}

#[test]
fn added_actions_stand_beside_a_plugin_until_it_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let port = "demo".parse().unwrap();
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    let version = store.plugins_version().unwrap();
    let one = addition(&store, "more", b"template");
    assert!(store.set_additions(&one, b"template", &Approver::Terminal).unwrap());
    assert!(store.plugins_version().unwrap() > version, "other processes are told");
    let found = store.installed(&port).unwrap().unwrap();
    assert_eq!(found.line.additions, found.added.as_ref().map(Definition::digest));
    assert_eq!((found.added, found.manifest.actions.len()), (one.added.clone(), one.manifest.actions.len()));
    assert_eq!(store.component_bytes(Digest::of(b"template")).unwrap(), b"template");
    let row = store.audit().list(&AuditFilter { kind: Some("actions-added".to_owned()), ..AuditFilter::default() });
    assert_eq!(row.unwrap()[0].body["actions"], serde_json::json!(["more"]));
    assert!(store.remove(&port).unwrap());
    assert_eq!(components(dir.path()), 0, "plugin and template are gone");
    intact_rows(&store);
}

#[test]
fn an_addition_made_for_what_is_not_there_any_more_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    let stale = addition(&store, "more", b"template");
    let fresh = addition(&store, "other", b"template");
    assert!(store.set_additions(&fresh, b"template", &Approver::Terminal).unwrap());
    assert!(
        !store.set_additions(&stale, b"template", &Approver::Terminal).unwrap(),
        "something else was added meanwhile"
    );
    let found = || store.installed(&"demo".parse().unwrap()).unwrap().unwrap();
    assert_eq!(found().added, fresh.added);
    let again = addition(&store, "more", b"template");
    take_in(&store, record("demo", b"two"), b"two", true).unwrap();
    assert!(!store.set_additions(&again, b"template", &Approver::Terminal).unwrap(), "the plugin is another");
    assert!(
        store.set_additions(&addition(&store, "more", b"x"), b"y", &Approver::Terminal).is_err(),
        "another template"
    );
    assert_eq!(components(dir.path()), 1);
}

#[test]
fn an_installation_made_beside_something_else_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    let before = store.installed(&"demo".parse().unwrap()).unwrap().map(|plugin| plugin.line.served());
    store.set_additions(&addition(&store, "more", b"template"), b"template", &Approver::Terminal).unwrap();
    let stale = PluginRecord { before, ..record("demo", b"two") };
    let refused = store.install(&stale, Files { plugin: &[b"two"], added: None }, true);
    assert!(matches!(refused, Err(InstallError::Moved { .. })), "what was added would be lost unseen");
    assert!(store.component_bytes(Digest::of(b"two")).is_err(), "refused bytes are not kept");
    assert!(take_in(&store, record("demo", b"two"), b"two", true).is_ok());
}

#[test]
fn added_actions_edited_in_the_database_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    take_in(&store, record("demo", b"one"), b"one", false).unwrap();
    store.set_additions(&addition(&store, "more", b"template"), b"template", &Approver::Terminal).unwrap();
    assert!(store.installed(&"demo".parse().unwrap()).is_ok());
    raw(dir.path()).execute("UPDATE plugins SET added = replace(added, 'more', 'mare')", ()).unwrap();
    assert!(store.installed(&"demo".parse().unwrap()).is_err());
}
