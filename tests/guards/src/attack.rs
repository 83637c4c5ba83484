//! One attack as it is written down. Read strictly: what is unknown, missing or empty is an error.

use std::fmt;

use serde::Deserialize;

use crate::Patch;

/// Who attacks. Their order is the order of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`title` says what each is")]
pub enum Actor {
    Author,
    Agent,
    Token,
    Proposer,
    Service,
    Dns,
    Registry,
    Site,
    Stranger,
    User,
    Trace,
}

impl Actor {
    /// Every actor.
    pub const ALL: [Self; 11] = [
        Self::Author,
        Self::Agent,
        Self::Token,
        Self::Proposer,
        Self::Service,
        Self::Dns,
        Self::Registry,
        Self::Site,
        Self::Stranger,
        Self::User,
        Self::Trace,
    ];

    /// Name of the folder that holds this actor's attacks.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Agent => "agent",
            Self::Token => "token",
            Self::Proposer => "proposer",
            Self::Service => "service",
            Self::Dns => "dns",
            Self::Registry => "registry",
            Self::Site => "site",
            Self::Stranger => "stranger",
            Self::User => "user",
            Self::Trace => "trace",
        }
    }

    /// The actor in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Author => "A malicious plugin author",
            Self::Agent => "A tricked or malicious agent",
            Self::Token => "An agent with a token of its own",
            Self::Proposer => "An agent that may propose actions",
            Self::Service => "A hostile service",
            Self::Dns => "Whoever answers DNS",
            Self::Registry => "A registry, a web server, whoever stands between or may push",
            Self::Site => "A page in the operator's browser",
            Self::Stranger => "Anybody who can connect",
            Self::User => "Another user of the machine",
            Self::Trace => "Whoever wants no trace",
        }
    }
}

/// What is attacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "`Display` says what each is")]
pub enum Asset {
    Credential,
    Request,
    Approval,
    Rules,
    Log,
    Machine,
    Network,
    Time,
    Plugins,
    Content,
    Eyes,
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Credential => "credential",
            Self::Request => "what is sent",
            Self::Approval => "a person's yes",
            Self::Rules => "rules",
            Self::Log => "audit log",
            Self::Machine => "machine",
            Self::Network => "local network",
            Self::Time => "time and memory",
            Self::Plugins => "what is installed",
            Self::Content => "inputs and answers",
            Self::Eyes => "what a person sees",
        })
    }
}

/// The test that fails without the guard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestName {
    /// Package that it is in.
    pub package: String,
    /// The test program: an integration test's name, or `lib` for tests beside the code.
    pub target: String,
    /// Its name within the program, such as `policy::rules::a_rule_holds`.
    pub name: String,
    /// What its failure says. Several attacks may share a test that lists everything at fault; each then says by which
    /// words its own is known.
    pub says: Option<String>,
    /// Whether it may run for ever without the guard.
    #[serde(default)]
    pub may_hang: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    asset: Asset,
    attack: String,
    room: String,
    guard: String,
    #[serde(default)]
    alone: bool,
    test: TestName,
}

/// An attack.
#[derive(Debug, Clone)]
pub struct Attack {
    /// Its folder below `attacks/`, `ACTOR/NAME`.
    pub id: String,
    /// Who attacks.
    pub actor: Actor,
    /// What is attacked.
    pub asset: Asset,
    /// The attack, in one sentence.
    pub attack: String,
    /// Which room stops it.
    pub room: String,
    /// What stops it, in one sentence.
    pub guard: String,
    /// Whether so much rests on the guard that without it other tests fail too: it is deleted by itself.
    pub alone: bool,
    /// The test that fails without the guard.
    pub test: TestName,
    /// Deletes the guard.
    pub patch: Patch,
}

impl Attack {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(id: &str, toml: &str, patch: &str) -> Result<Self, String> {
        let (folder, name) = id.split_once('/').ok_or("expected attacks/ACTOR/NAME")?;
        let actor = Actor::ALL.into_iter().find(|actor| actor.folder() == folder).ok_or("nobody is called so")?;
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return Err("its name is not one of lower-case letters, digits and dashes".to_owned());
        }
        let File { asset, attack, room, guard, alone, test } =
            toml::from_str(toml).map_err(|error| error.to_string())?;
        for text in [&attack, &room, &guard, &test.package, &test.target, &test.name] {
            if text.trim() != text || text.is_empty() || text.contains(['|', '[', ']', '\n']) {
                return Err(format!("`{text}` is not one plain line"));
            }
        }
        if test.says.as_ref().is_some_and(String::is_empty) {
            return Err("`says` is empty".to_owned());
        }
        Ok(Self { id: id.to_owned(), actor, asset, attack, room, guard, alone, test, patch: Patch::parse(patch)? })
    }
}
