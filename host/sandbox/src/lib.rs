//! Runs plugins: import census, engine, limits, compiled-code cache, describe. The only crate with wasmtime.
