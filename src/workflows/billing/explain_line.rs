//! Why is a line of an invoice what it is? Reads what it rests on, and computes it again by what billed it.
//!
//! `inv_…-2`, a credit of 45.16: 42.34 for 15 of 31 days, 87.50 billed before by `inv_…-1`, because of a change by `key_…`.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::billing::explain::{self, Explanation, Known};
use crate::domain::billing::grounds::Call;
use crate::domain::billing::{ByHand, Grounds, Line, LineOrigin};
use crate::domain::calendar::{Period, Zone};
use crate::domain::discounts::Discount;
use crate::domain::ids::{ApiKeyId, CreditGrantId, CreditNoteId, CustomerId, InvoiceId, LineId, TenantId};
use crate::domain::invoicing::Invoice;
use crate::domain::money::Money;
use crate::domain::payments::Refused;
use crate::domain::subscriptions::ItemVersion;
use crate::domain::tax::on_lines::LineTax;
use crate::domain::usage::{Meter, Usage};
use crate::storage::billing::views::line_story::{self, Earlier, Origin};
use crate::storage::billing::{self, PriceBook};
use crate::storage::discounts::views as discounts_views;
use crate::storage::invoicing::views as invoicing_views;
use crate::storage::invoicing::views::WholeInvoice;
use crate::storage::subscriptions::views::changes::Change;
use crate::storage::{StorageError, Thing, Tx, usage};
use crate::workflows::Error;
use crate::workflows::usage::read_usage::{self, By, Question};

/// Longest period of which usage is shown hour by hour.
const HOURS: TimeDelta = TimeDelta::hours(48);
/// Longest period of which usage is shown day by day.
const DAYS: TimeDelta = TimeDelta::days(366);

/// A line, and how it came about.
#[derive(Debug, Clone)]
pub struct Explained {
    pub invoice: Invoice,
    pub line: Line,
    /// Whose charge it is.
    pub customer_id: CustomerId,
    /// What else it is of.
    pub origin: LineOrigin,
    pub explanation: Explanation,
    pub earlier: Vec<Earlier>,
    /// What each discount took off.
    pub discounts: Vec<(Discount, Money)>,
    pub taxes: Vec<LineTax>,
    pub story: Story,
    /// What made it; `None`: that was not noted.
    pub cause: Option<Cause>,
}

/// What kind of line it is.
#[derive(Debug, Clone)]
pub enum Story {
    /// Billing wrote it for an item of a subscription.
    Item(Box<Item>),
    /// It sells prepaid credits.
    Credits(CreditGrantId),
    /// Of an invoice that replaces a corrected one: the credit note, and the invoice that was wrong.
    Correction(CreditNoteId, InvoiceId),
    /// Somebody added it to a draft.
    Added,
    /// Somebody took back a line of the same invoice, in whole or in part.
    Counters(i32),
}

/// The item that was charged.
#[derive(Debug, Clone)]
pub struct Item {
    pub version: ItemVersion,
    pub origin: Origin,
    /// Whose days are counted.
    pub zone: Zone,
    pub usage: Option<Used>,
}

/// What was measured, as it reads now.
#[derive(Debug, Clone)]
pub struct Used {
    pub meter: Meter,
    /// What the line is about.
    pub period: Period,
    /// All of it.
    pub now: Usage,
    pub by: By,
    pub windows: Vec<(Period, Usage)>,
    /// What had been recorded by then was billed before.
    pub since: Option<DateTime<Utc>>,
}

/// What made the line.
#[derive(Debug, Clone)]
pub enum Cause {
    /// The subscription's start.
    Started(DateTime<Utc>, Option<ApiKeyId>),
    /// A call, or a job, that changed the subscription.
    Changed(Change),
    /// A call, or a job, that wrote the line itself.
    Written(Call),
    /// Usage, recorded or taken back after it was billed: since when.
    LateUsage(Option<DateTime<Utc>>),
}

/// Explains a line.
///
/// # Errors
/// Not found: the invoice, the line. Numbers that do not fit.
pub fn run(tx: &mut Tx<'_>, tenant_id: TenantId, id: LineId) -> Result<Explained, Error> {
    let whole = invoicing_views::find(tx, tenant_id, id.invoice_id)?;
    let place = whole.lines.iter().position(|line| line.line_no == id.line_no);
    let place = place.ok_or_else(|| StorageError::not_found(Thing::InvoiceLine, id))?;
    let discounts = discounted(tx, tenant_id, (&whole, id.line_no))?;
    let WholeInvoice { invoice, mut lines, mut origins, mut taxes, .. } = whole;
    taxes.retain(|tax| tax.line_no == id.line_no);
    let line = lines.swap_remove(place);
    let origin = origins.swap_remove(place);
    let customer_id = origin.customer_id.unwrap_or(invoice.customer_id);
    let mut earlier = Vec::new();
    let grounds = line_story::grounds_of(tx, tenant_id, id)?;
    if line.item_version_id.is_some() {
        earlier = line_story::earlier(tx, tenant_id, (&line, invoice.currency))?;
        let item_line =
            ItemLine { invoice: &invoice, line: &line, customer_id, earlier: &earlier, grounds: &grounds };
        let (item, explanation, cause) = item(tx, tenant_id, item_line)?;
        let story = Story::Item(Box::new(item));
        return Ok(Explained {
            invoice,
            line,
            customer_id,
            origin,
            explanation,
            earlier,
            discounts,
            taxes,
            story,
            cause,
        });
    }
    let story = match line.by_hand {
        Some(ByHand::Counters(line_no)) => Story::Counters(line_no),
        _ => other(tx, tenant_id, &invoice)?,
    };
    let (explanation, cause) = (explain::by_hand(&line)?, grounds.call.map(Cause::Written));
    Ok(Explained { invoice, line, customer_id, origin, explanation, earlier, discounts, taxes, story, cause })
}

fn discounted(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (whole, line_no): (&WholeInvoice, i32),
) -> Result<Vec<(Discount, Money)>, Error> {
    let mut found = Vec::new();
    for (_, discount, minor) in whole.shares.iter().filter(|(no, ..)| *no == line_no) {
        let discount = discounts_views::find(tx, tenant_id, *discount)?;
        found.push((discount, Money::from_minor(*minor, whole.invoice.currency)));
    }
    Ok(found)
}

/// What wrote a line that is of no item.
fn other(tx: &mut Tx<'_>, tenant_id: TenantId, invoice: &Invoice) -> Result<Story, Error> {
    if let Some(grant) = line_story::grant_sold(tx, tenant_id, invoice.id)? {
        return Ok(Story::Credits(grant));
    }
    let replaced = line_story::replaced(tx, tenant_id, (invoice.id, invoice.customer_id))?;
    Ok(replaced.map_or(Story::Added, |(note, old)| Story::Correction(note, old)))
}

/// A line of an item, whose it is, the lines before it, and what it rests on.
#[derive(Clone, Copy)]
struct ItemLine<'a> {
    invoice: &'a Invoice,
    line: &'a Line,
    customer_id: CustomerId,
    earlier: &'a [Earlier],
    grounds: &'a Grounds,
}

fn item(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    item_line: ItemLine<'_>,
) -> Result<(Item, Explanation, Option<Cause>), Error> {
    let ItemLine { invoice, line, customer_id, earlier, grounds } = item_line;
    let (Some(subscription), Some(version_id)) = (line.subscription_id, line.item_version_id) else {
        return Err(StorageError::unreadable("invoice line", "it is of an item of no subscription").into());
    };
    let since = [(subscription, line.period.start)];
    let billable = billing::load_drafted(tx, tenant_id, &since, &mut PriceBook::default())?.pop();
    let timeline =
        billable.ok_or_else(|| StorageError::not_found(Thing::Subscription, subscription))?.timeline;
    let version = timeline.versions.iter().find(|version| version.id == version_id);
    let version = version.ok_or_else(|| StorageError::not_found(Thing::ItemVersion, version_id))?;
    let meter = match version.terms.metering.as_deref() {
        Some(metering) => usage::meters(tx, tenant_id, &[metering.meter_id])?.pop(),
        None => None,
    };
    let before = Money::sum(invoice.currency, earlier.iter().map(|line| line.amount));
    let before = before.map_err(Refused::from)?;
    let known = Known { timeline: &timeline, version, meter: meter.as_ref(), line, grounds, before };
    let explanation = explain::item(known)?;
    let until = known.until();
    let origin = line_story::origin(tx, tenant_id, (subscription, version_id))?;
    let used = match (&meter, line.measured) {
        (Some(meter), Some(measured)) => {
            let end = until.min(measured.recorded_to).max(line.period.start);
            let period = Period { start: line.period.start, end };
            Some(used(tx, tenant_id, customer_id, meter, period, earlier)?)
        }
        _ => None,
    };
    let cause = cause(tx, tenant_id, item_line, &origin, until)?;
    let zone = timeline.cycle_of(version).zone();
    Ok((Item { version: version.clone(), origin, zone, usage: used }, explanation, cause))
}

/// What the meter reads now in the period of a line.
fn used(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer_id: CustomerId,
    meter: &Meter,
    period: Period,
    earlier: &[Earlier],
) -> Result<Used, Error> {
    let long = period.end - period.start;
    let by = if long <= HOURS {
        By::Hour
    } else if long <= DAYS {
        By::Day
    } else {
        By::Period
    };
    let whole = Question {
        customer_id,
        meter: meter.id.to_string(),
        from: period.start,
        to: period.end,
        by: By::Period,
    };
    let (meter, mut all) = read_usage::run(tx, tenant_id, &whole)?;
    let now = all.pop().map(|(_, usage)| usage).unwrap_or_default();
    let (_, mut windows) = read_usage::run(tx, tenant_id, &Question { by, ..whole })?;
    windows.retain(|(_, usage)| !usage.groups.is_empty());
    let since = earlier.iter().rev().find_map(|line| line.recorded_to);
    Ok(Used { meter, period, now, by, windows, since })
}

/// What made a line: of a first one, what made its item; of a difference, what moved the item's end, or usage.
fn cause(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    item_line: ItemLine<'_>,
    origin: &Origin,
    until: DateTime<Utc>,
) -> Result<Option<Cause>, Error> {
    let ItemLine { invoice, line, earlier, grounds, .. } = item_line;
    if line.revision == 0 {
        let Some(made_by) = origin.made_by else {
            return Ok(Some(Cause::Started(origin.started_at, origin.started_by)));
        };
        return Ok(Some(Cause::Changed(line_story::change(tx, tenant_id, made_by)?)));
    }
    let since = earlier.iter().rev().find_map(|line| line.recorded_to);
    let follows_usage = line.measured.is_some() || grounds.counted.is_some();
    let before = earlier.last().map(|line| line.written_at);
    let written_at = invoice.created_at;
    let ended_by = origin.ended_by.map(|id| line_story::change(tx, tenant_id, id)).transpose()?;
    if let Some(subscription) = line.subscription_id.filter(|_| !follows_usage || until != line.period.end) {
        // What ended the item there, unless it has been ended anew since; else the last change of that instant.
        let own = |c: &Change| c.effective_at == until && c.id.uuid() < invoice.id.uuid();
        let found = match ended_by.clone().filter(own) {
            Some(change) => Some(change),
            None => line_story::change_at(tx, tenant_id, subscription, until, invoice.id)?,
        };
        if let Some(change) = found.filter(|change| before.is_none_or(|at| change.requested_at >= at)) {
            return Ok(Some(Cause::Changed(change)));
        }
    }
    if follows_usage {
        return Ok(Some(Cause::LateUsage(since.or(before))));
    }
    Ok(ended_by.filter(|change| change.requested_at <= written_at).map(Cause::Changed))
}
