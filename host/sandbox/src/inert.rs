//! WASI that leads nowhere, for plugins of toolchains that cannot do without its imports.
//!
//! No arguments, environment, files or sockets; writes vanish; the clock stands still, so that no sleep ever lasts;
//! randomness is a function of the call. `describe` stays a pure function of its input.

use std::time::Duration;

use portcullis_model::{Digest, Hasher};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::sync::filesystem as sync_filesystem;
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::{Deterministic, HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxView, WasiView};

use crate::io::{HasIo, Io};
use crate::plugin::State;

/// Most random bytes per request.
const MAX_RANDOM_BYTES: u64 = 64 << 10;

/// Most streams, timers and errors that a call may hold; they are the host's memory, which the meter does not see.
const MAX_RESOURCES: usize = 1024;

/// What an inert call has of WASI.
pub(crate) struct Nowhere {
    ctx: WasiCtx,
    table: ResourceTable,
}

impl Nowhere {
    /// A world for one call, the same for the same component, action and input.
    pub(crate) fn new(digest: &Digest, action: &str, input: &str) -> Self {
        Self { ctx: context(digest, action, input, None), table: table() }
    }

    /// Another world for the same call, in which the clock stands at another time and chance is another one. No call is
    /// made in it: a probe is, to see whether the plugin looks at either.
    pub(crate) fn elsewhere(digest: &Digest, action: &str, input: &str, other: u64) -> Self {
        Self { ctx: context(digest, action, input, Some(other)), table: table() }
    }

    /// The world of the next call in an instance that stays. Resources that the instance still holds stay as well.
    pub(crate) fn renew(&mut self, digest: &Digest, action: &str, input: &str) {
        self.ctx = context(digest, action, input, None);
    }

    pub(crate) fn view(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(MAX_RESOURCES);
    table
}

fn context(digest: &Digest, action: &str, input: &str, other: Option<u64>) -> WasiCtx {
    let seed = |purpose: &str| {
        let base = Hasher::new(purpose).field(digest.as_bytes()).field(action.as_bytes()).field(input.as_bytes());
        let base = other.iter().fold(base, |base, other| base.field(&other.to_be_bytes()));
        // A short cycle could trap a rejection loop; 4 KiB of distinct blocks cannot in practice.
        let blocks = (0_u64..128).flat_map(|n| *base.clone().field(&n.to_be_bytes()).finish().as_bytes());
        blocks.collect::<Vec<u8>>()
    };
    let insecure_seed = seed("portcullis/inert/seed/v1");
    let mut first = [0; 16];
    first.copy_from_slice(&insecure_seed[..16]);
    // Within some years of the epoch, and never at it.
    let clock = Frozen(Duration::from_secs(other.map_or(0, |other| 1 + other % (1 << 30))));
    WasiCtx::builder()
        .wall_clock(clock)
        .monotonic_clock(clock)
        .secure_random(Deterministic::new(seed("portcullis/inert/random/v1")))
        .insecure_random(Deterministic::new(insecure_seed))
        .insecure_random_seed(u128::from_be_bytes(first))
        .max_random_size(MAX_RANDOM_BYTES)
        .build()
}

/// A clock that stands, this long after the Unix epoch; at the epoch itself in every call.
#[derive(Clone, Copy)]
struct Frozen(Duration);

impl HostWallClock for Frozen {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }
    fn now(&self) -> Duration {
        self.0
    }
}

impl HostMonotonicClock for Frozen {
    fn resolution(&self) -> u64 {
        1
    }
    fn now(&self) -> u64 {
        u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Ready at once: a real timer would let a plugin hold the host past its wall time, outside of its own code.
struct AtOnce;

#[wasmtime_wasi::async_trait]
impl Pollable for AtOnce {
    async fn ready(&mut self) {}
}

fn at_once(mut store: StoreContextMut<'_, State>, _: (u64,)) -> wasmtime::Result<(Resource<DynPollable>,)> {
    let table = store.data_mut().ctx().table;
    let timer = table.push(AtOnce)?;
    Ok((subscribe(table, timer)?,))
}

/// Adds exactly the interfaces that the census lists; sockets and http are not even linked.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    use wasmtime_wasi::p2::bindings::sync::io::{poll, streams};
    let l = linker;
    wasmtime_wasi::p2::bindings::io::error::add_to_linker::<State, Errors>(l, |t| t.ctx().table)?;
    poll::add_to_linker::<State, HasIo>(l, |t| Io(t.ctx().table))?;
    streams::add_to_linker::<State, HasIo>(l, |t| Io(t.ctx().table))?;
    clocks::wall_clock::add_to_linker::<State, WasiClocks>(l, State::clocks)?;
    clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(l, State::clocks)?;
    random::random::add_to_linker::<State, WasiRandom>(l, |t| t.ctx().ctx.random())?;
    random::insecure::add_to_linker::<State, WasiRandom>(l, |t| t.ctx().ctx.random())?;
    random::insecure_seed::add_to_linker::<State, WasiRandom>(l, |t| t.ctx().ctx.random())?;
    filesystem::preopens::add_to_linker::<State, WasiFilesystem>(l, State::filesystem)?;
    sync_filesystem::types::add_to_linker::<State, WasiFilesystem>(l, State::filesystem)?;
    cli::exit::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::environment::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::stdin::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::stdout::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::stderr::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(l, State::cli)?;
    l.allow_shadowing(true);
    let mut clock = l.instance("wasi:clocks/monotonic-clock@0.2.12")?;
    clock.func_wrap("subscribe-duration", at_once)?;
    clock.func_wrap("subscribe-instant", at_once)?;
    l.allow_shadowing(false);
    Ok(())
}

/// Names the table of errors to the linker.
struct Errors;

impl wasmtime::component::HasData for Errors {
    type Data<'a> = &'a mut ResourceTable;
}
