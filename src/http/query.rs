//! What does the part after `?` ask for? A page and a filter; unknown names and bad values are refused like a body's:
//! `?limit=0` is a 422 at `/query/limit`.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{Ready, ready};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::Problem;
use super::body::shape_problem;
use super::unkeepable;
use crate::storage::keyset;
use crate::storage::keyset::Keyset;
use crate::wire::page::{PageQuery, Place};

/// What stands before a parameter's name in a pointer.
const ROOT: &str = "/query";

/// The query of a list: its page, and what else it may be filtered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<F> {
    /// The page.
    pub keyset: Keyset,
    /// All other parameters.
    pub filter: F,
}

/// For a list that cannot be filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

/// The query of something that is not read in pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query<F>(pub F);

impl<F: DeserializeOwned> FromRequest for Listing<F> {
    type Error = Problem;
    type Future = Ready<Result<Listing<F>, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(listing(req.query_string()))
    }
}

impl<F: DeserializeOwned> FromRequest for Query<F> {
    type Error = Problem;
    type Future = Ready<Result<Query<F>, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(pairs(req.query_string()).and_then(read).map(Query))
    }
}

fn listing<F: DeserializeOwned>(text: &str) -> Result<Listing<F>, Problem> {
    let (page, others) =
        pairs(text)?.into_iter().partition(|(name, _)| ["limit", "after", "before"].contains(&name.as_str()));
    let page: PageQuery = read(page)?;
    let from = match page.place()? {
        Place::Newest => keyset::From::Newest,
        Place::After(id) => keyset::From::After(id),
        Place::Before(id) => keyset::From::Before(id),
    };
    Ok(Listing { keyset: Keyset { limit: page.limit()?, from }, filter: read(others)? })
}

pub(in crate::http) type Pairs = Vec<(String, String)>;

/// The pairs of a query, none of them what cannot be kept.
pub(in crate::http) fn pairs(text: &str) -> Result<Pairs, Problem> {
    let pairs: Pairs = serde_urlencoded::from_str(text).map_err(|e| {
        Problem::malformed("malformed_query", format!("the query string cannot be read: {e}"))
    })?;
    unkeepable::check_query(ROOT, &pairs)?;
    Ok(pairs)
}

fn read<T: DeserializeOwned>(pairs: Pairs) -> Result<T, Problem> {
    let text = serde_urlencoded::to_string(pairs).map_err(|e| {
        Problem::malformed("malformed_query", format!("the query string cannot be read: {e}"))
    })?;
    let query = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(query)
        .map_err(|e| shape_problem(ROOT, e.path(), &e.inner().to_string()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct ByStatus {
        status: Option<String>,
        count: Option<i64>,
    }

    fn refused(text: &str) -> (String, String) {
        let problem = listing::<ByStatus>(text).unwrap_err().to_wire(None);
        (problem.errors[0].pointer.clone(), problem.code)
    }

    #[test]
    fn the_page_and_the_filter_are_told_apart() {
        let read = listing::<ByStatus>("status=a%20b&limit=7").unwrap();
        assert_eq!(read.keyset, Keyset { limit: 7, from: keyset::From::Newest });
        assert_eq!(read.filter, ByStatus { status: Some("a b".to_owned()), count: None });
        assert_eq!(listing::<NoFilter>("").unwrap().keyset.limit, 50);
    }

    #[test]
    fn each_fault_of_a_query_is_named_with_its_place() {
        let at = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(refused("limit=0"), at("/query/limit", "limit_out_of_range"));
        assert_eq!(refused("limit=x"), at("/query/limit", "bad_value"));
        assert_eq!(refused("limit=-1"), at("/query/limit", "bad_value"));
        assert_eq!(refused("after=zzz"), at("/query/after", "bad_cursor"));
        assert_eq!(refused("stauts=a"), at("/query/stauts", "unknown_field"));
        assert_eq!(refused("count=many"), at("/query/count", "bad_value"));
        assert_eq!(refused("status=a&status=b"), at("/query/status", "duplicate_field"));
    }
}
