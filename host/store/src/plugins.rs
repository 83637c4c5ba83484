//! Which plugin is installed under which port.
//!
//! Does not look into bytes or check manifests: whoever installs has done both. Installing, replacing and removing
//! are an operator's acts, so each has its audit row, in the same transaction.

use portcullis_model::{Digest, PortSlug};
use portcullis_policy::StoreError;
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::Serialize;

use crate::approval_row::parsed;
use crate::components::{discard, keep};
use crate::installed::{InstallError, Installation, Plugin, PluginLine, PluginRecord};
use crate::lockfile::{Held, wait_for};
use crate::problem::Problem;
use crate::standing;
use crate::store::Store;
use crate::transaction::{Tx, read_back, stored};

/// The manifest stands last in the table and is not here: a list never reads its pages.
const LINE: &str = "port, digest, tier, version, installed_ms, source";

impl Store {
    /// Installs a plugin. Other bytes under the same port are replaced only where `replace` says so.
    ///
    /// Blocks: bytes and row are durable against the loss of power when it returns.
    ///
    /// # Errors
    /// When the port is taken, the record does not fit the bytes, or the store cannot be written.
    pub fn install(&self, record: &PluginRecord, bytes: &[u8], replace: bool) -> Result<Installation, InstallError> {
        if Digest::of(bytes) != record.digest {
            return Err(InstallError::OtherBytes { expected: record.digest });
        }
        if record.manifest.port.slug != record.port.as_str() {
            return Err(InstallError::OtherPort { port: record.port.clone() });
        }
        let shelf = self.shelf()?;
        // Before the row, so that a row never names bytes that are not there.
        keep(&self.inner.home, record.digest, bytes, &shelf)?;
        let done = self.inner.writer.run(|tx| {
            let before = digest_of(tx.conn(), &record.port)?;
            match before {
                Some(digest) if digest != record.digest && !replace => return Ok(Err(digest)),
                _ => put(tx, record, before)?,
            }
            Ok(Ok(before))
        })?;
        match done {
            Ok(None) => Ok(Installation::New),
            Ok(Some(digest)) if digest == record.digest => Ok(Installation::Again),
            Ok(Some(digest)) => {
                self.discard_unused(digest, &shelf)?;
                Ok(Installation::Replaced { digest })
            }
            Err(digest) => {
                self.discard_unused(record.digest, &shelf)?;
                Err(InstallError::AlreadyInstalled { port: record.port.clone(), digest })
            }
        }
    }

    /// Removes a plugin; `false` where none is installed under that port. Blocks.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove(&self, port: &PortSlug) -> Result<bool, StoreError> {
        let shelf = self.shelf()?;
        let removed = self.inner.writer.run(|tx| {
            let Some(digest) = digest_of(tx.conn(), port)? else { return Ok(None) };
            tx.conn().execute("DELETE FROM plugins WHERE port = ?1", [port.as_str()])?;
            tx.append("removed", None, &Removed { port, digest })?;
            standing::end_of_plugin(tx, port, digest, "its plugin was removed")?;
            Ok(Some(digest))
        })?;
        match removed {
            Some(digest) => self.discard_unused(digest, &shelf).map(|()| true).map_err(StoreError::from),
            None => Ok(false),
        }
    }

    /// One plugin with its manifest.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn installed(&self, port: &PortSlug) -> Result<Option<Plugin>, StoreError> {
        Ok(one(&self.inner.reader(), port)?)
    }

    /// Every plugin in short, by port.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn installed_all(&self) -> Result<Vec<PluginLine>, StoreError> {
        Ok(all(&self.inner.reader())?)
    }

    /// A number that moves whenever any process installs, replaces or removes a plugin. Cheap: one row is read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn plugins_version(&self) -> Result<u64, StoreError> {
        Ok(version(&self.inner.reader())?)
    }

    /// Keeps other processes from taking bytes away that are being installed, and the other way round.
    fn shelf(&self) -> Result<Held, Problem> {
        wait_for(&self.inner.home.shelf(), self.inner.patience())
    }

    fn discard_unused(&self, digest: Digest, shelf: &Held) -> Result<(), Problem> {
        let used: bool = self.inner.reader().query_row(
            "SELECT EXISTS (SELECT 1 FROM plugins WHERE digest = ?1)",
            [digest.to_string()],
            |row| row.get(0),
        )?;
        if used { Ok(()) } else { discard(&self.inner.home, digest, shelf) }
    }
}

#[derive(Serialize)]
struct Removed<'a> {
    port: &'a PortSlug,
    digest: Digest,
}

#[derive(Serialize)]
struct Installed<'a> {
    port: &'a PortSlug,
    digest: Digest,
    tier: &'a str,
    version: &'a str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<Digest>,
}

fn digest_of(conn: &Connection, port: &PortSlug) -> Result<Option<Digest>, Problem> {
    let found = conn
        .query_row("SELECT digest FROM plugins WHERE port = ?1", [port.as_str()], |row| row.get::<_, String>(0))
        .optional()?;
    found.map(|text| parsed(&text)).transpose()
}

fn put(tx: &mut Tx<'_>, record: &PluginRecord, before: Option<Digest>) -> Result<(), Problem> {
    let version = record.manifest.version.as_str();
    let sql = "INSERT OR REPLACE INTO plugins (port, digest, tier, version, installed_ms, source, manifest)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    tx.conn().execute(
        sql,
        (
            record.port.as_str(),
            record.digest.to_string(),
            &record.tier,
            version,
            stored(tx.now_ms()),
            &record.source,
            serde_json::to_string(&record.manifest)?,
        ),
    )?;
    let PluginRecord { port, digest, tier, source, .. } = record;
    let replaced = before.filter(|before| before != digest);
    tx.append("installed", None, &Installed { port, digest: *digest, tier, version, source, replaced })?;
    match replaced {
        Some(before) => standing::end_of_plugin(tx, port, before, "its plugin was replaced"),
        None => Ok(()),
    }
}

fn version(conn: &Connection) -> Result<u64, Problem> {
    let sql = "SELECT version FROM plugins_version WHERE only = 1";
    Ok(conn.prepare_cached(sql)?.query_row((), |row| row.get(0)).map(read_back)?)
}

fn line(row: &Row<'_>) -> Result<PluginLine, Problem> {
    let text = |index: usize| row.get::<_, String>(index);
    Ok(PluginLine {
        port: parsed(&text(0)?)?,
        digest: parsed(&text(1)?)?,
        tier: text(2)?,
        version: text(3)?,
        installed_ms: read_back(row.get(4)?),
        source: text(5)?,
    })
}

fn one(conn: &Connection, port: &PortSlug) -> Result<Option<Plugin>, Problem> {
    let mut statement = conn.prepare_cached(&format!("SELECT {LINE}, manifest FROM plugins WHERE port = ?1"))?;
    let mut rows = statement.query([port.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let manifest = serde_json::from_str(&row.get::<_, String>(6)?)?;
    Ok(Some(Plugin { line: line(row)?, manifest }))
}

fn all(conn: &Connection) -> Result<Vec<PluginLine>, Problem> {
    let mut statement = conn.prepare_cached(&format!("SELECT {LINE} FROM plugins ORDER BY port"))?;
    let mut rows = statement.query(())?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    Ok(lines)
}
