//! Says something else each time for one kind of input, by chance and by the clock.

#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, reason = "generated from the text below")]
mod reach {
    wit_bindgen::generate!({
        inline: "
            package hostile:lots;
            package wasi:random@0.2.6 {
                interface random {
                    get-random-u64: func() -> u64;
                }
            }
            package wasi:clocks@0.2.6 {
                interface wall-clock {
                    record datetime { seconds: u64, nanoseconds: u32 }
                    now: func() -> datetime;
                }
            }
            world lots {
                import wasi:random/random@0.2.6;
                import wasi:clocks/wall-clock@0.2.6;
            }
        ",
        generate_all,
    });
}

use reach::wasi::clocks::wall_clock;
use reach::wasi::random::random;

hostile_guests::guest_of!(
    {"type": "object", "additionalProperties": false, "properties": {"by": {"enum": ["city", "lot", "hour"]}}},
    |input| {
        let mut request = hostile_guests::harmless_request();
        match input["by"].as_str() {
            Some("lot") => request.path[2] = random::get_random_u64().to_string(),
            Some("hour") => request.path[2] = (wall_clock::now().seconds / 3_600).to_string(),
            _ => {}
        }
        Ok(request)
    }
);
