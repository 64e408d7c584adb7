//! Which tax did a provider answer for what is new on an invoice? All of it is one question; where the answer is known its figures are the tax,
//! to the cent, and where not, the question is noted.
//!
//! 100.00 in Austin, answered with 6.25, 1.00 and 1.00: three taxes, 8.25. Changed to 120.00 before it is issued, that is another question.

use super::taxed::charged;
use super::{Levied, LineTax, New, TaxedCharges, Taxing, add_up};
use crate::domain::billing::Line;
use crate::domain::catalog::TaxBehavior;
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::tax::provided::question::AskedLine;
use crate::domain::tax::provided::{Answer, Asking, Known, Question};

impl Taxing<'_> {
    /// The taxes that a provider answered for; `None`: the built-in rules decide. A question without an answer is left in `known`.
    pub(super) fn by_provider<'l>(
        &self,
        currency: Currency,
        (lines, new): (&'l [Line], &[New]),
        known: &mut TaxedCharges,
    ) -> Result<Option<Levied<'l>>, MoneyError> {
        let Some(asking) = self.asking.filter(|_| self.parties.is_some()) else { return Ok(None) };
        let charged = || new.iter().filter_map(|new| Some((lines.get(new.place)?, new.amount)));
        if charged().all(|(_, amount)| amount.is_zero()) {
            return Ok(None);
        }
        let line_of = |(no, (line, amount)): (usize, (&Line, Money))| {
            let terms = self.terms(line, lines);
            AskedLine {
                no,
                amount: amount.minor(),
                tax_code: terms.code.into_str().to_owned(),
                inclusive: terms.behavior == TaxBehavior::Inclusive,
            }
        };
        let question = asking.question((currency, self.date), (1..).zip(charged()).map(line_of).collect());
        let Asking { provider_id, to, known: answers, .. } = asking;
        match answers.get(&question) {
            Some(Known::ByEngine) => Ok(None),
            None => {
                known.question = Some(question);
                Ok(None)
            }
            Some(Known::Answered(answer)) => {
                let mut levied = Vec::with_capacity(new.len());
                for (line, (charge, _)) in question.lines.iter().zip(charged()) {
                    let line_no = charge.line_no;
                    let provided = answer.taxes(line, (provider_id, &to.country), currency)?;
                    let taxes = provided.into_iter().map(|tax| LineTax {
                        line_no,
                        levy: tax.levy,
                        taxable: tax.taxable,
                        amount: tax.amount,
                    });
                    levied.push((charge, taxes.collect()));
                }
                Ok(Some(levied))
            }
        }
    }
}

/// Taxes the lines that take the place of those that a provider was asked about, by its answer that came too late for them. `None`: they are
/// others, or come to something else.
///
/// # Errors
/// Sums that do not fit.
pub fn tax_as_answered(
    lines: &mut [Line],
    (question, answer): (&Question, &Answer),
) -> Result<Option<Vec<LineTax>>, MoneyError> {
    let Some(currency) = lines.first().map(|line| line.amount.currency()) else { return Ok(None) };
    let charges: Vec<&AskedLine> = question.lines.iter().filter(|line| line.amount != 0).collect();
    let amounts =
        lines.iter().map(|line| Ok(charged(line)?.minor())).collect::<Result<Vec<_>, MoneyError>>()?;
    if !amounts.into_iter().eq(charges.iter().map(|line| line.amount)) {
        return Ok(None);
    }
    let mut taxes = Vec::with_capacity(lines.len());
    for (line, charge) in lines.iter().zip(charges) {
        let line_no = line.line_no;
        let provided = answer.taxes(charge, (question.provider_id, &question.to.country), currency)?;
        taxes.extend(provided.into_iter().map(|tax| LineTax {
            line_no,
            levy: tax.levy,
            taxable: tax.taxable,
            amount: tax.amount,
        }));
    }
    add_up(currency, lines, &taxes)?;
    Ok(Some(taxes))
}
