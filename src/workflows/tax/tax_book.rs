//! What is the tax of these customers' invoices decided by? Read once for many; nothing where the tenant has not said from where it sells.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::catalog::TaxCode;
use crate::domain::ids::{CustomerId, ItemVersionId};
use crate::domain::tax::on_lines::{Parties, TaxedCharges, Taxing};
use crate::domain::tax::parties::{Buyer, Seller};
use crate::domain::tax::settings::Regime;
use crate::storage::{Tx, tax};
use crate::workflows::{Error, Scope};

/// All that is read before anything is taxed.
#[derive(Debug, Default)]
pub struct TaxBook(Option<Facts>);

#[derive(Debug)]
struct Facts {
    regime: Regime,
    /// When what is taxed is issued.
    date: NaiveDate,
    /// `None`: the tenant says no longer from where it sells, and only what was taxed before is taken back with its tax.
    seller: Option<Selling>,
    buyers: HashMap<CustomerId, Buyer>,
    codes: HashMap<ItemVersionId, TaxCode>,
    charged: TaxedCharges,
}

#[derive(Debug)]
struct Selling {
    seller: Seller,
    /// Customers that say nothing of where they are: consumers where the seller is.
    nowhere: Buyer,
}

/// Who is invoiced, for what, and what may be taken back.
#[derive(Debug, Clone, Default)]
pub struct Invoiced {
    pub customers: Vec<CustomerId>,
    pub versions: Vec<ItemVersionId>,
    pub keys: Vec<Key>,
}

impl Invoiced {
    /// The lines of invoices to these customers.
    pub fn of<'a>(
        customers: impl IntoIterator<Item = CustomerId>,
        lines: impl IntoIterator<Item = &'a Line>,
    ) -> Invoiced {
        let customers: BTreeSet<CustomerId> = customers.into_iter().collect();
        let (mut versions, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for line in lines {
            versions.extend(line.item_version_id);
            keys.extend(line.changed_key());
            keys.extend(line.earlier_pieces());
        }
        let (customers, versions) = (customers.into_iter().collect(), versions.into_iter().collect());
        Invoiced { customers, versions, keys: keys.into_iter().collect() }
    }
}

impl TaxBook {
    /// Reads it.
    ///
    /// # Errors
    /// Storage.
    pub fn load(
        tx: &mut Tx<'_>,
        scope: &Scope,
        invoiced: impl FnOnce() -> Invoiced,
    ) -> Result<TaxBook, Error> {
        if !tax::has_taxed(tx, scope.tenant_id)? {
            return Ok(TaxBook(None));
        }
        let regime = tax::regime(tx, scope.tenant_id)?;
        let seller = regime.seller(Decimal::ZERO);
        let Invoiced { customers, versions, keys } = invoiced();
        let details = tax::buyers(tx, scope.tenant_id, &customers)?;
        let buyers = details.iter().filter_map(|(id, buyer)| Some((*id, Buyer::of(buyer)?))).collect();
        let codes = tax::codes(tx, scope.tenant_id, &versions)?;
        let charged = tax::charged(tx, scope.tenant_id, &keys)?;
        let nowhere = |seller: &Seller| Buyer::consumer(seller.territory.clone());
        let seller = seller.map(|seller| Selling { nowhere: nowhere(&seller), seller });
        let date = scope.zone.local_date(scope.now);
        Ok(TaxBook(Some(Facts { regime, date, seller, buyers, codes, charged })))
    }

    /// The same for what is issued on another day.
    #[must_use]
    pub fn issued_on(mut self, date: NaiveDate) -> TaxBook {
        if let Some(facts) = &mut self.0 {
            facts.date = date;
        }
        self
    }

    /// What the tax of a customer's invoices is decided by; `None`: nothing is taxed.
    #[must_use]
    pub fn of_customer(&self, id: CustomerId) -> Option<Taxing<'_>> {
        let facts = self.0.as_ref()?;
        Some(Taxing {
            parties: facts.seller.as_ref().map(|Selling { seller, nowhere }| Parties {
                seller,
                buyer: facts.buyers.get(&id).unwrap_or(nowhere),
            }),
            rates: &facts.regime.rates,
            rounding: facts.regime.settings.rounding,
            date: facts.date,
            codes: &facts.codes,
            charged: &facts.charged,
        })
    }
}
