//! Notes, as a Portcullis plugin: what it is and what it can do. Change it into yours.
//!
//! It never sends anything and never sees a credential: for each call it describes one request, and the host sends that.

mod add_note;
mod find_notes;

use portcullis_plugin::{Auth, Manifest, Plugin, Port, Publisher, Refusal, Request, Typed, Value};

use add_note::AddNote;
use find_notes::FindNotes;

/// Everything it can do: one file an action.
const ACTIONS: &[Typed] = &[Typed::of::<FindNotes>(), Typed::of::<AddNote>()];

/// The only place that requests can go to.
const ORIGIN: &str = "https://api.example.com";

/// The service, and how the host attaches the credential: here as `authorization: Bearer …`.
fn port() -> Port {
    Port::new("starter-name", "Starter Name", ORIGIN, Auth::Bearer)
        .description("Notebooks of one account: finding notes in them, and adding notes.")
        .category("Notes")
        .tags(&["notes", "notebooks"])
        .publisher(Publisher::new("example", "Example Ltd").website("https://example.com"))
}

struct Notes;

impl Plugin for Notes {
    fn manifest() -> Manifest {
        Manifest::new(env!("CARGO_PKG_VERSION"), port()).actions(ACTIONS.iter().map(Typed::declare))
    }

    fn describe(action: &str, input: &Value) -> Result<Request, Refusal> {
        Typed::describe(ACTIONS, action, input)
    }
}

portcullis_plugin::export!(Notes);

#[cfg(test)]
mod tests;
