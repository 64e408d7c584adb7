//! Which commands does a guide tell, and what does it say that they print?
//!
//! A `console` block has commands after `$ ` and below each what it prints. The commands of an `sh` block print what the `text`
//! block right below it says, and nothing when there is none. `<!-- not run: why -->` above a block says why it is not played.

use std::io::Write;
use std::ops::Range;
use std::process::{Command, Stdio};

/// A guide, read.
pub struct Guide {
    /// Such as `docs/usage.md`.
    pub file: String,
    /// Its lines.
    pub lines: Vec<String>,
    /// Its commands, from top to bottom.
    pub steps: Vec<Step>,
    /// Blocks of commands that are not run: the line and the reason.
    pub not_run: Vec<(usize, String)>,
}

/// Commands that are run together.
pub struct Step {
    /// Where they begin: the index of the line.
    pub line: usize,
    /// What is given to the shell.
    pub command: String,
    /// The lines that say what it prints; `None` when there is no place for any.
    pub printed: Option<Range<usize>>,
}

/// A fenced block: what is behind the fence, and the lines within.
pub struct Block {
    /// Such as `console`.
    pub kind: String,
    /// The lines between the fences.
    pub within: Range<usize>,
}

impl Guide {
    /// Reads a guide's text.
    pub fn read(file: &str, text: &str) -> Guide {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let blocks = blocks(&lines);
        let (mut steps, mut not_run) = (Vec::new(), Vec::new());
        for (n, block) in blocks.iter().enumerate() {
            let is_run = matches!(block.kind.as_str(), "console" | "sh");
            if let (true, Some(reason)) = (is_run, reason_above(&lines, block)) {
                not_run.push((block.within.start, reason));
            } else if block.kind == "console" {
                steps.extend(told_in(&lines, block));
            } else if block.kind == "sh" {
                let below = blocks
                    .get(n + 1)
                    .filter(|next| next.kind == "text" && is_right_below(&lines, block, next));
                let command = lines[block.within.clone()].join("\n");
                steps.push(Step {
                    line: block.within.start,
                    command,
                    printed: below.map(|b| b.within.clone()),
                });
            }
        }
        Guide { file: file.to_owned(), lines, steps, not_run }
    }

    /// What it says that a step prints.
    pub fn says(&self, step: &Step) -> String {
        self.lines[step.printed.clone().unwrap_or_default()].join("\n")
    }
}

/// The fenced blocks of a text.
pub fn blocks(lines: &[String]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, usize)> = None;
    for (n, line) in lines.iter().enumerate() {
        let Some(kind) = line.strip_prefix("```") else { continue };
        match open.take() {
            None => open = Some((kind.trim().to_owned(), n + 1)),
            Some((kind, first)) => blocks.push(Block { kind, within: first..n }),
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

fn reason_above(lines: &[String], block: &Block) -> Option<String> {
    let above = lines[..block.within.start - 1].iter().rev().find(|line| !line.trim().is_empty())?;
    Some(above.strip_prefix("<!-- not run: ")?.strip_suffix(" -->")?.to_owned())
}

fn is_right_below(lines: &[String], block: &Block, next: &Block) -> bool {
    lines[block.within.end + 1..next.within.start - 1].iter().all(|line| line.trim().is_empty())
}

/// The commands of a `console` block. A command goes on until the shell takes it for whole.
fn told_in(lines: &[String], block: &Block) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut n = block.within.start;
    while n < block.within.end {
        let first = lines[n].strip_prefix("$ ");
        let Some(first) = first else {
            steps
                .last_mut()
                .expect("a console block begins with a command")
                .printed
                .as_mut()
                .expect("it has a place")
                .end = n + 1;
            n += 1;
            continue;
        };
        let (line, mut command) = (n, first.to_owned());
        n += 1;
        while !is_whole(&command) && n < block.within.end {
            command = format!("{command}\n{}", lines[n]);
            n += 1;
        }
        steps.push(Step { line, command, printed: Some(n..n) });
    }
    steps
}

fn is_whole(command: &str) -> bool {
    let mut shell =
        Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(command.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    // A here-document without its end is only warned of.
    output.status.success() && output.stderr.is_empty() && !command.ends_with('\\')
}

#[test]
fn commands_are_told_from_what_they_print() {
    let text = "```console\n$ echo 'a\nb'\na\nb\n$ true\n```\n\n```sh\ncat <<END\nc\nEND\n```\n\n```text\nc\n```\n\n\
                <!-- not run: it is slow -->\n```sh\nsleep 9\n```\n\n```json\n{}\n```";
    let guide = Guide::read("docs/a.md", text);
    let outputs: Vec<(&str, String)> =
        guide.steps.iter().map(|s| (s.command.as_str(), guide.says(s))).collect();
    let here = "cat <<END\nc\nEND";
    assert_eq!(
        outputs,
        [("echo 'a\nb'", "a\nb".to_owned()), ("true", String::new()), (here, "c".to_owned())]
    );
    assert_eq!(guide.not_run, [(20, "it is slow".to_owned())]);
}

#[test]
fn a_page_tells_commands_from_what_they_print_as_the_shell_does() {
    for guide in super::guides() {
        for step in guide.steps.iter().filter(|step| guide.lines[step.line].starts_with("$ ")) {
            let lines: Vec<&str> = step.command.lines().collect();
            for n in 1..=lines.len() {
                let part = lines[..n].join("\n");
                assert_eq!(
                    billwright::http::docs::is_whole(&part),
                    n == lines.len(),
                    "{}: {part}",
                    guide.file
                );
            }
        }
    }
}

#[test]
fn nearly_every_command_is_run() {
    let (guides, mut run, mut not_run) = (super::guides(), 0, Vec::new());
    for guide in &guides {
        run += guide.steps.len();
        not_run.extend(guide.not_run.iter().map(|(line, reason)| format!("{}:{line}: {reason}", guide.file)));
    }
    assert!(run > 180 && not_run.len() <= 2, "{run} commands are run, and not these: {not_run:#?}");
}
