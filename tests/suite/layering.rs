//! The house rules that a compiler does not check.
//!
//! Imports run one way, `id, op_set, guarantee ← model ← world ← judge ← search, protocols ← story ← harness`, so that
//! the protocol can be read without its environment, and the environment without its judges. Only the producers know
//! the libraries that produce. What is under `#[cfg(test)]` may look around as it likes, and so may comments.
//!
//! Re-exports are followed: `seam` has a rule of its own, and nobody but users imports the prelude.
//!
//! Not checked: the `clippy.toml` beside this package, which keeps wall clocks, ambient randomness and hash maps of
//! random order out of all of it.

use std::fs;
use std::path::{Path, PathBuf};

/// What each part of the crate may name of the crate, beside itself. What is not listed is not restricted.
const MAY_NAME: [(&str, &[&str]); 11] = [
    ("plural", &[]),
    ("escape", &[]),
    ("id", &[]),
    ("op_set", &["id"]),
    ("guarantee", &["id"]),
    ("model", &["escape", "id", "op_set", "guarantee"]),
    ("seam", &["id", "guarantee", "model"]),
    ("world", &["escape", "id", "op_set", "guarantee", "model"]),
    ("judge", &["escape", "plural", "id", "op_set", "guarantee", "model", "world"]),
    ("search", &["plural", "escape", "id", "op_set", "guarantee", "model", "world", "judge"]),
    ("story", &["plural", "escape", "id", "op_set", "guarantee", "model", "world", "judge", "protocols"]),
];

/// The libraries that only the producers may name.
const PRODUCERS: [&str; 5] = ["proptest", "quickcheck", "rand", "rand_xoshiro", "itertools"];

/// A source file: its module path, and its code without comments, strings and tests.
struct Source {
    path: PathBuf,
    module: Vec<String>,
    code: String,
}

impl Source {
    /// The part of the crate it belongs to: `model`, `world`, `lib`.
    fn part(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut tests = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let relative = path.strip_prefix(&root).unwrap().with_extension("");
                let mut module: Vec<String> =
                    relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
                module.pop_if(|last| last == "mod" || last == "lib");
                let bare = bare(&text);
                tests.extend(
                    test_modules(&bare).into_iter().map(|name| [module.clone(), vec![name]].concat()),
                );
                sources.push(Source { path, module, code: without_tests(&bare) });
            }
        }
    }
    sources.retain(|source| !tests.iter().any(|test| source.module.starts_with(test)));
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// Without comments, and without what is between quotation marks.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\"'") {
            3
        } else if c == '"' {
            quoted(rest)
        } else {
            bare.push(c);
            c.len_utf8()
        };
        rest = &rest[skipped..];
    }
    bare
}

/// How long the text in quotation marks is that begins here.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The modules in files of their own that are only for tests.
fn test_modules(bare: &str) -> Vec<String> {
    let after = bare.split("#[cfg(test)]").skip(1);
    after
        .filter_map(|code| code.trim_start().strip_prefix("mod ")?.split_once(';'))
        .filter(|(name, _)| !name.contains('{'))
        .map(|(name, _)| name.trim().to_owned())
        .collect()
}

/// Without the items under `#[cfg(test)]`: up to the closing brace, or the semicolon if that is first.
fn without_tests(bare: &str) -> String {
    let mut parts = bare.split("#[cfg(test)]");
    let mut code = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut depth = 0;
        let end = part.char_indices().find(|(_, c)| {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            (*c == ';' || *c == '}') && depth == 0
        });
        code.push_str(end.map_or("", |(at, _)| &part[at + 1..]));
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words that follow `path::`, or each of those in braces that do.
fn named_after<'c>(code: &'c str, path: &str) -> Vec<&'c str> {
    let word = |text: &'c str| text.trim_start().split(|c| !is_word(c)).next().unwrap_or_default();
    let mut names = Vec::new();
    for (at, found) in code.match_indices(path) {
        if code[..at].ends_with(is_word) {
            continue;
        }
        let rest = &code[at + found.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = Some(0);
        for (at, c) in group.char_indices() {
            match c {
                _ if start == Some(at) && c.is_whitespace() => start = Some(at + c.len_utf8()),
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = Some(at + 1),
                _ if start == Some(at) => names.push(word(&group[at..])),
                _ => {}
            }
        }
    }
    names
}

/// The parts of the crate that a file names.
fn parts_named(source: &Source) -> Vec<&str> {
    let mut names = named_after(&source.code, "crate::");
    // So many `super` lead to the root of the crate.
    let to_root = "super::".repeat(source.module.len());
    if !to_root.is_empty() {
        names.extend(named_after(&source.code, &to_root));
    }
    names
}

#[test]
fn imports_run_one_way() {
    let sources = sources();
    let mut wrong = Vec::new();
    for source in &sources {
        let part = source.part();
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == part) else { continue };
        for name in parts_named(source).into_iter().filter(|name| *name != part && !allowed.contains(name)) {
            wrong.push(format!("{}: names crate::{name}", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A rule for a part that is not there would hold for nothing.
    for (part, _) in MAY_NAME {
        assert!(sources.iter().any(|source| source.part() == part), "{part}");
    }
}

/// The prelude re-exports the harness, and the harness knows the protocols. So importing the prelude inside would close
/// a circle.
#[test]
fn nobody_inside_imports_the_prelude() {
    let sources = sources();
    let wrong: Vec<_> = sources
        .iter()
        .filter(|source| parts_named(source).contains(&"prelude"))
        .map(|source| source.path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// So that each would compile in a foreign crate, against the public seam. Registries put them on trial, and so know
/// the judges; the one of `false_refusal` is no protocol, but a system at the world's second door.
#[test]
fn built_in_protocols_know_only_the_seam() {
    let excepted = |source: &Source| {
        source.path.ends_with("mod.rs") || source.module == ["protocols", "mutants", "false_refusal"]
    };
    let sources = sources();
    let protocols = sources.iter().filter(|source| source.part() == "protocols" && !excepted(source));
    let wrong: Vec<_> = protocols
        .flat_map(|source| parts_named(source).into_iter().map(|name| (source.path.display(), name)))
        .filter(|(_, name)| !["seam", "protocols"].contains(name))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn only_producers_name_the_libraries_that_produce() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.part() != "search") {
        let words = source.code.split(|c| !is_word(c));
        wrong.extend(
            words.filter(|word| PRODUCERS.contains(word)).map(|word| (source.path.clone(), word.to_owned())),
        );
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The rules above are only as good as the reading of the files.
#[test]
fn imports_are_found_wherever_they_stand() {
    let text = r#"
        //! Speaks of crate::harness.
        use crate::{judge::{Demands, Judges}, world, id::NodeId};
        use crate::model::Cluster; // and of crate::harness
        pub(in crate::search) fn f() { super::op_set::g("crate::harness", '"', "\"crate::harness") }
        #[cfg(test)]
        mod twin;
        #[cfg(test)]
        mod tests { use crate::harness; fn f() {} }
        fn g() { crate::guarantee::h(macrocrate::harness) }
    "#;
    let bare = bare(text);
    assert_eq!(test_modules(&bare), ["twin"]);
    let source = Source { path: PathBuf::new(), module: vec!["x".to_owned()], code: without_tests(&bare) };
    assert_eq!(
        parts_named(&source),
        ["judge", "world", "id", "model", "search", "guarantee", "op_set"],
        "{}",
        source.code
    );
}
