//! What does a usage line bring to its invoice, and where does it stand?

use std::collections::HashMap;

use crate::domain::billing::piece::Key;
use crate::domain::billing::{ByHand, Line};
use crate::domain::ids::{ItemVersionId, MeterId, PriceId};
use crate::domain::money::{Money, MoneyError};

/// A usage line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub price_id: PriceId,
    pub meter_id: Option<MeterId>,
    /// Amount less discount, with tax.
    pub net: Money,
    /// Where it stands; `None`: it takes back nothing of an earlier line.
    pub at: Option<At>,
}

/// Which line it is, and the key it is billed under: lines of the same key are about the same usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    pub line_no: i32,
    pub key: Key,
    /// Of a piece worth less than nothing: the pieces of its price before it, of which it gives back. In order of time.
    pub earlier: Vec<Key>,
}

impl At {
    /// Where a line stands that is billed under a key.
    #[must_use]
    pub fn of(line: &Line, key: Key) -> At {
        let earlier = line.grounds.iter().flat_map(|grounds| &grounds.earlier).map(|about| about.key());
        At { line_no: line.line_no, key, earlier: earlier.collect() }
    }
}

/// The prices of usage by the item version that has them, each with its meter.
pub type UsagePrices = HashMap<ItemVersionId, (PriceId, Option<MeterId>)>;

/// The usage among lines, whoever wrote them. A line that a person countered comes to both: 100.00 of which a line beside it takes
/// back 60.00 is usage of 40.00.
///
/// # Errors
/// Sums that do not fit.
pub fn of_lines(
    lines: &[Line],
    keys: &HashMap<i32, Key>,
    prices: &UsagePrices,
) -> Result<Vec<Usage>, MoneyError> {
    let mut found: Vec<Usage> = Vec::new();
    let mut places: HashMap<i32, usize> = HashMap::new();
    for line in lines {
        let drawn_for = match line.by_hand {
            Some(ByHand::Counters(drawn_for)) => drawn_for,
            Some(ByHand::Added) | None => line.line_no,
        };
        let Some((key, (price_id, meter_id))) =
            keys.get(&drawn_for).and_then(|key| Some((*key, *prices.get(&key.version)?)))
        else {
            continue;
        };
        let place = *places.entry(drawn_for).or_insert(found.len());
        let net = line.net()?;
        match found.get_mut(place) {
            Some(usage) => usage.net = usage.net.checked_add(net)?,
            None => found.push(Usage {
                price_id,
                meter_id,
                net,
                at: Some(At { line_no: drawn_for, ..At::of(line, key) }),
            }),
        }
    }
    Ok(found)
}
