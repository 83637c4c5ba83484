//! What an author's verb is about: a project's component, or a file.

use std::path::{Path, PathBuf};

use anyhow::Result;
use portcullis_authoring::{Project, newest};
use portcullis_model::{Code, Refusal, Shown};

use crate::terminal::{self, YELLOW, styled};

/// A component or a document, and where its cases are.
pub(crate) struct Subject {
    /// The component, or the document.
    pub(crate) file: PathBuf,
    /// The folder of its cases, whether it is there or not.
    pub(crate) cases: PathBuf,
}

impl Subject {
    /// Finds it: a file is taken as it is; a folder is a project, whose component must have been built.
    ///
    /// # Errors
    /// `bad-request` where it is neither, or nothing was built.
    pub(crate) fn find(what: &Path) -> Result<Self, Refusal> {
        if what.is_file() {
            let cases = what.parent().unwrap_or(Path::new("")).join("cases");
            return Ok(Self { file: what.to_owned(), cases });
        }
        let project = Project::find(what)?;
        let file = project.component();
        if !file.is_file() {
            let shown = file.display().to_string();
            return Err(Refusal::new(Code::BadRequest, format!("`{}` is not there", Shown::new(&shown)))
                .fix(format!("portcullis build {}", what.display())));
        }
        is_as_new(&project, &file);
        Ok(Self { file, cases: what.join("cases") })
    }
}

/// Says so where the sources were changed since they were built. It is no error: a checkout may have set all times anew.
fn is_as_new(project: &Project, file: &Path) {
    let built = file.metadata().and_then(|data| data.modified()).ok();
    if let (Some(built), Ok(Some(changed))) = (built, newest(project.folder()))
        && changed > built
    {
        let name = format!("{}.wasm", project.name());
        let what = format!("{name} is older than its sources; `portcullis build` makes it anew");
        terminal::note(styled(YELLOW, what));
    }
}
