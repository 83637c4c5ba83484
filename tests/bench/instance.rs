//! A fresh instance that describes one request, against the same component driven by bare wasmtime: the same settings
//! of the code generator, a prepared instance, a fresh store, and none of the limits.

use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use portcullis_gateway::built_in;
use portcullis_sandbox::Limits;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Store};

use crate::figure::{Budget, Figure};
use crate::samples::{Duel, Samples};
use crate::stage::Stage;

wasmtime::component::bindgen!({ path: "../wit", world: "plugin" });

const ROUNDS: usize = 200;
const EACH: usize = 25;

/// Any number that is not reached.
const FAR: u64 = 1 << 40;

pub(crate) fn figure(stage: &Stage) -> Result<Figure> {
    let bytes = built_in("mistral").context("the Mistral plugin is not built in")?;
    let plugin = stage.host.sandbox()?.load(bytes, Limits::default(), &|_| {})?;
    let bare = Bare::new(bytes).map_err(|e| anyhow!("{e:#}"))?;
    let ours = |count| times(count, || Ok(plugin.describe("list-models", "{}").map(|d| d.path.len())?));
    let theirs = |count| times(count, || bare.describe("list-models", "{}").map_err(|e| anyhow!("{e:#}")));
    ours(200)?;
    theirs(200)?;
    let mut duel = Duel::default();
    for _ in 0..ROUNDS {
        duel.round(ours(EACH)?, theirs(EACH)?);
    }
    let (ratio, low, high) = duel.ratio();
    let (a, b) = (duel.ours.median_us(), duel.theirs.median_us());
    Ok(Figure {
        name: "fresh instance and describe, against bare wasmtime".to_owned(),
        budget: Budget::AtMost(1.3),
        measured: ratio,
        unit: "x",
        baseline: format!("{a:.1} us against {b:.1} us, half of the rounds {low:.2} to {high:.2}"),
    })
}

fn times(count: usize, describe: impl Fn() -> Result<usize>) -> Result<Samples> {
    let mut samples = Samples::default();
    for _ in 0..count {
        let began = Instant::now();
        let segments = describe()?;
        samples.push(began.elapsed());
        ensure!(segments == 2, "the plugin described another request");
    }
    Ok(samples)
}

struct Bare {
    engine: Engine,
    pre: PluginPre<()>,
}

impl Bare {
    fn new(bytes: &[u8]) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .max_wasm_stack(1 << 20)
            .cranelift_nan_canonicalization(true)
            .relaxed_simd_deterministic(true)
            .wasm_memory64(false)
            .wasm_backtrace_max_frames(None)
            .memory_init_cow(true);
        let engine = Engine::new(&config)?;
        let component = Component::new(&engine, bytes)?;
        let pre = PluginPre::new(Linker::new(&engine).instantiate_pre(&component)?)?;
        Ok(Self { engine, pre })
    }

    fn describe(&self, action: &str, input: &str) -> wasmtime::Result<usize> {
        let mut store = Store::new(&self.engine, ());
        store.set_epoch_deadline(FAR);
        let plugin = self.pre.instantiate(&mut store)?;
        let answer = plugin.portcullis_action_contract().call_describe(&mut store, action, input)?;
        Ok(answer.map_or(0, |request| request.path.len()))
    }
}
