//! How does a guide become HTML? Headings get an anchor, links to other guides lead to their pages, commands stand apart from
//! what they print, and wide tables scroll.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::commands::{self, Part};

/// The events of a guide's text.
pub(super) fn events(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// The HTML of a guide's text.
pub(super) fn html(text: &str) -> String {
    let mut events = events(text);
    let mut written = Vec::new();
    while let Some(event) = events.next() {
        match event {
            Event::Start(Tag::Heading { .. }) => written.extend(heading(event, &mut events)),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => {
                written.push(raw(code(&kind, &until_end(&mut events))));
            }
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                written.extend(link(&event, dest_url, &mut events))
            }
            Event::Start(Tag::Table(_)) => written.extend([raw("<div class=\"table\">".to_owned()), event]),
            Event::End(TagEnd::Table) => written.extend([event, raw("</div>".to_owned())]),
            other => written.push(other),
        }
    }
    let mut page = String::new();
    html::push_html(&mut page, written.into_iter());
    page
}

fn raw(html: String) -> Event<'static> {
    Event::Html(CowStr::from(html))
}

/// What is left of an element, without its end.
fn within<'t>(events: &mut Parser<'t>) -> Vec<Event<'t>> {
    let mut depth = 0;
    let mut within = Vec::new();
    for event in events {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) if depth == 0 => break,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        within.push(event);
    }
    within
}

fn until_end(events: &mut Parser<'_>) -> String {
    text_of(&within(events))
}

fn text_of(events: &[Event<'_>]) -> String {
    let text = |event: &Event<'_>| match event {
        Event::Text(text) | Event::Code(text) => text.to_string(),
        _ => String::new(),
    };
    events.iter().map(text).collect()
}

fn heading<'t>(start: Event<'t>, events: &mut Parser<'t>) -> Vec<Event<'t>> {
    let within = within(events);
    let Event::Start(Tag::Heading { level, classes, attrs, .. }) = start else { return within };
    let id = anchor(&text_of(&within));
    let to_itself =
        raw(format!(" <a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to this section\">#</a>"));
    let mut written = vec![Event::Start(Tag::Heading { level, id: Some(CowStr::from(id)), classes, attrs })];
    written.extend(within);
    written.extend([to_itself, Event::End(TagEnd::Heading(level))]);
    written
}

/// What a heading is called in a link, as code hosts call it: `Why is a line what it is?` is `why-is-a-line-what-it-is`.
#[must_use]
pub fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .collect::<String>()
        .replace(' ', "-")
}

/// A link to a page that is served, or only its text: the sources are not served.
fn link<'t>(start: &Event<'t>, target: &str, events: &mut Parser<'t>) -> Vec<Event<'t>> {
    let within = within(events);
    let (Event::Start(Tag::Link { link_type, title, id, .. }), Some(address)) = (start, address(target))
    else {
        return within;
    };
    let (title, id) = (title.clone(), id.clone());
    let mut written =
        vec![Event::Start(Tag::Link { link_type: *link_type, dest_url: CowStr::from(address), title, id })];
    written.extend(within);
    written.push(Event::End(TagEnd::Link));
    written
}

/// Where a target of a guide is served: `usage.md#budgets` at `usage#budgets`, a source nowhere.
fn address(target: &str) -> Option<String> {
    if target.starts_with("http") || target.starts_with('#') {
        return Some(target.replace("http://127.0.0.1:8080", ""));
    }
    if target == "../openapi/openapi.json" {
        return Some("/openapi.json".to_owned());
    }
    let (path, anchor) = target.split_once(".md").filter(|(path, _)| !path.contains('/'))?;
    let page = if path == "README" { "./" } else { path };
    Some(format!("{page}{anchor}"))
}

fn code(kind: &str, text: &str) -> String {
    let mut block = format!("<pre class=\"{kind}\" tabindex=\"0\"><code>");
    match kind {
        "console" => {
            for part in commands::parts(text) {
                block.push_str(&match part {
                    Part::Command(text) => format!("<kbd>{}</kbd>\n", escaped(&text)),
                    Part::Printed(text) => format!("<samp>{}</samp>\n", escaped(&text)),
                });
            }
        }
        "sh" => block.push_str(&format!("<kbd>{}</kbd>", escaped(text))),
        _ => block.push_str(&escaped(text)),
    }
    block.push_str("</code></pre>\n");
    block
}

/// A text as HTML shows it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_can_be_linked_to() {
        assert_eq!(anchor("Why is a line what it is?"), "why-is-a-line-what-it-is");
        assert_eq!(anchor("`pick` and the rest"), "pick-and-the-rest");
        assert!(html("## The *end*").starts_with("<h2 id=\"the-end\">The <em>end</em> <a"));
    }

    #[test]
    fn links_lead_to_pages_and_not_to_sources() {
        assert_eq!(html("[a](usage.md#budgets)"), "<p><a href=\"usage#budgets\">a</a></p>\n");
        assert_eq!(html("[all](README.md)"), "<p><a href=\"./\">all</a></p>\n");
        assert_eq!(html("[b](../src/lib.rs) c"), "<p>b c</p>\n");
        assert_eq!(
            html("<http://127.0.0.1:8080/docs/api/>"),
            "<p><a href=\"/docs/api/\">http://127.0.0.1:8080/docs/api/</a></p>\n"
        );
    }

    #[test]
    fn commands_stand_apart_from_what_they_print() {
        let block = html("```console\n$ a <b\nc\n```");
        let code = "<code><kbd>a &lt;b</kbd>\n<samp>c</samp>\n</code>";
        assert_eq!(block, format!("<pre class=\"console\" tabindex=\"0\">{code}</pre>\n"));
    }
}
