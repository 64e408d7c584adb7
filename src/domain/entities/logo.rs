//! Which image does an entity print on its invoices? Where it is on the web, or a small image itself: `data:image/png;base64,iVBORw0KGgo…`.

use crate::domain::fields::Faults;

/// Longest address of an image.
const URL_LENGTH: usize = 2_000;
/// Longest image with its type, as text: about 48 kB.
const DATA_LENGTH: usize = 64 << 10;
const TYPES: [&str; 3] = ["image/png", "image/jpeg", "image/svg+xml"];

/// Notes what is wrong with one.
pub(super) fn check(logo: &str, faults: &mut Faults) {
    let fits = match logo.strip_prefix("data:") {
        Some(data) => logo.len() <= DATA_LENGTH && is_image(data),
        None => logo.len() <= URL_LENGTH && is_address(logo),
    };
    if !fits {
        let detail = format_args!(
            "a logo is an address that begins with https://, or an image itself, data:image/png;base64,… (or image/jpeg, image/svg+xml), of at most {DATA_LENGTH} characters"
        );
        faults.add("/logo", "malformed_logo", detail);
    }
}

fn is_address(logo: &str) -> bool {
    let host =
        logo.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let is_plain =
        logo.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'`'));
    is_plain && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
}

/// Whether it is base64 of a known type: quartets, filled up at the end alone.
fn is_image(data: &str) -> bool {
    let Some((kind, text)) = data.split_once(";base64,") else { return false };
    let body = text.trim_end_matches('=');
    let is_base64 = body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    TYPES.contains(&kind)
        && is_base64
        && !body.is_empty()
        && text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(logo: &str) -> bool {
        let mut faults = Faults::none();
        check(logo, &mut faults);
        faults.is_empty()
    }

    #[test]
    fn a_logo_is_an_address_or_a_small_image() {
        for logo in [
            "https://acme.example/logo.png",
            "data:image/png;base64,iVBORw0KGgo=",
            "data:image/svg+xml;base64,PHN2Zy8+",
        ] {
            assert!(takes(logo), "{logo}");
        }
        let large = format!("data:image/png;base64,{}", "A".repeat(DATA_LENGTH));
        for logo in [
            "",
            "http://acme.example/logo.png",
            "https://",
            "https://user@acme.example/logo.png",
            "https://acme.example/a b.png",
            "javascript:alert(1)",
            "data:text/html;base64,PHN2Zy8+",
            "data:image/png,iVBORw0KGgo=",
            "data:image/png;base64,iVBORw0KGgo",
            "data:image/png;base64,",
            &large,
        ] {
            assert!(!takes(logo), "{}", &logo[..logo.len().min(60)]);
        }
    }
}
