//! The end of the door: what was sent is finished and recorded, and nothing new begins.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::thread;

use rustix::process::Signal;

use super::asked::{Reply, connect};
use super::gate::gate;
use super::served::{Served, agent};
use crate::home::{CHAT, Home, until};

const CALL: &str = "/v1/actions/mistral/list-models/execute";

#[test]
fn a_termination_lets_the_running_call_end_and_takes_no_new_one() {
    let (tap, open) = gate();
    let home = Home::holding(tap.origin(), "closing-token-0123456789");
    let token = agent(&home, "helper");
    for signal in [Signal::TERM, Signal::INT] {
        open.store(false, Ordering::Relaxed);
        let sent = tap.heard().len();
        let served = Served::start(&home);
        let address = served.address();
        let mut idle = connect(address);
        let honest = served.request("GET", "/v1/ports", &token, None).replace("connection: close\r\n", "");
        idle.write_all(honest.as_bytes()).unwrap();
        Reply::read(&mut idle).unwrap().is(200);
        thread::scope(|scope| {
            let call = scope.spawn(|| served.post(CALL, &token, "{}"));
            until("the call is sent", || (tap.heard().len() == sent + 1).then_some(()));
            served.signal(signal);
            until("nobody is let in any more", || TcpStream::connect(address).is_err().then_some(()));
            until("the idle connection is closed", || {
                drop(idle.write_all(honest.as_bytes()));
                Reply::read(&mut idle).is_err().then_some(())
            });
            open.store(true, Ordering::Relaxed);
            call.join().unwrap().is(200);
        });
        let ended = served.ended();
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        assert!(ended.err.contains("calls to finish: 1"), "{ended:#?}");
        assert_eq!(tap.heard().len(), sent + 1);
        let rows = home.rows();
        let count = |kind: &str| rows.iter().filter(|row| row["kind"] == kind).count();
        assert_eq!((count("intent"), count("outcome"), count("unknown")), (sent + 1, sent + 1, 0), "{rows:#?}");
    }
}

#[test]
fn a_call_whose_client_has_gone_is_finished_too() {
    let (tap, open) = gate();
    let home = Home::holding(tap.origin(), "closing-token-0123456789");
    let token = agent(&home, "helper");
    let mut served = Served::start(&home);
    let mut client = connect(served.address());
    client.write_all(served.request("POST", CALL, &token, Some("{}")).as_bytes()).unwrap();
    until("the call is sent", || (tap.heard().len() == 1).then_some(()));
    drop(client);
    served.signal(Signal::TERM);
    until("nobody is let in any more", || TcpStream::connect(served.address()).is_err().then_some(()));
    assert!(!served.has_ended());
    open.store(true, Ordering::Relaxed);
    let ended = served.ended();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!(home.rows().iter().filter(|row| row["kind"] == "outcome").count(), 1);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (tap, open) = gate();
    let home = Home::holding(tap.origin(), "closing-token-0123456789");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let mut client = connect(served.address());
    client.write_all(served.request("POST", CALL, &token, Some("{}")).as_bytes()).unwrap();
    until("the call is sent", || (tap.heard().len() == 1).then_some(()));
    served.signal(Signal::TERM);
    until("nobody is let in any more", || TcpStream::connect(served.address()).is_err().then_some(()));
    served.signal(Signal::TERM);
    let ended = served.ended();
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    open.store(true, Ordering::Relaxed);
    home.run(["ports"]).exits(0);
    assert_eq!(home.rows().iter().filter(|row| row["kind"] == "unknown").count(), 1);
}

#[test]
fn who_waits_for_a_person_is_told_how_it_stands() {
    let home = Home::holding("http://127.0.0.1:1", "closing-token-0123456789");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let call = format!("{{\"input\":{CHAT},\"waitMs\":60000}}");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| served.post("/v1/actions/mistral/chat-complete/execute", &token, &call));
        let held = until("the call is held", || {
            let list = home.run(["approvals", "list", "--json"]).exits(0).json();
            list[0]["id"].as_str().map(str::to_owned)
        });
        served.signal(Signal::TERM);
        let reply = waiting.join().unwrap().is(202);
        assert_eq!(reply.json()["approval"], held.as_str());
    });
    assert_eq!(served.ended().code, Some(0));
}
