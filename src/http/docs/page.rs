//! What surrounds a guide? The list of all guides, the way to the reference, and the search.

use super::render::{escaped, html};
use super::{GUIDES, Guide};

/// The guide whose rows are led to: a problem's `type` is `/docs/errors#blank`.
const CATALOGUE: &str = "errors";

/// Rows that begin with a code can be linked to by it.
fn with_rows_named(body: &str) -> String {
    const ROW: &str = "<tr><td><code>";
    let mut parts = body.split(ROW);
    let mut named = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.split('<').next().unwrap_or_default();
        named.push_str(&format!("<tr id=\"{code}\"><td><code>{part}"));
    }
    named
}

/// The whole page of a guide.
pub(super) fn render(guide: &Guide) -> String {
    let (title, list, body) = (escaped(guide.title()), list(guide), html(guide.text));
    let body = if guide.file == CATALOGUE { with_rows_named(&body) } else { body };
    format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Billwright</title>
<link rel="stylesheet" href="style.css">
<script src="search.js" defer></script>
</head>
<body>
<a class="skip" href="#guide">Skip to the guide</a>
<header>
<a class="name" href="./">Billwright</a>
<form role="search">
<label class="hidden" for="search">Search the guides</label>
<input id="search" type="search" placeholder="Search the guides ( / )" autocomplete="off" aria-controls="found">
</form>
<a class="reference" href="api/">API reference</a>
<ol id="found" aria-live="polite" hidden></ol>
<noscript>The search needs JavaScript; everything else does without.</noscript>
</header>
<nav aria-label="Guides"><ul>
{list}</ul></nav>
<main id="guide" tabindex="-1">
{body}</main>
</body>
</html>
"##
    )
}

fn list(here: &Guide) -> String {
    let mut list = String::new();
    for guide in GUIDES {
        let current = if guide.file == here.file { " aria-current=\"page\"" } else { "" };
        let (address, title) = (guide.address(), escaped(guide.title()));
        list.push_str(&format!("<li><a href=\"{address}\"{current}>{title}</a></li>\n"));
    }
    list.push_str("<li><a href=\"api/\">API reference</a></li>\n");
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_can_be_linked_to_by_its_code() {
        let page = with_rows_named(&html("| code | is |\n|---|---|\n| `too_long` | `a` |"));
        assert!(
            page.contains("<tr id=\"too_long\"><td><code>too_long</code></td><td><code>a</code>"),
            "{page}"
        );
    }
}
