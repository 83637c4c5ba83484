//! From a [`Plugin`] to the functions that a component exports.

use std::marker::PhantomData;

use crate::bindings::exports::portcullis::action::contract::Guest;
use crate::{Manifest, Plugin, Refusal, Request};

/// Carries a [`Plugin`] across the component boundary, where inputs are text. Named by [`export!`](crate::export).
#[derive(Debug)]
pub struct Exported<P>(PhantomData<P>);

impl<P: Plugin> Guest for Exported<P> {
    fn declare() -> Manifest {
        P::manifest()
    }

    fn describe(action: String, input: String) -> Result<Request, Refusal> {
        let input = serde_json::from_str(&input)
            .map_err(|error| Refusal::invalid_input(&format!("the input is not JSON: {error}")))?;
        P::describe(&action, &input)
    }
}

/// Exports a [`Plugin`] from a `cdylib` crate.
///
/// Does nothing in a native build, so that a plugin's crate can also be an ordinary library under test,
/// and several of them can be linked into one program.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Component = $crate::Exported<$plugin>;
    $crate::bindings::export_world!(Component with_types_in $crate::bindings);
        };
    };
}
