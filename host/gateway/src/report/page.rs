//! The report on a terminal: warnings first, then where it goes, everything it could send, and what it says of itself.

use std::fmt::Display;

use portcullis_model::{Action, Auth, Body, BodyMode, DeclaredHeader, Description, Example, QueryKey, Shown, Traits};
use portcullis_sandbox::{Limits, Tier};

use super::{Level, Report, Warning};
use crate::terminal::{self, BOLD, DIM, GREEN, RED, YELLOW, styled};

/// Most bytes of one line of an example.
const EXAMPLE_BYTES: usize = 160;

impl Report<'_> {
    /// Prints everything that is looked at before somebody says yes.
    pub(crate) fn print(&self) {
        self.warn();
        self.facts();
        self.table();
    }

    /// Prints the same, and the rest: limits, what it was built with, its worked examples.
    pub(crate) fn print_whole(&self) {
        self.print();
        self.examples();
    }

    fn warn(&self) {
        if self.warnings.is_empty() {
            return;
        }
        terminal::say(styled(BOLD, "to look at first"));
        let width = self.warnings.iter().map(|warning| subject(warning).len()).max().unwrap_or(0);
        for warning in &self.warnings {
            let style = match warning.level {
                Level::Danger => RED,
                Level::Caution => YELLOW,
                Level::Note => DIM,
            };
            let level = styled(style, format_args!("{:<7}", warning.level));
            terminal::say(format_args!("{level}  {:<width$}  {} [{}]", subject(warning), warning.what, warning.rule));
        }
        terminal::say("");
    }

    fn facts(&self) {
        let Self { port, plugin, .. } = self;
        let declared = port.manifest().port();
        field("port", &declared.slug);
        field("origin", &port.origin());
        if port.origin_overridden() {
            let what = format!("set by the operator; the plugin declares {}", declared.origin);
            terminal::say(styled(YELLOW, format_args!("            {what}")));
        }
        let credential = match &declared.auth {
            Auth::Header(header) => format!("{header}<credential `{}`>", declared.slug),
            Auth::None => "none".to_owned(),
        };
        field("credential", &credential);
        let tier = if plugin.census().tier == Tier::Sealed { GREEN } else { YELLOW };
        field("tier", &styled(tier, self.tier_in_words()));
        field("digest", &port.digest());
        field("size", &format_args!("{} bytes", self.bytes));
        field("from", &Shown::new(&self.source).limit_bytes(400));
        match &self.vouched {
            Some(_) => field("signed by", &styled(GREEN, self.vouched_in_words())),
            None => field("signed by", &self.vouched_in_words()),
        }
        field("reviewed by", &self.reviewed_in_words());
        if !self.toolchain.is_empty() {
            let names: Vec<String> = self.toolchain.iter().map(|p| format!("{} {}", p.name, p.version)).collect();
            field("built with", &format_args!("\"{}\"", Shown::new(names.join(", ").trim()).limit_bytes(400)));
        }
        let says =
            format!("\"{}\", version {}, by {}", declared.label, port.manifest().version(), declared.publisher.name);
        field("it says", &Shown::new(&says).limit_bytes(400));
    }

    fn table(&self) {
        terminal::say(format_args!("\n{}", styled(BOLD, "everything it could ever send")));
        let rows: Vec<Vec<String>> = self.port.manifest().actions().iter().map(|action| self.row(action)).collect();
        terminal::table(&rows);
        terminal::say(styled(DIM, "\nto that origin only; every call is checked against these lines"));
    }

    fn row(&self, action: &Action) -> Vec<String> {
        let mut extras = Vec::new();
        if !action.query.is_empty() {
            let keys: Vec<&str> = action.query.iter().map(QueryKey::as_str).collect();
            extras.push(format!("query {}", keys.join(",")));
        }
        if !action.headers.is_empty() {
            let names: Vec<&str> = action.headers.iter().map(DeclaredHeader::as_str).collect();
            extras.push(format!("headers {}", names.join(",")));
        }
        if action.body != BodyMode::None {
            extras.push(format!("body {}", action.body));
        }
        extras.extend(flags(action.traits).iter().map(|&flag| flag.to_owned()));
        if self.is_added(action) {
            extras.push("added by a draft".to_owned());
        }
        vec![
            action.slug.to_string(),
            action.method.to_string(),
            action.path.to_string(),
            action.effect.to_string(),
            action.approval.to_string(),
            extras.join("; "),
        ]
    }

    fn examples(&self) {
        terminal::say(format_args!("\n{} {}", styled(BOLD, "limits     "), in_words(self.plugin.limits())));
        terminal::say(format_args!(
            "\n{}",
            styled(BOLD, "worked examples, tried at install; titles and inputs are the plugin's")
        ));
        for action in self.port.manifest().actions() {
            for Example { title, input, expected } in &action.examples {
                let line = format!("{}: \"{}\"", action.slug, Shown::new(title));
                terminal::say(format_args!("{line}\n  {}", Shown::new(input).limit_bytes(EXAMPLE_BYTES)));
                terminal::say(format_args!("  {}", Shown::new(&request(expected)).limit_bytes(2 * EXAMPLE_BYTES)));
            }
        }
    }
}

fn subject(warning: &Warning) -> String {
    warning.action.as_ref().map_or_else(|| "the plugin".to_owned(), ToString::to_string)
}

/// Facts about an action that policies go by.
pub(super) fn flags(traits: Traits) -> Vec<&'static str> {
    let flags = [(traits.prompt_bearing, "carries a prompt"), (traits.billable, "is charged")];
    flags.into_iter().filter_map(|(is_so, word)| is_so.then_some(word)).collect()
}

/// What a plugin may use, in words.
pub(super) fn in_words(limits: &Limits) -> String {
    format!(
        "{} ms and {} MiB a call; input at most {} KiB, description at most {} KiB",
        limits.wall_time_ms,
        limits.memory_bytes >> 20,
        limits.input_bytes >> 10,
        limits.output_bytes >> 10,
    )
}

/// A described request in one line, nothing encoded.
pub(super) fn request(described: &Description) -> String {
    let mut line = format!("{} /{}", described.method, described.path.join("/"));
    for (index, (key, value)) in described.query.iter().enumerate() {
        line.push_str(&format!("{}{key}={value}", if index == 0 { '?' } else { '&' }));
    }
    for (name, value) in &described.headers {
        line.push_str(&format!("  {name}: {value}"));
    }
    match &described.body {
        Some(Body::Json(text) | Body::Text(text)) => line.push_str(&format!("  {text}")),
        Some(Body::Form(fields)) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            line.push_str(&format!("  {}", fields.join(" ")));
        }
        None => {}
    }
    line
}

fn field(name: &str, value: &dyn Display) {
    terminal::say(format_args!("{} {value}", styled(BOLD, format_args!("{name:<11}"))));
}
