//! Whatever is done to the audit log behind the store's back, `verify` finds it and names the first bad row.

use std::path::Path;

use crate::store_support::{intact_rows, open, raw, read_call, runtime};
use portcullis_policy::{AuditLog as _, Event};
use portcullis_store::{AuditFilter, AuditReader, Breach, ChainHead, StoreConfig, Verdict};

/// A log of five calls, ten rows, tampered with while nobody has it open.
fn verdict_after(tamper: impl FnOnce(&Path)) -> Verdict {
    let dir = tempfile::tempdir().unwrap();
    ten_rows(dir.path());
    tamper(dir.path());
    AuditReader::open(&StoreConfig::new(dir.path())).unwrap().verify().unwrap()
}

fn ten_rows(dir: &Path) {
    let store = open(dir);
    runtime().block_on(async {
        for _ in 0..5 {
            read_call(&store).await;
        }
    });
    assert_eq!(intact_rows(&store), 10);
}

fn breach_after(sql: &str) -> Breach {
    match verdict_after(|dir| raw(dir).execute_batch(sql).unwrap()) {
        Verdict::Broken(breach) => breach,
        intact => panic!("{sql}: {intact:?}"),
    }
}

#[test]
fn an_untouched_log_is_intact() {
    assert!(matches!(verdict_after(|_| ()), Verdict::Intact(ChainHead { rows: 10, .. })));
}

#[test]
fn any_edited_column_is_found_in_its_row() {
    for set in [
        "body = replace(body, 'api.example.com', 'api.example.org')",
        "body = body || ' '",
        "body = cast('x' as text)",
        "at_ms = at_ms + 1",
        "at_ms = -at_ms",
        "kind = 'outcome'",
        "call = NULL",
        "call = ''",
        "mac = zeroblob(32)",
        "mac = x'00'",
    ] {
        assert_eq!(breach_after(&format!("UPDATE audit SET {set} WHERE seq = 3")), Breach::Edited { seq: 3 }, "{set}");
    }
}

#[test]
fn text_moved_from_one_column_to_the_next_is_an_edit() {
    let sql = "UPDATE audit SET kind = kind || substr(call, 1, 1), call = substr(call, 2) WHERE seq = 5";
    assert_eq!(breach_after(sql), Breach::Edited { seq: 5 });
}

#[test]
fn a_row_of_no_call_and_one_of_a_nameless_call_are_two() {
    let verdict = verdict_after(|dir| {
        let store = open(dir);
        let event = Event { kind: "noted", call: None, facts: serde_json::json!({}) };
        runtime().block_on(store.note(event)).unwrap();
        drop(store);
        raw(dir).execute("UPDATE audit SET call = '' WHERE seq = 11", ()).unwrap();
    });
    assert_eq!(verdict, Verdict::Broken(Breach::Edited { seq: 11 }));
}

#[test]
fn deleted_rows_are_missing() {
    assert_eq!(breach_after("DELETE FROM audit WHERE seq = 4"), Breach::Missing { seq: 4, next: 5 });
    assert_eq!(breach_after("DELETE FROM audit WHERE seq <= 3"), Breach::Missing { seq: 1, next: 4 });
}

#[test]
fn a_deleted_row_whose_place_is_closed_up_is_found() {
    let sql = "DELETE FROM audit WHERE seq = 4; UPDATE audit SET seq = -(seq - 1) WHERE seq > 4;
        UPDATE audit SET seq = -seq WHERE seq < 0;";
    // The seal that row 5 was chained to is gone with row 4, so nothing tells where the row was written.
    assert_eq!(breach_after(sql), Breach::Edited { seq: 4 });
}

#[test]
fn rows_that_changed_places_are_found() {
    let swap = |a: u8, b: u8| {
        format!(
            "UPDATE audit SET seq = 1000 WHERE seq = {a}; UPDATE audit SET seq = {a} WHERE seq = {b};
            UPDATE audit SET seq = {b} WHERE seq = 1000;"
        )
    };
    assert_eq!(breach_after(&swap(3, 4)), Breach::Reordered { seq: 3, written_as: 4 });
    assert_eq!(breach_after(&swap(2, 8)), Breach::Reordered { seq: 2, written_as: 8 });
}

#[test]
fn bodies_that_changed_rows_are_found() {
    let sql = "CREATE TEMP TABLE t AS SELECT body FROM audit WHERE seq = 5;
        UPDATE audit SET body = (SELECT body FROM audit WHERE seq = 7) WHERE seq = 5;
        UPDATE audit SET body = (SELECT body FROM t) WHERE seq = 7;";
    assert_eq!(breach_after(sql), Breach::Edited { seq: 5 });
}

#[test]
fn rows_taken_off_the_end_are_missed() {
    assert_eq!(breach_after("DELETE FROM audit WHERE seq > 8"), Breach::Truncated { seq: 9, rows: 10 });
    assert_eq!(breach_after("DELETE FROM audit"), Breach::Truncated { seq: 1, rows: 10 });
}

#[test]
fn a_shorter_log_with_a_head_made_to_fit_is_found() {
    let sql = "DELETE FROM audit WHERE seq > 8;
        UPDATE head SET rows = 8, last = (SELECT mac FROM audit WHERE seq = 8);";
    assert_eq!(breach_after(sql), Breach::HeadEdited);
}

#[test]
fn an_appended_row_is_extra_and_an_edited_head_does_not_help() {
    let forge = "INSERT INTO audit SELECT 11, at_ms, kind, call, body, mac FROM audit WHERE seq = 10;";
    assert_eq!(breach_after(forge), Breach::Extra { seq: 11 });
    assert_eq!(
        breach_after(&format!("{forge} UPDATE head SET rows = 11;")),
        Breach::Reordered { seq: 11, written_as: 10 }
    );
    assert_eq!(
        breach_after("INSERT INTO audit SELECT 0, at_ms, kind, call, body, mac FROM audit WHERE seq = 10;"),
        Breach::Extra { seq: 0 }
    );
}

#[test]
fn an_edited_head_is_found_though_the_rows_are_sound() {
    for set in ["rows = 9", "last = zeroblob(32)", "seal = zeroblob(32)", "seal = x''"] {
        let breach = breach_after(&format!("UPDATE head SET {set}"));
        assert!(
            breach == Breach::HeadEdited || (set.contains("x''") && breach == Breach::HeadMissing),
            "{set}: {breach:?}"
        );
    }
    assert_eq!(breach_after("DELETE FROM head"), Breach::HeadMissing);
}

#[test]
fn nothing_is_appended_behind_a_head_that_was_changed() {
    for tamper in [
        "UPDATE head SET rows = 9",
        "UPDATE head SET seal = zeroblob(32)",
        "DELETE FROM audit WHERE seq > 8; UPDATE head SET rows = 8, last = (SELECT mac FROM audit WHERE seq = 8)",
        "DELETE FROM head",
        "INSERT INTO audit SELECT 11, at_ms, kind, call, body, mac FROM audit WHERE seq = 10",
    ] {
        let dir = tempfile::tempdir().unwrap();
        ten_rows(dir.path());
        raw(dir.path()).execute_batch(tamper).unwrap();
        let store = open(dir.path());
        let event = Event { kind: "refused", call: None, facts: serde_json::json!({}) };
        assert!(runtime().block_on(store.note(event)).is_err(), "{tamper}");
        assert!(matches!(store.audit().verify().unwrap(), Verdict::Broken(_)));
    }
}

#[test]
fn another_key_makes_nothing_of_the_log() {
    let verdict = verdict_after(|dir| std::fs::write(dir.join("audit.key"), [7; 32]).unwrap());
    assert_eq!(verdict, Verdict::Broken(Breach::Edited { seq: 1 }));
}

#[test]
fn a_key_that_is_missing_is_not_made_again() {
    let dir = tempfile::tempdir().unwrap();
    ten_rows(dir.path());
    std::fs::remove_file(dir.path().join("audit.key")).unwrap();
    let error = portcullis_store::Store::open(StoreConfig::new(dir.path())).err().unwrap();
    assert!(error.to_string().contains("restore `audit.key`"), "{error}");
    assert!(!dir.path().join("audit.key").exists());
}

#[test]
fn a_folder_set_back_is_found_by_a_noted_head_only() {
    let dir = tempfile::tempdir().unwrap();
    ten_rows(dir.path());
    let copy = tempfile::tempdir().unwrap();
    for name in ["audit.key", "portcullis.db", "portcullis.db-wal"] {
        std::fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
    }
    let later = open(dir.path());
    runtime().block_on(read_call(&later));
    let Verdict::Intact(noted) = later.audit().verify().unwrap() else { panic!() };
    assert!(matches!(later.audit().verify_against(&noted).unwrap(), Verdict::Intact(_)));

    let back = open(copy.path());
    assert!(matches!(back.audit().verify().unwrap(), Verdict::Intact(_)));
    let found = back.audit().verify_against(&noted).unwrap();
    assert_eq!(found, Verdict::Broken(Breach::RolledBack { seq: 11, noted: 12 }));
    // Another history of the same length.
    runtime().block_on(read_call(&back));
    let found = back.audit().verify_against(&noted).unwrap();
    assert_eq!(found, Verdict::Broken(Breach::RolledBack { seq: 12, noted: 12 }));
}

#[test]
fn lists_and_exports_hold_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    ten_rows(dir.path());
    let store = open(dir.path());
    let audit = store.audit();
    let action = Some("test/read".parse().unwrap());
    let about = audit.list(&AuditFilter { action: action.clone(), ..AuditFilter::default() }).unwrap();
    assert_eq!(about.iter().map(|row| row.seq).collect::<Vec<_>>(), (1..=10).rev().collect::<Vec<_>>());
    let other = AuditFilter { action: Some("test/write".parse().unwrap()), ..AuditFilter::default() };
    assert!(audit.list(&other).unwrap().is_empty());
    let some = AuditFilter { kind: Some("outcome".into()), action, limit: Some(2), ..AuditFilter::default() };
    assert_eq!(audit.list(&some).unwrap().iter().map(|row| row.seq).collect::<Vec<_>>(), [10, 8]);

    let seqs = |filter: AuditFilter| audit.list(&filter).unwrap().iter().map(|row| row.seq).collect::<Vec<_>>();
    let page = AuditFilter { limit: Some(3), ..AuditFilter::default() };
    assert_eq!(seqs(page.clone()), [10, 9, 8]);
    assert_eq!(seqs(AuditFilter { before: Some(8), ..page.clone() }), [7, 6, 5]);
    assert_eq!(seqs(AuditFilter { before: Some(8), kind: Some("intent".into()), ..page.clone() }), [7, 5, 3]);
    assert_eq!(seqs(AuditFilter { before: Some(3), ..page.clone() }), [2, 1]);
    assert!(seqs(AuditFilter { before: Some(1), ..page.clone() }).is_empty());
    assert_eq!(seqs(AuditFilter { before: Some(u64::MAX), ..page }), [10, 9, 8]);

    let fifth = audit.row(5).unwrap().unwrap();
    let of_call = audit.call(&fifth.call.unwrap().parse().unwrap()).unwrap();
    assert_eq!(
        of_call.iter().map(|row| (row.seq, row.kind.as_str())).collect::<Vec<_>>(),
        [(5, "intent"), (6, "outcome")]
    );

    let mut out = Vec::new();
    assert_eq!(audit.export(&mut out).unwrap(), 10);
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[0]["body"]["agent"], "tester");
    assert_eq!(lines[1]["body"]["intent"], 1);
    assert!(!text.contains("answer"), "an answer is no matter of the log");
}
