//! A publisher and an operator, with a real registry between them.

mod index;
mod install;
mod keyless;
mod publish;

use std::fs;
use std::process::Command;

use crate::home::Home;

/// A key pair that `openssl` makes in a home's folder, as the README has it: `acme.pem`, readable by its owner alone, and
/// `acme.pub`.
pub(crate) fn key_pair(home: &Home) {
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    for arguments in [
        vec!["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &path("acme.pem")],
        vec!["pkey", "-in", &path("acme.pem"), "-pubout", "-out", &path("acme.pub")],
    ] {
        assert!(Command::new("openssl").args(arguments).output().unwrap().status.success());
    }
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(home.path().join("acme.pem"), fs::Permissions::from_mode(0o600)).unwrap();
}

/// A file in a home's folder, by its whole name.
pub(crate) fn file(home: &Home, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = home.path().join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}
