//! How much a plugin may use. Every limit is on by default.

use serde::{Deserialize, Serialize};
use wasmtime::ResourceLimiter;

/// Limits on one plugin; the operator may set each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Time of one `describe` or `declare`, in milliseconds: what it runs, and at most twenty times that by the wall
    /// where the machine is busy with other things.
    pub wall_time_ms: u64,
    /// Memory of one call, over all linear memories, in bytes.
    pub memory_bytes: usize,
    /// Entries of one call, over all tables.
    pub table_elements: usize,
    /// Size of the component, in bytes. A JavaScript or Python plugin has 12 to 18 MB.
    pub component_bytes: usize,
    /// Size of the input, in bytes of JSON.
    pub input_bytes: usize,
    /// Size of a description, in bytes.
    pub output_bytes: usize,
    /// Size of the manifest, in bytes.
    pub manifest_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_time_ms: 100,
            memory_bytes: 64 << 20,
            table_elements: 100_000,
            component_bytes: 32 << 20,
            input_bytes: 256 << 10,
            output_bytes: 1 << 20,
            manifest_bytes: 4 << 20,
        }
    }
}

/// Limits that hold for all plugins of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostLimits {
    /// Stack of a plugin, in bytes. One size for all, since compiled code depends on it.
    pub stack_bytes: usize,
    /// Time to compile one component, in milliseconds.
    pub compile_ms: u64,
    /// Address space of the compiling process, in bytes.
    pub compile_bytes: u64,
    /// How many plugins stay loaded.
    pub loaded_plugins: usize,
}

impl Default for HostLimits {
    fn default() -> Self {
        Self { stack_bytes: 1 << 20, compile_ms: 120_000, compile_bytes: 3 << 30, loaded_plugins: 256 }
    }
}

/// Most instances of core modules, and as many tables, in one call. A Python plugin links some thirty libraries.
const MAX_INSTANCES: usize = 1_000;

/// Most memories in one call. Each takes gigabytes of address space, however little of it is used.
const MAX_MEMORIES: usize = 64;

/// Counts what one call uses, over all its memories and tables.
pub(crate) struct Meter {
    limits: Limits,
    memory_bytes: usize,
    table_elements: usize,
    /// What was asked for beyond the limit, for the message.
    pub(crate) denied: Option<&'static str>,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, memory_bytes: 0, table_elements: 0, denied: None }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.memory_bytes.saturating_add(desired.saturating_sub(current));
        let fits = total <= self.limits.memory_bytes && maximum.is_none_or(|max| desired <= max);
        if fits {
            self.memory_bytes = total;
        } else {
            self.denied = Some("memory");
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES
    }

    fn tables(&self) -> usize {
        MAX_INSTANCES
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.table_elements.saturating_add(desired.saturating_sub(current));
        let fits = total <= self.limits.table_elements && maximum.is_none_or(|max| desired <= max);
        if fits {
            self.table_elements = total;
        } else {
            self.denied = Some("table entries");
        }
        Ok(fits)
    }
}
