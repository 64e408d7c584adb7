//! What is searched? Every section of every guide: its heading, its anchor and its text.

use pulldown_cmark::{Event, Tag, TagEnd};
use serde::Serialize;

use super::Guide;
use super::render::{anchor, events};

/// What stands under one heading.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Section {
    /// The guide's title.
    guide: &'static str,
    heading: String,
    /// From `/docs/`.
    address: String,
    text: String,
}

/// The index as JSON.
pub(super) fn index(guides: &[Guide]) -> String {
    let sections: Vec<Section> = guides.iter().flat_map(sections).collect();
    serde_json::to_string(&sections).unwrap_or_default()
}

fn sections(guide: &Guide) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut is_heading = false;
    for event in events(guide.text) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                let (heading, address) = (String::new(), guide.address().to_owned());
                sections.push(Section { guide: guide.title(), heading, address, text: String::new() });
                is_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => {
                is_heading = false;
                if let Some(section) = sections.last_mut() {
                    section.address = format!("{}#{}", section.address, anchor(&section.heading));
                }
            }
            Event::Text(text) | Event::Code(text) => {
                let Some(section) = sections.last_mut() else { continue };
                let part = if is_heading { &mut section.heading } else { &mut section.text };
                part.push_str(&text);
            }
            // Words of neighbouring cells and lines stay apart.
            Event::SoftBreak | Event::End(TagEnd::TableCell | TagEnd::Paragraph | TagEnd::Item) => {
                if let Some(section) = sections.last_mut() {
                    section.text.push(' ');
                }
            }
            _ => {}
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_found_under_its_heading() {
        let text = "# Usage\nA meter\nsays.\n\n## The `end`\n| a | b |\n|---|---|\n| c | d |";
        let found = sections(&Guide { file: "usage", text });
        let texts: Vec<_> = found.iter().map(|s| (s.address.as_str(), s.text.as_str())).collect();
        assert_eq!(texts, [("usage#usage", "A meter says. "), ("usage#the-end", "a b c d ")]);
    }
}
