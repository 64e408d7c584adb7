//! Do the guides tell the truth? Every command of `README.md` and `docs/` is run as it is written, set-up included, and what it
//! prints is compared with what the guide says; every link leads somewhere; every error code is explained.
//!
//! `scripts/check-docs` runs these tests, `scripts/check-docs --update` writes into the guides what was printed.

mod codes;
mod commands;
mod errors;
mod links;
mod pages;
mod play;

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use crate::crash::machine::Machine;
use commands::Guide;

/// Guides that are played at once: each is one shell, and the machine has other tests to run.
const AT_ONCE: usize = 3;

/// The top of the checkout.
fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every guide by its path from the top: `README.md`, and what is in `docs/`.
fn files() -> Vec<String> {
    let mut files = vec!["README.md".to_owned()];
    for entry in fs::read_dir(top().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        files.extend(name.ends_with(".md").then(|| format!("docs/{name}")));
    }
    files.sort();
    files
}

fn text_of(file: &str) -> String {
    fs::read_to_string(top().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

fn guides() -> Vec<Guide> {
    files().iter().map(|file| Guide::read(file, &text_of(file))).collect()
}

#[test]
fn the_guides_call_the_program_that_scripts_run_builds() {
    let run = text_of("scripts/run");
    let built = run.split("$CARGO_TARGET_DIR/").nth(1).unwrap().split('"').next().unwrap();
    let checkout = env::temp_dir().join(format!("billwright-checkout-{}", std::process::id()));
    let program = checkout.join("target").join(built);
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let guide = top().join("docs/guide.sh");
    let find = format!("source '{}' && command -v billwright", guide.display());
    let found = Command::new("bash")
        .args(["-c", &find])
        .current_dir(&checkout)
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", &checkout)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap();
    let program = fs::canonicalize(program).unwrap();
    fs::remove_dir_all(&checkout).unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout).trim(), program.to_str().unwrap(), "{found:?}");
}

#[test]
fn every_command_of_the_guides_prints_what_they_say() {
    let machine = Machine::started();
    let (waiting, differences) = (Mutex::new(chosen()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(guide) = { waiting.lock().unwrap().pop() } {
                    let found = play::differences(&guide, &machine);
                    differences.lock().unwrap().extend(found);
                }
            });
        }
    });
    let differences = differences.into_inner().unwrap();
    assert!(
        differences.is_empty(),
        "the guides and the program differ in {} places; `scripts/check-docs --update` writes what the program says\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// The guides to be played: all, or those whose file has the name asked for.
fn chosen() -> Vec<Guide> {
    let only = setting("DOCS_ONLY").unwrap_or_default();
    guides().into_iter().filter(|guide| guide.file.contains(&only)).collect()
}

/// Whether what is printed is to be written into the guides.
pub fn is_update() -> bool {
    setting("DOCS_UPDATE").is_some()
}

#[expect(clippy::disallowed_methods, reason = "what is asked of the test run, not of the program")]
fn setting(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// A directory for a guide's shell: the checkout's folders are there, what is written beside them is not in the checkout.
fn playground(name: &str) -> PathBuf {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("guides").join(name.replace('/', "_"));
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).unwrap();
    for folder in ["docs", "scripts", "openapi"] {
        std::os::unix::fs::symlink(top().join(folder), place.join(folder)).unwrap();
    }
    place
}
