//! The demo's plot: a read, an approval, an echo that is scrubbed, the trail, and the gallery.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use portcullis_egress::{Credential, Environment, FileKey};
use portcullis_model::{AgentName, Code, Refusal};
use portcullis_policy::Approver;
use portcullis_store::{AuditFilter, Verdict};

use super::gallery::{GALLERY, Hostile};
use super::upstream::Upstream;
use crate::answer::Answered;
use crate::embedded;
use crate::home::Home;
use crate::host::{Host, HostConfig};
use crate::install::{Candidate, install};
use crate::invoke::{Invocation, approve, invoke};
use crate::package::Package;
use crate::report::Report;
use crate::settings::Settings;
use crate::shape::View;
use crate::source::Source;
use crate::terminal::{self, BOLD, DIM, GREEN, RED, YELLOW, say, styled};

/// Tells the whole story. `compiler` is this program.
pub(crate) async fn tell(compiler: &Path, pause: bool) -> Result<()> {
    let began = Instant::now();
    let folder =
        tempfile::Builder::new().prefix("portcullis-demo").tempdir().context("no folder for the demo can be made")?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("the machine gives no random numbers: {e}"))?;
    let token = format!("demo-{}", hex::encode(random));
    let upstream = Upstream::start(&token).await.context("the demo's loopback service cannot start")?;
    let stage = Stage { host: host(folder.path(), &upstream, compiler)?, pause };

    stage.plugin().await?;
    stage.credential(token).await?;
    stage.read().await?;
    stage.approval(&upstream).await?;
    stage.echo().await?;
    stage.trail()?;
    let stopped = stage.gallery().await?;

    let spent = began.elapsed().as_secs_f64();
    say(format_args!(
        "\n{} in {spent:.1} s; {stopped} of {} hostile plugins stopped. Nothing is left behind.",
        styled(BOLD, "That was all"),
        GALLERY.len()
    ));
    say(format_args!("\n{}", styled(BOLD, "Next, with your own key:")));
    for command in ["portcullis install mistral", "portcullis secret set mistral", "portcullis run mistral/list-models"]
    {
        say(format_args!("  {command}"));
    }
    ensure!(stopped == GALLERY.len(), "a hostile plugin was not stopped as it should be");
    Ok(())
}

fn host(folder: &Path, upstream: &Upstream, compiler: &Path) -> Result<Host> {
    let settings = format!("[ports.mistral]\norigin = \"{}\"\n[credentials]\nstore = \"file\"\n", upstream.origin());
    Host::open(HostConfig {
        home: Home::at(folder),
        settings: Settings::parse(&settings)?,
        environment: Environment::default(),
        file_key: Some(FileKey::KeyFile(folder.join("demo.key"))),
        compiler: compiler.to_owned(),
        watch: Box::new(|_| {}),
    })
}

struct Stage {
    host: Host,
    pause: bool,
}

fn heading(number: u32, text: &str) {
    say(format_args!("\n{}", styled(BOLD, format_args!("{number}. {text}"))));
}

fn caller() -> Result<AgentName> {
    Ok("demo-agent".parse()?)
}

impl Stage {
    async fn plugin(&self) -> Result<()> {
        heading(1, "A plugin arrives. It can only describe requests; this is everything it could ever send.");
        let bytes = embedded::plugin("mistral").context("the Mistral plugin is not embedded")?;
        let began = Instant::now();
        let shipped = Package::component(bytes.to_vec(), Source::Shipped("mistral".to_owned()));
        let candidate = Candidate::examine(&self.host, shipped, None)?;
        let ms = began.elapsed().as_millis();
        Report::of(&self.host, &candidate)?.print();
        install(&self.host, &candidate, false)?;
        say(styled(DIM, format_args!("examined, compiled, its examples tried and installed in {ms} ms")));
        Ok(())
    }

    async fn credential(&self, token: String) -> Result<()> {
        heading(2, "The operator stores a credential. No plugin, agent or log will ever see it.");
        let port = "mistral".parse()?;
        let place = self.host.egress().credentials().set(&port, Credential::new(token)?).await?;
        say(format_args!("kept in the {} of the demo's own folder", place.as_str()));
        Ok(())
    }

    async fn call(&self, action: &str, input: &str) -> Result<Answered, Refusal> {
        let bad = |what: String| Refusal::new(Code::BadRequest, what);
        let invocation = Invocation {
            action: action.parse().map_err(|e| bad(format!("{e}")))?,
            input: input.to_owned(),
            agent: caller().map_err(|e| bad(format!("{e}")))?,
        };
        invoke(&self.host, invocation).await
    }

    async fn read(&self) -> Result<()> {
        heading(3, "An agent calls mistral/list-models: a declared, automatic read.");
        let Answered::Done(answer) = self.call("mistral/list-models", "{}").await? else {
            bail!("an automatic read was held");
        };
        let shaped = answer.kept.shaped(&View::default());
        let data = shaped.result["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let names: Vec<&str> = data.iter().filter_map(|m| m["id"].as_str()).collect();
        ensure!(!names.is_empty(), "the loopback service listed no models");
        say(format_args!("{} {}", styled(GREEN, answer.kept.status), names.join(", ")));
        say(styled(DIM, format_args!("sent and answered in {} µs", answer.kept.duration_us)));
        Ok(())
    }

    async fn approval(&self, upstream: &Upstream) -> Result<()> {
        heading(4, "It calls mistral/chat-complete. That needs a person, who sees every byte:");
        let input = r#"{"model":"mistral-small-latest","messages":[{"role":"user","content":"hi"}]}"#;
        let Answered::Held(held) = self.call("mistral/chat-complete", input).await? else {
            bail!("a prompt was sent without approval");
        };
        say(format_args!("\n{}\n", held.shown));
        if self.pause && !terminal::ask(&styled(YELLOW, "send exactly this?"))? {
            say("nothing was sent; the rest of the demo goes on without it");
            return Ok(());
        }
        let answer = approve(&self.host, &held.approval, &Approver::Terminal).await?;
        let shaped = answer.kept.shaped(&View::default());
        let words = shaped.result["choices"][0]["message"]["content"].as_str().unwrap_or_default();
        say(format_args!("{} {}", styled(GREEN, answer.kept.status), words));
        let shown = held.request.body.map(|b| b.text.into_bytes()).unwrap_or_default();
        let sent = upstream.seen().pop().map(|s| s.body).unwrap_or_default();
        ensure!(shown == sent, "what was sent is not what was shown");
        say(styled(DIM, format_args!("the service received the {} bytes shown, byte for byte", sent.len())));
        match approve(&self.host, &held.approval, &Approver::Terminal).await {
            Err(refusal) if refusal.code() == Code::ApprovalUsed => {
                say(format_args!("a second approval: {} {refusal}", styled(GREEN, "refused")))
            }
            _ => bail!("an approval was spent twice"),
        }
        Ok(())
    }

    async fn echo(&self) -> Result<()> {
        heading(5, "The service turns hostile and echoes the credential in five encodings.");
        let Answered::Done(answer) = self.call("mistral/get-model", r#"{"model_id":"misbehave-echo"}"#).await? else {
            bail!("an automatic read was held");
        };
        terminal::json(&answer.kept.shaped(&View::default()).result)?;
        ensure!(answer.kept.scrubbed >= 5, "an echo of the credential was not found");
        say(styled(GREEN, format_args!("found and taken out {} times", answer.kept.scrubbed)));
        for (wish, what) in [
            ("redirect", "redirects elsewhere"),
            ("gzip", "compresses against our wish"),
            ("endless", "streams without end"),
        ] {
            let input = format!(r#"{{"model_id":"misbehave-{wish}"}}"#);
            let became = match self.call("mistral/get-model", &input).await {
                Ok(Answered::Done(answer)) => format!("{} is handed over as data and not followed", answer.kept.status),
                Ok(Answered::Held(_)) => bail!("an automatic read was held"),
                Err(refusal) => refusal.code().to_string(),
            };
            say(format_args!("it {what}: {}", styled(GREEN, became)));
        }
        Ok(())
    }

    fn trail(&self) -> Result<()> {
        heading(6, "Everything is on record, hash-chained: an intent before each send, an outcome after it.");
        let rows = self.host.store().audit().list(&AuditFilter::default())?;
        let line = |row: &portcullis_store::AuditRow| {
            let detail = ["action", "status", "refusal", "port"]
                .iter()
                .filter_map(|k| row.body.get(*k))
                .filter(|v| !v.is_null());
            vec![row.seq.to_string(), row.kind.clone(), detail.map(ToString::to_string).collect::<Vec<_>>().join(" ")]
        };
        terminal::table(&rows.iter().rev().map(line).collect::<Vec<_>>());
        let Verdict::Intact(head) = self.host.store().audit().verify()? else {
            bail!("the audit chain is broken");
        };
        say(styled(GREEN, format_args!("{} rows, each as written", head.rows)));
        Ok(())
    }

    async fn gallery(&self) -> Result<usize> {
        heading(7, "The gallery: plugins that try to get out.");
        let mut stopped = 0;
        for hostile in GALLERY {
            let began = Instant::now();
            let met = self.attack(hostile).await?;
            let ms = began.elapsed().as_millis();
            let (as_meant, what) = match (&met, hostile.stopped_by) {
                (Err(refusal), Some(code)) => {
                    (refusal.code() == code, format!("{:<12} {}", refusal.code().room(), refusal.code()))
                }
                (Ok(()), None) => {
                    (true, format!("{:<12} a fresh instance each call: both answers are the same", "sandbox"))
                }
                (Err(refusal), None) => (false, refusal.to_string()),
                (Ok(()), Some(_)) => (false, "not stopped".to_owned()),
            };
            stopped += usize::from(as_meant);
            let mark = if as_meant { styled(GREEN, "stopped") } else { styled(RED, "FAILED ") };
            say(format_args!("{mark} {:<40} {what} ({ms} ms)", hostile.tries));
        }
        Ok(stopped)
    }

    /// Installs a hostile plugin, if it gets that far, and calls it twice.
    async fn attack(&self, hostile: &Hostile) -> Result<Result<(), Refusal>> {
        let bytes = embedded::hostile(hostile.guest).with_context(|| format!("{} is not embedded", hostile.guest))?;
        let arrived = Package::component(bytes.to_vec(), Source::File(hostile.guest.to_owned()));
        let candidate = match Candidate::examine(&self.host, arrived, None) {
            Ok(candidate) => candidate,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = install(&self.host, &candidate, true) {
            return Ok(Err(refusal));
        }
        let mut described = Vec::new();
        for _ in 0..2 {
            let invocation = Invocation {
                action: "hostile/forecast".parse()?,
                input: r#"{"attack":true}"#.to_owned(),
                agent: caller()?,
            };
            match crate::invoke::dry_run(&self.host, invocation).await {
                Ok(plan) => described.push(plan.shown),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        ensure!(described.windows(2).all(|pair| pair[0] == pair[1]), "a plugin remembered its first call");
        Ok(Ok(()))
    }
}
