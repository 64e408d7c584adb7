//! On which shelf does a file lie, and what may it import? A shelf is a billing subject with the same name in every ring; inside a ring
//! it imports only earlier shelves of the river. `src/storage/usage/late.rs:8: usage comes before billing in the river`.

use super::imports::paths;
use super::source::{Breach, Source};

/// The shelves in river order.
const SHELVES: [&str; 20] = [
    "tenants",
    "customers",
    "catalog",
    "subscriptions",
    "usage",
    "entitlements",
    "budgets",
    "rating",
    "billing",
    "discounts",
    "fx",
    "tax",
    "entities",
    "invoicing",
    "credits",
    "payments",
    "dunning",
    "ledger",
    "revenue",
    "webhooks",
];

/// A ring with shelves.
struct Ring {
    name: &'static str,
    /// The module in which its shelves lie.
    root: &'static [&'static str],
    /// What all shelves share, in the order in which one may import another; shelves may import all of it.
    springs: &'static [&'static str],
    /// What knows all shelves: they may not import it.
    mouths: &'static [&'static str],
}

const RINGS: [Ring; 6] = [
    Ring {
        name: "domain",
        root: &["domain"],
        springs: &["laws", "refusal", "fields", "money", "calendar", "ids", "listing", "proration", "work"],
        mouths: &["events", "issuing"],
    },
    Ring {
        name: "storage",
        root: &["storage"],
        springs: &[
            "schema",
            "wording",
            "error",
            "rules",
            "connection",
            "spare",
            "tx",
            "db",
            "sql_types",
            "columns",
            "named",
            "keyset",
            "listing",
            "events",
            "idempotency",
            "migrate",
            "due",
            "parked_work",
        ],
        mouths: &["books", "bench"],
    },
    Ring {
        name: "workflows",
        root: &["workflows"],
        springs: &[
            "error",
            "keyed",
            "scope",
            "named",
            "tally",
            "parked_work",
            "dry_run",
            "purge_idempotency_keys",
            "relay_events",
        ],
        mouths: &["advance_clock", "verify_books"],
    },
    Ring {
        name: "wire",
        root: &["wire"],
        springs: &[
            "mirror",
            "problem",
            "amounts",
            "times",
            "page",
            "patch",
            "table",
            "listing",
            "events",
            "parked_work",
            "stuck_work",
        ],
        mouths: &[],
    },
    Ring { name: "http/v1", root: &["http", "v1"], springs: &["events", "parked_work"], mouths: &[] },
    Ring { name: "scenarios", root: &["it", "scenarios"], springs: &[], mouths: &[] },
];

/// Imports against the river: in which ring, which shelf, of which later one, and why.
const UPSTREAM: &[(&str, &str, &str, &str)] = &[
    (
        "storage",
        "error",
        "rules",
        "what a broken constraint means to a caller is an error, and errors ask for it",
    ),
    ("domain", "billing", "discounts", "what was taken back of a line tells what is left of its discounts"),
    (
        "storage",
        "subscriptions",
        "billing",
        "a changed timeline sets billing's cursor back in the same statement",
    ),
    ("storage", "usage", "billing", "usage that was billed is looked at again when it is corrected"),
    ("storage", "usage", "budgets", "usage that comes in makes the budgets of its customer due for a look"),
    ("storage", "billing", "ledger", "the totals of a run are sums, read as the ledger reads sums"),
    ("storage", "credits", "payments", "a refund is called under a claim, as a charge is"),
    ("workflows", "subscriptions", "billing", "what a change makes due is billed in its transaction"),
    (
        "workflows",
        "subscriptions",
        "revenue",
        "what a break moves of what is paid is moved in its transaction",
    ),
    ("workflows", "subscriptions", "discounts", "a coupon is redeemed with the start it is told with"),
    (
        "workflows",
        "budgets",
        "billing",
        "usage that comes to a budget is invoiced early, and what it costs so far is foreseen",
    ),
    ("workflows", "billing", "tax", "what a run writes is taxed"),
    (
        "workflows",
        "billing",
        "invoicing",
        "a run issues what it finds due: an invoice and its lines in one transaction",
    ),
    (
        "workflows",
        "invoicing",
        "credits",
        "an invoice draws on credits when it is issued and gives them back when it is void",
    ),
    (
        "workflows",
        "invoicing",
        "revenue",
        "what a document brings is scheduled in the transaction that issues or voids it",
    ),
    (
        "workflows",
        "payments",
        "revenue",
        "what is paid after it was given up is deferred again in the transaction of its payment",
    ),
    ("workflows", "credits", "revenue", "what a credit note takes back is scheduled in its transaction"),
    ("domain", "webhooks", "events", "an endpoint names the types of events that it wants"),
    ("wire", "subscriptions", "invoicing", "a preview shows the invoices that a change would make"),
    ("wire", "billing", "invoicing", "an explanation shows its line as the invoice shows it"),
    ("wire", "billing", "tax", "an explanation shows the taxes of its line as a calculation shows them"),
    ("http/v1", "subscriptions", "invoicing", "a preview shows the invoices that a change would make"),
];

/// Files that may lie in one folder.
const IN_A_FOLDER: usize = 20;

impl Ring {
    fn of(module: &[String]) -> Option<&'static Ring> {
        RINGS.iter().find(|ring| module.len() > ring.root.len() && ring.has(module))
    }

    fn has(&self, path: &[String]) -> bool {
        self.root.iter().zip(path).filter(|(root, name)| root == name).count() == self.root.len()
    }

    /// Where a shelf, or what lies beside them, stands in the river.
    fn place(&self, name: &str) -> Option<usize> {
        self.springs.iter().chain(&SHELVES).chain(self.mouths).position(|other| *other == name)
    }
}

/// Files on no shelf that are not what all shelves share, and shelves out of the river.
pub fn stray(source: &Source) -> Vec<Breach> {
    let module = source.module();
    let Some(ring) = Ring::of(&module) else { return Vec::new() };
    let name = &module[ring.root.len()];
    match ring.place(name) {
        Some(_) => Vec::new(),
        None => vec![source.breach(1, format!("{name} is no shelf of the river ({})", source.path))],
    }
}

/// Imports of a later shelf of the same ring that are no exception.
pub fn upstream(source: &Source) -> Vec<Breach> {
    against_the_river(source)
        .into_iter()
        .filter(|(edge, _)| !UPSTREAM.iter().any(|(ring, from, to, _)| *edge == [*ring, *from, *to]))
        .map(|(_, breach)| breach)
        .collect()
}

/// Exceptions that nothing needs any more.
pub fn needless(sources: &[Source]) -> Vec<String> {
    let found: Vec<_> = sources.iter().flat_map(against_the_river).map(|(edge, _)| edge).collect();
    let is_needed = |ring: &str, from: &str, to: &str| found.iter().any(|edge| *edge == [ring, from, to]);
    let shown = |(ring, from, to, _): &(&str, &str, &str, &str)| format!("{ring}: {from} → {to}");
    UPSTREAM.iter().filter(|(ring, from, to, _)| !is_needed(ring, from, to)).map(shown).collect()
}

fn against_the_river(source: &Source) -> Vec<([String; 3], Breach)> {
    let module = source.module();
    let Some(ring) = Ring::of(&module) else { return Vec::new() };
    let shelf = &module[ring.root.len()];
    let Some(here) = ring.place(shelf) else { return Vec::new() };
    let check = |reference: paths::Reference| {
        let path = reference.inside.filter(|path| ring.has(path))?;
        let other = path.get(ring.root.len())?;
        ring.place(other).filter(|there| *there > here)?;
        let shown = path.join("::");
        let rule =
            format!("{shelf} comes before {other} in the river and may not import it (crate::{shown})");
        let edge = [ring.name.to_owned(), shelf.clone(), other.clone()];
        Some((edge, source.breach(reference.line, rule)))
    };
    paths::references(source).into_iter().filter_map(check).collect()
}

/// Folders in which nobody finds anything.
pub fn crowded(sources: &[Source]) -> Vec<String> {
    let folder = |source: &Source| source.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let mut folders: Vec<String> = sources.iter().map(folder).collect();
    folders.sort();
    folders
        .chunk_by(|one, other| one == other)
        .filter(|files| files.len() > IN_A_FOLDER)
        .map(|files| format!("{} has {} files; {IN_A_FOLDER} are allowed", files[0], files.len()))
        .collect()
}
