//! How is a long list read? In pages of 1 to 1,000 rows (50 by default), newest first, by an opaque cursor.
//!
//! The cursor is the id of the last row seen: rows added meanwhile never shift a page, and page 10,000 costs what page 1 costs.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::refusal::Invalid;

/// Rows of a page when no limit is given.
pub const DEFAULT_LIMIT: u16 = 50;
/// The longest page.
pub const MAX_LIMIT: u16 = 1000;

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows of the page: 1 to 1000, 50 when left out.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<u32>,
    /// A `next_cursor`: the page of older rows after it.
    pub after: Option<String>,
    /// A cursor: the page of newer rows before it.
    pub before: Option<String>,
}

/// The place a page starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The newest row.
    Newest,
    /// Older than this id.
    After(Uuid),
    /// Newer than this id.
    Before(Uuid),
}

impl PageQuery {
    /// The number of rows requested, when it is in range.
    pub fn limit(&self) -> Result<u16, Invalid> {
        checked_limit(self.limit)
    }

    /// The place the cursor names, when it is one of ours.
    pub fn place(&self) -> Result<Place, Invalid> {
        match (&self.after, &self.before) {
            (None, None) => Ok(Place::Newest),
            (Some(after), None) => Ok(Place::After(cursor_at("/query/after", after)?)),
            (None, Some(before)) => Ok(Place::Before(cursor_at("/query/before", before)?)),
            (Some(_), Some(_)) => {
                Err(Invalid::one("/query/before", "after_and_before", "give `after` or `before`, not both"))
            }
        }
    }
}

/// A limit of 1 to 1000, 50 when left out.
pub fn checked_limit(limit: Option<u32>) -> Result<u16, Invalid> {
    let Some(limit) = limit else { return Ok(DEFAULT_LIMIT) };
    match u16::try_from(limit) {
        Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
        _ => Err(Invalid::one(
            "/query/limit",
            "limit_out_of_range",
            format!("`limit` is from 1 to {MAX_LIMIT}; it was {limit}"),
        )),
    }
}

fn cursor_at(pointer: &str, text: &str) -> Result<Uuid, Invalid> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    bytes.and_then(|bytes| Uuid::from_slice(&bytes).ok()).ok_or_else(|| bad_cursor(pointer))
}

fn bad_cursor(pointer: &str) -> Invalid {
    let detail = "this is not a cursor; give the `next_cursor` of an earlier page, unchanged";
    Invalid::one(pointer, "bad_cursor", detail)
}

/// The place that the `after` of a list names which is not in the order of one id, as [`cursor_of`] wrote it.
///
/// # Errors
/// It is no cursor of this list.
pub fn place_after<P>(
    after: Option<&str>,
    read: impl FnOnce(&str) -> Option<P>,
) -> Result<Option<P>, Invalid> {
    let Some(after) = after else { return Ok(None) };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(after).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.as_deref().and_then(read).map(Some).ok_or_else(|| bad_cursor("/query/after"))
}

/// The cursor that stands for a place written as text.
#[must_use]
pub fn cursor_of(place: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(place)
}

/// The cursor that stands for a row.
pub fn cursor(id: Uuid) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(id.as_bytes())
}

/// One page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows, newest first.
    pub data: Vec<T>,
    /// Whether more rows follow in the direction read.
    #[schema(example = false)]
    pub has_more: bool,
    /// Give it as `after` (or, when reading with `before`, as `before`) for the next page; null when there is none.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_the_id_it_stands_for() {
        let id = Uuid::from_u128(0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881);
        let query = PageQuery { after: Some(cursor(id)), ..PageQuery::default() };
        assert_eq!(query.place(), Ok(Place::After(id)));
    }

    #[test]
    fn a_limit_is_from_1_to_1000_and_50_when_left_out() {
        let limit = |limit| PageQuery { limit, ..PageQuery::default() }.limit();
        assert_eq!(limit(None), Ok(50));
        assert_eq!(limit(Some(1000)), Ok(1000));
        assert_eq!(limit(Some(0)).unwrap_err().errors[0].code, "limit_out_of_range");
        assert_eq!(limit(Some(1001)).unwrap_err().errors[0].pointer, "/query/limit");
    }

    #[test]
    fn a_cursor_that_is_none_of_ours_is_refused() {
        for bad in ["x", "", "!!!!", "AAAA"] {
            let query = PageQuery { before: Some(bad.to_owned()), ..PageQuery::default() };
            assert_eq!(query.place().unwrap_err().errors[0].code, "bad_cursor");
        }
    }
}
