//! What is levied on what is new by the law of the day, where no provider says it? Each line's own levies, each part of what is supplied over time
//! at the rate of its day; and where the sale itself carries the seller above the threshold of sales across borders, as above it.
//!
//! 9,950.00 EUR so far to consumers in other member states, and 100.00 more to one in Germany: 19 % of that 100.00.

use rust_decimal::Decimal;

use super::supplied::{self, Slice};
use super::{Levied, New, Parties, Taxing, levy_on};
use crate::domain::billing::Line;
use crate::domain::catalog::TaxTerms;
use crate::domain::money::{Currency, Money};
use crate::domain::tax::assess::{self, Item};
use crate::domain::tax::calculate::Refused;
use crate::domain::tax::on_lines::TaxedCharges;
use crate::domain::tax::parties::Seller;
use crate::domain::tax::treatment::{Decided, Sale, Supply};

impl Taxing<'_> {
    /// Where the seller's sales across borders go above the threshold with what is new, as above it.
    pub(super) fn by_law<'l>(
        &self,
        currency: Currency,
        (lines, new): (&'l [Line], &[New]),
        known: &TaxedCharges,
    ) -> Result<Levied<'l>, Refused> {
        let Some(Parties { seller, buyer }) = self.parties else { return Ok(Vec::new()) };
        let counting = match seller.depends_on_threshold(buyer, self.date) {
            true => self.above_threshold(currency, (lines, new), known.across_borders)?,
            false => None,
        };
        let seller = counting.as_ref().unwrap_or(seller);
        let sale = Sale { seller, buyer, rates: self.rates };
        let mut decided = Decided::new();
        let mut items = Vec::with_capacity(new.len());
        let lines_of = |new: &New| lines.get(new.place);
        for (line, amount) in new.iter().filter_map(|new| Some((lines_of(new)?, new.amount))) {
            let terms = self.terms(line, lines);
            for Slice { amount, rated } in self.slices(&sale, (line, amount), terms, &mut decided)? {
                let supply = Supply { code: terms.code, date: self.date, rated };
                let levies = sale.decided(supply, &mut decided)?.within(terms.behavior).levies;
                items.push((line, Item { amount, levies }));
            }
        }
        Ok(levy_on((currency, self.rounding), items)?)
    }

    /// The parts of what is new of a line, each with the day whose rate it has.
    fn slices(
        &self,
        sale: &Sale<'_>,
        (line, amount): (&Line, Money),
        terms: TaxTerms,
        decided: &mut Decided,
    ) -> Result<Vec<Slice>, Refused> {
        let on_its_day = sale.decided(Supply::on(terms.code, self.date), decided)?;
        let jurisdiction = on_its_day.levies.first().map_or("", |levy| levy.jurisdiction.as_str());
        Ok(supplied::slices(
            (amount, line.printed_period()),
            (self.date, self.zone),
            (jurisdiction, self.rates),
        )?)
    }

    /// The seller with its sales across borders, and with those that are new when they go above the threshold. `sold` is what this transaction
    /// sold before.
    fn above_threshold(
        &self,
        currency: Currency,
        (lines, new): (&[Line], &[New]),
        sold: Decimal,
    ) -> Result<Option<Seller>, Refused> {
        let Some(Parties { seller, buyer }) = self.parties else { return Ok(None) };
        let seller = Seller { sales_across_borders: self.across_borders.with(sold), ..seller.clone() };
        let sale = Sale { seller: &seller, buyer, rates: self.rates };
        let mut decided = Decided::new();
        let mut items = Vec::with_capacity(new.len());
        for new in new {
            let Some(terms) = lines.get(new.place).map(|line| self.terms(line, lines)) else { continue };
            if sale.counts_to_threshold(terms.code) {
                let supply = Supply::on(terms.code, self.date);
                let levies = sale.decided(supply, &mut decided)?.within(terms.behavior).levies;
                items.push(Item { amount: new.amount, levies });
            }
        }
        let assessed = assess::assess(currency, &items, self.rounding)?;
        let net = Money::sum(currency, assessed.iter().map(|line| line.net))?;
        let above = self.counting.in_euros(net).and_then(|net| sale.seller_above_threshold(net));
        Ok(Some(above.unwrap_or(seller)))
    }
}
