//! Who may import whom? Each ring those of the table, and each outside crate in its room: `domain` knows no database.
//!
//! Every way to name something counts: `use`, a path in an expression or type, one inside a macro or attribute.

pub mod paths;

use super::source::{Breach, Source};
use paths::Reference;

/// The rings that must exist, innermost first.
pub const RINGS: [&str; 9] =
    ["domain", "platform", "storage", "adapters", "wire", "workflows", "jobs", "http", "cli"];

/// What a ring may import. `ring::a b c/d */e` opens only these rooms of it: `e` on every shelf.
const TABLE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("platform", &[]),
    ("storage", &["domain", "platform"]),
    ("adapters", &["domain", "platform"]),
    ("wire", &["domain"]),
    ("workflows", &["domain", "storage", "adapters", "platform"]),
    ("jobs", &["workflows", "storage", "wire", "adapters", "domain", "platform"]),
    (
        "http",
        &[
            "wire",
            "workflows",
            "storage::Db Session Tx StorageError idempotency keyset listing migrate tenants/api_keys */views",
            "adapters::gateway",
            "domain",
            "platform",
        ],
    ),
    (
        "console",
        &[
            "workflows",
            "storage::Db Session Tx StorageError keyset tenants/api_keys */views",
            "domain",
            "platform",
        ],
    ),
    // Where everything is put together.
    ("cli", &["http", "jobs", "workflows", "wire", "storage", "adapters", "domain", "platform"]),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// All that the domain may know of the world outside.
const PURE: [&str; 13] = [
    "std",
    "core",
    "alloc",
    "rust_decimal",
    "rust_iso3166",
    "chrono",
    "chrono_tz",
    "iso_currency",
    "serde",
    "serde_json",
    "strum",
    "thiserror",
    "uuid",
];

/// Crates that only some rings may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("diesel", &["storage"]),
    ("diesel_migrations", &["storage"]),
    ("actix_web", &["http", "console", "cli"]),
    ("utoipa", &["wire", "http"]),
    ("utoipa_swagger_ui", &["http"]),
    ("reqwest", &["adapters", "cli"]),
    ("clap", &["cli", "platform"]),
    ("indicatif", &["cli"]),
    ("rand", &["platform"]),
];

/// Imports of one ring by another that the table does not allow.
pub fn of_rings(source: &Source) -> Vec<Breach> {
    let ring = source.ring();
    let Some((_, allowed)) = TABLE.iter().find(|(name, _)| *name == ring) else {
        return vec![source.breach(1, format!("{ring} is no ring of the table"))];
    };
    let refused = |reference: Reference| {
        let rule = refusal(ring, allowed, &reference.inside?)?;
        Some(source.breach(reference.line, rule))
    };
    paths::references(source).into_iter().filter_map(refused).collect()
}

fn refusal(ring: &str, allowed: &[&str], path: &[String]) -> Option<String> {
    let Some(other) = path.first() else {
        return Some("name the ring that is imported instead of the whole crate".to_owned());
    };
    let shown = format!("(crate::{})", path.join("::"));
    if other == ring {
        return None;
    }
    if !TABLE.iter().any(|(name, _)| name == other) {
        return Some(format!("there is no ring called {other} {shown}"));
    }
    for entry in allowed {
        let (open, rooms) = entry.split_once("::").unwrap_or((entry, ""));
        if open != other {
            continue;
        }
        let rooms: Vec<&str> = rooms.split_whitespace().collect();
        if rooms.is_empty() || rooms.iter().any(|room| leads_into(path, room)) {
            return None;
        }
        return Some(format!("{ring} may import of {other} only {} {shown}", rooms.join(", ")));
    }
    Some(format!("{ring} may not import {other} {shown}"))
}

/// Whether a path leads into a room of its ring: `storage::customers::views::page` into `*/views`.
fn leads_into(path: &[String], room: &str) -> bool {
    let mut steps = path.iter().skip(1);
    room.split('/').all(|name| steps.next().is_some_and(|step| name == "*" || step == name))
}

/// Outside crates used outside their rooms.
pub fn of_crates(source: &Source) -> Vec<Breach> {
    let ring = source.ring();
    let known = paths::dependencies();
    let misplaced = |reference: Reference| {
        let path = reference.outside.filter(|path| known.contains(&path[0]))?;
        let name = path[0].as_str();
        let shown = path.join("::");
        let rule = match ROOMS.iter().find(|(room, _)| *room == name) {
            _ if ring == "domain" && !PURE.contains(&name) => {
                format!("domain may not use the crate {name} ({shown})")
            }
            Some((_, rings)) if !rings.contains(&ring) => {
                format!("only {} may use the crate {name} ({shown})", rings.join(", "))
            }
            _ => return None,
        };
        Some(source.breach(reference.line, rule))
    };
    paths::references(source).into_iter().filter_map(misplaced).collect()
}
