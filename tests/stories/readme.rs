//! What the README tells people to type is accepted, and the files it speaks of are there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::home::Home;

/// Stands for an approval's name wherever a reader would put one.
const APPROVAL: &str = "apr-0000000000000000";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every document a stranger would read.
fn documents() -> Vec<(PathBuf, String)> {
    let names =
        ["README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md", "catalog/README.md", "plugins/README.md"];
    names.iter().filter_map(|name| Some((root().join(name), fs::read_to_string(root().join(name)).ok()?))).collect()
}

/// Lines of the blocks fenced as shell, joined where they go on.
fn commands(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.trim().strip_prefix("```") {
            Some(kind) => inside = !inside && matches!(kind, "sh" | "bash" | "shell" | "console"),
            None if inside => lines.push(line.trim().trim_start_matches("$ ").to_owned()),
            None => {}
        }
    }
    lines.join("\n").replace("\\\n", " ").lines().map(str::to_owned).collect()
}

/// The words of the program's own part of a line, as a shell would split them; `None` where it is not run.
fn words(line: &str) -> Option<Vec<String>> {
    let ours = |part: &str| {
        ["portcullis ", "cargo run --release -- "].iter().find_map(|start| Some(part.strip_prefix(start)?.to_owned()))
    };
    // In a pipe, ours may be any part.
    let rest = ours(line).or_else(|| line.split(" | ").find_map(|part| ours(part.trim())))?;
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = rest.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (_, Some(q)) if letter == q => quote = None,
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(letters.next()),
            (_, Some(_)) => word.get_or_insert_default().push(letter),
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            ('|' | '>' | ';' | '&', None) => break,
            ('#', None) if word.is_none() => break,
            (' ', None) => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Some(words)
}

/// Places that a reader fills in.
fn filled(word: &str) -> &str {
    if word == "ID" || word.starts_with('$') || (word.starts_with("apr-") && word.len() != APPROVAL.len()) {
        APPROVAL
    } else {
        word
    }
}

#[test]
fn every_command_in_the_documents_is_accepted() {
    let home = Home::new("");
    let mut tried = 0;
    for (document, text) in documents() {
        for line in commands(&text) {
            let Some(words) = words(&line) else { continue };
            // Whatever stands before `--help` is parsed first, and nothing is done.
            let ended = home.run(words.iter().map(|word| filled(word)).chain(["--help"]));
            assert_eq!(ended.code, Some(0), "{}: `{line}`: {}", document.display(), ended.err);
            tried += 1;
        }
    }
    assert!(tried > 0 || documents().is_empty(), "the documents tell nobody what to type");
}

#[test]
fn a_command_that_is_wrong_would_be_noticed() {
    let home = Home::new("");
    let text = "```sh\nportcullis run mistral/list-models --jsn\nportcullis no-such-verb\n# not this\nportcullis approvals approve 12\n```\n";
    let wrong = commands(text).into_iter().filter_map(|line| words(&line));
    let codes: Vec<_> = wrong.map(|words| home.run(words.iter().map(|w| filled(w)).chain(["--help"])).code).collect();
    assert_eq!(codes, [Some(2); 3]);
    let quoted = words(r#"cargo run --release -- run a/b --input '{"a": "b c"}' | head # x"#).unwrap();
    assert_eq!(quoted, ["run", "a/b", "--input", r#"{"a": "b c"}"#]);
    assert_eq!(words("echo secret | portcullis secret set mistral").unwrap(), ["secret", "set", "mistral"]);
}

#[test]
fn every_file_that_the_documents_name_is_there() {
    for (document, text) in documents() {
        let folder = document.parent().unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next()) {
            if !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
                assert!(folder.join(target).exists(), "{}: `{target}` is not there", document.display());
            }
        }
        for word in text.split(|c: char| c.is_whitespace() || "`()|,;:".contains(c)) {
            let word = word.trim_end_matches(['.', '/']);
            let known = ["host/", "plugins/", "tests/", "wit/", "catalog/", ".ci/", ".config/", ".github/"];
            let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            if plain && known.iter().any(|start| word.starts_with(start)) {
                assert!(root().join(word).exists(), "{}: `{word}` is not there", document.display());
            }
        }
    }
}

/// The files that `tests/clients/run` hands to real clients are the ones that readers are told to write.
#[test]
fn every_configuration_and_session_in_the_readme_is_the_one_that_is_tried() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut tried = 0;
    for folder in ["tests/clients/configs", "tests/clients/sessions"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            assert!(readme.contains(text.trim()), "{}: the README says something else", path.display());
            tried += 1;
        }
    }
    assert!(tried >= 7, "{tried}");
}
