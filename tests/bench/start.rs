//! From starting the program to its result, compiled code cached, beyond what `curl` takes for the same answer.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::figure::{Budget, Figure};
use crate::samples::Samples;
use crate::stage::{Stage, TOKEN};

/// The command, and the word with which this program is the command line.
pub(crate) const VERB: &str = "run";

const ROUNDS: usize = 25;

pub(crate) fn figure(stage: &Stage) -> Result<Figure> {
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    for round in 0..=ROUNDS {
        let mut run = Command::new(std::env::current_exe()?);
        run.args([VERB, "mistral/list-models"]).env("PORTCULLIS_HOME", stage.folder());
        run.env("PORTCULLIS_SECRET_MISTRAL", TOKEN);
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--fail", "--noproxy", "*", "--header"]);
        curl.arg(format!("authorization: Bearer {TOKEN}")).arg(format!("{}/v1/models", stage.service.origin));
        // The first round only warms the caches of the system.
        for (samples, command) in [(&mut ours, &mut run), (&mut theirs, &mut curl)] {
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let began = Instant::now();
            let status = command.status().with_context(|| format!("{:?} cannot start", command.get_program()))?;
            let time = began.elapsed();
            ensure!(status.success(), "{:?} ended with {status}", command.get_program());
            if round > 0 {
                samples.push(time);
            }
        }
    }
    let ms = |samples: &Samples, of_hundred| samples.percentile_us(of_hundred) / 1000.0;
    let (a, b) = (ms(&ours, 50), ms(&theirs, 50));
    Ok(Figure {
        name: "start to result, beyond curl".to_owned(),
        budget: Budget::AtMost(60.0),
        measured: a - b,
        unit: "ms",
        baseline: format!(
            "{a:.1} ms against {b:.1} ms, half of the starts {:.1} to {:.1}",
            ms(&ours, 25),
            ms(&ours, 75)
        ),
    })
}
