//! Installing, and what may not change afterwards.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis_model::{ActionId, Code, Refusal};

use crate::graft::honest;
use crate::stage::{Stage, examine, guest, invocation};

fn places(refusal: &Refusal) -> Vec<(&str, &str)> {
    refusal.places().iter().map(|detail| (detail.at.as_str(), detail.what.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_of_a_manifest_is_listed_at_once() {
    let stage = Stage::set("").await;
    let refusal = stage.install(guest("many_problems")).unwrap_err();
    let listed = format!("{:?}", places(&refusal));
    for at in ["version", "origin", "authorization", "api_key", ".."] {
        assert!(listed.contains(at), "{at} is missing: {listed}");
    }
    assert!(stage.host.store().installed_all().unwrap().is_empty(), "nothing was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn worked_examples_that_lie_are_named_with_what_is_wrong() {
    let stage = Stage::set("").await;
    let refusal = stage.install(guest("lying_example")).unwrap_err();
    let listed = places(&refusal);
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert!(listed[0].0.contains("`a city`") && listed[0].1.contains("another request"), "{listed:?}");
    // The schema does not accept the second one's own input.
    assert!(listed[1].0.contains("`another city`") && listed[1].1.contains("schema"), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_would_stall_the_host_is_named() {
    let stage = Stage::set("").await;
    let refusal = stage.install(guest("schema_bomb")).unwrap_err();
    let listed = places(&refusal);
    assert!(listed[0].0.contains("input-schema") && listed[0].1.contains("too many"), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_bytes_do_not_take_a_port_unasked() {
    let stage = Stage::set("").await;
    let examine = |name| examine(&stage.host, guest(name)).unwrap();
    let (first, second) = (examine("second_answer"), examine("panics"));
    portcullis_gateway::install(&stage.host, &first, false).unwrap();
    portcullis_gateway::install(&stage.host, &first, false).unwrap();
    let refusal = portcullis_gateway::install(&stage.host, &second, false).unwrap_err();
    assert_eq!(refusal.code(), Code::AlreadyInstalled);
    assert!(refusal.way_out().unwrap().contains("--replace"));
    let refusal = portcullis_gateway::install(&stage.host, &second, true).unwrap_err();
    assert!(refusal.message().contains("meanwhile"), "it was examined beside nothing: {refusal}");
    portcullis_gateway::install(&stage.host, &examine("panics"), true).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_edited_in_the_database_is_found_and_nothing_is_sent() {
    let stage = Stage::set("").await;
    stage.install(&honest()).unwrap();
    let edit = |from: &str, to: &str| {
        let database = rusqlite::Connection::open(stage.folder.path().join("state/portcullis.db")).unwrap();
        let changed = database.execute("UPDATE plugins SET manifest = replace(manifest, ?1, ?2)", [from, to]).unwrap();
        assert_eq!(changed, 1);
    };
    edit("https://weather.example.com", "https://evil.example.com");
    let refusal = portcullis_gateway::invoke(&stage.another_host(), invocation("{}")).await.unwrap_err();
    assert_eq!(refusal.code(), Code::DigestMismatch, "{refusal}");
    assert!(refusal.way_out().is_some());
    assert!(stage.upstream.seen().is_empty());
    assert_eq!(stage.rows("refused")[0].body["code"], "digest-mismatch");
    edit("https://evil.example.com", "https://weather.example.com");
    portcullis_gateway::invoke(&stage.another_host(), invocation("{}")).await.unwrap();
    assert_eq!(stage.upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_changed_on_disk_is_found_and_nothing_is_sent() {
    let stage = Stage::set("").await;
    stage.install(&honest()).unwrap();
    let file = component_file(&stage.folder.path().join("state"), honest().len());
    let mut other = honest();
    let last = other.len() - 1;
    other[last] ^= 1;
    for bytes in [other, guest("panics").to_vec(), Vec::new()] {
        fs::write(&file, bytes).unwrap();
        let refusal = portcullis_gateway::invoke(&stage.another_host(), invocation("{}")).await.unwrap_err();
        assert_eq!(refusal.code(), Code::DigestMismatch, "{refusal}");
        assert!(refusal.way_out().unwrap().contains("portcullis install"), "{refusal}");
    }
    fs::remove_file(&file).unwrap();
    let refusal = portcullis_gateway::invoke(&stage.another_host(), invocation("{}")).await.unwrap_err();
    assert_eq!(refusal.code(), Code::DigestMismatch, "{refusal}");
    assert!(stage.upstream.seen().is_empty());
    stage.install(&honest()).unwrap();
    portcullis_gateway::invoke(&stage.another_host(), invocation("{}")).await.unwrap();
}

fn component_file(folder: &Path, bytes: usize) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.metadata().unwrap().len() == bytes as u64 {
                return entry.path();
            }
        }
    }
    panic!("no component is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_replaced_during_a_call_does_not_describe_it() {
    let stage = Stage::set("").await;
    stage.install(&honest()).unwrap();
    let id: ActionId = "hostile/forecast".parse().unwrap();
    let action = stage.host.resolve(&id).unwrap();
    let input = action.check("{}").unwrap();
    stage.host.describe(&action, &input).unwrap();
    stage.install(guest("panics")).unwrap();
    let refusal = stage.host.describe(&action, &input).unwrap_err();
    assert_eq!(refusal.code(), Code::DigestMismatch);
    assert!(refusal.message().contains("replaced during the call"), "{refusal}");
    let again = stage.host.resolve(&id).unwrap();
    stage.host.describe(&again, &again.check("{}").unwrap()).unwrap();
}
