//! What do a guide's commands print? All of them are given to one shell, beside a server at work, and what each printed is
//! compared with what the guide says: ids, keys and references count as equal when they are of one kind.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::commands::{Guide, Step};
use super::{is_update, playground, setting, top};
use crate::crash::machine::Machine;

/// The longest that a guide may take.
const PATIENCE: Duration = Duration::from_secs(240);

/// Begins what a step prints.
const MARK: char = '\u{1e}';

/// Where a guide says something else than the program. When the guides are to be updated, what was printed is written into it.
pub fn differences(guide: &Guide, machine: &Machine) -> Vec<String> {
    if guide.steps.is_empty() {
        return Vec::new();
    }
    let (lines, differences) = compared(guide, &printed(guide, machine), is_update());
    if lines != guide.lines {
        fs::write(top().join(&guide.file), format!("{}\n", lines.join("\n"))).unwrap();
    }
    differences
}

/// The guide's lines, with what was printed in them where it is to be written, and the differences that are left.
fn compared(guide: &Guide, printed: &[String], update: bool) -> (Vec<String>, Vec<String>) {
    let (mut lines, mut differences) = (guide.lines.clone(), Vec::new());
    // From the bottom, so that the places of those above stay.
    for (step, printed) in guide.steps.iter().zip(printed).rev() {
        let says = guide.says(step);
        if without_chance(&says) == without_chance(printed) {
            continue;
        }
        match &step.printed {
            // What `pick` cannot find is a mistake of the guide.
            Some(place) if update && !printed.contains("pick: ") => {
                lines.splice(place.clone(), printed.lines().map(str::to_owned));
            }
            _ => differences.push(shown(guide, step, &says, printed)),
        }
    }
    differences.reverse();
    (lines, differences)
}

fn shown(guide: &Guide, step: &Step, says: &str, printed: &str) -> String {
    let with =
        |sign: &str, text: &str| text.lines().map(|line| format!("{sign} {line}\n")).collect::<String>();
    let (says, printed) = (with("-", says), with("+", printed));
    format!("{}:{}: {}\n{says}{printed}", guide.file, step.line + 1, step.command)
}

/// What each step printed.
fn printed(guide: &Guide, machine: &Machine) -> Vec<String> {
    let place = playground(&guide.file);
    let script = place.join("commands");
    let commands: Vec<String> =
        guide.steps.iter().map(|s| format!("printf '\\036'\n{}\n", s.command)).collect();
    fs::write(&script, commands.concat()).unwrap();
    let output = place.join("printed");
    let file = fs::File::create(&output).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_billwright"));
    let path = format!("{}:{}", program.parent().unwrap().display(), setting("PATH").unwrap_or_default());
    let mut shell = machine.with_data_dir(Command::new("bash"));
    shell.arg(&script).current_dir(&place).env("PATH", path).env("BILLWRIGHT_URL", machine.url());
    shell.env("BILLWRIGHT_LOG", "error").env_remove("KEY").stdin(Stdio::null());
    let mut shell = shell.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
    let begun = Instant::now();
    while shell.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            shell.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(20));
    }
    let text = fs::read_to_string(&output).unwrap();
    let mut printed: Vec<String> = text.split(MARK).skip(1).map(|part| part.trim_end().to_owned()).collect();
    printed.resize(guide.steps.len(), "(the shell did not come so far)".to_owned());
    printed
}

/// A text in which what chance decides is the same each time: `cus_01kdvdna00eajb65wt2txg8vxp` is `cus_…`.
fn without_chance(text: &str) -> String {
    let mut kept = String::new();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    while !rest.is_empty() {
        let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
        if word.is_empty() {
            let next = rest.chars().next().unwrap();
            kept.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        }
        kept.push_str(&kind_of(word));
        rest = &rest[word.len()..];
    }
    kept.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A word, or only its kind where it is an id (26 characters), a key or a reference of the simulator (32).
fn kind_of(word: &str) -> String {
    match word.rsplit_once('_') {
        Some((kind, chance))
            if matches!(chance.len(), 26 | 32) && chance.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            format!("{kind}_…")
        }
        _ => word.to_owned(),
    }
}

#[test]
fn what_chance_decides_counts_as_equal() {
    let one = without_chance(
        r#"{"id":"cus_01kdvdna00eajb65wt2txg8vxp"} bw_test_c03blDLieIaQt36jERdKla9zkdEh24hj 44.42"#,
    );
    assert_eq!(one, r#"{"id":"cus_…"} bw_test_… 44.42"#);
    assert_ne!(without_chance("44.42"), without_chance("44.43"));
    assert_ne!(
        without_chance("cus_01kdvdna00eajb65wt2txg8vxp"),
        without_chance("inv_01kdvdna00eajb65wt2txg8vxp")
    );
}

#[test]
fn a_wrong_answer_is_found_and_can_be_put_right() {
    let text = "# A\n\n```console\n$ one\n1\n$ two\n3\n```\n\n```sh\nthree\n```";
    let guide = Guide::read("docs/a.md", text);
    let printed = ["1", "2", ""].map(str::to_owned);
    let (lines, differences) = compared(&guide, &printed, false);
    assert_eq!((lines, differences), (guide.lines.clone(), vec!["docs/a.md:6: two\n- 3\n+ 2\n".to_owned()]));
    let (lines, differences) = compared(&guide, &printed, true);
    assert_eq!((lines.join("\n"), differences), (text.replace('3', "2"), vec![]));
    // There is no place for what an `sh` block prints.
    let (_, differences) = compared(&guide, &["1", "3", "oops"].map(str::to_owned), true);
    assert_eq!(differences, ["docs/a.md:11: three\n+ oops\n"]);
}
