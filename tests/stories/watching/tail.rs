//! `audit tail`: every row as it is written, by whichever process, once.

use std::io::{BufRead as _, BufReader};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::home::{Ended, Home};
use crate::service::Mistral;

#[test]
fn the_tail_shows_each_row_of_other_processes_once_and_ends_well_at_an_interrupt() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    home.run(["run", "mistral/list-models"]).exits(0);
    let before = home.rows().len() as u64;
    let mut child = home.start_in_the_foreground(["audit", "tail", "-n", "2", "--json"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let last: Vec<_> = (0..2).map(|_| next()["seq"].as_u64().unwrap()).collect();
    assert_eq!(last, [before - 1, before], "the last rows come first, oldest first");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..3).for_each(|_| drop(home.run(["run", "mistral/list-models"]).exits(0))));
        }
    });
    let written: Vec<_> = home.rows().into_iter().skip(before as usize).collect();
    assert_eq!(written.len(), 24);
    for row in &written {
        let shown = next();
        assert_eq!((&shown["seq"], &shown["mac"]), (&row["seq"], &row["mac"]));
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

#[test]
fn the_tail_is_filtered_as_the_list_is() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    home.run(["run", "mistral/no-such"]).exits(1);
    let mut child = home.start(["audit", "tail", "--kind", "outcome", "--action", "mistral/list-models", "--json"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    home.run(["run", "mistral/get-model", "--input", r#"{"model_id":"a"}"#]);
    home.run(["run", "mistral/list-models"]).exits(0);
    let row: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let expected = home.rows().pop().unwrap();
    assert_eq!((&row["kind"], &row["seq"]), (&"outcome".into(), &expected["seq"]));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_reader_that_goes_away_ends_the_tail_quietly() {
    let home = Home::at("http://127.0.0.1:1");
    home.run(["run", "mistral/no-such"]).exits(1);
    let mut child = home.start(["audit", "tail"]);
    // Read one line, then go, as `head` does.
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(!line.is_empty());
    home.run(["run", "mistral/no-such"]).exits(1);
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}
