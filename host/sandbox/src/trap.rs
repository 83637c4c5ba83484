//! What went wrong inside a plugin, in words.

use portcullis_model::{Code, Refusal};
use wasmtime::{Store, Trap};

use crate::limits::Limits;
use crate::plugin::State;

/// Turns an error of a call into a refusal. The error's own text is wasmtime's, not the plugin's.
pub(crate) fn refusal(error: &wasmtime::Error, store: &Store<State>, limits: &Limits) -> Refusal {
    let text = format!("{error:#}");
    if text.contains("hostcall") && text.contains("fuel") {
        let what = format!("the plugin returned more than {} bytes", store.data().returned_bytes_limit);
        return Refusal::new(Code::PluginTooLarge, what);
    }
    if matches!(error.downcast_ref::<Trap>(), Some(Trap::Interrupt)) {
        let what = format!("the plugin ran for longer than {} ms", limits.wall_time_ms);
        return Refusal::new(Code::PluginTimeout, what)
            .fix("the operator can raise `wall_time_ms` under [ports.PORT.limits] in portcullis.toml");
    }
    let why = match store.data().meter.denied {
        Some(what) => format!("it wanted more {what} than its limit"),
        None => match error.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => "its stack is full".to_owned(),
            Some(trap) => trap.to_string(),
            None if error.downcast_ref::<wasmtime_wasi::I32Exit>().is_some() => "it tried to exit".to_owned(),
            None => "it broke the rules of its interface".to_owned(),
        },
    };
    tracing::debug!(error = %text, "plugin trapped");
    Refusal::new(Code::PluginTrapped, format!("the plugin crashed: {why}"))
}
