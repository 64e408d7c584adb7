//! What do the networks' tables say? `visa,,2+3+4,reattempts,20,720,no,2026-04-18,…`: from then on 20 new tries in 720 hours.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use strum::{EnumString, IntoStaticStr};

use crate::domain::payments::declines::Class;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Counts {
    /// Every attempt that failed.
    Attempts,
    /// Every one after one that failed.
    Reattempts,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    pub network: &'static str,
    /// `None`: at every gateway that has no row of its own.
    pub gateway: Option<&'static str>,
    /// Of declines; none: all.
    pub categories: Vec<u8>,
    pub counts: Counts,
    pub most: usize,
    /// `None`: for ever.
    pub window: Option<TimeDelta>,
    /// Whether only attempts with the same amount count.
    pub same_amount: bool,
    pub valid_from: NaiveDate,
    pub edition: &'static str,
    pub source: &'static str,
}

impl Limit {
    pub(super) fn concerns(&self, category: u8) -> bool {
        self.categories.is_empty() || self.categories.contains(&category)
    }

    /// Whether it says of the same as another one.
    fn replaces(&self, other: &Limit) -> bool {
        (&self.categories, self.counts, self.window, self.same_amount)
            == (&other.categories, other.counts, other.window, other.same_amount)
    }
}

static LIMITS: LazyLock<Vec<Limit>> =
    LazyLock::new(|| include_str!("limits.csv").lines().skip(1).filter_map(read).collect());

static CATEGORIES: LazyLock<Vec<(&str, &str, u8)>> =
    LazyLock::new(|| include_str!("categories.csv").lines().skip(1).filter_map(read_category).collect());

/// Every row there is, in the order of the file.
#[must_use]
pub fn limits() -> &'static [Limit] {
    &LIMITS
}

/// Those of a network that hold at a gateway at an instant: its own before those of all, the newest first.
pub(super) fn in_force(network: &str, gateway: &str, at: DateTime<Utc>) -> Vec<&'static Limit> {
    let date = at.date_naive();
    let mut rows: Vec<&Limit> = LIMITS
        .iter()
        .filter(|row| row.network == network && row.valid_from <= date)
        .filter(|row| row.gateway.is_none_or(|named| named == gateway))
        .collect();
    rows.sort_by_key(|row| (row.gateway.is_none(), std::cmp::Reverse(row.valid_from)));
    let mut held: Vec<&Limit> = Vec::with_capacity(rows.len());
    for row in rows {
        if !held.iter().any(|other| other.replaces(row)) {
            held.push(row);
        }
    }
    held
}

/// The network's category of a failure: by its code, else by its class.
pub(super) fn category(network: &str, network_code: Option<&str>, class: Option<Class>) -> u8 {
    let by_code = network_code
        .and_then(|code| CATEGORIES.iter().find(|row| row.0 == network && row.1 == code).map(|row| row.2));
    by_code.unwrap_or(match class {
        Some(Class::Never) if network_code.is_none() => 1,
        Some(Class::FixData | Class::Authenticate) => 3,
        Some(Class::Insufficient | Class::Outage | Class::Fraud) => 2,
        Some(Class::Later | Class::Never) | None => 4,
    })
}

fn read(line: &'static str) -> Option<Limit> {
    let mut columns = line.splitn(10, ',');
    let network = columns.next()?;
    let gateway = Some(columns.next()?).filter(|text| !text.is_empty());
    let categories = columns.next()?.split('+').filter(|text| !text.is_empty());
    let categories = categories.map(str::parse).collect::<Result<_, _>>().ok()?;
    let counts = columns.next()?.parse().ok()?;
    let most = columns.next()?.parse().ok()?;
    let window = match columns.next()? {
        "" => None,
        hours => Some(TimeDelta::hours(hours.parse().ok()?)),
    };
    let same_amount = columns.next()? == "yes";
    let valid_from = columns.next()?.parse().ok()?;
    let (edition, source) = (columns.next()?, columns.next()?);
    Some(Limit {
        network,
        gateway,
        categories,
        counts,
        most,
        window,
        same_amount,
        valid_from,
        edition,
        source,
    })
}

fn read_category(line: &'static str) -> Option<(&'static str, &'static str, u8)> {
    let mut columns = line.splitn(3, ',');
    Some((columns.next()?, columns.next()?, columns.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_files_is_read() {
        assert_eq!(limits().len(), include_str!("limits.csv").lines().count() - 1);
        assert_eq!(CATEGORIES.len(), include_str!("categories.csv").lines().count() - 1);
    }

    #[test]
    fn a_row_of_a_gateway_and_a_newer_one_take_the_place_of_others() {
        let most = |gateway: &str, date: &str| -> Vec<usize> {
            let at: DateTime<Utc> = format!("{date}T00:00:00Z").parse().unwrap();
            let rows = in_force("visa", gateway, at);
            rows.iter().filter(|row| row.window.is_some()).map(|row| row.most).collect()
        };
        assert_eq!(most("simulator", "2026-04-17"), [15]);
        assert_eq!(most("simulator", "2026-04-18"), [20]);
        assert_eq!(most("stripe", "2026-11-30"), [15]);
    }
}
