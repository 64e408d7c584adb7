//! Which errors can an operation answer? By its kind, what every such call can be given (a body that is no JSON, a key that is unknown), and what it
//! alone refuses: `POST /v1/customers` answers 409 `external_id_taken`, and 422 `malformed_email` among others.

mod accounts_to_inbound;
mod invoices_to_webhooks;
mod sets;

use std::collections::{BTreeMap, BTreeSet};

use sets::Set;

use super::catalogue;

/// Codes by the status they come with.
pub(super) type Refusals = BTreeMap<u16, BTreeSet<&'static str>>;

/// What an operation is, as far as it decides what can go wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind<'o> {
    /// Such as `POST /v1/customers`.
    pub(super) name: &'o str,
    /// Whether it needs an API key; what a gateway sends does not.
    pub(super) keyed: bool,
    /// Whether it takes something after `?`.
    pub(super) queried: bool,
    /// Whether it is read in pages.
    pub(super) paged: bool,
    /// Whether it is filtered, and read as a file.
    pub(super) filtered: bool,
}

impl Kind<'_> {
    fn reads(self) -> bool {
        self.name.starts_with("GET ")
    }
}

const ALWAYS: Set = &["malformed_request", "internal", "busy", "takes_too_long", "database_unreachable"];

const KEYED: Set = &["unauthenticated", "rate_exceeded", "too_many_failed_keys", "too_many_open_calls"];

const NAMED: Set = &["not_found"];

/// What a shape can be, of a body or a query.
const SHAPE: Set = &[
    "bad_value",
    "control_character",
    "date_out_of_range",
    "duplicate_field",
    "invalid",
    "leap_second",
    "missing_field",
    "unknown_field",
    "wrong_type",
];

const QUERY: Set = &["malformed_query"];

const PAGE: Set = &["limit_out_of_range", "bad_cursor", "after_and_before"];

const FILTERED: Set = &[
    "bad_amount",
    "bad_decimal",
    "page_of_a_file",
    "range_reversed",
    "too_fine",
    "too_many_parameters",
    "too_many_values",
    "unknown_currency",
];

const BODY: Set = &[
    "body_too_large",
    "body_too_slow",
    "malformed_json",
    "outcome_unknown",
    "too_many_open_bodies",
    "unreadable_body",
];

const JSON: Set = &["encoded_body", "not_json"];

const CHANGES: Set = &["missing_body"];

const ONCE: Set = &["bad_idempotency_key", "idempotency_key_in_use", "idempotency_key_reused"];

const STREAMS: Set = &["too_many_streams"];

/// Everything an operation can answer when it does not do what was wanted.
pub(super) fn refused_by(kind: Kind<'_>) -> Refusals {
    let mut refusals = by_kind(kind);
    add(&mut refusals, own(kind.name));
    refusals
}

/// What every call of this kind can be given.
pub(super) fn by_kind(kind: Kind<'_>) -> Refusals {
    let mut sets = vec![ALWAYS];
    sets.extend(kind.keyed.then_some(KEYED));
    sets.extend(kind.name.contains('{').then_some(NAMED));
    if kind.reads() {
        sets.extend(kind.queried.then_some([SHAPE, QUERY]).into_iter().flatten());
        sets.extend(kind.paged.then_some(PAGE));
        sets.extend(kind.filtered.then_some(FILTERED));
    } else {
        sets.extend([BODY, SHAPE, JSON]);
        sets.extend(kind.keyed.then_some(ONCE));
        sets.extend(kind.name.starts_with("PATCH ").then_some(CHANGES));
    }
    sets.extend(kind.name.ends_with("/events").then_some(STREAMS).filter(|_| !kind.reads()));
    let mut refusals = Refusals::new();
    add(&mut refusals, &sets);
    refusals
}

/// What it refuses besides; a preview refuses what it previews.
fn own(name: &str) -> &'static [Set] {
    let find = |name: &str| listed().find(|(named, _)| *named == name).map(|(_, sets)| *sets);
    let previewed = || find(name.strip_suffix("/preview")?);
    find(name).or_else(previewed).unwrap_or_default()
}

fn listed() -> impl Iterator<Item = &'static (&'static str, &'static [Set])> {
    accounts_to_inbound::LIST.iter().chain(invoices_to_webhooks::LIST)
}

fn add(refusals: &mut Refusals, sets: &[Set]) {
    for code in sets.iter().copied().flatten() {
        for status in catalogue::statuses(code) {
            // What no HTTP can be answers several; an operation sees the first.
            if *code == "malformed_request" && *status != 400 {
                continue;
            }
            refusals.entry(*status).or_default().insert(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes::TABLE;

    /// Codes that no operation gives: of what is not served, of commands, and of `/readyz`.
    const NOWHERE: [&str; 5] = [
        "no_such_route",
        "method_not_allowed",
        "database_read_only",
        "migrations_pending",
        "live_has_no_clock",
    ];

    fn every_code() -> BTreeSet<&'static str> {
        let names: Vec<String> =
            TABLE.iter().map(|(url, method)| format!("{} {url}", method.to_ascii_uppercase())).collect();
        let kinds =
            names.iter().map(|name| Kind { name, keyed: true, queried: true, paged: true, filtered: true });
        kinds.flat_map(|kind| refused_by(kind).into_values().flatten()).collect()
    }

    #[test]
    fn every_code_of_the_catalogue_is_named_by_an_operation() {
        let named = every_code();
        let missing: Vec<&str> =
            catalogue::codes().filter(|code| !named.contains(code) && !NOWHERE.contains(code)).collect();
        assert!(missing.is_empty(), "no operation names {missing:?}: see src/http/openapi/refusals");
        let nowhere = NOWHERE.iter().filter(|code| named.contains(*code));
        assert_eq!(nowhere.count(), 0);
    }

    #[test]
    fn every_refusal_is_in_the_catalogue_and_of_an_operation_that_is_there() {
        let sets = [ALWAYS, KEYED, NAMED, SHAPE, QUERY, PAGE, FILTERED, BODY, JSON, CHANGES, ONCE, STREAMS];
        let own = listed().flat_map(|(_, sets)| sets.iter().copied());
        for code in sets.into_iter().chain(own).flatten() {
            assert!(!catalogue::statuses(code).is_empty(), "{code} is not in docs/errors.md");
        }
        for (name, _) in listed() {
            let (method, url) = name.split_once(' ').unwrap();
            let served = TABLE.contains(&(url, method.to_ascii_lowercase().as_str()));
            assert!(served, "{name} is not served");
        }
    }

    #[test]
    fn a_preview_refuses_what_it_previews() {
        let kind = |name| Kind { name, keyed: true, queried: false, paged: false, filtered: false };
        let refused = |name| refused_by(kind(name));
        assert_eq!(
            refused("POST /v1/subscriptions/{id}/cancel/preview"),
            refused("POST /v1/subscriptions/{id}/cancel")
        );
        assert!(refused("POST /v1/customers")[&409].contains("external_id_taken"));
        assert!(!refused("GET /v1/customers/{id}").contains_key(&422));
    }
}
