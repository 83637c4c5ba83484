//! Many calls: side by side, one after the other, and after the last one.

use std::fs;
use std::thread;

use portcullis_model::Code;
use portcullis_sandbox::{HostLimits, Limits, Tier};

use crate::alone::{alone, comes_true, resident_bytes};
use crate::graft::honest;
use crate::stage::{ATTACK, guest, loaded, patient, sandbox};

#[test]
fn limits_hold_while_64_plugins_attack_at_once() {
    let limits = Limits { memory_bytes: 8 << 20, ..Limits::default() };
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(folder.path(), Tier::Sealed, HostLimits::default());
    let cast = [
        ("infinite_loop", Some(Code::PluginTimeout)),
        ("memory_bomb", Some(Code::PluginTrapped)),
        ("deep_recursion", Some(Code::PluginTrapped)),
        ("second_answer", None),
    ]
    .map(|(name, code)| (sandbox.load(guest(name), limits, &|_| {}).unwrap(), code));
    thread::scope(|scope| {
        for n in 0..64 {
            let (plugin, code) = &cast[n % cast.len()];
            // A call that only has to wait for its turn on a busy machine may run out of its time as well.
            scope.spawn(move || match plugin.describe("forecast", ATTACK) {
                Ok(description) => assert!(code.is_none() && description.path == ["v1", "things", "paris"]),
                Err(refusal) => {
                    assert!(Some(refusal.code()) == *code || refusal.code() == Code::PluginTimeout, "{refusal}")
                }
            });
        }
    });
}

#[test]
fn ten_thousand_hostile_calls_leave_little_behind() {
    alone("load::ten_thousand_hostile_calls_leave_little_behind", || {
        let limits = Limits { memory_bytes: 4 << 20, wall_time_ms: 5, ..Limits::default() };
        let roomy = Limits { wall_time_ms: 1_000, ..Limits::default() };
        let quick = ["panics", "refusal_escapes", "crlf_in_value", "deep_recursion", "memory_bomb"];
        let quick = quick.map(|name| loaded(guest(name), limits).unwrap());
        let slow = [loaded(guest("infinite_loop"), limits).unwrap(), loaded(guest("giant_return"), roomy).unwrap()];
        let round = |calls: usize| {
            for n in 0..calls {
                drop(quick[n % quick.len()].describe("forecast", ATTACK));
                if n % 200 == 0 {
                    slow.iter().for_each(|plugin| assert!(plugin.describe("forecast", ATTACK).is_err()));
                }
            }
        };
        round(200);
        let before = resident_bytes();
        round(10_000);
        let grown = resident_bytes().saturating_sub(before);
        assert!(grown < 64 << 20, "grown by {grown} bytes");
    });
}

#[test]
fn the_clock_of_a_sandbox_stops_with_it() {
    alone("load::the_clock_of_a_sandbox_stops_with_it", || {
        let ticking = || {
            let threads = fs::read_dir("/proc/self/task").unwrap();
            let names = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("comm")).ok());
            // The kernel keeps fifteen bytes of a name.
            names.filter(|name| name.starts_with("portcullis-epo")).count()
        };
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(folder.path(), Tier::Sealed, HostLimits::default());
        let plugin = sandbox.load(&honest(), patient(), &|_| {}).unwrap();
        assert!(comes_true(|| ticking() == 1));
        drop(sandbox);
        // A plugin that is still in use needs its limit.
        plugin.describe("forecast", "{}").unwrap();
        assert_eq!(ticking(), 1);
        drop(plugin);
        assert!(comes_true(|| ticking() == 0), "the ticker outlives the engine");
    });
}
