//! Taking a credential out of 10 MiB: of text that has nothing of it, and of texts made to cost the scrubber most.

use std::time::Instant;

use portcullis_egress::Scrubber;

use crate::figure::{Budget, Figure};
use crate::samples::Samples;

const SIZE: usize = 10 << 20;
const ROUNDS: usize = 9;
const SECRET: &str = "q9Zt7Lw2Xv4Rb8Np6Kd3Hs5Jf1Gm0Cy";

pub(crate) fn figures() -> Vec<Figure> {
    let escaped: String = SECRET.bytes().map(|b| format!("%{b:02X}")).collect();
    // All but the last character: found by its middle, compared almost to its end.
    let near = format!("{}! ", &SECRET[..SECRET.len() - 1]);
    let texts = [
        (
            "clean JSON",
            r#"{"id":"mistral-small-latest","object":"model","created":1760000000,"owned_by":"x"}, "#.to_owned(),
        ),
        ("escaped JSON", r#"{\"text\":\"caf\u0065 1\/2 a%20b%2Fc &amp; d\"}, "#.to_owned()),
        ("percent signs", "%".to_owned()),
        ("near misses", near),
        ("a hit in every KiB", format!("{SECRET}{}", "lorem ipsum dolor sit amet ".repeat(37))),
        ("a percent-escaped hit in every KiB", format!("{escaped}{}", "lorem ipsum dolor sit amet ".repeat(34))),
        ("nothing but hits", SECRET.to_owned()),
    ];
    let scrubber = Scrubber::new(SECRET.as_bytes());
    texts.into_iter().map(|(kind, unit)| figure(&scrubber, kind, &unit)).collect()
}

fn figure(scrubber: &Scrubber, kind: &str, unit: &str) -> Figure {
    let text: Vec<u8> = unit.bytes().cycle().take(SIZE).collect();
    let mut samples = Samples::default();
    let mut hits = 0;
    for _ in 0..ROUNDS {
        let body = text.clone();
        let began = Instant::now();
        let (clean, found) = scrubber.scrub(body);
        samples.push(began.elapsed());
        hits = found;
        drop(clean);
    }
    let (low, high) = (samples.percentile_us(25) / 1000.0, samples.percentile_us(75) / 1000.0);
    Figure {
        name: format!("scrubbing 10 MiB: {kind}"),
        budget: Budget::AtMost(30.0),
        measured: samples.median_us() / 1000.0,
        unit: "ms",
        baseline: format!("{hits} found, half of the runs {low:.1} to {high:.1}"),
    }
}
