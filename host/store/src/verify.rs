//! Checks the chain, row by row in one pass, in one snapshot: others may append meanwhile.
//!
//! Does not read bodies: a row is the bytes that were sealed, or it is not.

use rusqlite::{Connection, Row};

use crate::audit_row::COLUMNS;
use crate::breach::{Breach, ChainHead, Verdict};
use crate::chain_key::{ChainKey, Seal, Sealed};
use crate::head::{Head, StoredHead};
use crate::problem::Problem;

/// Says whether the log is whole.
pub(crate) fn verify(conn: &Connection, key: &ChainKey, noted: Option<&ChainHead>) -> Result<Verdict, Problem> {
    let snapshot = conn.unchecked_transaction()?;
    let stored = StoredHead::read(&snapshot)?;
    let authentic = stored.and_then(|stored| stored.checked(key));
    let mut chain = Chain { key, reached: Head { rows: 0, last: key.genesis() }, noted, differs: false };
    chain.look_at_noted();

    let mut statement = snapshot.prepare(&format!("SELECT {COLUMNS} FROM audit ORDER BY seq"))?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        if let Some(breach) = chain.follow(row, authentic.as_ref())? {
            return Ok(Verdict::Broken(match breach {
                Breach::Edited { seq } => written_elsewhere(&snapshot, key, seq)?.unwrap_or(breach),
                other => other,
            }));
        }
    }
    Ok(chain.end(stored.is_some(), authentic))
}

struct Chain<'a> {
    key: &'a ChainKey,
    /// The last row that is sound.
    reached: Head,
    noted: Option<&'a ChainHead>,
    /// Whether the noted row is there, but another.
    differs: bool,
}

impl Chain<'_> {
    fn follow(&mut self, row: &Row<'_>, head: Option<&Head>) -> Result<Option<Breach>, Problem> {
        let expected = self.reached.rows + 1;
        let seq = match u64::try_from(row.get::<_, i64>(0)?) {
            Ok(seq) if seq > 0 => seq,
            _ => return Ok(Some(Breach::Extra { seq: 0 })),
        };
        // Behind the end, a row is not one that was edited but one that nobody wrote.
        if head.is_some_and(|head| seq > head.rows && expected > head.rows) {
            return Ok(Some(Breach::Extra { seq }));
        }
        if seq != expected {
            return Ok(Some(Breach::Missing { seq: expected, next: seq }));
        }
        let Some((sealed, seal)) = sealed(row)? else { return Ok(Some(Breach::Edited { seq })) };
        if self.key.row(&self.reached.last, &sealed) != seal {
            return Ok(Some(Breach::Edited { seq }));
        }
        self.reached = Head { rows: seq, last: seal };
        self.look_at_noted();
        Ok(None)
    }

    fn look_at_noted(&mut self) {
        if let Some(noted) = self.noted
            && noted.rows == self.reached.rows
        {
            self.differs = !noted.head.eq_ignore_ascii_case(&hex::encode(self.reached.last));
        }
    }

    fn end(self, has_head: bool, head: Option<Head>) -> Verdict {
        let reached = self.reached;
        let broken = match head {
            None if !has_head => Some(Breach::HeadMissing),
            None => Some(Breach::HeadEdited),
            Some(head) if reached.rows < head.rows => {
                Some(Breach::Truncated { seq: reached.rows + 1, rows: head.rows })
            }
            Some(head) if reached != head => Some(Breach::HeadEdited),
            Some(_) => match self.noted {
                Some(noted) if self.differs => Some(Breach::RolledBack { seq: noted.rows, noted: noted.rows }),
                Some(noted) if noted.rows > reached.rows => {
                    Some(Breach::RolledBack { seq: reached.rows + 1, noted: noted.rows })
                }
                _ => None,
            },
        };
        broken.map_or_else(
            || Verdict::Intact(ChainHead { rows: reached.rows, head: hex::encode(reached.last) }),
            Verdict::Broken,
        )
    }
}

/// What the seal covers, and the seal. `None` where a column is not of the kind that is written.
fn sealed<'a>(row: &'a Row<'_>) -> Result<Option<(Sealed<'a>, Seal)>, Problem> {
    let number = |index| row.get_ref(index).map(|value| value.as_i64().ok().and_then(|n| u64::try_from(n).ok()));
    let (seq, at_ms) = (number(0)?, number(1)?);
    let text = |index| row.get_ref(index).map(|value| value.as_bytes_or_null().ok());
    let (kind, call, body) = (text(2)?, text(3)?, text(4)?);
    let seal = row.get_ref(5)?.as_blob_or_null().ok().flatten().and_then(|bytes| Seal::try_from(bytes).ok());
    Ok(match (seq, at_ms, kind, call, body, seal) {
        (Some(seq), Some(at_ms), Some(Some(kind)), Some(call), Some(Some(body)), Some(seal)) => {
            Some((Sealed { seq, at_ms, kind, call, body }, seal))
        }
        _ => None,
    })
}

/// Whether the row that stands at a place was written for another one. Its seal then fits some other number, behind
/// the seal that stands before that place, or behind that of the row it changed places with.
fn written_elsewhere(conn: &Connection, key: &ChainKey, at: u64) -> Result<Option<Breach>, Problem> {
    let mut one = conn.prepare(&format!("SELECT {COLUMNS} FROM audit WHERE seq = ?1"))?;
    let mut found = one.query([crate::transaction::stored(at)])?;
    let Some(row) = found.next()? else { return Ok(None) };
    let Some((row, seal)) = sealed(row)? else { return Ok(None) };
    let mut statement = conn.prepare("SELECT seq, mac FROM audit ORDER BY seq")?;
    let mut places = statement.query(())?;
    let mut before = key.genesis();
    while let Some(place) = places.next()? {
        let seq = place.get::<_, i64>(0).map(crate::transaction::read_back)?;
        let Some(here) = place.get_ref(1)?.as_blob().ok().and_then(|bytes| Seal::try_from(bytes).ok()) else {
            continue;
        };
        let moved = Sealed { seq, ..row };
        if seq != at && (key.row(&before, &moved) == seal || key.row(&here, &moved) == seal) {
            return Ok(Some(Breach::Reordered { seq: at, written_as: seq }));
        }
        before = here;
    }
    Ok(None)
}
