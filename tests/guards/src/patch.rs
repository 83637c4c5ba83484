//! A unified diff that deletes a guard.
//!
//! Line numbers are not believed: each hunk's old lines must stand in the file exactly once, however far they are indented,
//! so that a patch applies to the very place that was meant or not at all. Makes, moves and removes no files.

use std::collections::BTreeMap;

/// Folders with the code that a patch may touch: a guard is never part of a test.
const PRODUCT: [&str; 2] = ["host/", "plugins/"];

/// Most lines that a patch may delete and add: it is to delete a guard, not to rewrite a room.
const MAX_LINES: usize = 40;

/// The diff, file by file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    files: BTreeMap<String, Vec<Hunk>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Hunk {
    old: Vec<String>,
    new: Vec<String>,
    /// What is deleted and added, with its sign, without what stands around it.
    changed: Vec<String>,
}

impl Patch {
    /// Reads one.
    ///
    /// # Errors
    /// Where it is no plain diff of the product's code, or deletes nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut files: BTreeMap<String, Vec<Hunk>> = BTreeMap::new();
        let mut lines = text.lines().peekable();
        let mut changed = 0;
        while let Some(line) = lines.next() {
            let Some(from) = line.strip_prefix("--- a/") else {
                return Err(format!("`{line}` where `--- a/FILE` was expected"));
            };
            if lines.next() != Some(format!("+++ b/{from}").as_str()) {
                return Err(format!("`{from}` is not patched in its place"));
            }
            if !PRODUCT.iter().any(|folder| from.starts_with(folder)) || from.split('/').any(|part| part == "..") {
                return Err(format!("`{from}` is not the product's code"));
            }
            while lines.peek().is_some_and(|line| line.starts_with("@@ ")) {
                let header = lines.next().unwrap_or_default();
                let (mut old_left, mut new_left) = counts(header).ok_or_else(|| format!("`{header}` is no place"))?;
                let mut hunk = Hunk { old: Vec::new(), new: Vec::new(), changed: Vec::new() };
                while old_left > 0 || new_left > 0 {
                    let line = lines.next().ok_or("a hunk is cut short")?;
                    // An editor may have taken the space off an empty line of context.
                    let (sign, rest) = line.split_at_checked(1).unwrap_or((" ", ""));
                    let (in_old, in_new) = match sign {
                        " " => (true, true),
                        "-" => (true, false),
                        "+" => (false, true),
                        _ => return Err(format!("`{line}` is no line of a diff")),
                    };
                    if (in_old && old_left == 0) || (in_new && new_left == 0) {
                        return Err(format!("`{header}` has more lines than it says"));
                    }
                    if in_old {
                        old_left -= 1;
                        hunk.old.push(rest.to_owned());
                    }
                    if in_new {
                        new_left -= 1;
                        hunk.new.push(rest.to_owned());
                    }
                    if in_old != in_new {
                        hunk.changed.push(format!("{sign}{}", rest.trim()));
                        changed += 1;
                    }
                }
                if hunk.old == hunk.new {
                    return Err(format!("`{header}` changes nothing"));
                }
                files.entry(from.to_owned()).or_default().push(hunk);
            }
        }
        if files.is_empty() || files.values().any(Vec::is_empty) {
            return Err("it changes nothing".to_owned());
        }
        if changed > MAX_LINES {
            return Err(format!("it changes {changed} lines: expected at most {MAX_LINES}"));
        }
        Ok(Self { files })
    }

    /// The files that it changes.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The lines that it deletes and adds, file by file: another patch with the same ones deletes the same guard.
    pub fn changes(&self) -> impl Iterator<Item = &str> {
        self.files.iter().flat_map(|(file, hunks)| {
            let lines = hunks.iter().flat_map(|hunk| hunk.changed.iter().map(String::as_str));
            std::iter::once(file.as_str()).chain(lines)
        })
    }

    /// Applies it to texts, and gives the changed ones.
    ///
    /// # Errors
    /// Where a file is not there, or a hunk's lines do not stand in it exactly once.
    pub fn apply(&self, read: impl Fn(&str) -> Option<String>) -> Result<Vec<(String, String)>, String> {
        let mut changed = Vec::new();
        for (file, hunks) in &self.files {
            let text = read(file).ok_or_else(|| format!("`{file}` is not there"))?;
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            for hunk in hunks {
                let found: Vec<usize> = lines
                    .windows(hunk.old.len().max(1))
                    .enumerate()
                    .filter_map(|(at, window)| same(window, &hunk.old).then_some(at))
                    .collect();
                let [at] = found[..] else {
                    let first = hunk.old.iter().map(|line| line.trim()).find(|line| line.len() > 1);
                    let what = format!("`{file}` has `{}` and what is around it", first.unwrap_or_default());
                    return Err(format!("{what} {} times: expected once", found.len()));
                };
                lines.splice(at..at + hunk.old.len(), hunk.new.iter().cloned());
            }
            changed.push((file.clone(), lines.join("\n") + "\n"));
        }
        Ok(changed)
    }
}

fn same(lines: &[String], old: &[String]) -> bool {
    lines.len() == old.len() && lines.iter().zip(old).all(|(line, old)| line.trim_start() == old.trim_start())
}

/// How many lines a hunk has before and after, from `@@ -1,2 +1,3 @@`.
fn counts(header: &str) -> Option<(usize, usize)> {
    let mut parts = header.strip_prefix("@@ -")?.splitn(3, ' ');
    let count = |part: &str| part.split_once(',').map_or(Some(1), |(_, count)| count.parse().ok());
    Some((count(parts.next()?)?, count(parts.next()?.strip_prefix('+')?)?))
}
