//! What must be there before a tool runs, and what to type where it is not.

use std::path::Path;
use std::process::{Command, Stdio};

use portcullis_model::{Code, Refusal};

/// Something that must be on the machine.
#[derive(Debug)]
pub struct Need {
    /// What it is, for people: `npm`.
    pub what: &'static str,
    /// A command that tells whether it is there.
    pub probe: &'static [&'static str],
    /// When it is.
    pub met: Met,
    /// What to type where it is not.
    pub fix: &'static str,
}

/// When a need is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// The probe ends well.
    Runs,
    /// The probe ends well and prints the path of a folder that is there.
    PrintsAFolder,
    /// The probe ends well and prints a version, the last word of its first line, of at least this major and minor.
    Version(u32, u32),
}

impl Need {
    /// Looks whether it is there.
    ///
    /// # Errors
    /// `tool-missing` with what to type.
    pub fn check(&self, folder: &Path) -> Result<(), Refusal> {
        let missing = |what: String| Err(Refusal::new(Code::ToolMissing, what).fix(self.fix));
        let [program, arguments @ ..] = self.probe else { return Ok(()) };
        let output = Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
        let printed = match output {
            Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
            _ => return missing(format!("{} is not there", self.what)),
        };
        match self.met {
            Met::Runs => Ok(()),
            Met::PrintsAFolder if Path::new(printed.trim()).is_dir() => Ok(()),
            Met::PrintsAFolder => missing(format!("{} is not there", self.what)),
            Met::Version(major, minor) => match version(&printed) {
                Some(found) if found >= (major, minor) => Ok(()),
                Some((a, b)) => {
                    missing(format!("{} is of version {a}.{b}: expected at least {major}.{minor}", self.what))
                }
                None => missing(format!("{} does not tell its version", self.what)),
            },
        }
    }
}

/// Major and minor of `v22.11.0` or `Python 3.12.3`.
fn version(printed: &str) -> Option<(u32, u32)> {
    let word = printed.lines().next()?.split_whitespace().next_back()?;
    let mut numbers = word.trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_tools_print_them() {
        assert_eq!(version("v22.11.0\n"), Some((22, 11)));
        assert_eq!(version("Python 3.12.3"), Some((3, 12)));
        assert_eq!(version("10.9.2"), Some((10, 9)));
        assert_eq!(version(""), None);
        assert_eq!(version("none"), None);
    }

    #[test]
    fn what_is_missing_is_refused_with_what_to_type() {
        let need = |probe, met| Need { what: "it", probe, met, fix: "apt install it" };
        let here = Path::new(".");
        assert!(need(&["true"], Met::Runs).check(here).is_ok());
        assert!(need(&["echo", "/"], Met::PrintsAFolder).check(here).is_ok());
        assert!(need(&["echo", "v9.1.0"], Met::Version(9, 1)).check(here).is_ok());
        for bad in [
            need(&["false"], Met::Runs),
            need(&["no-such-program-anywhere"], Met::Runs),
            need(&["echo", "/no/such/folder"], Met::PrintsAFolder),
            need(&["echo", "v9.0.9"], Met::Version(9, 1)),
            need(&["echo", "v8.9.9"], Met::Version(9, 1)),
            need(&["echo"], Met::Version(9, 1)),
        ] {
            let refusal = bad.check(here).unwrap_err();
            assert_eq!((refusal.code(), refusal.way_out()), (Code::ToolMissing, Some("apt install it")), "{bad:?}");
        }
    }
}
