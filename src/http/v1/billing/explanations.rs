//! How does what is known of a line become its explanation? Each part in its shape, then the sentence from all of them.

use chrono::SecondsFormat;

use crate::domain::billing::Line;
use crate::domain::calendar::{Period, Zone};
use crate::domain::ids::{CustomerId, LineId};
use crate::domain::issuing;
use crate::domain::money::MoneyError;
use crate::domain::payments::Refused;
use crate::wire::billing::explain::{
    About, Cause, EarlierLine, Explained, ExplainedDiscount, ExplainedInvoice, ExplainedPrice, ExplainedTax,
    ExplainedUsage, IssuingStep, RollUp, line,
};
use crate::wire::billing::explain_sentence;
use crate::wire::billing::explain_steps::Steps;
use crate::wire::invoicing::billed_lines;
use crate::wire::times;
use crate::workflows::Error;
use crate::workflows::billing::explain_line::{self, Story, Used};
use crate::workflows::usage::read_usage::By;

/// An explanation as it is answered.
pub(in crate::http::v1) fn shape(found: explain_line::Explained) -> Result<Explained, Error> {
    let explain_line::Explained { invoice, line: billed, customer_id, .. } = &found;
    let item = match &found.story {
        Story::Item(item) => Some(&**item),
        _ => None,
    };
    let zone = item.map_or(Zone::UTC, |item| item.zone);
    let usage = match item.and_then(|item| item.usage.as_ref()) {
        Some(used) => Some(shape_usage(used, *customer_id, billed)?),
        None => None,
    };
    let mut explained = Explained {
        id: LineId { invoice_id: invoice.id, line_no: billed.line_no }.to_string(),
        kind: kind(&found.story),
        sentence: String::new(),
        currency: invoice.currency.code(),
        line: line(invoice.id, billed, (*customer_id, &found.origin)),
        invoice: ExplainedInvoice::of(invoice),
        price: item.map(|item| ExplainedPrice::of(&item.version, item.origin.plan.as_ref())),
        steps: Steps::of(&found.explanation, zone),
        earlier_lines: found.earlier.iter().map(|line| EarlierLine::of(line.id, line.amount)).collect(),
        usage,
        discounts: found
            .discounts
            .iter()
            .map(|(discount, amount)| ExplainedDiscount::of(discount, *amount))
            .collect(),
        tax: ExplainedTax::of(billed, &found.taxes),
        net: billed.net().map_err(Refused::from)?.to_major_string(),
        issuing: issuing::steps_taken(invoice, billed)
            .map_err(Refused::from)?
            .into_iter()
            .map(IssuingStep::from)
            .collect(),
        cause: found.cause.as_ref().map(cause),
        about: about(&found),
    };
    explained.line.discounts = found
        .discounts
        .iter()
        .map(|(discount, amount)| billed_lines::LineDiscount {
            discount_id: discount.id,
            amount: amount.to_major_string(),
        })
        .collect();
    explained.sentence = explain_sentence::say(&explained, zone);
    Ok(explained)
}

fn kind(story: &Story) -> &'static str {
    match story {
        Story::Item(item) => ExplainedPrice::kind(&item.version, item.origin.plan.is_some()),
        Story::Credits(_) => "prepaid_credits",
        Story::Correction(..) => "correction",
        Story::Added => "added",
        Story::Counters(_) => "counters",
    }
}

fn about(found: &explain_line::Explained) -> About {
    match found.story {
        Story::Item(_) | Story::Added => About::default(),
        Story::Credits(grant) => About { credit_grant_id: Some(grant), ..About::default() },
        Story::Correction(note, invoice) => {
            About { credit_note_id: Some(note), corrected_invoice_id: Some(invoice), ..About::default() }
        }
        Story::Counters(line_no) => {
            let line = LineId { invoice_id: found.invoice.id, line_no };
            About { counters_line: Some(line.to_string()), ..About::default() }
        }
    }
}

fn cause(cause: &explain_line::Cause) -> Cause {
    let nothing = Cause {
        kind: String::new(),
        change_id: None,
        requested_at: None,
        effective_at: None,
        api_key_id: None,
        request: None,
    };
    match cause {
        explain_line::Cause::Started(at, by) => Cause {
            kind: "subscription.started".to_owned(),
            requested_at: Some(*at),
            api_key_id: *by,
            ..nothing
        },
        explain_line::Cause::Changed(change) => Cause {
            kind: change.kind.clone(),
            change_id: Some(change.id),
            requested_at: Some(change.requested_at),
            effective_at: Some(change.effective_at),
            api_key_id: change.api_key_id,
            request: Some(change.request.clone()),
        },
        explain_line::Cause::Written(call) => {
            Cause { kind: call.kind.clone(), requested_at: Some(call.at), api_key_id: call.by, ..nothing }
        }
        explain_line::Cause::LateUsage(since) => {
            Cause { kind: "late_usage".to_owned(), requested_at: *since, ..nothing }
        }
    }
}

fn shape_usage(used: &Used, customer_id: CustomerId, line: &Line) -> Result<ExplainedUsage, Error> {
    let missing = || Refused::from(MoneyError::Overflow);
    let measured = line.measured.ok_or_else(missing)?;
    let now = used.now.quantity().map_err(Refused::from)?;
    let mut roll_ups = Vec::with_capacity(used.windows.len());
    for (period, usage) in &used.windows {
        roll_ups.push(RollUp {
            start: period.start,
            end: period.end,
            quantity: usage.quantity().map_err(Refused::from)?.normalize().to_string(),
            events: usage.events(),
        });
    }
    let Period { start, end } = used.period;
    Ok(ExplainedUsage {
        customer_id,
        meter_id: used.meter.id,
        meter_code: used.meter.code.clone(),
        aggregation: used.meter.aggregation.into_str(),
        period: times::Period { start, end },
        after: used.since,
        recorded_to: measured.recorded_to,
        quantity: measured.quantity.normalize().to_string(),
        events: measured.events,
        quantity_now: now.normalize().to_string(),
        events_now: used.now.events(),
        changed_since: now != measured.quantity || used.now.events() != measured.events,
        roll_ups,
        path: path(used, customer_id),
    })
}

/// What reads the roll-ups.
fn path(used: &Used, customer_id: CustomerId) -> String {
    let [from, to] =
        [used.period.start, used.period.end].map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    let by = match used.by {
        By::Hour => "hour",
        By::Day => "day",
        By::Period => "period",
    };
    format!("/v1/usage?customer_id={customer_id}&meter={}&from={from}&to={to}&by={by}", used.meter.id)
}
