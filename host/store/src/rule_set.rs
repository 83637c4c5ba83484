//! Which set of rules held last. A host that decides by another says so in the audit log, once.

use portcullis_model::Digest;
use portcullis_policy::{FileLine, RuleSet, StoreError};
use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;

use crate::problem::Problem;
use crate::store::Store;

#[derive(Serialize)]
struct Changed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    to: Digest,
    rules: usize,
    files: &'a [FileLine],
}

impl Store {
    /// Records by which rules calls are decided from now on; `false` where they are those of before.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub async fn rules_hold(&self, rules: &RuleSet) -> Result<bool, StoreError> {
        let to = rules.digest();
        let known = held(&self.inner.reader())?;
        if known == Some(to.to_string()) {
            return Ok(false);
        }
        let (count, files, plain) = (rules.len(), rules.files().to_vec(), rules.is_plain());
        self.change(move |tx| {
            let from = held(tx.conn())?;
            if from == Some(to.to_string()) {
                return Ok(false);
            }
            let sql = "INSERT OR REPLACE INTO rule_set (only, digest) VALUES (1, ?1)";
            tx.conn().execute(sql, [to.to_string()])?;
            // A host on which the operator never said anything has nothing to tell.
            if from.is_some() || !plain {
                let changed = Changed { from: from.as_deref(), to, rules: count, files: &files };
                tx.append("policy-changed", None, &changed)?;
            }
            Ok(true)
        })
        .await
    }
}

fn held(conn: &Connection) -> Result<Option<String>, Problem> {
    Ok(conn.prepare_cached("SELECT digest FROM rule_set")?.query_row((), |row| row.get(0)).optional()?)
}
