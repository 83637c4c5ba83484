//! The attacks as a reader sees them: a table for each actor, between two marks of `SECURITY.md`.

use crate::{Actor, Attack, Sources};

/// The document, below the repository.
pub const DOCUMENT: &str = ".github/SECURITY.md";

const BEGIN: &str = "<!-- attacks: written by `tests/guards/run --write` from tests/guards/attacks -->";
const END: &str = "<!-- end of attacks -->";

/// The document with the tables as the data has them.
///
/// # Errors
/// Where the marks are not there, or a test cannot be found.
pub fn written(document: &str, attacks: &[Attack], sources: &Sources) -> Result<String, String> {
    let (before, rest) = document.split_once(BEGIN).ok_or_else(|| format!("{DOCUMENT} has no `{BEGIN}`"))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| format!("{DOCUMENT} has no `{END}`"))?;
    let mut text = format!("{before}{BEGIN}\n");
    for actor in Actor::ALL {
        let own: Vec<&Attack> = attacks.iter().filter(|attack| attack.actor == actor).collect();
        if own.is_empty() {
            continue;
        }
        text += &format!("\n### {}\n\n| attack | on | room | guard | test that failed without it |\n", actor.title());
        text += "|---|---|---|---|---|\n";
        for attack in own {
            let Attack { id, asset, attack: what, room, guard, test, .. } = attack;
            let file = sources.find(test)?;
            let name = test.name.rsplit("::").next().unwrap_or_default();
            let patch = format!("../tests/guards/attacks/{id}/guard.patch");
            text += &format!("| {what} | {asset} | {room} | [{guard}]({patch}) | [{name}](../{file}) |\n");
        }
    }
    text += &format!("\n{} attacks in all.\n\n{END}{after}", attacks.len());
    Ok(text)
}
