//! Where does a command of a guide end, and what it prints begin? Told from quotes, continued lines, loops and here-documents,
//! so that a page can show and copy the commands alone. The tests ask the shell itself, and compare.

/// What a `console` block shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A command without its `$ `, in one or several lines.
    Command(String),
    /// What it prints.
    Printed(String),
}

/// The parts of a `console` block, in order.
pub(super) fn parts(block: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = block.lines();
    while let Some(line) = lines.next() {
        let Some(first) = line.strip_prefix("$ ") else {
            match parts.last_mut() {
                Some(Part::Printed(text)) => *text = format!("{text}\n{line}"),
                _ => parts.push(Part::Printed(line.to_owned())),
            }
            continue;
        };
        let mut command = first.to_owned();
        while !is_whole(&command) {
            let Some(next) = lines.next() else { break };
            command = format!("{command}\n{next}");
        }
        parts.push(Part::Command(command));
    }
    parts
}

/// Whether nothing of a command is missing: `for n in 1 2` and `echo 'a` go on.
pub fn is_whole(command: &str) -> bool {
    if let Some(end) = end_of_here_document(command) {
        return command.lines().last() == Some(end);
    }
    let mut quote = None;
    let mut bare = String::new();
    for c in command.chars() {
        match quote {
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None => bare.push(c),
        }
    }
    let end = bare.trim_end();
    let loops = |word: &str| bare.split([' ', '\n', ';']).filter(|w| *w == word).count();
    quote.is_none() && !end.ends_with(['|', '\\']) && loops("do") == loops("done")
}

/// What ends the here-document that a command begins: `END` of `cat <<'END'`.
fn end_of_here_document(command: &str) -> Option<&str> {
    let (_, word) = command.lines().next()?.split_once("<<")?;
    let word = word.split(' ').next()?;
    Some(word.trim_matches('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_goes_on_until_it_is_whole() {
        for whole in ["api x -d '{}' | pick id", "for n in 1; do echo $n; done", "cat <<'END'\na'b\nEND"] {
            assert!(is_whole(whole), "{whole}");
        }
        for part in ["api x -d '{", "api x |", "api x \\", "for n in 1; do", "cat > f <<'END'\na"] {
            assert!(!is_whole(part), "{part}");
        }
    }

    #[test]
    fn what_is_printed_stays_apart() {
        let printed = |text: &str| Part::Printed(text.to_owned());
        let command = |text: &str| Part::Command(text.to_owned());
        assert_eq!(parts("$ a '\nb'\nc\nd\n$ e"), [command("a '\nb'"), printed("c\nd"), command("e")]);
    }
}
