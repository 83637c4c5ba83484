//! What a person sees: colours on a terminal only, questions on a terminal only, progress on standard error.

use std::fmt::Display;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use portcullis_model::Refusal;
use portcullis_sandbox::CompileEvent;
use serde::Serialize;

/// Headings.
pub(crate) const BOLD: Style = Style::new().bold();
/// Less important.
pub(crate) const DIM: Style = Style::new().dimmed();
/// Good.
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
/// Worth a look.
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
/// Bad.
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();

/// Text in a style; the stream drops the style where there is no terminal.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints a line to standard output. A reader that went away ends the program quietly, as it should in a pipe.
pub(crate) fn say(text: impl Display) {
    finish(writeln!(anstream::stdout(), "{text}"));
}

/// Prints a line to standard error.
pub(crate) fn note(text: impl Display) {
    finish(writeln!(anstream::stderr(), "{text}"));
}

/// Prints a line to standard error if that is possible, and goes on in any case.
pub(crate) fn complain(text: impl Display) {
    drop(writeln!(io::stderr(), "{text}"));
}

/// Prints a line to standard error as [`note`] does, and goes on where nobody is there to read it.
pub(crate) fn remark(text: impl Display) {
    drop(writeln!(anstream::stderr(), "{text}"));
}

/// Standard output for whatever is written in pieces. Ends the program as [`say`] does.
pub(crate) struct Out;

impl io::Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        finish(io::stdout().lock().write_all(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        finish(io::stdout().lock().flush());
        Ok(())
    }
}

fn finish(written: io::Result<()>) {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            // The other stream may still be there. If not, a script must not take silence for success.
            drop(writeln!(io::stderr(), "failed: standard output or standard error cannot be written: {error}"));
            std::process::exit(1)
        }
        Ok(()) => {}
    }
}

/// Prints data as JSON.
pub(crate) fn json(data: &impl Serialize) -> Result<()> {
    say(serde_json::to_string_pretty(data).context("the result cannot be written as JSON")?);
    Ok(())
}

/// Prints a refusal: what, where, and what to type next.
pub(crate) fn refusal(refusal: &Refusal) {
    note(format_args!("{} {}", styled(RED, "refused:"), refusal));
    for detail in refusal.places() {
        note(format_args!("  at {}: {}", detail.at, detail.what));
    }
    if let Some(fix) = refusal.way_out() {
        note(format_args!("  {} {fix}", styled(YELLOW, "next:")));
    }
}

/// Whether somebody can be asked.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question. Anything but a clear yes is a no.
pub(crate) fn ask(question: &str) -> Result<bool> {
    let mut out = anstream::stderr();
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Something that takes a while and says nothing itself: shown on standard error, where that is a terminal, until it is
/// dropped.
pub(crate) struct Working(ProgressBar);

impl Working {
    /// Begins to show it.
    pub(crate) fn on(what: impl Display) -> Self {
        let spinner = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} … {elapsed}") {
            spinner.set_style(style);
        }
        spinner.set_message(what.to_string());
        spinner.enable_steady_tick(Duration::from_millis(100));
        Self(spinner)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Shows that a component is being compiled, on standard error.
pub(crate) fn watch_compiling() -> Box<dyn Fn(CompileEvent) + Send + Sync> {
    let shown = std::sync::Mutex::new(None::<Working>);
    Box::new(move |event| {
        let mut shown = shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *shown = match event {
            CompileEvent::Started { component_bytes } => {
                Some(Working::on(format_args!("compiling {} KB", component_bytes / 1000)))
            }
            CompileEvent::Finished { .. } => None,
        };
    })
}

/// A moment in UTC (RFC 3339), from milliseconds since the Unix epoch.
pub(crate) fn moment(at_ms: u64) -> String {
    i64::try_from(at_ms)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .map_or_else(|| format!("{at_ms} ms"), |t| format!("{t:.3}"))
}

/// Lines in columns, each as wide as its widest cell; the last one is not padded.
pub(crate) fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let last = row.len().saturating_sub(1);
        let cells = row.iter().enumerate().map(|(column, cell)| {
            if column == last { cell.clone() } else { format!("{cell:<width$}  ", width = widths[column]) }
        });
        say(cells.collect::<String>());
    }
}
