//! What the store costs. Measurements, not promises: run with `--release -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use crate::store_support::{
    agent, approved, held, now_ms, open, open_call, outcome, raw, read_call, read_permit, runtime,
};
use portcullis_model::{Digest, Grants, PortSet};
use portcullis_policy::{AuditLog as _, Event};
use portcullis_store::{Begun, NewToken, Store, TokenKind, Verdict};

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn percentile(times: &[Duration], of_hundred: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[(times.len() * of_hundred / 100).min(times.len() - 1)]
}

fn show(what: &str, times: &[Duration]) {
    let us = |time: Duration| time.as_nanos() as f64 / 1000.0;
    println!(
        "{what}: median {:.1} us, p99 {:.1} us, worst {:.1} us",
        us(median(times.to_vec())),
        us(percentile(times, 99)),
        us(percentile(times, 100))
    );
}

async fn calls(store: &Store, count: usize) -> Vec<Duration> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let permit = read_permit(now_ms());
        let start = Instant::now();
        open_call(store, permit, now_ms()).await.close(store, outcome()).await.unwrap();
        times.push(start.elapsed());
    }
    times
}

#[test]
#[ignore = "a measurement"]
fn a_call_alone_and_among_sixty_four() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let runtime = runtime();
    runtime.block_on(async {
        calls(&store, 500).await;
        show("open + close, one caller", &calls(&store, 20_000).await);
        let start = Instant::now();
        let each = 500;
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { calls(&store, each).await })
            })
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await.unwrap());
        }
        let per_call = start.elapsed() / u32::try_from(64 * each).unwrap();
        show("open + close, 64 callers, waiting included", &times);
        println!("open + close, 64 callers: {:.1} us a call", per_call.as_nanos() as f64 / 1000.0);

        let mut times = Vec::new();
        for _ in 0..100 {
            let new = held(&store, now_ms()).await;
            let permit = approved(&store, &new.id, now_ms()).await.unwrap();
            let start = Instant::now();
            open_call(&store, permit, now_ms()).await.close(&store, outcome()).await.unwrap();
            times.push(start.elapsed());
        }
        show("open + close of a write, one caller", &times);
    });
}

#[test]
#[ignore = "a measurement"]
fn appending_costs_the_same_at_ten_rows_and_at_a_million() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let runtime = runtime();
    runtime.block_on(async {
        for _ in 0..5 {
            read_call(&store).await;
        }
        show("open + close at 10 rows", &calls(&store, 5000).await);
        let facts = serde_json::json!({ "action": "test/read", "filler": "x".repeat(400) });
        let writers: Vec<_> = (0..64)
            .map(|_| {
                let (store, facts) = (store.clone(), facts.clone());
                tokio::spawn(async move {
                    for _ in 0..15_625 {
                        store.note(Event { kind: "noted", call: None, facts: facts.clone() }).await.unwrap();
                    }
                })
            })
            .collect();
        let start = Instant::now();
        for writer in writers {
            writer.await.unwrap();
        }
        println!("a million rows by 64 callers: {:.1} us a row", start.elapsed().as_secs_f64());
        show("open + close at 1,000,000 rows", &calls(&store, 5000).await);
    });
    let start = Instant::now();
    let Verdict::Intact(head) = store.audit().verify().unwrap() else { panic!() };
    let rows = head.rows as f64 / start.elapsed().as_secs_f64();
    let bytes: i64 =
        raw(dir.path()).query_row("SELECT sum(length(body)) / count(*) FROM audit", (), |r| r.get(0)).unwrap();
    println!("verify: {rows:.0} rows a second over {} rows of {bytes} bytes", head.rows);
}

#[test]
#[ignore = "a measurement"]
fn opening_and_closing_a_store() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let (mut opening, mut closing) = (Vec::new(), Vec::new());
    for _ in 0..50 {
        let start = Instant::now();
        let store = open(dir.path());
        opening.push(start.elapsed());
        runtime().block_on(read_call(&store));
        let start = Instant::now();
        drop(store);
        closing.push(start.elapsed());
    }
    show("open the store", &opening);
    show("close the store", &closing);
}

#[test]
#[ignore = "a measurement"]
fn coming_in_among_a_thousand_tokens_and_taking_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let hash = |n: usize| Digest::of(&n.to_be_bytes());
    let grants = Grants::new(["test/*".parse().unwrap()]);
    for n in 0..1000 {
        let (kind, name, grants) = (TokenKind::Agent, format!("agent-{n}").parse().unwrap(), grants.clone());
        let propose = PortSet::default();
        let new = NewToken { kind, name, grants, forms: false, propose, hash: hash(n), expires_ms: None };
        assert!(store.issue_token(&new).unwrap());
    }
    let timed = |work: &dyn Fn(usize)| -> Vec<Duration> {
        let time = |n| {
            let start = Instant::now();
            work(n);
            start.elapsed()
        };
        (0..2000).map(time).collect()
    };
    let runtime = runtime();
    let come_in = |n| assert!(runtime.block_on(store.authenticate(&hash(n % 1000))).unwrap().is_some());
    // The first thousand write down their use.
    let times = timed(&come_in);
    show("authenticate, first use", &times[..1000]);
    show("authenticate", &times[1000..]);
    let begin = |n| {
        let begun = runtime.block_on(store.begin_once(&agent(), &format!("key-{n}"), hash(n))).unwrap();
        assert_eq!(begun, Begun::First);
    };
    show("take a key, durable", &timed(&begin));
    show("ask for the plugins' number", &timed(&|_| assert_eq!(store.plugins_version().unwrap(), 0)));
}
