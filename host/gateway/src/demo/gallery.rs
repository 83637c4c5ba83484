//! The hostile plugins of the demo, what each tries, and the code that must stop it.

use portcullis_model::Code;

/// One hostile plugin.
#[derive(Debug, Clone, Copy)]
pub struct Hostile {
    /// Its file under `tests/hostile/examples`.
    pub guest: &'static str,
    /// What it tries, in a few words.
    pub tries: &'static str,
    /// How it is stopped; `None` where it simply gets nowhere: two calls describe the same.
    pub stopped_by: Option<Code>,
}

const fn hostile(guest: &'static str, tries: &'static str, code: Code) -> Hostile {
    Hostile { guest, tries, stopped_by: Some(code) }
}

/// All of them.
pub const GALLERY: &[Hostile] = &[
    hostile("socket_import", "imports TCP sockets", Code::ForbiddenImport),
    hostile("unknown_import", "imports an unknown interface", Code::ForbiddenImport),
    hostile("infinite_loop", "never returns", Code::PluginTimeout),
    hostile("memory_bomb", "takes memory until there is none", Code::PluginTrapped),
    hostile("deep_recursion", "calls itself for ever", Code::PluginTrapped),
    hostile("giant_return", "returns 4 MiB", Code::PluginTooLarge),
    hostile("undeclared_route", "describes a route it did not declare", Code::UndeclaredRoute),
    hostile("dot_dot_segment", "climbs out of its path with `..`", Code::BadSegment),
    hostile("other_origin", "puts another host into a segment", Code::BadSegment),
    hostile("authorization_header", "writes the credential's header", Code::ForbiddenHeader),
    hostile("crlf_in_value", "smuggles a header line with CR LF", Code::ForbiddenHeader),
    Hostile { guest: "second_answer", tries: "answers differently the second time", stopped_by: None },
];
