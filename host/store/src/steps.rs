//! The tables, as the steps that lead from one version of the database to the next.
//!
//! A step that was released is never edited: databases exist that have taken it. A change is a new step at the end.

/// What takes a database from version `n` to `n + 1`, at place `n`.
pub(crate) const STEPS: &[&str] = &[FIRST, DOORS, DESK, CATALOG, INDEXES, DRAFTS, REVIEWS];

/// The version this code writes.
#[expect(clippy::cast_possible_wrap, reason = "a handful")]
pub(crate) const VERSION: i64 = STEPS.len() as i64;

/// An approval's description and answer stand last: a list reads the columns before them and never their pages.
/// `audit` has no second index: one over random names would make each append dirty a random page of the whole log.
const FIRST: &str = "
CREATE TABLE head (
    only INTEGER PRIMARY KEY CHECK (only = 1), rows INTEGER NOT NULL, last BLOB NOT NULL, seal BLOB NOT NULL
) STRICT;
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, call TEXT, body TEXT NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE TABLE open_calls (
    call TEXT PRIMARY KEY, intent INTEGER NOT NULL, approval TEXT, owner TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE approvals (
    id TEXT PRIMARY KEY, action TEXT NOT NULL, agent TEXT NOT NULL, digest TEXT NOT NULL, fingerprint TEXT NOT NULL,
    rule TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, state TEXT NOT NULL,
    decided_ms INTEGER, reason TEXT, owner TEXT, description TEXT, result TEXT
) STRICT;
CREATE INDEX approvals_undecided ON approvals (state, expires_ms) WHERE state IN ('pending', 'approved');
CREATE INDEX approvals_by_age ON approvals (created_ms);
CREATE TABLE plugins (
    port TEXT PRIMARY KEY, digest TEXT NOT NULL, tier TEXT NOT NULL, version TEXT NOT NULL,
    installed_ms INTEGER NOT NULL, source TEXT NOT NULL, manifest TEXT NOT NULL
) STRICT;
CREATE INDEX plugins_by_digest ON plugins (digest);
";

/// What the doors for agents keep: tokens, idempotency keys, and a number that moves whenever a plugin changes.
///
/// In `once`, an owner means that the call runs, an outcome that it ended, and neither that nobody knows.
/// The number is moved by triggers, so that no way of changing `plugins` can forget it.
const DOORS: &str = "
CREATE TABLE tokens (
    kind TEXT NOT NULL, name TEXT NOT NULL, fingerprint TEXT NOT NULL, hash BLOB NOT NULL, grants TEXT NOT NULL,
    forms INTEGER NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER, last_used_ms INTEGER,
    revoked_ms INTEGER, PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);
CREATE INDEX tokens_by_fingerprint ON tokens (fingerprint);
CREATE TABLE once (
    agent TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, created_ms INTEGER NOT NULL, owner TEXT,
    outcome TEXT, PRIMARY KEY (agent, key), CHECK (owner IS NULL OR outcome IS NULL)
) STRICT;
CREATE INDEX once_running ON once (owner) WHERE owner IS NOT NULL;
CREATE INDEX once_by_age ON once (created_ms) WHERE owner IS NULL;
CREATE TABLE plugins_version (only INTEGER PRIMARY KEY CHECK (only = 1), version INTEGER NOT NULL) STRICT;
INSERT INTO plugins_version (only, version) VALUES (1, 0);
CREATE TRIGGER plugins_put AFTER INSERT ON plugins BEGIN UPDATE plugins_version SET version = version + 1; END;
CREATE TRIGGER plugins_edited AFTER UPDATE ON plugins BEGIN UPDATE plugins_version SET version = version + 1; END;
CREATE TRIGGER plugins_removed AFTER DELETE ON plugins BEGIN UPDATE plugins_version SET version = version + 1; END;
";

/// What the operator's desk keeps: standing approvals, how often each agent's actions were sent, which rules held last,
/// with what input a call was made that waits, for as long as it waits and not longer, whoever ends that, and the links
/// by which the operator may sign in to the page, each by its hash.
///
/// `sent` counts intents by the minute they were written in, so that a cap is one sum over a range of its key.
const DESK: &str = "
CREATE TABLE standing (
    id TEXT PRIMARY KEY, agent TEXT NOT NULL, action TEXT NOT NULL, digest TEXT NOT NULL, seal TEXT NOT NULL,
    free TEXT NOT NULL, request TEXT NOT NULL, rule TEXT NOT NULL, question TEXT NOT NULL,
    approval TEXT NOT NULL, by TEXT NOT NULL,
    created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, uses_left INTEGER CHECK (uses_left >= 0),
    uses INTEGER NOT NULL, last_used_ms INTEGER, revoked_ms INTEGER, revoked_by TEXT, why TEXT
) STRICT;
CREATE INDEX standing_unrevoked ON standing (agent, action) WHERE revoked_ms IS NULL;
CREATE INDEX standing_by_approval ON standing (approval);
CREATE TABLE sent (
    agent TEXT NOT NULL, action TEXT NOT NULL, minute INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (agent, action, minute)
) STRICT, WITHOUT ROWID;
CREATE TABLE rule_set (only INTEGER PRIMARY KEY CHECK (only = 1), digest TEXT NOT NULL) STRICT;
CREATE TABLE inputs (approval TEXT PRIMARY KEY, input TEXT NOT NULL) STRICT;
CREATE TRIGGER inputs_dropped AFTER UPDATE OF state ON approvals WHEN NEW.state <> 'pending'
BEGIN DELETE FROM inputs WHERE approval = NEW.id; END;
CREATE TABLE links (hash BLOB PRIMARY KEY, expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";

/// What the catalog brings: plugins that one file alone does not make, actions that were added to a port, and what
/// vouches for where a plugin came from.
///
/// The manifest and what is as large stand last, so that a list reads none of their pages. `files` says which files of
/// the component folder a port needs, and for which part of it.
const CATALOG: &str = "
CREATE TABLE plugins_new (
    port TEXT PRIMARY KEY, digest TEXT NOT NULL, tier TEXT NOT NULL, version TEXT NOT NULL,
    installed_ms INTEGER NOT NULL, source TEXT NOT NULL, additions TEXT, manifest TEXT NOT NULL, added TEXT,
    evidence TEXT, CHECK ((additions IS NULL) = (added IS NULL))
) STRICT;
INSERT INTO plugins_new (port, digest, tier, version, installed_ms, source, manifest)
    SELECT port, digest, tier, version, installed_ms, source, manifest FROM plugins;
CREATE TABLE files (
    port TEXT NOT NULL, part TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (port, part, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_digest ON files (digest);
INSERT INTO files (port, part, digest) SELECT port, 'plugin', digest FROM plugins;
DROP TABLE plugins;
ALTER TABLE plugins_new RENAME TO plugins;
CREATE TRIGGER plugins_put AFTER INSERT ON plugins BEGIN UPDATE plugins_version SET version = version + 1; END;
CREATE TRIGGER plugins_edited AFTER UPDATE ON plugins BEGIN UPDATE plugins_version SET version = version + 1; END;
CREATE TRIGGER plugins_removed AFTER DELETE ON plugins BEGIN UPDATE plugins_version SET version = version + 1; END;
";

/// What the catalog keeps: of each index the newest that was seen, its version not to be undone by an older one.
const INDEXES: &str = "
CREATE TABLE indexes (
    name TEXT PRIMARY KEY, version INTEGER NOT NULL, digest TEXT NOT NULL, got_ms INTEGER NOT NULL,
    envelope BLOB NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What agents propose, for which ports each may, and which approvals are tests of a draft. Those stand in a table of
/// their own: a column behind an approval's answer would cost each list the answer's pages.
const DRAFTS: &str = "
ALTER TABLE tokens ADD COLUMN propose TEXT NOT NULL DEFAULT '[]';
CREATE TABLE drafts (
    id TEXT PRIMARY KEY, port TEXT NOT NULL, action TEXT NOT NULL, agent TEXT NOT NULL, state TEXT NOT NULL,
    digest TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, by TEXT, reason TEXT,
    template TEXT
) STRICT;
CREATE INDEX drafts_undecided ON drafts (agent) WHERE state IN ('open', 'requested');
CREATE INDEX drafts_by_age ON drafts (created_ms);
CREATE TABLE draft_tests (approval TEXT PRIMARY KEY, draft TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX draft_tests_by_draft ON draft_tests (draft);
";

/// Reviews of plugins by the digest that each is about; whether one counts is asked at every use.
const REVIEWS: &str = "
CREATE TABLE reviews (
    digest TEXT NOT NULL, seal TEXT NOT NULL, kept_ms INTEGER NOT NULL, envelope BLOB NOT NULL,
    PRIMARY KEY (digest, seal)
) STRICT, WITHOUT ROWID;
";
