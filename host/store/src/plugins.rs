//! Which plugin is installed under which port.
//!
//! Does not look into bytes or check manifests: whoever installs has done both. Installing, replacing and removing
//! are an operator's acts, so each has its audit row, in the same transaction.

use portcullis_model::{Definition, Digest, PortSlug};
use portcullis_policy::StoreError;
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::Serialize;

use crate::additions;
use crate::approval_row::parsed;
use crate::components::{discard, keep};
use crate::installed::{Files, InstallError, Installation, Plugin, PluginLine, PluginRecord, Served};
use crate::lockfile::{Held, wait_for};
use crate::problem::Problem;
use crate::standing;
use crate::store::Store;
use crate::transaction::{Tx, read_back, stored};

/// The manifest stands last in the table and is not here: a list never reads its pages.
const LINE: &str = "port, digest, tier, version, installed_ms, source, additions";

impl Store {
    /// Installs a plugin. Another one under the same port is replaced only where `replace` says so.
    ///
    /// Blocks: files and row are durable against the loss of power when it returns.
    ///
    /// # Errors
    /// When the port is taken, the record does not fit the files, or the store cannot be written.
    pub fn install(
        &self,
        record: &PluginRecord,
        files: Files<'_>,
        replace: bool,
    ) -> Result<Installation, InstallError> {
        let kept = Kept::of(record, files)?;
        if record.manifest.port.slug != record.port.as_str() {
            return Err(InstallError::OtherPort { port: record.port.clone() });
        }
        let shelf = self.shelf()?;
        // Before the row, so that a row never names bytes that are not there.
        for (digest, bytes) in kept.all() {
            keep(&self.inner.home, *digest, bytes, &shelf)?;
        }
        let done = self.inner.writer.run(|tx| {
            let before = served(tx.conn(), &record.port)?;
            let none = || unused(tx, kept.all().map(|(digest, _)| *digest).collect());
            match before {
                Some(Served { digest, .. }) if digest != record.digest && !replace => {
                    let port = record.port.clone();
                    Ok((Err(InstallError::AlreadyInstalled { port, digest }), none()?))
                }
                _ if before != record.before && before != Some(record.served()) => {
                    Ok((Err(InstallError::Moved { port: record.port.clone() }), none()?))
                }
                _ => {
                    let gone = put(tx, record, before, &kept)?;
                    Ok((Ok(before), gone))
                }
            }
        })?;
        let (done, gone) = done;
        self.discard_all(&gone, &shelf)?;
        Ok(match done? {
            None => Installation::New,
            Some(Served { digest, .. }) if digest == record.digest => Installation::Again,
            Some(Served { digest, .. }) => Installation::Replaced { digest },
        })
    }

    /// Removes a plugin with what was added to it; `false` where none is installed under that port. Blocks.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove(&self, port: &PortSlug) -> Result<bool, StoreError> {
        let shelf = self.shelf()?;
        let removed = self.inner.writer.run(|tx| {
            let Some(Served { digest, additions }) = served(tx.conn(), port)? else { return Ok(None) };
            tx.conn().execute("DELETE FROM plugins WHERE port = ?1", [port.as_str()])?;
            tx.append("removed", None, &Removed { port, digest, additions })?;
            for digest in [Some(digest), additions].into_iter().flatten() {
                standing::end_of_plugin(tx, port, digest, "its plugin was removed")?;
            }
            let mut gone = needs(tx, port, Part::Plugin, &[])?;
            gone.extend(needs(tx, port, Part::Added, &[])?);
            Ok(Some(unused(tx, gone)?))
        })?;
        match removed {
            Some(gone) => self.discard_all(&gone, &shelf).map(|()| true).map_err(StoreError::from),
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
    pub(crate) fn shelf(&self) -> Result<Held, Problem> {
        wait_for(&self.inner.home.shelf(), self.inner.patience())
    }

    pub(crate) fn discard_all(&self, gone: &[Digest], shelf: &Held) -> Result<(), Problem> {
        gone.iter().try_for_each(|digest| discard(&self.inner.home, *digest, shelf))
    }
}

/// The files of an installation with their digests.
struct Kept<'a> {
    plugin: Vec<(Digest, &'a [u8])>,
    added: Option<(Digest, &'a [u8])>,
}

impl<'a> Kept<'a> {
    /// Checks that they are those of the record.
    fn of(record: &PluginRecord, files: Files<'a>) -> Result<Self, InstallError> {
        let with_digest = |bytes: &'a [u8]| (Digest::of(bytes), bytes);
        let plugin: Vec<_> = files.plugin.iter().copied().map(with_digest).collect();
        let added = files.added.map(with_digest);
        if plugin.first().map(|(digest, _)| *digest) != Some(record.digest) {
            return Err(InstallError::OtherBytes { expected: record.digest });
        }
        let template = record.added.as_ref().map(Definition::template);
        if added.map(|(digest, _)| digest) != template {
            return Err(InstallError::OtherBytes { expected: template.unwrap_or(record.digest) });
        }
        Ok(Self { plugin, added })
    }

    fn all(&self) -> impl Iterator<Item = &(Digest, &'a [u8])> {
        self.plugin.iter().chain(&self.added)
    }
}

/// Which part of a port needs a file.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Plugin,
    Added,
}

/// Says which files a part of a port needs from now on; gives those it needed before.
pub(crate) fn needs(tx: &Tx<'_>, port: &PortSlug, part: Part, digests: &[Digest]) -> Result<Vec<Digest>, Problem> {
    let part = match part {
        Part::Plugin => "plugin",
        Part::Added => "added",
    };
    let before: Vec<String> = tx
        .conn()
        .prepare_cached("DELETE FROM files WHERE port = ?1 AND part = ?2 RETURNING digest")?
        .query_map([port.as_str(), part], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut put = tx.conn().prepare_cached("INSERT OR IGNORE INTO files (port, part, digest) VALUES (?1, ?2, ?3)")?;
    for digest in digests {
        put.execute((port.as_str(), part, digest.to_string()))?;
    }
    before.iter().map(|text| parsed(text)).collect()
}

/// Those of some files that no port needs.
pub(crate) fn unused(tx: &Tx<'_>, mut digests: Vec<Digest>) -> Result<Vec<Digest>, Problem> {
    let mut used = tx.conn().prepare_cached("SELECT EXISTS (SELECT 1 FROM files WHERE digest = ?1)")?;
    let mut gone = Vec::new();
    digests.sort();
    digests.dedup();
    for digest in digests {
        if !used.query_row([digest.to_string()], |row| row.get::<_, bool>(0))? {
            gone.push(digest);
        }
    }
    Ok(gone)
}

#[derive(Serialize)]
struct Removed<'a> {
    port: &'a PortSlug,
    digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    additions: Option<Digest>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    additions: Option<Digest>,
    vouched: bool,
}

/// What serves a port.
pub(crate) fn served(conn: &Connection, port: &PortSlug) -> Result<Option<Served>, Problem> {
    let text = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
    let mut statement = conn.prepare_cached("SELECT digest, additions FROM plugins WHERE port = ?1")?;
    let found = statement.query_row([port.as_str()], text).optional()?;
    found
        .map(|(digest, additions)| {
            let additions = additions.map(|text| parsed(&text)).transpose()?;
            Ok(Served { digest: parsed(&digest)?, additions })
        })
        .transpose()
}

fn put(
    tx: &mut Tx<'_>,
    record: &PluginRecord,
    before: Option<Served>,
    kept: &Kept<'_>,
) -> Result<Vec<Digest>, Problem> {
    let PluginRecord { port, digest, tier, manifest, source, added, evidence, .. } = record;
    let additions = added.as_ref().map(Definition::digest);
    let sql = "INSERT OR REPLACE INTO plugins
        (port, digest, tier, version, installed_ms, source, additions, manifest, added, evidence)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    tx.conn().execute(
        sql,
        (
            port.as_str(),
            digest.to_string(),
            tier,
            manifest.version.as_str(),
            stored(tx.now_ms()),
            source,
            additions.map(|digest| digest.to_string()),
            serde_json::to_string(manifest)?,
            added.as_ref().map(Definition::as_str),
            evidence,
        ),
    )?;
    let replaced = before.map(|before| before.digest).filter(|before| before != digest);
    let version = manifest.version.as_str();
    let vouched = evidence.is_some();
    tx.append(
        "installed",
        None,
        &Installed { port, digest: *digest, tier, version, source, replaced, additions, vouched },
    )?;
    if let Some(before) = replaced {
        standing::end_of_plugin(tx, port, before, "its plugin was replaced")?;
    }
    if let Some(before) = before.and_then(|before| before.additions).filter(|before| additions != Some(*before)) {
        standing::end_of_plugin(tx, port, before, "its plugin was replaced")?;
    }
    let digests = |files: &[(Digest, &[u8])]| files.iter().map(|(digest, _)| *digest).collect::<Vec<_>>();
    let mut gone = needs(tx, port, Part::Plugin, &digests(&kept.plugin))?;
    gone.extend(needs(tx, port, Part::Added, &digests(kept.added.as_slice()))?);
    unused(tx, gone)
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
        additions: row.get::<_, Option<String>>(6)?.map(|text| parsed(&text)).transpose()?,
    })
}

fn one(conn: &Connection, port: &PortSlug) -> Result<Option<Plugin>, Problem> {
    let mut statement =
        conn.prepare_cached(&format!("SELECT {LINE}, manifest, added, evidence FROM plugins WHERE port = ?1"))?;
    let mut rows = statement.query([port.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let line = line(row)?;
    let manifest = serde_json::from_str(&row.get::<_, String>(7)?)?;
    let added = row.get::<_, Option<String>>(8)?.map(|text| additions::read(&text, &line)).transpose()?;
    Ok(Some(Plugin { line, manifest, added, evidence: row.get(9)? }))
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
