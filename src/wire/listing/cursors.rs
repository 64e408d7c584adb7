//! Which row does a cursor stand for? By its id in the order of creation; in any other, by what it is sorted by and its id.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use uuid::Uuid;

use super::Mark;
use crate::domain::listing::{Order, Value};

/// What stands between the parts of a mark.
const BETWEEN: char = '\u{1f}';

/// The place that a cursor stands for: an id alone in the order of creation, else the order and its parts.
pub(super) fn place(order: Order, marks: &[Mark], cursor: &str) -> Option<Vec<Value>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    if marks.is_empty() {
        return Uuid::from_slice(&bytes).ok().map(|id| vec![Value::Id(id)]);
    }
    let text = String::from_utf8(bytes).ok()?;
    let mut parts = text.split(BETWEEN);
    (parts.next()? == order.field).then_some(())?;
    let mut values = Vec::with_capacity(marks.len() + 1);
    for mark in marks {
        let part = parts.next()?;
        values.push(match mark {
            Mark::Instant => Value::Instant(DateTime::parse_from_rfc3339(part).ok()?.to_utc()),
            // U+0000 is in no text that is kept.
            Mark::Text => Some(Value::Text(part.to_owned())).filter(|_| !part.contains('\0'))?,
            Mark::Whole => Value::Whole(part.parse().ok()?),
        });
    }
    values.push(Value::Id(parts.next()?.parse().ok()?));
    parts.next().is_none().then_some(values)
}

/// The cursor that stands for a row.
#[must_use]
pub(super) fn cursor(order: Order, place: &[Value]) -> String {
    if let [Value::Id(id)] = place {
        return BASE64_URL_SAFE_NO_PAD.encode(id.as_bytes());
    }
    let mut text = order.field.to_owned();
    for part in place {
        text.push(BETWEEN);
        match part {
            Value::Instant(at) => text.push_str(&at.to_rfc3339()),
            Value::Text(part) => text.push_str(part),
            Value::Whole(number) => text.push_str(&number.to_string()),
            Value::Id(id) => text.push_str(&id.to_string()),
            _ => {}
        }
    }
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_in_its_own_order_only() {
        let id = Value::Id(Uuid::from_u128(7));
        let due = Order { field: "due_at", descending: false };
        let at =
            Value::Instant(DateTime::parse_from_rfc3339("2026-01-31T12:00:00.000001Z").unwrap().to_utc());
        let text = cursor(due, &[at.clone(), id.clone()]);
        assert_eq!(place(due, &[Mark::Instant], &text), Some(vec![at, id.clone()]));
        assert_eq!(place(Order { field: "issued_at", ..due }, &[Mark::Instant], &text), None);
        assert_eq!(place(Order::NEWEST, &[], &text), None);
        let text = cursor(Order::NEWEST, std::slice::from_ref(&id));
        assert_eq!(place(Order::NEWEST, &[], &text), Some(vec![id]));
        for bad in ["", "x", "!!", "AAAA"] {
            assert_eq!(place(due, &[Mark::Instant], bad), None);
            assert_eq!(place(Order::NEWEST, &[], bad), None);
        }
    }
}
