//! Does every link of the guides lead somewhere? To a file of the checkout, a heading of it, or a page of the running server;
//! and is every path in backquotes, such as `scripts/run`, there?

use std::collections::BTreeSet;

use super::commands::blocks;
use super::{files, text_of, top};

/// A guide's lines outside of its blocks of commands.
fn prose(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for block in blocks(&lines.clone()) {
        lines[block.within].fill(String::new());
    }
    lines.join("\n")
}

/// The targets of `[text](target)`, and addresses in angle brackets.
fn targets(text: &str) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    for (begin, end) in [("](", ')'), ("<http", '>')] {
        let found = text.split(begin).skip(1).filter_map(|rest| rest.split(end).next());
        targets
            .extend(found.map(|target| if end == '>' { format!("http{target}") } else { target.to_owned() }));
    }
    targets
}

/// What headings are called in a link: `## The credit balance` is `#the-credit-balance`.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text);
    headings
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|h| billwright::http::docs::anchor(h.trim_start_matches('#')))
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    let mut followed = 0;
    for file in files() {
        let text = text_of(&file);
        for target in targets(&prose(&text)) {
            followed += 1;
            if target.starts_with("https://") {
                continue;
            }
            if let Some(page) = target.strip_prefix("http://127.0.0.1:8080") {
                let known = ["/docs/", "/docs/api/", "/openapi.json"];
                broken.extend((!known.contains(&page)).then(|| format!("{file}: {target}")));
                continue;
            }
            let (path, anchor) =
                target.split_once('#').map_or((target.as_str(), None), |(p, a)| (p, Some(a)));
            let beside = top().join(&file).parent().unwrap().join(path);
            let other = if path.is_empty() { top().join(&file) } else { beside };
            let is_there = match anchor {
                None => other.exists(),
                Some(anchor) => {
                    std::fs::read_to_string(&other).is_ok_and(|text| anchors(&text).contains(anchor))
                }
            };
            broken.extend((!is_there).then(|| format!("{file}: {target}")));
        }
    }
    assert!(broken.is_empty(), "these links lead nowhere:\n{}", broken.join("\n"));
    assert!(followed > 60, "only {followed} links were found");
}

#[test]
fn every_path_that_is_named_is_there() {
    let mut missing = Vec::new();
    for file in files() {
        let text = prose(&text_of(&file));
        for word in text.split('`').skip(1).step_by(2).filter_map(|code| code.split(' ').next()) {
            let is_path = ["src/", "tests/", "scripts/", "docs/", "migrations/", "openapi/"]
                .iter()
                .any(|top| word.starts_with(top));
            if is_path && !top().join(word.trim_end_matches('/')).exists() {
                missing.push(format!("{file}: {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "these are not there:\n{}", missing.join("\n"));
}

#[test]
fn every_guide_is_served_and_listed() {
    let served: BTreeSet<String> =
        billwright::http::docs::GUIDES.iter().map(|guide| format!("docs/{}.md", guide.file)).collect();
    let there: BTreeSet<String> = files().into_iter().filter(|file| file.starts_with("docs/")).collect();
    assert_eq!(served, there, "src/http/docs/mod.rs lists the guides that are served");
    let index = text_of("docs/README.md");
    for file in there.iter().filter(|file| *file != "docs/README.md") {
        let link = format!("]({})", file.trim_start_matches("docs/"));
        assert!(index.contains(&link), "docs/README.md does not lead to {file}");
    }
}
