//! Deletes each guard and demands that its test fails. See `run` beside `Cargo.toml`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;
use guards::{Attack, DOCUMENT, Ended, Scratch, Seen, Sources, Trial, Weight, all, batches, build, root, written};

/// Deletes guards, in a copy of the repository, and demands that the test of each fails.
#[derive(Parser)]
#[command(
    name = "tests/guards/run",
    after_help = "Examples:
  tests/guards/run                      every guard; an hour on two cores
  tests/guards/run --light              those whose tests build in seconds
  tests/guards/run registry/ scrub      those whose names hold one of these
  tests/guards/run --fresh              those that were not seen to fail as they stand
  tests/guards/run --write              the tables of SECURITY.md, from the data"
)]
struct Options {
    /// Names of attacks, or parts of them
    patterns: Vec<String>,
    /// List them, and do nothing
    #[arg(long)]
    list: bool,
    /// See that each patch applies and each test is there, and build nothing
    #[arg(long)]
    apply_only: bool,
    /// Write the tables of SECURITY.md
    #[arg(long)]
    write: bool,
    /// Only those that were not seen to fail as they stand
    #[arg(long)]
    fresh: bool,
    /// Only those whose tests build without the host
    #[arg(long, conflicts_with = "heavy")]
    light: bool,
    /// Only those whose tests need the host
    #[arg(long)]
    heavy: bool,
    /// Do not try first that the tests pass with all guards in place
    #[arg(long)]
    no_twin: bool,
    /// How many guards are deleted at once
    #[arg(long, default_value_t = 16)]
    batch: usize,
    /// Where the copy is made and built
    #[arg(long, default_value = "target/guards", hide = true)]
    scratch: PathBuf,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let (attacks, root) = (all()?, root());
    let sources = Sources::of(&root)?;
    let seen = Seen::read()?;
    let chosen: Vec<&Attack> = attacks
        .iter()
        .filter(|attack| options.patterns.is_empty() || options.patterns.iter().any(|part| attack.id.contains(part)))
        .filter(|attack| !(options.fresh && seen.has(attack)))
        .filter(|attack| !(options.light && Weight::of(&attack.test) == Weight::Heavy))
        .filter(|attack| !(options.heavy && Weight::of(&attack.test) == Weight::Light))
        .collect();
    if options.list {
        for attack in &chosen {
            let mark = if seen.has(attack) { "seen" } else { "new " };
            println!("{mark}  {:5}  {:40}  {}", Weight::of(&attack.test).as_str(), attack.id, attack.test.name);
        }
        return Ok(ExitCode::SUCCESS);
    }
    applies(&chosen, &sources)?;
    if options.write {
        let path = root.join(DOCUMENT);
        let text = written(&fs::read_to_string(&path)?, &attacks, &sources).map_err(anyhow::Error::msg)?;
        fs::write(path, text)?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.apply_only {
        println!("{} guards can be deleted, and their tests are there", chosen.len());
        return Ok(ExitCode::SUCCESS);
    }
    let mut wrong = BTreeSet::new();
    for weight in [Weight::Light, Weight::Heavy] {
        let own: Vec<&Attack> = chosen.iter().filter(|attack| Weight::of(&attack.test) == weight).copied().collect();
        if own.is_empty() {
            continue;
        }
        let scratch = Scratch::new(&root, &fs::canonicalize(make(&options.scratch)?)?, weight)?;
        if !options.no_twin {
            twins(&scratch, &sources, &own, &mut wrong)?;
        }
        let mut left: Vec<Vec<&Attack>> = batches(&own, options.batch, &root);
        while let Some(batch) = left.pop() {
            let tried = deleted(&scratch, &sources, &batch);
            scratch.put_back(&batch)?;
            match tried {
                Ok(green) => {
                    wrong.extend(green.iter().copied());
                    // Read anew: another run may have noted others meanwhile.
                    let mut seen = Seen::read()?;
                    for attack in &batch {
                        if wrong.contains(attack.id.as_str()) { seen.take_back(attack) } else { seen.note(attack) }
                    }
                    seen.write(&attacks)?;
                }
                Err(error) if batch.len() > 1 => {
                    // One of them leaves a host that does not compile.
                    println!("{error:#}");
                    let (one, other) = batch.split_at(batch.len() / 2);
                    left.extend([other.to_vec(), one.to_vec()]);
                }
                Err(error) => return Err(error),
            }
        }
    }
    let red = chosen.iter().filter(|attack| !wrong.contains(attack.id.as_str())).count();
    println!("{red} of {} guards are missed by their tests", chosen.len());
    for id in &wrong {
        println!("wrong: {id}");
    }
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn make(folder: &PathBuf) -> Result<&PathBuf> {
    fs::create_dir_all(folder)?;
    Ok(folder)
}

/// That every patch applies by itself, and every test is there.
fn applies(chosen: &[&Attack], sources: &Sources) -> Result<()> {
    let root = root();
    let read = |file: &str| fs::read_to_string(root.join(file)).ok();
    let wrong: Vec<String> = chosen
        .iter()
        .filter_map(|attack| {
            let why = attack.patch.apply(read).err().or_else(|| sources.find(&attack.test).err())?;
            Some(format!("{}: {why}", attack.id))
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { bail!("{}", wrong.join("\n")) }
}

/// With all guards in place each test must pass.
fn twins<'a>(
    scratch: &Scratch,
    sources: &Sources,
    attacks: &[&'a Attack],
    wrong: &mut BTreeSet<&'a str>,
) -> Result<()> {
    println!("== {}: with all guards in place", scratch.weight().as_str());
    let built = build(scratch, sources, attacks)?;
    let mut tried = BTreeSet::new();
    for attack in attacks {
        let test = &attack.test;
        if !tried.insert((&test.package, &test.target, &test.name)) {
            continue;
        }
        let trial = Trial::run(built.program(test)?, &scratch.tree().join(folder(sources, attack)?), test)?;
        if trial.ended != Ended::Passed {
            println!("WRONG  {:40}  {:?} with its guard in place: {}", attack.id, trial.ended, trial.why(test));
            wrong.insert(&attack.id);
        }
    }
    Ok(())
}

/// Without their guards each test must fail; gives those that did not.
fn deleted<'a>(scratch: &Scratch, sources: &Sources, batch: &[&'a Attack]) -> Result<Vec<&'a str>> {
    println!("== {}: without {} guards", scratch.weight().as_str(), batch.len());
    scratch.without(batch)?;
    let built = build(scratch, sources, batch)?;
    let mut green = Vec::new();
    for attack in batch {
        let test = &attack.test;
        let trial = Trial::run(built.program(test)?, &scratch.tree().join(folder(sources, attack)?), test)?;
        let red = trial.is_red(test);
        let (mark, took) = (if red { "red  " } else { "GREEN" }, trial.took.as_secs_f32());
        println!("{mark}  {:40}  {:?} in {took:.1} s: {}", attack.id, trial.ended, trial.why(test));
        if !red {
            green.push(attack.id.as_str());
        }
    }
    Ok(green)
}

fn folder<'a>(sources: &'a Sources, attack: &Attack) -> Result<&'a std::path::Path> {
    match sources.folder(&attack.test.package) {
        Some(folder) => Ok(folder),
        None => bail!("no package `{}`", attack.test.package),
    }
}
