//! Which files are there to be judged? Every Rust file of `src` and `tests`, by its path from the root of the tree.

use std::fmt;
use std::fs;
use std::path::Path;

/// A Rust file.
pub struct Source {
    /// Such as `src/domain/money/mod.rs`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl Source {
    /// The first level under `src`: `domain`; for a file there, its name: `lib`.
    pub fn ring(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default().trim_end_matches(".rs")
    }

    /// The module it defines, from the crate's root: `["domain", "money"]`.
    pub fn module(&self) -> Vec<String> {
        let inside = self.path.split_once('/').map_or("", |(_, inside)| inside).trim_end_matches(".rs");
        let mut module: Vec<String> = inside.split('/').map(str::to_owned).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        module
    }

    /// Whether it is compiled for tests only.
    pub fn is_test(&self) -> bool {
        self.module().iter().any(|name| name == "tests" || name.ends_with("_tests"))
    }

    /// Its syntax tree.
    pub fn parse(&self) -> syn::File {
        syn::parse_file(&self.text).unwrap_or_else(|e| panic!("{} is not Rust: {e}", self.path))
    }

    /// A breach of a rule in it.
    pub fn breach(&self, line: usize, rule: String) -> Breach {
        Breach { path: self.path.clone(), line, rule }
    }
}

/// A rule that is not kept, and where.
#[derive(Debug)]
pub struct Breach {
    path: String,
    line: usize,
    rule: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

/// What is compiled into the server.
pub fn code() -> Vec<Source> {
    all().into_iter().filter(|s| s.path.starts_with("src/") && !s.is_test()).collect()
}

/// Everything, tests included.
pub fn all() -> Vec<Source> {
    let mut found = Vec::new();
    for top in ["src", "tests"] {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(top), top, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(dir: &Path, path: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &path, found);
        } else if path.ends_with(".rs") {
            found.push(Source { text: fs::read_to_string(entry.path()).unwrap(), path });
        }
    }
}
