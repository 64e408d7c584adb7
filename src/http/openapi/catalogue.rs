//! Which codes can a problem have, and with which status? As `docs/errors.md` has them, which the tests hold to the code: `blank` comes with 422.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The guide that explains every code, in a row of a table: `` | `blank` | 422 | Write something. | ``.
const GUIDE: &str = include_str!("../../../docs/errors.md");

/// Every code, in the order of the alphabet.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    rows().keys().copied()
}

/// The statuses with which a code comes; none when there is no such code.
pub(super) fn statuses(code: &str) -> &'static [u16] {
    rows().get(code).map_or(&[], Vec::as_slice)
}

fn rows() -> &'static BTreeMap<&'static str, Vec<u16>> {
    static ROWS: OnceLock<BTreeMap<&'static str, Vec<u16>>> = OnceLock::new();
    ROWS.get_or_init(|| GUIDE.lines().filter_map(row).collect())
}

fn row(line: &'static str) -> Option<(&'static str, Vec<u16>)> {
    let (code, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
    let (statuses, _) = rest.split_once(" | ")?;
    Some((code, statuses.split(", ").map(str::parse).collect::<Result<_, _>>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_with_its_statuses() {
        assert_eq!(statuses("blank"), [422]);
        assert_eq!(statuses("subscription_ended"), [409, 422]);
        assert_eq!(statuses("no_such_code"), [0_u16; 0]);
        assert!(codes().count() > 300);
    }
}
