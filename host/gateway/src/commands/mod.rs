//! What a person types: one file a verb.

mod actions;
mod agent;
mod approvals;
mod attest;
mod audit;
mod build;
mod catalog;
mod changes;
mod check;
mod completions;
mod context;
mod demo;
mod dev;
mod diff;
mod doctor;
mod draft;
mod export;
mod import;
mod inspect;
mod install;
mod mcp;
mod new;
mod operator;
mod policy;
mod ports;
mod probe;
mod publish;
mod remove;
mod run;
mod secret;
mod serve;
mod signing;
mod standing;
mod test;
mod trying;
mod upgrade;
mod view;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use portcullis_egress::Environment;
use portcullis_model::Refusal;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::terminal;
use crate::watch::Telemetry;
use context::Context;

/// Runs other people's API actions without handing over keys.
///
/// Each action is a sandboxed plugin that can only describe one HTTP request. Portcullis checks it against what the
/// plugin declared, asks where policy says so, attaches the credential, sends, scrubs the answer and records it all.
#[derive(Parser)]
#[command(name = "portcullis", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    /// Print data as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  portcullis demo                                   the whole story, no account needed
  portcullis catalog list                           what can be installed by name
  portcullis install mistral                        a shipped plugin
  portcullis secret set mistral                     asks for the key
  portcullis run mistral/list-models                an automatic read
  portcullis run mistral/embed-text --input @in.json --dry-run
  portcullis serve                                  the door for agents, over HTTP
  portcullis new my-notes --lang rust               a plugin of your own

Exit status: 0 done, 1 refused or failed, 2 usage, 3 approval required.";

#[derive(Subcommand)]
enum Verb {
    Demo(demo::Args),
    Run(run::Args),
    Mcp(mcp::Args),
    #[command(subcommand)]
    Catalog(catalog::Verb),
    Install(install::Args),
    Upgrade(upgrade::Args),
    Remove(remove::Args),
    Publish(publish::Args),
    Export(export::Args),
    #[command(subcommand)]
    Import(import::Verb),
    Ports(ports::Args),
    Actions(actions::Args),
    Inspect(inspect::Args),
    Diff(diff::Args),
    New(new::Args),
    Build(build::Args),
    Check(check::Args),
    Test(test::Args),
    Dev(dev::Args),
    Probe(probe::Args),
    Attest(attest::Args),
    #[command(subcommand)]
    Secret(secret::Verb),
    Serve(serve::Args),
    #[command(subcommand)]
    Agent(agent::Verb),
    #[command(subcommand)]
    Operator(operator::Verb),
    #[command(subcommand)]
    Approvals(approvals::Verb),
    #[command(subcommand)]
    Draft(draft::Verb),
    #[command(subcommand)]
    Audit(audit::Verb),
    #[command(subcommand)]
    Policy(policy::Verb),
    Doctor(doctor::Args),
    Completions(completions::Args),
    /// Compiles a component from standard input; the host starts itself so.
    #[command(name = crate::COMPILE_VERB, hide = true)]
    Compile,
}

impl Verb {
    /// The name of a verb that an agent may not type.
    fn operators(&self) -> Option<&'static str> {
        match self {
            Self::Demo(_)
            | Self::Run(_)
            | Self::Mcp(_)
            | Self::Ports(_)
            | Self::Actions(_)
            | Self::Completions(_)
            | Self::Compile => None,
            Self::Catalog(_) => Some("catalog"),
            Self::Install(_) => Some("install"),
            Self::Upgrade(_) => Some("upgrade"),
            Self::Export(_) => Some("export"),
            Self::Import(_) => Some("import"),

            Self::Diff(_) => Some("diff"),
            Self::New(_) => Some("new"),
            Self::Build(_) => Some("build"),
            Self::Check(_) => Some("check"),
            Self::Test(_) => Some("test"),
            Self::Dev(_) => Some("dev"),
            Self::Probe(_) => Some("probe"),
            Self::Attest(_) => Some("attest"),
            Self::Remove(_) => Some("remove"),
            Self::Publish(_) => Some("publish"),
            Self::Inspect(_) => Some("inspect"),
            Self::Secret(_) => Some("secret"),
            Self::Serve(_) => Some("serve"),
            Self::Agent(_) => Some("agent"),
            Self::Operator(_) => Some("operator"),
            Self::Approvals(_) => Some("approvals"),
            Self::Draft(_) => Some("draft"),
            Self::Audit(_) => Some("audit"),
            Self::Policy(_) => Some("policy"),
            Self::Doctor(_) => Some("doctor"),
        }
    }
}

/// How a command ended, where it did not fail.
pub(crate) enum Done {
    /// As asked.
    Well,
    /// Nothing failed here, but the answer is a no: 1.
    No,
    /// A person must approve first: 3.
    ApprovalRequired,
}

/// The program's whole life.
#[must_use]
pub fn main() -> ExitCode {
    let environment = match Environment::take() {
        Ok(environment) => environment,
        Err(refusal) => return failed(&refusal.into(), false),
    };
    // Arguments are read before threads start, and the compiling child needs neither threads of ours nor a log.
    let cli = Cli::parse();
    if matches!(cli.verb, Verb::Compile) {
        return portcullis_sandbox::compile_child();
    }
    // Where it happened, and not what: a panic's own words may quote whoever caused it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        terminal::complain(format_args!("portcullis failed at {place}; please report this"));
    }));
    let json = cli.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into(), json),
    };
    let telemetry = match cli.verb {
        Verb::Serve(_) => Telemetry::start(runtime.handle(), true),
        Verb::Run(_) | Verb::Mcp(_) | Verb::Approvals(_) => Telemetry::start(runtime.handle(), false),
        // These make no call.
        _ => Telemetry::default(),
    };
    log(&telemetry);
    harden();
    for problem in telemetry.problems() {
        tracing::warn!("{problem}");
    }
    let code = match runtime.block_on(run(cli, environment, &telemetry)) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::No) => ExitCode::FAILURE,
        Ok(Done::ApprovalRequired) => ExitCode::from(3),
        Err(error) => failed(&error, json),
    };
    // What is left goes out while the runtime still stands.
    telemetry.end();
    code
}

async fn run(cli: Cli, environment: Environment, telemetry: &Telemetry) -> Result<Done> {
    let context = Context::new(cli.json, environment, telemetry.watch());
    if let Some(verb) = cli.verb.operators() {
        context.operator_only(verb)?;
    }
    match cli.verb {
        Verb::Demo(args) => demo::run(args).await,
        Verb::Run(args) => run::run(args, context).await,
        Verb::Mcp(args) => mcp::run(args, context).await,
        Verb::Catalog(verb) => catalog::run(verb, context).await,
        Verb::Install(args) => install::run(args, context).await,
        Verb::Upgrade(args) => upgrade::run(args, context).await,
        Verb::Remove(args) => remove::run(args, context),
        Verb::Publish(args) => publish::run(args, context).await,
        Verb::Export(args) => export::run(args, context),
        Verb::Import(verb) => import::run(verb, &context),

        Verb::Serve(args) => serve::run(args, context).await,
        Verb::Agent(verb) => agent::run(verb, context),
        Verb::Operator(verb) => operator::run(verb, context),
        Verb::Ports(args) => ports::run(args, context).await,
        Verb::Actions(args) => actions::run(args, context).await,
        Verb::Inspect(args) => inspect::run(args, context).await,
        Verb::Diff(args) => diff::run(args, context).await,
        Verb::New(args) => new::run(args, &context),
        Verb::Build(args) => build::run(args, &context),
        Verb::Check(args) => check::run(args, &context),
        Verb::Test(args) => test::run(args, &context),
        Verb::Dev(args) => dev::run(args, context).await,
        Verb::Probe(args) => probe::run(args, context).await,
        Verb::Attest(args) => attest::run(args, context).await,
        Verb::Secret(verb) => secret::run(verb, context).await,
        Verb::Approvals(verb) => approvals::run(verb, context).await,
        Verb::Draft(verb) => draft::run(verb, context).await,
        Verb::Audit(verb) => audit::run(verb, context).await,
        Verb::Policy(verb) => policy::run(verb, context).await,
        Verb::Doctor(args) => doctor::run(args, context).await,
        Verb::Completions(args) => completions::run(args),
        Verb::Compile => Ok(Done::No),
    }
}

fn failed(error: &anyhow::Error, json: bool) -> ExitCode {
    match error.downcast_ref::<Refusal>() {
        Some(refusal) => {
            if json && terminal::json(refusal).is_ok() {
                return ExitCode::FAILURE;
            }
            terminal::refusal(refusal);
        }
        None => {
            let plain = serde_json::json!({"code": "failed", "room": null, "message": format!("{error:#}")});
            if json && terminal::json(&plain).is_ok() {
                return ExitCode::FAILURE;
            }
            terminal::note(format_args!("{} {error:#}", terminal::styled(terminal::RED, "failed:")));
        }
    }
    ExitCode::FAILURE
}

/// Keeps credentials out of core dumps, and other processes of this account out of our memory.
fn harden() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "core dumps cannot be switched off");
    }
}

/// Logs to standard error what `PORTCULLIS_LOG` asks for, warnings otherwise; and to the collector, where there is one.
fn log(telemetry: &Telemetry) {
    let filter = EnvFilter::try_from_env("PORTCULLIS_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // The library that speaks MCP logs whole messages, inputs and answers included, and names of sessions.
    // Those that speak with a collector log its address and its answers, and each batch that did not get through.
    let discreet = filter_fn(|metadata| !["rmcp", "opentelemetry"].iter().any(|of| metadata.target().starts_with(of)));
    let lines = tracing_subscriber::fmt::layer().with_writer(anstream::stderr).with_filter(filter.and(discreet));
    tracing_subscriber::registry().with(lines).with(telemetry.layer()).init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
