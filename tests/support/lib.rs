//! What the acceptance tests share: a host in a folder of its own, in this process or as the real binary.
//!
//! Never talks to anything but this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

pub mod docker_registry;
pub mod sigstore;

use std::path::{Path, PathBuf};

use portcullis_egress::{Environment, FileKey};
use portcullis_gateway::{Home, Host, HostConfig, Settings};

/// The binary that this very `cargo test` built.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn portcullis() -> PathBuf {
    // Test programs are in <target>/<profile>/deps, the binary is one folder up.
    let exe = std::env::current_exe().expect("a test knows its own path");
    let path = exe.ancestors().nth(2).expect("a test is in <profile>/deps").join("portcullis");
    assert!(path.is_file(), "the binary is missing; run `cargo test --release` for the whole workspace");
    path
}

/// A host in this process, with its home in `folder`, an encrypted credential file, and these settings.
///
/// # Panics
/// When it cannot be opened.
#[must_use]
pub fn host_in(folder: &Path, settings: &str) -> Host {
    let settings =
        Settings::parse(&format!("{settings}\n[credentials]\nstore = \"file\"\n")).expect("settings are right");
    Host::open(HostConfig {
        home: Home::at(folder),
        settings,
        environment: Environment::default(),
        file_key: Some(FileKey::KeyFile(folder.join("test.key"))),
        compiler: portcullis(),
        watch: Box::new(|_| {}),
    })
    .expect("a host opens in an empty folder")
}
