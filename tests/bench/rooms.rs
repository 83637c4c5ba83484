//! What each room of a call takes: the sentence of the gateway's `invoke`, with a clock between its words.

use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use portcullis_gateway::{Content, Host, Shaped, View};
use portcullis_model::{ActionId, AgentName, RoutedRequest};
use portcullis_policy::{AuditTicket, CallId, Clock as _, Decision, Outcome, Situation, decide};

use crate::samples::Samples;
use crate::stage::Stage;

const CALLS: usize = 5_000;
const ROOMS: [&str; 9] =
    ["resolve", "schema", "describe", "route check", "decide", "audit opens", "egress", "shape", "audit closes"];

/// Prints a line a room.
pub(crate) async fn print(stage: &Stage) -> Result<()> {
    let mut rooms: [Samples; 9] = Default::default();
    for at in 0..CALLS {
        let times = one(&stage.host, at).await?;
        for (room, time) in rooms.iter_mut().zip(times.windows(2)) {
            room.push(time[1] - time[0]);
        }
    }
    let sum: f64 = rooms.iter().map(Samples::median_us).sum();
    for (name, room) in ROOMS.iter().zip(&rooms) {
        let (median, p99) = (room.median_us(), room.percentile_us(99));
        println!("{name:<14} {median:>8.1} us  {:>4.0} %  p99 {p99:.1} us", median / sum * 100.0);
    }
    println!("{:<14} {sum:>8.1} us", "together");
    Ok(())
}

async fn one(host: &Host, number: usize) -> Result<[Instant; 10]> {
    let (id, agent): (ActionId, AgentName) = ("mistral/list-models".parse()?, "bench".parse()?);
    let mut name = [0; 16];
    name[..8].copy_from_slice(&(number as u64).to_be_bytes());
    getrandom::fill(&mut name[8..]).map_err(|e| anyhow!("{e}"))?;
    let call = CallId::from_random(name);
    let mut times = [Instant::now(); 10];
    let action = host.resolve(&id)?;
    times[1] = Instant::now();
    let input = action.check("{}")?;
    times[2] = Instant::now();
    let description = host.describe(&action, &input)?;
    times[3] = Instant::now();
    let request = RoutedRequest::check(description, action.binding().clone())?;
    times[4] = Instant::now();
    let Decision::Allowed(approved) = decide(request, agent, &host.rules(), &Situation::at(host.clock().now_ms()))
    else {
        bail!("an automatic read was not allowed")
    };
    times[5] = Instant::now();
    let ticket = AuditTicket::open(host.store(), call, approved, host.clock().now_ms()).await?;
    times[6] = Instant::now();
    let sent = host.egress().send(ticket, host.clock()).await;
    times[7] = Instant::now();
    let response = sent.result?;
    let declared = action.binding().action().result;
    drop(Shaped::new(&Content::of(&response, declared), declared, &View::default()));
    times[8] = Instant::now();
    let outcome = Outcome {
        status: Some(response.status()),
        response_bytes: response.body().len(),
        scrubbed: response.scrubbed(),
        duration_us: sent.duration_us,
        refusal: None,
        rooms_us: Default::default(),
        result: None,
    };
    sent.call.close(host.store(), outcome).await?;
    times[9] = Instant::now();
    Ok(times)
}
