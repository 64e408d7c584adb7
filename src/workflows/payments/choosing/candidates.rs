//! What may be charged for these invoices, in which order? What an invoice says before what its subscriptions say before its customer's default,
//! then the others; of the first, the account that a rule leads to. Where a tenant has said none of it, this costs a look at two tables.

use std::collections::HashMap;

use crate::domain::ids::{CustomerId, InvoiceId, PaymentMethodId};
use crate::domain::invoicing::Invoice;
use crate::domain::payments::PaymentMethod;
use crate::domain::payments::preferences::Owner;
use crate::domain::payments::retries::reason::Chosen;
use crate::domain::payments::routing::{self, Candidate, Due, Routed, Rulebook};
use crate::storage::payments::preferences;
use crate::storage::payments::retries::outcomes;
use crate::storage::{StorageError, Tx};
use crate::workflows::Holding;

/// What was said of what these invoices are charged by.
pub(in crate::workflows::payments) struct Choices {
    rulebook: Rulebook,
    preferred: HashMap<InvoiceId, Vec<(PaymentMethodId, Owner)>>,
    countries: HashMap<CustomerId, String>,
}

/// What may be charged for an invoice, the first to be charged first.
pub(in crate::workflows::payments) struct Ordered {
    pub(in crate::workflows::payments) candidates: Vec<Candidate>,
    routed: Option<Routed>,
}

impl Ordered {
    /// The same card as one that failed, at other accounts that the rule leads to.
    pub(in crate::workflows::payments) fn elsewhere(
        &self,
        failed: Option<PaymentMethodId>,
    ) -> Vec<PaymentMethodId> {
        routing::elsewhere(&self.candidates, failed, self.routed.as_ref())
    }
}

impl Choices {
    /// `None`: nothing was said, each is charged by its customer's default.
    ///
    /// # Errors
    /// Storage.
    pub(in crate::workflows::payments) fn load(
        tx: &mut Tx<'_>,
        scope: &Holding<'_>,
        invoices: &[&Invoice],
    ) -> Result<Option<Choices>, StorageError> {
        let tenant_id = scope.tenant_id;
        let ids: Vec<InvoiceId> = invoices.iter().map(|invoice| invoice.id).collect();
        let preferred = preferences::preferred(tx, tenant_id, &ids)?;
        let rulebook = preferences::rulebook(tx, tenant_id, None)?.unwrap_or_default();
        if preferred.is_empty() && rulebook.rules.is_empty() {
            return Ok(None);
        }
        let names_countries = rulebook.rules.iter().any(|rule| !rule.countries.is_empty());
        let customers: Vec<CustomerId> = invoices.iter().map(|invoice| invoice.customer_id).collect();
        let countries = match names_countries {
            true => outcomes::countries_of(tx, tenant_id, &customers)?,
            false => HashMap::new(),
        };
        Ok(Some(Choices { rulebook, preferred, countries }))
    }

    /// Puts a customer's methods in order for an invoice; they come with the default first, then the newest.
    pub(in crate::workflows::payments) fn order(
        &self,
        scope: &Holding<'_>,
        invoice: &Invoice,
        methods: &[PaymentMethod],
    ) -> Ordered {
        let said = self.preferred.get(&invoice.id).into_iter().flatten();
        let said = said.map(|(id, owner)| match owner {
            Owner::Invoice => (*id, Chosen::Invoice),
            Owner::Subscription => (*id, Chosen::Subscription),
            Owner::Customer => (*id, Chosen::Customer),
        });
        let default = scope.held.default_method(invoice.customer_id).map(|id| (id, Chosen::Customer));
        let preferred: Vec<(PaymentMethodId, Chosen)> = said.chain(default).collect();
        let due = |amount| Due {
            amount,
            country: self.countries.get(&invoice.customer_id).map(String::as_str),
            seed: invoice.id.uuid().as_u128(),
        };
        let routed = invoice.amount_due().ok().and_then(|amount| self.rulebook.route(due(amount)));
        Ordered { candidates: routing::order(methods, &preferred, routed.as_ref()), routed }
    }
}
