//! Compiling in a child process that can be killed: a hostile component may make the compiler itself run away.
//!
//! The child gets the component on its standard input and nothing else: no environment, no arguments of the caller.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use portcullis_model::{Code, Digest, Refusal, Shown};

use crate::engine::engine;
use crate::limits::HostLimits;

/// What the one who waits may want to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompileEvent {
    /// Compiling begins; nothing was cached.
    Started {
        /// Size of the component in bytes.
        component_bytes: usize,
    },
    /// Compiling is over, well or not.
    Finished {
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
    },
}

/// Largest compiled code taken from a child, in bytes; a 32 MiB component gives some 100 MiB.
const MAX_CODE_BYTES: u64 = 512 << 20;

/// Bytes of the child's complaint that are kept.
const MAX_COMPLAINT_BYTES: u64 = 4096;

/// Compiles a component in a child of this program, started as `compiler verb`.
pub(crate) fn compile(
    compiler: &Path,
    verb: &str,
    limits: &HostLimits,
    bytes: &[u8],
    watch: &dyn Fn(CompileEvent),
) -> Result<Vec<u8>, Refusal> {
    watch(CompileEvent::Started { component_bytes: bytes.len() });
    let started = Instant::now();
    let failed = |what: String| Refusal::new(Code::CompileFailed, what);
    let child = Command::new(compiler)
        .arg(verb)
        .env_clear()
        // Each worker thread reserves address space, which the limit counts.
        .env("RAYON_NUM_THREADS", std::thread::available_parallelism().map_or(1, |n| n.get().min(4)).to_string())
        .env("MALLOC_ARENA_MAX", "2")
        .env(CHILD_LIMITS, format!("{} {} {}", limits.stack_bytes, limits.compile_bytes, limits.compile_ms))
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| failed(format!("the compiler cannot be started: {e}")))?;
    let mut child = Reaped(child);
    let code = converse(&mut child.0, bytes, Duration::from_millis(limits.compile_ms));
    watch(CompileEvent::Finished { elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX) });
    code.map_err(failed)
}

/// Kills the child when whoever waits for it stops waiting.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // Both fail only when the child is gone already, which is what is wanted.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn converse(child: &mut Child, bytes: &[u8], patience: Duration) -> Result<Vec<u8>, String> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err("the compiler has no pipes".to_owned());
    };
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A child that dies early breaks the pipe; its exit says why.
            drop(stdin.write_all(bytes));
        });
        scope.spawn(move || {
            // Code first: a child blocked on a full pipe would never get to closing its standard error.
            let mut code = Vec::new();
            let read = stdout.take(MAX_CODE_BYTES).read_to_end(&mut code).map(|_| ());
            let mut complaint = Vec::new();
            drop(stderr.take(MAX_COMPLAINT_BYTES).read_to_end(&mut complaint));
            drop(sender.send((code, complaint, read)));
        });
        let answer = receiver.recv_timeout(patience);
        if answer.is_err() {
            drop(child.kill());
        }
        let (code, complaint, read) =
            answer.map_err(|_| format!("compiling took longer than {} s", patience.as_secs_f64()))?;
        read.map_err(|e| format!("the compiler broke off: {e}"))?;
        let status = child.wait().map_err(|e| format!("the compiler is lost: {e}"))?;
        if status.success() {
            return Ok(code);
        }
        let complaint = String::from_utf8_lossy(&complaint);
        let why = complaint.trim();
        // Only a child that ended as `compile_child` does said something meant to be read.
        Err(if status.code() == Some(COMPLAINED.into()) && !why.is_empty() {
            Shown::new(why).limit_bytes(600).to_string()
        } else {
            format!("the compiler ran out of memory or crashed ({status})")
        })
    })
}

/// How a child ends that refuses a component.
const COMPLAINED: u8 = 1;

/// Carries the stack size, the memory limit and the time limit to the child.
const CHILD_LIMITS: &str = "PORTCULLIS_COMPILE_LIMITS";

/// The child's whole life: reads a component from standard input, writes compiled code to standard output.
#[must_use]
pub fn compile_child() -> ExitCode {
    match child() {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            drop(writeln!(std::io::stderr(), "{complaint}"));
            ExitCode::from(COMPLAINED)
        }
    }
}

fn child() -> Result<(), String> {
    let given = std::env::var(CHILD_LIMITS).map_err(|_| "this verb is for the host's own use".to_owned())?;
    let limits = parse_limits(&given).ok_or("malformed limits")?;
    bound(&limits)?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    let engine = engine(&limits).map_err(|e| e.to_string())?;
    let code = engine.precompile_component(&bytes).map_err(|e| format!("not a valid component: {e:#}"))?;
    std::io::stdout().lock().write_all(&code).map_err(|e| e.to_string())
}

fn parse_limits(given: &str) -> Option<HostLimits> {
    let mut numbers = given.split(' ').map(str::parse::<u64>);
    let mut next = || numbers.next()?.ok();
    let stack_bytes = usize::try_from(next()?).ok()?;
    Some(HostLimits { stack_bytes, compile_bytes: next()?, compile_ms: next()?, ..HostLimits::default() })
}

/// Bounds the child from within as well, so that it also ends where the host that would kill it is gone.
#[cfg(unix)]
fn bound(limits: &HostLimits) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |n| Rlimit { current: Some(n), maximum: Some(n) };
    setrlimit(Resource::As, limit(limits.compile_bytes)).map_err(|e| format!("the memory limit cannot be set: {e}"))?;
    // Counted over all threads, of which there are at most four.
    let seconds = (limits.compile_ms / 1000 + 1).saturating_mul(4);
    setrlimit(Resource::Cpu, limit(seconds)).map_err(|e| format!("the time limit cannot be set: {e}"))?;
    setrlimit(Resource::Core, limit(0)).map_err(|e| format!("core dumps cannot be switched off: {e}"))
}

#[cfg(not(unix))]
fn bound(_limits: &HostLimits) -> Result<(), String> {
    Ok(())
}

/// Says which component a refusal is about.
pub(crate) fn about(refusal: &Refusal, digest: &Digest) -> Refusal {
    Refusal::new(refusal.code(), format!("{} (component {digest})", refusal.message()))
}
