//! The wasmtime engine, set up once, and the ticker that bounds wall time.

use std::hash::{Hash as _, Hasher as _};
use std::thread;
use std::time::Duration;

use wasmtime::{Config, Engine, OptLevel, RegallocAlgorithm};

use crate::limits::HostLimits;

/// How often the epoch moves. Limits are rounded up to it.
pub(crate) const TICK_MS: u64 = 5;

/// Makes an engine whose compiled code depends on nothing but these settings.
pub(crate) fn engine(limits: &HostLimits) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_bytes)
        // `describe` must be a pure function: NaN bits and relaxed SIMD would differ between machines.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::Backtracking)
        .wasm_backtrace_max_frames(None)
        .memory_init_cow(true);
    Engine::new(&config)
}

/// Names the settings that compiled code depends on.
pub(crate) fn settings_hash(engine: &Engine) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// Moves the epoch for as long as the engine lives, without keeping it alive.
pub(crate) fn start_ticker(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    thread::Builder::new().name("portcullis-epoch".to_owned()).spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(TICK_MS));
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    })?;
    Ok(())
}

/// Ticks that cover a time: one more, since the first may come at once.
pub(crate) fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).div_ceil(TICK_MS).saturating_add(1)
}
