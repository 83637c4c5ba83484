//! What is published is checked, signed, and in the registry as other programs expect it.

use std::fs;
use std::process::Command;

use acceptance::docker_registry::{DockerRegistry, LOGIN};
use portcullis_model::Digest;

use super::{file, key_pair};
use crate::home::Home;

fn path(home: &Home, name: &str) -> String {
    home.path().join(name).to_str().unwrap().to_owned()
}

const KEYED: &str = "[credentials]\nstore = \"file\"\nkey_file = \"KEY\"\n";

/// A home whose credentials are in a file that a key opens.
fn publisher() -> Home {
    let home = Home::new("");
    home.configure(&KEYED.replace("KEY", &path(&home, "age.key")));
    key_pair(&home);
    home
}

#[test]
fn a_component_and_a_document_are_published_and_signed() {
    let docker = DockerRegistry::open();
    let home = publisher();
    let component = portcullis_gateway::built_in("mistral").unwrap();
    let document = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalog/integrations/mistral/mistral-api.json"));
    let files = [
        ("component", file(&home, "mistral.wasm", component), component.to_vec()),
        ("document", file(&home, "mistral.json", document.as_ref().unwrap()), document.as_ref().unwrap().clone()),
    ];
    for (kind, file, content) in files {
        let reference = docker.reference(&format!("acme/{kind}:1.0"));
        let key = path(&home, "acme.pem");
        let published = home.run(["publish", &file, &reference, "--key", &key, "--json"]).exits(0).json();
        let digest = published["digest"].as_str().unwrap();
        assert_eq!(published["id"], format!("{reference}@{digest}"));
        assert_eq!(
            (&published["kind"], &published["content"]),
            (&kind.into(), &Digest::of(&content).to_string().into())
        );
        assert_eq!(fs::read(docker.blob(published["content"].as_str().unwrap())).unwrap(), content);
        let manifest = fs::read(docker.blob(digest)).unwrap();
        assert_eq!(Digest::of(&manifest).to_string(), digest);
        let said = home.run(["publish", &file, &reference, "--key", &key]).exits(0);
        assert!(said.out.starts_with(&format!("{reference}@sha256:")), "{said:?}");
    }
    let rows = home.rows();
    let published: Vec<_> = rows.iter().filter(|row| row["kind"] == "published").collect();
    assert_eq!(published.len(), 4, "{rows:#?}");
    let public = ["pkey", "-pubin", "-outform", "DER", "-in", &path(&home, "acme.pub")];
    let fingerprint = Command::new("openssl").args(public).output().unwrap().stdout;
    assert_eq!(published[0]["body"]["signer"], Digest::of(&fingerprint).to_string());
}

#[test]
fn a_locked_registry_takes_it_with_the_credential_that_is_kept_for_it() {
    let docker = DockerRegistry::locked();
    let home = publisher();
    let component = file(&home, "mistral.wasm", portcullis_gateway::built_in("mistral").unwrap());
    let (reference, key) = (docker.reference("acme/mistral:1.0"), path(&home, "acme.pem"));
    let publish = ["publish", &component, &reference, "--key", &key, "--json"];
    let refusal = home.run(publish).refused("credential-missing");
    let fix = refusal["fix"].as_str().unwrap().trim_start_matches("portcullis ").to_owned();
    assert_eq!(fix, format!("secret set --registry {}", docker.host()));
    let kept = home.feed(fix.split(' ').chain(["--json"]), LOGIN).exits(0).json();
    assert_eq!(kept["id"], format!("registry:{}", docker.host()));
    let published = home.run(publish).exits(0);
    let (_, password) = LOGIN.split_once(':').unwrap();
    assert!(!published.out.contains(password) && !published.err.contains(password));
    home.run(["secret", "remove", "--registry", docker.host()]).exits(0);
    home.run(publish).refused("credential-missing");
    let held = home.env("PORTCULLIS_REGISTRY_SECRET", &format!("{}={LOGIN}", docker.host()));
    held.run(publish).exits(0);
    assert!(!held.rows().iter().any(|row| row.to_string().contains(password)), "it is in no row");
}

#[test]
fn what_is_not_fit_is_not_published() {
    let docker = DockerRegistry::open();
    let home = publisher();
    let reference = docker.reference("acme/x:1.0");
    let component = file(&home, "mistral.wasm", portcullis_gateway::built_in("mistral").unwrap());
    for (name, bytes, code) in [
        ("core.wasm", &b"\0asm\x01\0\0\0"[..], "not-a-plugin"),
        ("notes.txt", b"hello", "bad-document"),
        ("other.json", b"{}", "bad-document"),
        ("bytes", &[0xff; 10], "bad-document"),
    ] {
        let file = file(&home, name, bytes);
        home.run(["publish", &file, &reference, "--json"]).refused(code);
    }
    home.run(["publish", &component, &docker.reference("acme/x"), "--json"]).refused("bad-request");
    let pinned = format!("{}@{}", docker.reference("acme/x"), Digest::of(b"x"));
    home.run(["publish", &component, &pinned, "--json"]).refused("bad-request");
    // A key that others could have read, and one that is none.
    let loose = file(&home, "loose.pem", fs::read(path(&home, "acme.pem")).unwrap());
    let refusal = home.run(["publish", &component, &reference, "--key", &loose, "--json"]).refused("bad-request");
    assert!(refusal["fix"].as_str().unwrap().starts_with("chmod 600 "), "{refusal}");
    let unsigned = home.run(["publish", &component, &reference]).exits(0);
    assert!(unsigned.err.contains("it is not signed"), "{unsigned:?}");
    let agents = home.env("PORTCULLIS_TOKEN", "pca_whoever");
    agents.run(["publish", &component, &reference, "--json"]).refused("forbidden");
}

#[test]
fn a_key_with_a_passphrase_opens_with_what_comes_in_by_standard_input() {
    let docker = DockerRegistry::open();
    let home = publisher();
    let component = file(&home, "mistral.wasm", portcullis_gateway::built_in("mistral").unwrap());
    let sealed = path(&home, "sealed.pem");
    let arguments =
        ["pkcs8", "-topk8", "-in", &path(&home, "acme.pem"), "-out", &sealed, "-passout", "pass:correct horse"];
    assert!(Command::new("openssl").args(arguments).output().unwrap().status.success());
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&sealed, fs::Permissions::from_mode(0o600)).unwrap();
    let reference = docker.reference("acme/mistral:1.0");
    let publish = ["publish", &component, &reference, "--key", &sealed, "--json"];
    home.feed(publish, "wrong\n").refused("bad-request");
    home.feed(publish, "correct horse\n").exits(0);
}
