//! How is a line explained in one sentence? `Team, per seat: 4 × 12.50 = 50 USD a period; up to 2026-02-01 31/31 of it, 50.00, less
//! 15/31 up to 2026-01-16, 24.19: 25.81. Caused by change (key_…, 2026-01-16). Tax 5.16: 20 % VAT of France.`

use chrono::{DateTime, SecondsFormat, Utc};

use super::explain::{Cause, Explained, ExplainedTax};
use super::explain_steps::{Commitment, PricedPart, Proration, Staying, Steps};
use crate::domain::calendar::Zone;

/// Most parts that a sentence names one by one.
const PARTS: usize = 5;

/// The sentence of an explanation, its dates in this zone.
#[must_use]
pub fn say(explained: &Explained, zone: Zone) -> String {
    let steps = &explained.steps;
    let mut sentence = format!("{}: ", explained.line.description);
    if steps.withdrawn {
        sentence.push_str("the item was taken back, so it is worth nothing any more");
    } else {
        say_usage(explained, zone, &mut sentence);
        say_price(explained, &mut sentence);
        if let Some(proration) = &steps.proration {
            say_proration(steps, proration, zone, &mut sentence);
        }
        if let Some(earlier) = &steps.earlier_pieces {
            sentence.push_str(&format!(
                "; less {} for {} in earlier pieces of the period: {}",
                earlier.worth, earlier.quantity, steps.worth
            ));
        }
        if let Some(commitment) = &steps.commitment {
            say_commitment(commitment, &steps.worth, &mut sentence);
        }
    }
    say_difference(explained, &mut sentence);
    for discount in &explained.discounts {
        sentence.push_str(&format!("; {} off by {}", discount.amount, discount.coupon_code));
    }
    if let Some(line) = &explained.about.counters_line {
        sentence.push_str(&format!("; it takes back line {line} in whole or in part"));
    }
    if let Some(invoice) = &explained.about.corrected_invoice_id {
        sentence.push_str(&format!("; it stands in place of a line of {invoice}, which was wrong"));
    }
    if let Some(grant) = &explained.about.credit_grant_id {
        sentence.push_str(&format!("; it sells the prepaid credits {grant}"));
    }
    sentence.push_str(&explained.cause.as_ref().map_or_else(String::new, |cause| caused(cause, zone)));
    say_tax(&explained.tax, &mut sentence);
    sentence
}

fn say_tax(tax: &ExplainedTax, sentence: &mut String) {
    let ExplainedTax { amount, included, reason, taxes, .. } = tax;
    let within = taxes.iter().filter(|tax| tax.inclusive).count();
    match within {
        _ if taxes.is_empty() => sentence.push_str("; no tax is charged."),
        0 => sentence.push_str(&format!("; tax {amount}: {reason}.")),
        all if all == taxes.len() => sentence.push_str(&format!("; {included} of tax within it: {reason}.")),
        _ => sentence.push_str(&format!("; tax {amount} on top and {included} within it: {reason}.")),
    }
}

fn say_commitment(commitment: &Commitment, worth: &str, sentence: &mut String) {
    let Commitment { committed, counted, earlier_committed, earlier_counted } = commitment;
    sentence.push_str(&format!("; {committed} was committed and {counted} counted towards it"));
    if let Some((committed, counted)) = earlier_committed.as_ref().zip(earlier_counted.as_ref()) {
        sentence.push_str(&format!(", after {committed} and {counted} earlier in the period"));
    }
    sentence.push_str(&format!(", {worth} short"));
}

fn say_usage(explained: &Explained, zone: Zone, sentence: &mut String) {
    let Some(usage) = &explained.usage else { return };
    let (start, end) = (day(usage.period.start, zone), day(usage.period.end, zone));
    let events = if usage.events == 1 { "event" } else { "events" };
    sentence.push_str(&format!(
        "{} measured in {} {events} from {start} to {end} ({} of {})",
        usage.quantity, usage.events, usage.aggregation, usage.meter_code
    ));
    if let Some(conversion) = &explained.steps.conversion {
        if let Some(by) = &conversion.divide_by {
            sentence.push_str(&format!(", divided by {by}"));
        }
        if let Some(round) = conversion.round {
            sentence.push_str(&format!(", rounded {round} to {}", conversion.converted));
        }
        if conversion.included != "0" {
            let (included, left) = (&conversion.included, &explained.steps.priced_quantity);
            sentence.push_str(&format!(", less {included} included: {left} to pay"));
        }
    }
    sentence.push_str("; ");
}

fn say_price(explained: &Explained, sentence: &mut String) {
    let steps = &explained.steps;
    let parts = match steps.parts.len() {
        1..=PARTS => joined(&steps.parts),
        many => format!("{many} parts"),
    };
    let exact = &steps.exact_amount;
    let period =
        if explained.kind == "recurring" || explained.kind == "commitment" { " a period" } else { "" };
    match parts == *exact {
        true => sentence.push_str(&format!("{exact} {}{period}", explained.currency)),
        false => sentence.push_str(&format!("{parts} = {exact} {}{period}", explained.currency)),
    }
    match (&steps.proration, steps.roundings.as_slice()) {
        (None, [rounding]) if !same(&rounding.exact, &rounding.rounded) => {
            sentence.push_str(&format!(", rounded {}", rounding.rounded));
        }
        _ => {}
    }
}

/// `32 × 0.02 − 0.14 above the maximum`.
fn joined(parts: &[PricedPart]) -> String {
    let mut all = String::new();
    for one in parts {
        match (one.kind, one.amount.strip_prefix('-')) {
            ("above_maximum", Some(less)) => all.push_str(&format!(" − {less} above the maximum")),
            _ if all.is_empty() => all = part(one),
            _ => all.push_str(&format!(" + {}", part(one))),
        }
    }
    all
}

fn same(left: &str, right: &str) -> bool {
    let number = |text: &str| text.parse::<rust_decimal::Decimal>().ok();
    number(left) == number(right)
}

/// `900 × 0.08`, `13 × 5`, `2 × 7 + 10`, or only an amount.
fn part(part: &PricedPart) -> String {
    let flat = part.flat_amount != "0";
    let once = ["flat", "priced_events", "markup"].contains(&part.kind);
    match (part.unit_amount.as_str(), flat) {
        (_, false) if once => part.amount.clone(),
        (_, false) => format!("{} × {}", part.units, part.unit_amount),
        ("0", true) => part.flat_amount.clone(),
        (_, true) => format!("({} × {} + {})", part.units, part.unit_amount, part.flat_amount),
    }
}

fn say_proration(steps: &Steps, proration: &Proration, zone: Zone, sentence: &mut String) {
    let Proration { part, from, to, starts_by, ends_by, .. } = proration;
    let [end, start] = steps.roundings.as_slice() else { return };
    let (first, last) = (day(part.start, zone), day(part.end, zone));
    sentence.push_str(&format!("; {to} of it ({}) until {last} is {}", words(ends_by), end.rounded));
    if !from.starts_with("0/") {
        sentence.push_str(&format!(", less {from} ({}) until {first}, {}", words(starts_by), start.rounded));
        sentence.push_str(&format!(": {}", difference(steps)));
    }
}

/// What a part is worth; of a commitment, before what counts towards it.
fn difference(steps: &Steps) -> &str {
    steps.commitment.as_ref().map_or(&steps.worth, |commitment| &commitment.committed)
}

fn words(basis: &str) -> &str {
    match basis {
        "by_day" => "by days",
        "by_second" => "by seconds",
        "30_360" => "by days of months of 30",
        _ => "not prorated",
    }
}

fn say_difference(explained: &Explained, sentence: &mut String) {
    let amount = &explained.line.amount;
    let of_shortfall = explained.steps.staying.as_ref().and_then(|staying| staying.of_shortfall.as_ref());
    if let Some(less) = of_shortfall {
        sentence.push_str(&format!("; {less} of it was taken back with the commitment's shortfall before"));
    }
    if explained.earlier_lines.is_empty() {
        return sentence.push_str(&format!("; charged {amount}"));
    }
    let lines: Vec<&str> = explained.earlier_lines.iter().map(|line| line.id.as_str()).collect();
    let lines = if lines.len() > PARTS { format!("{} lines", lines.len()) } else { lines.join(", ") };
    let before = &explained.steps.billed_before;
    sentence.push_str(&format!("; {before} was billed before ({lines})"));
    if let Some(staying) = &explained.steps.staying {
        let Staying { taken_back, stays, .. } = staying;
        sentence.push_str(&format!(" and {taken_back} of it taken back, so that {stays} is to stay charged"));
    }
    sentence.push_str(&format!(", so this line is {amount}"));
}

fn caused(cause: &Cause, zone: Zone) -> String {
    let by = cause.api_key_id.map_or_else(String::new, |key| format!(" by {key}"));
    let at = cause.requested_at.map(|at| day(at, zone));
    match (cause.kind.as_str(), at) {
        ("late_usage", Some(at)) => format!("; caused by usage recorded after {at}"),
        ("late_usage", None) => "; caused by usage recorded later".to_owned(),
        (kind, at) => {
            let at = at.map_or_else(String::new, |at| format!(" of {at}"));
            let from = cause.effective_at.map(|at| format!(", effective {}", day(at, zone)));
            format!("; caused by {kind}{at}{by}{}", from.unwrap_or_default())
        }
    }
}

/// A date where the instant begins one; else the instant.
fn day(at: DateTime<Utc>, zone: Zone) -> String {
    let date = zone.local_date(at);
    match zone.day_start(date) {
        Ok(start) if start == at => date.to_string(),
        _ => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
    }
}
