//! What does the query of a list ask for? Every fault is named with its parameter, all at once: `?staus=open&limit=0` has two.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, Utc};

use super::Shape;
use super::cursors::place;
use super::fields::{Field, Kind};
use crate::domain::entities::series;
use crate::domain::fields::{Faults, below};
use crate::domain::ids;
use crate::domain::listing::{
    CREATED, Comparison, Condition, Order, Part, Search, Start, Test, Value, Wanted, words,
};
use crate::domain::money::{Currency, parse_decimal};
use crate::domain::refusal::Invalid;
use crate::wire::page::checked_limit;
use crate::wire::times::YEARS;

/// Parameters of one query.
const PARAMETERS: usize = 60;
/// Values of one parameter.
const VALUES: usize = 100;
/// Characters of one value.
const LENGTH: usize = 200;
/// Words of one search.
const WORDS: usize = 10;
/// Rows of a page with their lines.
const MAX_EXPANDED: u16 = 100;

const OPERATORS: [(&str, Comparison); 4] = [
    ("gt", Comparison::Above),
    ("gte", Comparison::From),
    ("lt", Comparison::Below),
    ("lte", Comparison::UpTo),
];

/// The parameters that are no field.
const OTHERS: [&str; 7] = ["limit", "after", "before", "sort", "q", "expand", "totals"];

/// What is asked of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    pub wanted: Wanted,
    pub part: Part,
    /// Whether a page was named at all: files have none.
    pub is_paged: bool,
    pub expand: Vec<&'static str>,
    pub totals: bool,
}

/// Reads the pairs of a query.
///
/// # Errors
/// [`Invalid`] with every parameter at fault.
pub fn read(shape: &Shape, pairs: &[(String, String)]) -> Result<ListRequest, Invalid> {
    let mut reader = Reader { shape, faults: Faults::none(), values: BTreeMap::new() };
    if pairs.len() > PARAMETERS {
        let detail = format!("a query has at most {PARAMETERS} parameters; it had {}", pairs.len());
        return Err(Invalid::one("/query", "too_many_parameters", detail));
    }
    for (name, value) in pairs {
        reader.values.entry(name.as_str()).or_default().push(value.as_str());
    }
    let request = reader.request();
    reader.faults.into_result().map(|()| request)
}

struct Reader<'a> {
    shape: &'a Shape,
    faults: Faults,
    values: BTreeMap<&'a str, Vec<&'a str>>,
}

impl Reader<'_> {
    fn request(&mut self) -> ListRequest {
        let order = self.order();
        let expand = self.expand();
        let limit = self.one("limit").map(|text| (text.parse::<u32>(), text.to_owned()));
        let limit = match limit {
            None => checked_limit(None),
            Some((Ok(limit), _)) => checked_limit(Some(limit)),
            Some((Err(_), text)) => Err(bad_value("/query/limit", &text, "a whole number")),
        };
        let limit = limit.map_err(|invalid| self.faults.extend(invalid)).unwrap_or(1);
        if limit > MAX_EXPANDED && expand.contains(&"lines") {
            let detail = format!(
                "with `expand=lines` a page has at most {MAX_EXPANDED} rows: lower `limit`, or read CSV or NDJSON"
            );
            self.faults.add("/query/limit", "limit_out_of_range", detail);
        }
        let is_paged = ["limit", "after", "before"].iter().any(|name| self.values.contains_key(name));
        let part = Part { limit, start: self.start(order) };
        let totals = self.one("totals").map(str::to_owned);
        let totals = totals.is_some_and(|text| self.flag("/query/totals", &text) == Some(Value::Flag(true)));
        let mut conditions: Vec<Condition> = self.search().into_iter().collect();
        conditions.extend(self.conditions());
        self.check_ranges(&conditions);
        ListRequest { wanted: Wanted { conditions, order }, part, is_paged, expand, totals }
    }

    /// The value of a parameter that has one at most.
    fn one(&mut self, name: &str) -> Option<&str> {
        let values = self.values.get(name)?;
        if values.len() > 1 {
            self.faults.add(
                below("/query", name),
                "duplicate_field",
                format_args!("`{name}` is given twice"),
            );
        }
        values.first().copied()
    }

    fn order(&mut self) -> Order {
        let words = self.shape.sort_words();
        let Some(text) = self.one("sort").map(str::to_owned) else { return Order::NEWEST };
        if !words.contains(&text) {
            let detail =
                format!("there is no order {text:?}; there are {}: `-` means downwards", words.join(", "));
            self.faults.add("/query/sort", "bad_value", detail);
        }
        let (descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text.as_str()),
        };
        let field = self.shape.sorts.iter().map(|sort| sort.field).find(|field| *field == name);
        Order { field: field.unwrap_or(CREATED), descending }
    }

    fn expand(&mut self) -> Vec<&'static str> {
        let known = self.shape.expands;
        let named = self.values.get("expand").cloned().unwrap_or_default();
        let mut found = Vec::new();
        for name in named.iter().flat_map(|text| text.split(',')) {
            match known.iter().find(|known| **known == name) {
                Some(name) if !found.contains(name) => found.push(*name),
                Some(_) => {}
                None => {
                    let detail = match known.is_empty() {
                        true => "nothing can be expanded here: leave `expand` out".to_owned(),
                        false => format!("{name:?} cannot be expanded; {} can", known.join(", ")),
                    };
                    self.faults.add("/query/expand", "bad_value", detail);
                }
            }
        }
        found
    }

    fn start(&mut self, order: Order) -> Start {
        let after = self.one("after").map(str::to_owned);
        let before = self.one("before").map(str::to_owned);
        let marks = self.shape.marks_of(order.field);
        let mut cursor = |name: &str, text: String| match place(order, marks, &text) {
            Some(values) => values,
            None => {
                let detail = "this is not a cursor of this list in this order; give the `next_cursor` of an earlier page, unchanged";
                self.faults.add(below("/query", name), "bad_cursor", detail);
                Vec::new()
            }
        };
        match (after, before) {
            (None, None) => Start::First,
            (Some(text), None) => Start::After(cursor("after", text)),
            (None, Some(text)) => Start::Before(cursor("before", text)),
            (Some(_), Some(_)) => {
                let detail = "give `after` or `before`, not both";
                self.faults.add("/query/before", "after_and_before", detail);
                Start::First
            }
        }
    }

    fn search(&mut self) -> Option<Condition> {
        if self.shape.searched.is_empty() {
            return None;
        }
        let text = self.one("q")?.trim().to_owned();
        let found = words(&text);
        if found.is_empty() || found.len() > WORDS || text.chars().count() > LENGTH {
            let detail = format!("search for 1 to {WORDS} words, in at most {LENGTH} characters");
            self.faults.add("/query/q", "bad_value", detail);
            return None;
        }
        let numbers = series::readings(&text);
        let search = Search { text, words: found, numbers };
        Some(Condition { field: "q", test: Test::Is(vec![Value::Search(search)]) })
    }

    fn conditions(&mut self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (name, texts) in std::mem::take(&mut self.values) {
            let searchable = !self.shape.searched.is_empty();
            if OTHERS.contains(&name) && (name != "q" || searchable) {
                continue;
            }
            let at = below("/query", name);
            let (base, inner) = match name.split_once('[') {
                Some((base, rest)) => (base, rest.strip_suffix(']')),
                None => (name, None),
            };
            let known = self.shape.field(base).filter(|_| inner.is_some() == name.contains('['));
            let Some(field) = known else {
                self.unknown(name, &at);
                continue;
            };
            conditions.extend(self.condition(field, (inner, &at), &texts));
        }
        conditions
    }

    fn condition(
        &mut self,
        field: &'static Field,
        (inner, at): (Option<&str>, &str),
        texts: &[&str],
    ) -> Option<Condition> {
        let kind = field.kind;
        let plural = inner.is_none() && kind.is_plural();
        if texts.len() > 1 && !plural {
            self.faults.add(at, "duplicate_field", "this parameter is given twice");
            return None;
        }
        let test = match (kind, inner) {
            (Kind::Metadata, Some(key)) => {
                let value = self.text(at, texts.first().copied().unwrap_or_default())?;
                Test::Is(vec![Value::Entry(key.to_owned(), value)])
            }
            (Kind::Metadata, None) | (_, Some(_)) if !kind.has_ranges() => {
                let name = at.trim_start_matches("/query/").to_owned();
                self.unknown(&name, at);
                return None;
            }
            (_, Some(operator)) => {
                let Some((_, how)) = OPERATORS.iter().find(|(name, _)| *name == operator) else {
                    let name = at.trim_start_matches("/query/").to_owned();
                    self.unknown(&name, at);
                    return None;
                };
                Test::Compared(*how, self.value(kind, at, texts.first().copied().unwrap_or_default())?)
            }
            (_, None) => Test::Is(self.values_of(kind, at, texts)?),
        };
        Some(Condition { field: field.name, test })
    }

    fn values_of(&mut self, kind: Kind, at: &str, texts: &[&str]) -> Option<Vec<Value>> {
        let split = |text: &&str| -> Vec<String> {
            match kind.has_commas() {
                true => text.split(',').map(str::to_owned).collect(),
                false => vec![(*text).to_owned()],
            }
        };
        let texts: Vec<String> = texts.iter().flat_map(split).collect();
        if texts.len() > VALUES {
            let detail = format!("a parameter has at most {VALUES} values; it had {}", texts.len());
            self.faults.add(at, "too_many_values", detail);
            return None;
        }
        let mut values = Vec::with_capacity(texts.len());
        for text in &texts {
            values.push(self.value(kind, at, text)?);
        }
        if let Kind::Number = kind {
            let numbers = values.into_iter().flat_map(|value| match value {
                Value::Text(text) => series::readings(&text),
                _ => Vec::new(),
            });
            return Some(vec![Value::Numbers(numbers.collect())]);
        }
        Some(values)
    }

    fn value(&mut self, kind: Kind, at: &str, text: &str) -> Option<Value> {
        match kind {
            Kind::Day => self.day(at, text).map(Value::Day),
            Kind::Instant => match text.len() {
                10 => self.day(at, text).map(Value::Day),
                _ => self.instant(at, text).map(Value::Instant),
            },
            Kind::Amount => self.faults.keep(at, "bad_decimal", parse_decimal(text)).map(Value::Amount),
            Kind::Text | Kind::Caseless | Kind::Number | Kind::Metadata => {
                self.text(at, text).map(Value::Text)
            }
            Kind::Currency => {
                let known = self.faults.keep(at, "unknown_currency", Currency::parse(text));
                known.map(|currency| Value::Text(currency.code().to_owned()))
            }
            Kind::Id(prefix) => self.faults.keep(at, "bad_value", ids::parse_as(text, prefix)).map(Value::Id),
            Kind::Word(known) => {
                if !known.contains(&text) {
                    let detail = format!("there is no word {text:?}, expected one of {}", known.join(", "));
                    self.faults.add(at, "bad_value", detail);
                    return None;
                }
                Some(Value::Text(text.to_owned()))
            }
            Kind::Flag => self.flag(at, text),
        }
    }

    fn flag(&mut self, at: &str, text: &str) -> Option<Value> {
        match text {
            "true" => Some(Value::Flag(true)),
            "false" => Some(Value::Flag(false)),
            _ => {
                self.faults.extend(bad_value(at, text, "`true` or `false`"));
                None
            }
        }
    }

    fn text(&mut self, at: &str, text: &str) -> Option<String> {
        if text.is_empty() || text.chars().count() > LENGTH {
            self.faults.extend(bad_value(at, text, &format!("1 to {LENGTH} characters")));
            return None;
        }
        Some(text.to_owned())
    }

    fn day(&mut self, at: &str, text: &str) -> Option<NaiveDate> {
        let day =
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| in_years(*day) && text.len() == 10);
        if day.is_none() {
            self.faults.extend(bad_value(at, text, "a day, such as 2026-01-31"));
        }
        day
    }

    fn instant(&mut self, at: &str, text: &str) -> Option<DateTime<Utc>> {
        // A plus sign that was not escaped reads as a blank.
        let instant =
            DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok().map(|at| at.to_utc().trunc_subsecs(6));
        let instant = instant.filter(|instant| in_years(instant.date_naive()));
        if instant.is_none() {
            let wish =
                "an instant, such as 2026-01-31T00:00:00Z, or a day of your time zone, such as 2026-01-31";
            self.faults.extend(bad_value(at, text, wish));
        }
        instant
    }

    fn unknown(&mut self, name: &str, at: &str) {
        let mut known: Vec<String> =
            OTHERS.iter().filter(|other| **other != "q").map(|other| format!("`{other}`")).collect();
        if !self.shape.searched.is_empty() {
            known.push("`q`".to_owned());
        }
        known.extend(self.shape.fields.iter().map(|field| match field.kind {
            Kind::Metadata => format!("`{}[key]`", field.name),
            kind if kind.has_ranges() => format!("`{0}`, `{0}[gte]`, `[gt]`, `[lte]`, `[lt]`", field.name),
            _ => format!("`{}`", field.name),
        }));
        let detail = format!("unknown field `{name}`, expected one of {}", known.join(", "));
        self.faults.add(at, "unknown_field", detail);
    }

    /// A range that ends before it begins, and one with two beginnings or two ends, is a mistake.
    fn check_ranges(&mut self, conditions: &[Condition]) {
        for field in self.shape.fields.iter().filter(|field| field.kind.has_ranges()) {
            let bounds = |lower: bool| {
                let of_field = conditions.iter().filter(|condition| condition.field == field.name);
                let compared = of_field.filter_map(|condition| match &condition.test {
                    Test::Compared(how, value) => Some((*how, value)),
                    Test::Is(_) => None,
                });
                let is_lower = |how| matches!(how, Comparison::Above | Comparison::From);
                compared.filter(|(how, _)| is_lower(*how) == lower).collect::<Vec<_>>()
            };
            let (from, to) = (bounds(true), bounds(false));
            let name = |how: Comparison| {
                let word = OPERATORS.iter().find(|(_, known)| *known == how).map_or("", |(word, _)| word);
                below("/query", &format!("{}[{word}]", field.name))
            };
            for several in [&from, &to].into_iter().filter(|bounds| bounds.len() > 1) {
                let detail = "a range has one beginning and one end: leave one of the two out";
                self.faults.add(name(several[1].0), "duplicate_field", detail);
            }
            if let (Some((_, low)), Some((how, high))) = (from.first(), to.first())
                && is_reversed(low, high)
            {
                let detail = "this range ends before it begins: exchange the two";
                self.faults.add(name(*how), "range_reversed", detail);
            }
        }
    }
}

fn is_reversed(low: &Value, high: &Value) -> bool {
    match (low, high) {
        (Value::Day(low), Value::Day(high)) => low > high,
        (Value::Instant(low), Value::Instant(high)) => low > high,
        (Value::Amount(low), Value::Amount(high)) => low > high,
        _ => false,
    }
}

fn in_years(day: NaiveDate) -> bool {
    YEARS.contains(&day.year())
}

fn bad_value(at: &str, text: &str, wish: &str) -> Invalid {
    let shown: String = text.chars().take(40).collect();
    Invalid::one(at, "bad_value", format!("give {wish}; it was {shown:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        fields: &[
            Field::new("status", Kind::Word(&["open", "paid"]), ""),
            Field::new("billing_date", Kind::Day, ""),
            Field::new("due_at", Kind::Instant, ""),
            Field::amount("total"),
            Field::CUSTOMER,
            Field::NUMBER,
            Field::METADATA,
            Field::new("overdue", Kind::Flag, ""),
        ],
        searched: "customers",
        expands: &["lines"],
        ..Shape::NOTHING
    };

    fn read_text(query: &str) -> Result<ListRequest, Vec<(String, String)>> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        read(&SHAPE, &pairs)
            .map_err(|invalid| invalid.errors.into_iter().map(|e| (e.pointer, e.code)).collect())
    }

    #[track_caller]
    fn refused(query: &str, faults: &[(&str, &str)]) {
        let faults: Vec<_> = faults.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        assert_eq!(read_text(query).unwrap_err(), faults, "{query}");
    }

    #[test]
    fn several_words_are_one_condition_and_a_range_is_two() {
        let both = Test::Is(vec![Value::Text("open".to_owned()), Value::Text("paid".to_owned())]);
        for query in ["status=open,paid", "status=open&status=paid"] {
            let wanted = read_text(query).unwrap().wanted;
            assert_eq!(wanted.conditions, [Condition { field: "status", test: both.clone() }]);
        }
        let wanted =
            read_text("billing_date[gte]=2026-01-01&billing_date%5Blt%5D=2026-02-01").unwrap().wanted;
        assert_eq!(wanted.conditions.len(), 2);
        let wanted = read_text("metadata[tier]=gold&metadata[a]=b").unwrap().wanted;
        assert_eq!(wanted.conditions.len(), 2);
        assert_eq!(read_text("number=INV-000042").unwrap().wanted.conditions.len(), 1);
        assert_eq!(read_text("").unwrap().part, Part { limit: 50, start: Start::First });
    }

    #[test]
    fn every_fault_is_named_with_its_parameter() {
        refused("staus=open", &[("/query/staus", "unknown_field")]);
        refused("status[gte]=open", &[("/query/status[gte]", "unknown_field")]);
        refused("due_at[from]=2026-01-01", &[("/query/due_at[from]", "unknown_field")]);
        refused("metadata=x", &[("/query/metadata", "unknown_field")]);
        refused("status=opne,paid", &[("/query/status", "bad_value")]);
        refused("billing_date=2026-02-30", &[("/query/billing_date", "bad_value")]);
        refused(
            "due_at[lt]=soon&limit=0",
            &[("/query/limit", "limit_out_of_range"), ("/query/due_at[lt]", "bad_value")],
        );
        refused("total[gte]=1,5", &[("/query/total[gte]", "bad_decimal")]);
        refused("total=1&total=2", &[("/query/total", "duplicate_field")]);
        refused("total[gte]=2&total[lt]=1", &[("/query/total[lt]", "range_reversed")]);
        refused("total[gte]=2&total[gt]=1", &[("/query/total[gte]", "duplicate_field")]);
        refused("customer_id=inv_01h2xcejqtf2nbrexx3vqjhp41", &[("/query/customer_id", "bad_value")]);
        refused("overdue=yes", &[("/query/overdue", "bad_value")]);
        refused("sort=name", &[("/query/sort", "bad_value")]);
        refused("expand=customer", &[("/query/expand", "bad_value")]);
        refused("expand=lines&limit=101", &[("/query/limit", "limit_out_of_range")]);
        refused("after=zzz", &[("/query/after", "bad_cursor")]);
        refused("q=--", &[("/query/q", "bad_value")]);
        refused(&format!("status={}", vec!["open"; 101].join(",")), &[("/query/status", "too_many_values")]);
    }
}
