//! Which rule is a line earned by? The closest that holds on the day of its document: of its price and product before that of its price, that of its
//! price before that of its product, any of them before one for everything.
//!
//! `ratable_monthly` for everything from January, `point_in_time` for the price `setup` from March: a set-up of April is earned at once by its
//! rule, a seat of April in equal months, and either of December day by day.

use chrono::{DateTime, NaiveDate, Utc};

use super::schedule::Rule;
use crate::domain::ids::{ProductId, RevenueRuleId};

/// How what is sold is earned, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevenueRule {
    pub id: RevenueRuleId,
    /// `None`: of every product.
    pub product_id: Option<ProductId>,
    /// `None`: of every price.
    pub price_code: Option<String>,
    pub rule: Rule,
    pub valid_from: NaiveDate,
    pub created_at: DateTime<Utc>,
}

impl RevenueRule {
    /// How close it is to what is sold by a price, where one is known; `None`: it is not about it.
    fn closeness(&self, sold: Option<&(ProductId, String)>) -> Option<u8> {
        let product = match (self.product_id, sold) {
            (None, _) => 0,
            (Some(product), Some((sold, _))) if product == *sold => 1,
            (Some(_), _) => return None,
        };
        let price = match (&self.price_code, sold) {
            (None, _) => 0,
            (Some(code), Some((_, sold))) if code == sold => 2,
            (Some(_), _) => return None,
        };
        Some(product + price)
    }

    /// What events carry of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "revenue_rule",
            "id": self.id,
            "product_id": self.product_id,
            "price_code": self.price_code,
            "rule": self.rule.into_str(),
            "valid_from": self.valid_from,
        })
    }
}

/// The rule that holds on a day; `None`: nobody said any.
#[must_use]
pub fn chosen(rules: &[RevenueRule], sold: Option<&(ProductId, String)>, day: NaiveDate) -> Option<Rule> {
    let holds = rules.iter().filter(|rule| rule.valid_from <= day);
    let about = holds.filter_map(|rule| Some((rule.closeness(sold)?, rule.valid_from, rule)));
    about.max_by_key(|(closeness, from, _)| (*closeness, *from)).map(|(.., rule)| rule.rule)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_closest_that_holds_is_chosen_and_of_these_the_newest() {
        let product = |n| ProductId::from_uuid(Uuid::from_u128(n));
        let rule = |product_id, code: Option<&str>, rule, from: &str| RevenueRule {
            id: RevenueRuleId::from_uuid(Uuid::nil()),
            product_id,
            price_code: code.map(str::to_owned),
            rule,
            valid_from: day(from),
            created_at: DateTime::UNIX_EPOCH,
        };
        let rules = [
            rule(None, None, Rule::RatableMonthly, "2026-01-01"),
            rule(Some(product(1)), None, Rule::RatableDaily, "2026-01-01"),
            rule(None, Some("setup"), Rule::PointInTime, "2026-03-01"),
            rule(Some(product(1)), None, Rule::AsUsed, "2026-05-01"),
        ];
        let rule_of = |n, code: &str, on| chosen(&rules, Some(&(product(n), code.to_owned())), day(on));
        assert_eq!(rule_of(1, "setup", "2026-04-01"), Some(Rule::PointInTime));
        assert_eq!(rule_of(1, "setup", "2026-02-01"), Some(Rule::RatableDaily));
        assert_eq!(rule_of(1, "base", "2026-06-01"), Some(Rule::AsUsed));
        assert_eq!(rule_of(2, "base", "2026-06-01"), Some(Rule::RatableMonthly));
        assert_eq!(rule_of(2, "base", "2025-12-31"), None);
        assert_eq!(chosen(&rules, None, day("2026-06-01")), Some(Rule::RatableMonthly), "a line by hand");
    }
}
