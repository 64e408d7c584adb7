//! What of a contract's price is each of its lines allocated? By what each would cost alone, with the largest remainders, so that not a cent is left.
//!
//! Software, onboarding and support would cost 12,000.00, 3,000.00 and 2,400.00 alone, and are sold for 15,000.00 together: 10,344.83, 2,586.21 and
//! 2,068.96, whatever each was invoiced at.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::numbers::Numbers;
use super::schedule::{Entry, Rule, Schedule};
use crate::domain::ids::{
    CustomerId, EntityId, InvoiceId, LineId, ProductId, RevenueContractId, StandalonePriceId,
};
use crate::domain::money::{Currency, Money, MoneyError, allocate};
use crate::domain::refusal::{Refusal, RefusalKind};

/// What one of something costs alone, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandalonePrice {
    pub id: StandalonePriceId,
    pub product_id: ProductId,
    /// `None`: of every price of the product.
    pub price_code: Option<String>,
    pub amount: Money,
    pub valid_from: NaiveDate,
    pub created_at: DateTime<Utc>,
}

/// What was promised together: issued invoices of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    pub id: RevenueContractId,
    pub customer_id: CustomerId,
    pub entity_id: EntityId,
    pub currency: Currency,
    pub invoice_ids: Vec<InvoiceId>,
    pub created_at: DateTime<Utc>,
}

/// A line of a contract, and what it would cost alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    pub line: LineId,
    pub standalone: Decimal,
}

/// What is known of an invoice that is to be in a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub id: InvoiceId,
    pub customer_id: CustomerId,
    pub entity_id: EntityId,
    pub currency: Currency,
    /// Whether it is open or paid.
    pub is_owed: bool,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Subscriptions are named.
    #[error(
        "a contract groups invoices that are issued: name them as invoice_ids; what a subscription will be billed is not allocated before"
    )]
    Subscriptions,
    /// Nothing is named, or something twice.
    #[error("name the invoices of the contract, each once")]
    NoInvoices,
    /// Of several customers, entities or currencies.
    #[error("the invoices of a contract are of one customer, one legal entity and one currency")]
    Mixed,
    /// Not issued, void or given up.
    #[error("a contract groups invoices that are open or paid")]
    NotOwed,
    /// It is in one.
    #[error("an invoice is in a contract already: it can be in one only")]
    InAnother,
    /// It gives something back.
    #[error("line {line} is below zero: what gives back of another invoice is in no contract")]
    GivesBack { line: LineId },
    /// Prepaid credits.
    #[error("prepaid credits are earned as they are drawn, and are in no contract")]
    SellsCredits,
    /// Nobody said what it costs alone.
    #[error(
        "nobody said what line {line} would cost alone on the day of the contract: set a standalone price for its product and currency \
         first; a line by hand has no product"
    )]
    NoStandalonePrice { line: LineId },
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::Subscriptions => "subscriptions_not_allocated",
            Refused::NoInvoices => "invoices_missing",
            Refused::Mixed => "contract_mixed",
            Refused::NotOwed => "contract_not_owed",
            Refused::InAnother => "in_another_contract",
            Refused::GivesBack { .. } => "contract_gives_back",
            Refused::SellsCredits => "contract_sells_credits",
            Refused::NoStandalonePrice { .. } => "standalone_price_missing",
        }
    }

    fn pointer(&self) -> Option<String> {
        let pointer = if *self == Refused::Subscriptions { "/subscription_ids" } else { "/invoice_ids" };
        Some(pointer.to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::NotOwed | Refused::InAnother => RefusalKind::State,
            _ => RefusalKind::Rule,
        }
    }
}

/// Whether these invoices can be one contract of a customer.
///
/// # Errors
/// [`Refused`].
pub fn check(customer_id: CustomerId, invoices: &[Candidate]) -> Result<(), Refused> {
    let Some(first) = invoices.first() else { return Err(Refused::NoInvoices) };
    let each: BTreeSet<InvoiceId> = invoices.iter().map(|invoice| invoice.id).collect();
    if each.len() != invoices.len() {
        return Err(Refused::NoInvoices);
    }
    let is_one = |other: &Candidate| {
        other.customer_id == customer_id
            && (other.entity_id, other.currency) == (first.entity_id, first.currency)
    };
    match () {
        () if !invoices.iter().all(is_one) => Err(Refused::Mixed),
        () if !invoices.iter().all(|invoice| invoice.is_owed) => Err(Refused::NotOwed),
        () => Ok(()),
    }
}

impl StandalonePrice {
    /// How close it is to what is sold on a day; `None`: it is not about it.
    fn closeness(
        &self,
        (sold, currency): (&(ProductId, String), Currency),
        day: NaiveDate,
    ) -> Option<(bool, NaiveDate)> {
        let is_about = self.product_id == sold.0
            && self.amount.currency() == currency
            && self.valid_from <= day
            && self.price_code.as_ref().is_none_or(|code| *code == sold.1);
        is_about.then_some((self.price_code.is_some(), self.valid_from))
    }
}

/// What one of what is sold costs alone on a day: by its price before by its product, and of these the newest.
#[must_use]
pub fn standalone(
    prices: &[StandalonePrice],
    sold: (&(ProductId, String), Currency),
    day: NaiveDate,
) -> Option<Money> {
    let about = prices.iter().filter_map(|price| Some((price.closeness(sold, day)?, price.amount)));
    about.max_by_key(|(closeness, _)| *closeness).map(|(_, amount)| amount)
}

/// What a line of a contract comes to now, and what it is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocated {
    pub promise: Promise,
    /// With what was taken back of it.
    pub invoiced: Money,
    pub allocated: Money,
}

/// What the lines of a contract are allocated of what is left of its price. What is taken back as a whole is promised no more.
///
/// # Errors
/// Sums that do not fit.
pub fn allocation(
    (promises, currency): (&[Promise], Currency),
    known: &[Schedule],
) -> Result<Vec<Allocated>, MoneyError> {
    let mut invoiced = Vec::with_capacity(promises.len());
    for promise in promises {
        let of_it = known.iter().filter(|schedule| schedule.line == promise.line);
        let amounts = of_it.filter(|schedule| is_invoiced(schedule)).map(|schedule| schedule.amount);
        invoiced.push(Money::sum(currency, amounts)?);
    }
    let total = Money::sum(currency, invoiced.iter().copied())?;
    let weight = |(promise, invoiced): (&Promise, &Money)| match invoiced.is_zero() {
        true => Decimal::ZERO,
        false => promise.standalone,
    };
    let weights: Vec<Decimal> = promises.iter().zip(&invoiced).map(weight).collect();
    let parts = allocate(total, &weights)?;
    let one = |((promise, invoiced), allocated): ((&Promise, Money), Money)| Allocated {
        promise: *promise,
        invoiced,
        allocated,
    };
    Ok(promises.iter().zip(invoiced).zip(parts).map(one).collect())
}

fn is_invoiced(schedule: &Schedule) -> bool {
    matches!(schedule.entry, Entry::Line | Entry::Note(..) | Entry::Void)
}

/// What moves between the lines, on a day: what they are allocated, less what they were invoiced and what moved before. It is earned as its line is,
/// and what should have been earned by then is caught up.
///
/// # Errors
/// Sums that do not fit.
pub fn moved(
    (promises, currency): (&[Promise], Currency),
    known: &[Schedule],
    booked_on: NaiveDate,
) -> Result<Vec<Schedule>, MoneyError> {
    let mut added = Vec::new();
    for Allocated { promise, invoiced, allocated } in allocation((promises, currency), known)? {
        let of_line: Vec<Schedule> =
            known.iter().filter(|schedule| schedule.line == promise.line).copied().collect();
        let Some(own) = of_line.iter().find(|schedule| schedule.entry == Entry::Line) else { continue };
        let before = of_line.iter().filter(|schedule| matches!(schedule.entry, Entry::Allocated { .. }));
        let before = Money::sum(currency, before.map(|schedule| schedule.amount))?;
        let amount = allocated.checked_sub(invoiced)?.checked_sub(before)?;
        if amount.is_zero() {
            continue;
        }
        let number = Numbers::after(&of_line).take(promise.line.line_no)?;
        // What is earned at once is earned so, but is posted by recognition, as all that moves.
        let rule = if own.deferred { own.rule } else { Rule::PointInTime };
        let entry = Entry::Allocated { number };
        added.push(Schedule { entry, amount, rule, because: None, deferred: true, booked_on, ..*own });
    }
    Ok(added)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::revenue::Days;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("USD").unwrap())
    }

    fn line(line_no: i32, amount: i64) -> Schedule {
        Schedule {
            line: LineId { invoice_id: InvoiceId::from_uuid(Uuid::nil()), line_no },
            entry: Entry::Line,
            amount: usd(amount),
            after: None,
            deferred: true,
            rule: Rule::RatableDaily,
            because: None,
            days: Days::new(day("2026-01-01"), day("2027-01-01")),
            booked_on: day("2026-01-01"),
        }
    }

    fn promises(standalone: [i64; 3]) -> Vec<Promise> {
        let promise = |(line_no, standalone): (i32, i64)| Promise {
            line: line(line_no, 0).line,
            standalone: Decimal::from(standalone),
        };
        (1..).zip(standalone).map(promise).collect()
    }

    fn allocated(amounts: [i64; 3], standalone: [i64; 3]) -> Vec<i64> {
        let known: Vec<Schedule> = (1..).zip(amounts).map(|(no, amount)| line(no, amount)).collect();
        let found = allocation((&promises(standalone), usd(0).currency()), &known).unwrap();
        found.iter().map(|one| one.allocated.minor()).collect()
    }

    #[test]
    fn a_price_is_allocated_by_what_each_would_cost_alone_and_the_largest_remainders() {
        assert_eq!(
            allocated([10_000, 0, 0], [50, 25, 75]),
            [10_000, 0, 0],
            "of nothing, nothing is promised"
        );
        assert_eq!(allocated([4_000, 3_000, 3_000], [50, 25, 75]), [3_333, 1_667, 5_000]);
        assert_eq!(
            allocated([1_200_000, 200_000, 100_000], [12_000, 3_000, 2_400]),
            [1_034_483, 258_621, 206_896]
        );
        assert_eq!(allocated([2_000, 3_000, 3_000], [20, 30, 40]), [1_778, 2_667, 3_555]);
    }

    #[test]
    fn what_moves_adds_up_to_nothing_and_moves_once() {
        let currency = usd(0).currency();
        let promises = promises([50, 25, 75]);
        let mut known = vec![line(1, 4_000), line(2, 3_000), line(3, 3_000)];
        known[1].deferred = false;
        known[1].rule = Rule::PointInTime;
        let first = moved((&promises, currency), &known, day("2026-01-01")).unwrap();
        let amounts: Vec<i64> = first.iter().map(|one| one.amount.minor()).collect();
        assert_eq!(amounts, [-667, -1_333, 2_000]);
        assert_eq!(first[1].earned_by(day("2026-01-01")).unwrap(), usd(-1_333), "earned at once as its line");
        known.extend(first);
        assert_eq!(moved((&promises, currency), &known, day("2026-02-01")).unwrap(), []);
        let void =
            Schedule { entry: Entry::Void, amount: usd(-3_000), booked_on: day("2026-03-01"), ..known[2] };
        known.push(void);
        let again = moved((&promises, currency), &known, day("2026-03-01")).unwrap();
        assert_eq!(again.iter().map(|one| one.amount.minor()).sum::<i64>(), 0);
        known.extend(again);
        let comes_to = |no: i32| {
            known.iter().filter(|one| one.line.line_no == no).map(|one| one.amount.minor()).sum::<i64>()
        };
        assert_eq!([comes_to(1), comes_to(2), comes_to(3)], [4_667, 2_333, 0], "70.00 by 50 and 25");
    }

    #[test]
    fn the_closest_standalone_price_of_the_day_counts() {
        let product = |n| ProductId::from_uuid(Uuid::from_u128(n));
        let price = |n, code: Option<&str>, minor, from: &str| StandalonePrice {
            id: StandalonePriceId::from_uuid(Uuid::nil()),
            product_id: product(n),
            price_code: code.map(str::to_owned),
            amount: usd(minor),
            valid_from: day(from),
            created_at: DateTime::UNIX_EPOCH,
        };
        let prices = [
            price(1, None, 100, "2026-01-01"),
            price(1, None, 200, "2026-03-01"),
            price(1, Some("base"), 300, "2026-02-01"),
        ];
        let sold = |code: &str, on: &str| {
            standalone(&prices, (&(product(1), code.to_owned()), usd(0).currency()), day(on))
                .map(Money::minor)
        };
        assert_eq!(sold("base", "2026-01-31"), Some(100));
        assert_eq!(sold("base", "2026-04-01"), Some(300));
        assert_eq!(sold("seat", "2026-04-01"), Some(200));
        assert_eq!(sold("seat", "2025-12-31"), None);
    }
}
