//! What terms does a caller ask for, and can they be? A fee of 500.00 for leaving before twelve months are over: yes; a fee
//! where nothing binds: no.

use rust_decimal::Decimal;

use super::{Fee, Fixed, Terms};
use crate::domain::calendar::Interval;
use crate::domain::fields::Faults;
use crate::domain::money::{Currency, rounding};

/// Most days of a notice or a reminder.
const LONGEST_DAYS: u32 = 366;
/// How far ahead a term's end is announced by default.
const REMINDER_DAYS: u32 = 30;

/// Terms as a caller writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TermsRequest {
    /// Fixed; `None`: evergreen.
    pub term: Option<Interval>,
    /// `None`: as the term.
    pub renewal_term: Option<Interval>,
    /// `None`: it renews.
    pub auto_renew: Option<bool>,
    pub minimum: Option<Interval>,
    pub fee: Option<Fee>,
    pub notice_days: Option<u32>,
    pub reminder_days: Option<u32>,
}

impl TermsRequest {
    /// The terms it asks for, noting every value that cannot be.
    pub fn check(&self, currency: Option<Currency>, faults: &mut Faults) -> Terms {
        let binds = self.term.is_some() || self.minimum.is_some() || self.notice_days.is_some_and(|n| n > 0);
        if !binds {
            let detail = "these terms agree on nothing: give a term, a minimum_term or notice_days, or leave terms out";
            faults.add("/terms", "empty_terms", detail);
        }
        let of_a_term = [
            ("/terms/renewal_term", self.renewal_term.is_some()),
            ("/terms/auto_renew", self.auto_renew.is_some()),
            ("/terms/reminder_days", self.reminder_days.is_some_and(|days| days > 0)),
        ];
        for (pointer, given) in of_a_term {
            if given && self.term.is_none() {
                let detail =
                    "without a term there is nothing to renew or to be reminded of: give a term, too";
                faults.add(pointer, "needs_a_term", detail);
            }
        }
        if self.auto_renew == Some(false) && self.renewal_term.is_some() {
            let detail =
                "it does not renew, so no renewal has a length: leave renewal_term out, or auto_renew true";
            faults.add("/terms/renewal_term", "renewal_not_used", detail);
        }
        for (pointer, days) in
            [("/terms/notice_days", self.notice_days), ("/terms/reminder_days", self.reminder_days)]
        {
            if days.is_some_and(|days| days > LONGEST_DAYS) {
                faults.add(pointer, "out_of_range", format_args!("this is 0 to {LONGEST_DAYS} days"));
            }
        }
        if let Some(fee) = self.fee {
            check_fee(fee, currency, faults);
        }
        let fixed = self.term.map(|first| Fixed {
            first,
            renewal: self.renewal_term.unwrap_or(first),
            renews: self.auto_renew.unwrap_or(true),
        });
        Terms {
            fixed,
            minimum: self.minimum,
            fee: self.fee,
            notice_days: self.notice_days.unwrap_or(0),
            reminder_days: self.reminder_days.unwrap_or(REMINDER_DAYS),
            moved: super::Moved::default(),
        }
    }
}

fn check_fee(fee: Fee, currency: Option<Currency>, faults: &mut Faults) {
    let positive = |value: Decimal| value > Decimal::ZERO;
    match fee {
        Fee::Remaining { percent } if !positive(percent) || percent > Decimal::ONE_HUNDRED => {
            let detail = "this is more than 0 and at most 100 percent of what remains";
            faults.add("/terms/early_termination_fee/percent", "out_of_range", detail);
        }
        Fee::Fixed { amount } if !positive(amount) => {
            let detail = "a fee is more than 0; leave early_termination_fee out to have none";
            faults.add("/terms/early_termination_fee/amount", "out_of_range", detail);
        }
        Fee::Fixed { amount } => {
            let Some(currency) = currency else { return };
            match rounding::round_to_minor(amount, currency) {
                Ok(rounded) if rounded.to_decimal() == amount => {}
                Ok(_) => {
                    let detail = format_args!("{currency} has no such fractions: round the amount");
                    faults.add("/terms/early_termination_fee/amount", "too_fine", detail);
                }
                Err(error) => {
                    faults.add("/terms/early_termination_fee/amount", "amount_out_of_range", error);
                }
            }
        }
        Fee::Remaining { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::Unit;

    fn faults(request: TermsRequest) -> Vec<String> {
        let mut faults = Faults::none();
        request.check(Currency::parse("USD").ok(), &mut faults);
        let found = faults.into_result().err().map(|invalid| invalid.errors).unwrap_or_default();
        found.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn terms_that_make_no_sense_are_refused_each_by_its_name() {
        let term = Some(Interval { unit: Unit::Year, count: 1 });
        let fixed = TermsRequest { term, ..TermsRequest::default() };
        assert_eq!(faults(fixed), [""; 0]);
        assert_eq!(faults(TermsRequest::default()), ["/terms empty_terms"]);
        assert_eq!(
            faults(TermsRequest { minimum: term, auto_renew: Some(true), ..TermsRequest::default() }),
            ["/terms/auto_renew needs_a_term"]
        );
        assert_eq!(
            faults(TermsRequest { auto_renew: Some(false), renewal_term: term, ..fixed }),
            ["/terms/renewal_term renewal_not_used"]
        );
        let fee = |fee| faults(TermsRequest { fee: Some(fee), ..fixed });
        assert_eq!(
            fee(Fee::Fixed { amount: Decimal::new(1, 3) }),
            ["/terms/early_termination_fee/amount too_fine"]
        );
        assert_eq!(
            fee(Fee::Remaining { percent: Decimal::from(101) }),
            ["/terms/early_termination_fee/percent out_of_range"]
        );
        assert_eq!(
            faults(TermsRequest { notice_days: Some(367), ..fixed }),
            ["/terms/notice_days out_of_range"]
        );
    }
}
