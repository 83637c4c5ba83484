//! Uses what the inert tier links, says what it saw, and tries to hold the host with it.

#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, reason = "generated from the text below")]
mod reach {
    wit_bindgen::generate!({
        inline: "
            package hostile:reach;
            package wasi:io@0.2.6 {
                interface error {
                    resource error;
                }
                interface poll {
                    resource pollable {
                        block: func();
                        ready: func() -> bool;
                    }
                    poll: func(in: list<borrow<pollable>>) -> list<u32>;
                }
                interface streams {
                    use error.{error};
                    use poll.{pollable};
                    variant stream-error { last-operation-failed(error), closed }
                    resource input-stream {
                        blocking-read: func(len: u64) -> result<list<u8>, stream-error>;
                        subscribe: func() -> pollable;
                    }
                    resource output-stream {
                        check-write: func() -> result<u64, stream-error>;
                        blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
                        write-zeroes: func(len: u64) -> result<_, stream-error>;
                        blocking-splice: func(src: borrow<input-stream>, len: u64) -> result<u64, stream-error>;
                        blocking-flush: func() -> result<_, stream-error>;
                        subscribe: func() -> pollable;
                    }
                }
            }
            package wasi:clocks@0.2.6 {
                interface wall-clock {
                    record datetime { seconds: u64, nanoseconds: u32 }
                    now: func() -> datetime;
                }
                interface monotonic-clock {
                    use wasi:io/poll@0.2.6.{pollable};
                    now: func() -> u64;
                    subscribe-duration: func(when: u64) -> pollable;
                    subscribe-instant: func(when: u64) -> pollable;
                }
            }
            package wasi:random@0.2.6 {
                interface random {
                    get-random-bytes: func(len: u64) -> list<u8>;
                    get-random-u64: func() -> u64;
                }
                interface insecure-seed {
                    insecure-seed: func() -> tuple<u64, u64>;
                }
            }
            package wasi:filesystem@0.2.6 {
                interface types {
                    resource descriptor;
                }
                interface preopens {
                    use types.{descriptor};
                    get-directories: func() -> list<tuple<descriptor, string>>;
                }
            }
            package wasi:cli@0.2.6 {
                interface environment {
                    get-environment: func() -> list<tuple<string, string>>;
                    get-arguments: func() -> list<string>;
                    initial-cwd: func() -> option<string>;
                }
                interface exit {
                    exit: func(status: result);
                }
                interface stdin {
                    use wasi:io/streams@0.2.6.{input-stream};
                    get-stdin: func() -> input-stream;
                }
                interface stdout {
                    use wasi:io/streams@0.2.6.{output-stream};
                    get-stdout: func() -> output-stream;
                }
            }
            world reach {
                import wasi:io/poll@0.2.6;
                import wasi:io/streams@0.2.6;
                import wasi:clocks/wall-clock@0.2.6;
                import wasi:clocks/monotonic-clock@0.2.6;
                import wasi:random/random@0.2.6;
                import wasi:random/insecure-seed@0.2.6;
                import wasi:filesystem/preopens@0.2.6;
                import wasi:cli/environment@0.2.6;
                import wasi:cli/exit@0.2.6;
                import wasi:cli/stdin@0.2.6;
                import wasi:cli/stdout@0.2.6;
            }
        ",
        generate_all,
    });
}

use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value, json};
use reach::wasi::cli::{environment, exit, stdin, stdout};
use reach::wasi::clocks::{monotonic_clock, wall_clock};
use reach::wasi::filesystem::preopens;
use reach::wasi::io::poll;
use reach::wasi::random::{insecure_seed, random};

const HOUR_NS: u64 = 3_600_000_000_000;

struct Guest;

impl Plugin for Guest {
    fn manifest() -> Manifest {
        // Declaring waits as well: it is called outside of the place where the host expects a plugin to take its time.
        poll::poll(&[&monotonic_clock::subscribe_duration(HOUR_NS)]);
        drop(stdout::get_stdout());
        let mut manifest = hostile_guests::harmless_manifest();
        manifest.port.slug = "inert".to_owned();
        manifest.actions[0].input_schema = json!({"type": "object", "properties": {
            "probe": {"type": "string"}, "salt": {"type": "string"}, "len": {"type": "integer"}}})
        .to_string();
        manifest
    }

    fn describe(_: &str, input: &Value) -> Result<Request, Refusal> {
        let mut request = hostile_guests::harmless_request();
        if let Some(probe) = input["probe"].as_str() {
            request.path[2] = observe(probe, input["len"].as_u64().unwrap_or(16));
        }
        Ok(request)
    }
}

fn observe(probe: &str, len: u64) -> String {
    match probe {
        "clocks" => {
            let (wall, steady) = (wall_clock::now(), monotonic_clock::now());
            for _ in 0..100_000 {
                std::hint::black_box(monotonic_clock::now());
            }
            let again = (wall_clock::now(), monotonic_clock::now());
            format!("{}-{}-{}-{}-{}", wall.seconds, wall.nanoseconds, steady, again.0.seconds, again.1)
        }
        "random" => {
            let seed = insecure_seed::insecure_seed();
            format!("{:?}-{}-{}-{}", random::get_random_bytes(len), random::get_random_u64(), seed.0, seed.1)
        }
        "surroundings" => format!(
            "{}-{}-{}-{}",
            environment::get_environment().len(),
            environment::get_arguments().len(),
            preopens::get_directories().len(),
            environment::initial_cwd().is_some(),
        ),
        "sleep" => {
            monotonic_clock::subscribe_duration(HOUR_NS).block();
            let timer = monotonic_clock::subscribe_instant(u64::MAX);
            format!("{}-{:?}", timer.ready(), poll::poll(&[&timer, &timer]))
        }
        "stdin" => {
            let input = stdin::get_stdin();
            input.subscribe().block();
            format!(
                "{}-{}",
                input.blocking_read(len).is_err(),
                stdout::get_stdout().blocking_splice(&input, len).is_err()
            )
        }
        "stdout" => {
            let output = stdout::get_stdout();
            let wrote = output.blocking_write_and_flush(b"nobody reads this").is_ok();
            output.subscribe().block();
            format!("{wrote}-{}", output.blocking_flush().is_ok())
        }
        "zeroes" => format!("{}", stdout::get_stdout().write_zeroes(u64::MAX).is_ok()),
        "poll-nothing" => format!("{:?}", poll::poll(&[])),
        "exit" => {
            exit::exit(Ok(()));
            "still here".to_owned()
        }
        "hoard" => {
            let hoard: Vec<_> = (0..2_000).map(|_| monotonic_clock::subscribe_duration(1)).collect();
            format!("kept {}", hoard.len())
        }
        "sleep-loop" => loop {
            monotonic_clock::subscribe_duration(HOUR_NS).block();
        },
        other => other.to_owned(),
    }
}

portcullis_plugin::export!(Guest);

const _: fn(&str, &Value) -> Result<Request, Refusal> = <Guest as Plugin>::describe;
