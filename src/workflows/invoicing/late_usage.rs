//! Which usage was recorded since a draft was written? Asks billing once more for what drafts charge, before they are numbered, and puts
//! the differences of usage on them.
//!
//! 1,000 calls of January on the draft, 10 more recorded on 2 February: a line of 10 calls on the draft, discounted like the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::domain::billing::piece::Readings;
use crate::domain::billing::segments::{self, Window};
use crate::domain::billing::{Line, commitments, difference};
use crate::domain::ids::{CustomerId, InvoiceId, SubscriptionId};
use crate::domain::invoicing::Totals;
use crate::domain::invoicing::assemble::Draft;
use crate::domain::invoicing::discounted::{LineShare, Sold};
use crate::domain::invoicing::drafts::{Refused, Whole};
use crate::domain::invoicing::late::{self, Takers};
use crate::domain::issuing::{self, Drafted};
use crate::storage::billing::pooled::{self, Pools};
use crate::storage::billing::readings::{self, Early, Look};
use crate::storage::billing::{self, Billable, PriceBook, Since};
use crate::storage::discounts::{self, InForce};
use crate::storage::{Tx, invoicing};
use crate::workflows::{Error, Holding, Scope};

/// Adds to locked drafts what is missing of their usage, and writes it. The drafts' totals are left to be written with them.
pub(super) fn add(tx: &mut Tx<'_>, scope: &Holding<'_>, drafts: &mut [Whole]) -> Result<(), Error> {
    let since = following_since(drafts);
    if since.is_empty() {
        return Ok(());
    }
    let mut book = PriceBook::default();
    let mut billables = billing::load_drafted(tx, scope.tenant_id, &since, &mut book)?;
    billables.sort_by_key(|billable| (billable.customer_id, billable.timeline.subscription_id));
    let usage_early = Early::OfNone;
    let look = Look { tenant_id: scope.tenant_id, as_of: scope.now, now: scope.now, usage_early };
    let readings = readings::read(tx, look, &billables, &book)?;
    let mut takers = Takers::default();
    drafts.iter().for_each(|draft| takers.add(draft.invoice.id, &draft.lines));
    let mut missing: HashMap<InvoiceId, Vec<Line>> = HashMap::new();
    let pools = pooled::load(tx, scope.tenant_id, &billables)?;
    for of_payer in billables.chunk_by(|a, b| a.customer_id == b.customer_id) {
        for (draft, line) in lines_of(scope, of_payer, &readings, &pools, &takers)? {
            missing.entry(draft).or_default().push(line);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let changed = drafts.iter().filter(|draft| missing.contains_key(&draft.invoice.id));
    let customers: BTreeSet<CustomerId> = changed.map(|draft| draft.invoice.customer_id).collect();
    let customers: Vec<CustomerId> = customers.into_iter().collect();
    let in_force = discounts::load_drafted(tx, scope.tenant_id, (&customers, &since))?;
    let (lines, shares) = take(drafts, missing, &billables, &in_force, &customers)?;
    let lines: Vec<(InvoiceId, &Line)> = lines.iter().map(|(id, line)| (*id, line)).collect();
    invoicing::insert_lines(tx, &scope.held, &lines)?;
    Ok(discounts::insert_shares(tx, &scope.held, &shares)?)
}

/// The lines that drafts take of the subscriptions of one payer.
fn lines_of(
    scope: &Scope,
    of_payer: &[Billable],
    readings: &Readings,
    pools: &Pools,
    takers: &Takers,
) -> Result<Vec<(InvoiceId, Line)>, Error> {
    let mut expected = Vec::with_capacity(of_payer.len());
    for billable in of_payer {
        let window = Window {
            from: billable.settled_to,
            as_of: scope.now,
            recorded: &billable.recorded,
            readings,
            usage_early: false,
        };
        expected.push(segments::due(&billable.timeline, window)?);
    }
    let pool = of_payer.first().and_then(|billable| pools.get(&billable.customer_id));
    let billed = of_payer.iter().map(|b| (&b.timeline, b.recorded.as_slice()));
    commitments::pool(&mut expected, pool.map_or(&[], Vec::as_slice), billed)?;
    let mut taken = Vec::new();
    for (billable, expected) in of_payer.iter().zip(expected) {
        let id = billable.timeline.subscription_id;
        let lines = difference::missing(id, &expected, &billable.recorded, scope.now)?;
        taken.extend(takers.taken(&billable.timeline, lines));
    }
    Ok(taken)
}

/// The subscriptions on the drafts that follow usage, each with the first start of what it is charged for there.
fn following_since(drafts: &[Whole]) -> Vec<Since> {
    let mut since: BTreeMap<SubscriptionId, DateTime<Utc>> = BTreeMap::new();
    for Whole { lines, .. } in drafts {
        let following = late::subscriptions(lines);
        for line in lines.iter().filter(|line| line.item_version_id.is_some()) {
            if let Some(id) = line.subscription_id.filter(|id| following.contains(id)) {
                let start = line.period.start;
                since.entry(id).and_modify(|first| *first = start.min(*first)).or_insert(start);
            }
        }
    }
    since.into_iter().collect()
}

/// Lines and shares to write.
type Added = (Vec<(InvoiceId, Line)>, Vec<(InvoiceId, LineShare)>);

/// Numbers, discounts and adds up the lines on their drafts, customer by customer.
fn take(
    drafts: &mut [Whole],
    mut missing: HashMap<InvoiceId, Vec<Line>>,
    billables: &[Billable],
    in_force: &InForce,
    customers: &[CustomerId],
) -> Result<Added, Error> {
    let sold: Vec<Sold<'_>> = billables.iter().map(Billable::sold).collect();
    let (mut lines, mut shares) = (Vec::new(), Vec::new());
    for customer in customers {
        let mut theirs = Vec::new();
        let mut additions = Vec::new();
        for draft in drafts.iter_mut().filter(|draft| draft.invoice.customer_id == *customer) {
            if let Some(new) = missing.remove(&draft.invoice.id) {
                additions.push(addition(draft, new)?);
                theirs.push(draft);
            }
        }
        // The whole draft is taxed when it is issued.
        let drafted = issuing::draft(&mut additions, &sold, in_force.of_customer(*customer), None)?;
        for ((draft, addition), Drafted { shares: taken_off, .. }) in
            theirs.into_iter().zip(additions).zip(drafted)
        {
            let id = draft.invoice.id;
            lines.extend(addition.lines.iter().map(|line| (id, line.clone())));
            shares.extend(taken_off.into_iter().map(|share| (id, share)));
            draft.lines.extend(addition.lines);
            draft.invoice.totals = Totals::of(draft.invoice.currency, &draft.lines).map_err(Refused::from)?;
        }
    }
    Ok((lines, shares))
}

/// The new lines of a draft as an invoice of their own, so that they are discounted like one.
fn addition(to: &Whole, mut lines: Vec<Line>) -> Result<Draft, Refused> {
    let first = late::next_no(&to.lines)?;
    for (line, no) in lines.iter_mut().zip(first..) {
        line.line_no = no;
    }
    let invoice = &to.invoice;
    Ok(Draft {
        subscription_id: invoice.subscription_id,
        currency: invoice.currency,
        collection: invoice.collection,
        billing_date: invoice.billing_date,
        totals: Totals::of(invoice.currency, &lines)?,
        lines,
    })
}
