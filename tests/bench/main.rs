//! The budgets of the design, each against a baseline taken in the same run, turn by turn.
//!
//! `cargo bench --bench budgets` prints a table; behind `--`: `--json` prints JSON, `--full` takes the million rows,
//! the ten thousand hostile calls and the crowd for a minute, `--rooms` adds what each room of a call takes, `--only WORD` measures what has that
//! word in its name, `--strict` fails where a budget is missed. Without it a missed budget is a line of the table: a
//! busy machine is no fault of the code. Talks to nothing but this machine.
//!
//! Where a child of this program is the service, the compiler, the command line or an idle host, it is this very
//! program: `cargo bench` does not build the binary, and an old one would be measured unnoticed.

mod audit;
mod call;
mod counting;
mod crowd;
mod declarative;
mod door;
mod figure;
mod instance;
mod looper;
mod many;
mod mcp;
mod memory;
mod policy;
mod probe;
mod rooms;
mod samples;
mod scrub;
mod service;
mod soak;
mod stage;
mod start;
mod table;
mod wishes;

use std::process::ExitCode;

use anyhow::Result;
use portcullis_gateway::COMPILE_VERB;

use figure::Figure;
use stage::Stage;
use wishes::Wishes;

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [service::VERB, token] => service::serve(token).map(|()| ExitCode::SUCCESS),
        [COMPILE_VERB | start::VERB | door::VERB | mcp::VERB, ..] => Ok(portcullis_gateway::main()),
        [memory::VERB, folder] => memory::idle(folder.as_ref()).map(|()| ExitCode::SUCCESS),
        _ => measure(&Wishes::parse(&words)?),
    }
}

fn measure(wishes: &Wishes) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // On a worker, as the calls of a server are, and not on the thread that waits for them all.
    let taken = wishes.clone();
    let figures = runtime.block_on(async { tokio::spawn(async move { all(&taken).await }).await })??;
    if wishes.json {
        table::json(&figures)?;
    } else {
        table::print(&figures);
    }
    let missed = figures.iter().any(|figure| figure.met() == Some(false));
    Ok(if missed && wishes.strict { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn all(wishes: &Wishes) -> Result<Vec<Figure>> {
    let stage = Stage::set().await?;
    let mut figures = Vec::new();
    if wishes.rooms {
        rooms::print(&stage).await?;
    }
    if wishes.want("call") {
        figures.push(call::figure(&stage).await?);
    }
    if wishes.want("instance") {
        figures.push(instance::figure(&stage)?);
    }
    if wishes.want("declarative") {
        figures.extend(declarative::figures(&stage)?);
    }
    if wishes.want("policy") {
        figures.extend(policy::figures(&stage)?);
    }
    if wishes.want("probe") {
        figures.push(probe::figure(&stage)?);
    }
    if wishes.want("start") {
        figures.push(start::figure(&stage)?);
    }
    if wishes.want("scrub") {
        figures.extend(scrub::figures());
    }
    if wishes.want("audit") {
        figures.extend(audit::figures(wishes.full).await?);
    }
    if wishes.want("looper") {
        figures.extend(looper::figures(&stage).await?);
    }
    if wishes.want("soak") {
        figures.push(soak::figure(&stage, wishes.full).await?);
    }
    if wishes.want("mcp") {
        figures.extend(mcp::figures(&stage).await?);
    }
    if wishes.want("crowd") {
        figures.extend(crowd::figures(wishes.full).await?);
    }
    if wishes.want("many") {
        figures.extend(many::figures(&stage).await?);
    }
    if wishes.want("memory") {
        figures.push(memory::figure(&stage)?);
    }
    Ok(figures)
}
