//! What is the rate, there and then? Dated rates with their sources: those in the program, and before them those a tenant has set.
//!
//! Germany's standard rate was 16 % from 1 July 2020 to the end of that year; on 31 December 16, on 1 January 19.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// One row: `DE,standard,16,2020-07-01,2021-01-01,…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// ISO 3166-1 or 3166-2.
    pub jurisdiction: String,
    /// `standard`, `reduced`, `gst`, `sales`, ….
    pub kind: String,
    /// In percent.
    pub rate: Decimal,
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    /// The law or authority that says so.
    pub source: String,
}

impl Rate {
    /// Whether it holds on a date.
    #[must_use]
    pub fn holds_on(&self, date: NaiveDate) -> bool {
        self.valid_from <= date && self.valid_to.is_none_or(|end| date < end)
    }

    /// Whether two rows say something of the same day.
    #[must_use]
    pub fn overlaps(&self, other: &Rate) -> bool {
        let begins_before_end = |a: &Rate, b: &Rate| b.valid_to.is_none_or(|end| a.valid_from < end);
        self.jurisdiction == other.jurisdiction
            && self.kind == other.kind
            && begins_before_end(self, other)
            && begins_before_end(other, self)
    }
}

/// The rates in the program, in the order of their file.
static KNOWN: LazyLock<Vec<Rate>> =
    LazyLock::new(|| include_str!("rates.csv").lines().skip(1).filter_map(read).collect());

/// The rates that hold: a tenant's own before the program's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    pub own: Vec<Rate>,
}

impl Rates {
    /// The rate of a kind on a date, in the nearest jurisdiction that has one.
    #[must_use]
    pub fn find(&self, jurisdictions: &[&str], kind: &str, date: NaiveDate) -> Option<&Rate> {
        jurisdictions.iter().find_map(|jurisdiction| self.in_force(jurisdiction, kind, date))
    }

    /// The days on which a rate of a jurisdiction begins or ends.
    pub(super) fn changes(&self, jurisdiction: &str) -> impl Iterator<Item = NaiveDate> {
        let own = self.own.iter().filter(move |rate| rate.jurisdiction == jurisdiction);
        own.chain(of_jurisdiction(jurisdiction))
            .flat_map(|rate| [Some(rate.valid_from), rate.valid_to])
            .flatten()
    }

    fn in_force(&self, jurisdiction: &str, kind: &str, date: NaiveDate) -> Option<&Rate> {
        let holds =
            |rate: &&Rate| rate.jurisdiction == jurisdiction && rate.kind == kind && rate.holds_on(date);
        self.own.iter().rev().find(holds).or_else(|| of_jurisdiction(jurisdiction).iter().find(holds))
    }
}

/// The program's own rates.
#[must_use]
pub fn known() -> &'static [Rate] {
    &KNOWN
}

/// The program's rates of one jurisdiction: the file is sorted by it.
#[must_use]
pub fn of_jurisdiction(jurisdiction: &str) -> &'static [Rate] {
    let first = KNOWN.partition_point(|rate| rate.jurisdiction.as_str() < jurisdiction);
    let count =
        KNOWN.get(first..).unwrap_or_default().partition_point(|rate| rate.jurisdiction == jurisdiction);
    KNOWN.get(first..first + count).unwrap_or_default()
}

/// The kinds of rate that something in a jurisdiction is taxed at, in order; none where only its subdivisions tax.
#[must_use]
pub fn kinds(jurisdiction: &str) -> BTreeSet<&'static str> {
    let usual: &[&'static str] = match (jurisdiction.get(..2), jurisdiction) {
        (_, "US") => return BTreeSet::new(),
        (Some("US"), _) => &["sales"],
        (_, "CA") => &["gst"],
        (_, "CA-QC") => &["hst", "qst"],
        (Some("CA"), _) => &["hst", "pst"],
        _ => &["standard"],
    };
    let known = of_jurisdiction(jurisdiction).iter().map(|rate| rate.kind.as_str());
    usual.iter().copied().chain(known).collect()
}

fn read(row: &str) -> Option<Rate> {
    let mut columns = row.splitn(6, ',');
    let jurisdiction = columns.next()?.to_owned();
    let kind = columns.next()?.to_owned();
    let rate = columns.next()?.parse().ok()?;
    let valid_from = columns.next()?.parse().ok()?;
    let valid_to = match columns.next()? {
        "" => None,
        date => Some(date.parse().ok()?),
    };
    let source = columns.next()?.trim_matches('"').to_owned();
    Some(Rate { jurisdiction, kind, rate, valid_from, valid_to, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_file_is_read_sorted_and_overlaps_no_other() {
        assert_eq!(known().len(), include_str!("rates.csv").lines().count() - 1);
        for pair in known().windows(2) {
            let key = |rate: &Rate| (rate.jurisdiction.clone(), rate.kind.clone(), rate.valid_from);
            assert!(key(&pair[0]) < key(&pair[1]), "{pair:?}");
            assert!(!pair[0].overlaps(&pair[1]), "{pair:?}");
            assert!(!pair[0].source.is_empty() && !pair[0].rate.is_sign_negative(), "{pair:?}");
            assert!(pair[0].valid_to.is_none_or(|end| pair[0].valid_from < end), "{pair:?}");
        }
    }

    #[test]
    fn germany_had_16_percent_for_half_a_year() {
        let standard = |date: &str| {
            let date = date.parse().unwrap();
            Rates::default().find(&["DE"], "standard", date).map(|rate| rate.rate.to_string())
        };
        let expected =
            [("2020-06-30", "19"), ("2020-07-01", "16"), ("2020-12-31", "16"), ("2021-01-01", "19")];
        for (date, rate) in expected {
            assert_eq!(standard(date).as_deref(), Some(rate), "{date}");
        }
    }

    #[test]
    fn a_rate_of_the_tenants_own_comes_first_while_it_holds() {
        let own = Rate {
            jurisdiction: "DE".to_owned(),
            kind: "standard".to_owned(),
            rate: 18.into(),
            valid_from: "2027-01-01".parse().unwrap(),
            valid_to: None,
            source: "own".to_owned(),
        };
        let rates = Rates { own: vec![own] };
        let find = |date: &str| rates.find(&["DE"], "standard", date.parse().unwrap()).unwrap().rate;
        assert_eq!((find("2026-12-31"), find("2027-01-01")), (19.into(), 18.into()));
    }
}
