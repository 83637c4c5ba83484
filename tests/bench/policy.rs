//! What a decision takes: with the bundled rules, which need nothing of a call, and with every example rule, which read
//! its body, its path, the time and the counts. Beside them what the counts take from the store.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};
use portcullis_model::{AgentName, RoutedRequest};
use portcullis_policy::{Clock as _, Decision, RuleFile, RuleSet, Rules, Situation, decide};

use crate::figure::{Budget, Figure};
use crate::samples::Samples;
use crate::stage::Stage;

const ROUNDS: usize = 20_000;

const CHAT: &str = r#"{"model":"mistral-small-latest","max_tokens":100,"temperature":0.7,"messages":[
    {"role":"system","content":"You are terse."},{"role":"user","content":"What is the capital of France?"}]}"#;

/// Microseconds that a decision may add to a call.
const BUDGET_US: f64 = 60.0;

pub(crate) fn figures(stage: &Stage) -> Result<Vec<Figure>> {
    let agent: AgentName = "bot-1".parse()?;
    let mut words = Rules::default();
    words.set_group("ci".to_owned(), [agent.clone()].into());
    let bundled = RuleSet::bundled(words.clone());
    let examples = RuleSet::new(words, &examples()?).map_err(|problems| anyhow!("{problems:?}"))?;
    let reads = |rules| decisions(stage, rules, &agent, "list-models", "{}");
    let chats = |rules| decisions(stage, rules, &agent, "chat-complete", CHAT);
    let mut counts = Samples::default();
    for _ in 0..ROUNDS / 10 {
        let began = Instant::now();
        stage.host.store().sent(&agent, &"mistral/chat-complete".parse()?, stage.host.clock().now_ms())?;
        counts.push(began.elapsed());
    }
    let note = format!("reading the counts, where a rule asks for them: {:.1} us", counts.median_us());
    Ok(vec![
        figure("policy: a read, bundled rules", &reads(&bundled)?, ""),
        figure("policy: a chat, bundled rules", &chats(&bundled)?, ""),
        figure("policy: a read, every example rule", &reads(&examples)?, &note),
        figure("policy: a chat, every example rule", &chats(&examples)?, &note),
    ])
}

fn examples() -> Result<Vec<RuleFile>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/policy/examples");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "cedar") {
            let name = path.file_name().and_then(|name| name.to_str()).context("a name")?.to_owned();
            files.push(RuleFile { name, text: std::fs::read_to_string(&path)? });
        }
    }
    Ok(files)
}

fn decisions(stage: &Stage, rules: &RuleSet, agent: &AgentName, action: &str, input: &str) -> Result<Samples> {
    let host = &stage.host;
    let resolved = host.resolve(&format!("mistral/{action}").parse()?)?;
    let description = host.describe(&resolved, &resolved.check(input)?)?;
    let mut samples = Samples::default();
    for _ in 0..ROUNDS {
        let request = RoutedRequest::check(description.clone(), resolved.binding().clone())?;
        let agent = agent.clone();
        // A Wednesday morning.
        let now_ms = 1_767_780_000_000;
        let sent = Some(portcullis_policy::Sent::default());
        let situation = Situation { now_ms, input: Some(input), tier: Some("sealed"), sent, draft: None };
        let began = Instant::now();
        let decision = decide(request, agent, rules, &situation);
        samples.push(began.elapsed());
        if let Decision::Denied(denial) = decision {
            bail!("{}", denial.refusal);
        }
    }
    Ok(samples)
}

fn figure(name: &str, samples: &Samples, note: &str) -> Figure {
    Figure {
        name: name.to_owned(),
        budget: Budget::AtMost(BUDGET_US),
        measured: samples.median_us(),
        unit: "us",
        baseline: format!("p99 {:.1} us; {note}", samples.percentile_us(99)).trim_end_matches("; ").to_owned(),
    }
}
