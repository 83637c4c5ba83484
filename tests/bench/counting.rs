//! A loopback service that keeps a tally of what it was asked for, so that a call sent twice or never is seen.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How often each name was asked for.
type Tally = Arc<Mutex<HashMap<String, u32>>>;

/// The service. It ends with its runtime.
pub(crate) struct Counting {
    pub(crate) origin: String,
    tally: Tally,
}

impl Counting {
    pub(crate) async fn start() -> Result<Self> {
        let tally = Tally::default();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let app = Router::new().route("/v1/models/{name}", get(model)).with_state(Arc::clone(&tally));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { origin, tally })
    }

    /// Names asked for, and names asked for more than once.
    pub(crate) fn tally(&self) -> (usize, usize) {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        (tally.len(), tally.values().filter(|times| **times > 1).count())
    }

    pub(crate) fn forget(&self) {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

async fn model(Path(name): Path<String>, State(tally): State<Tally>) -> Json<Value> {
    *tally.lock().unwrap_or_else(PoisonError::into_inner).entry(name.clone()).or_default() += 1;
    Json(json!({"id": name, "object": "model", "owned_by": "bench"}))
}
