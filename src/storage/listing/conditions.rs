//! How is one condition written? The expression of its field with its values in the places that braces name: `{is}` is the comparison, which stands
//! at the end when it is not named; `{tenant}` and `{now}` are who reads, and when; `{customers}` are the ids of those that a search finds.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Date, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;
use uuid::Uuid;

use super::reader::Reader;
use crate::domain::ids::TenantId;
use crate::domain::listing::{Comparison, Search, Test, Value};
use crate::domain::money::Currency;
use crate::storage::StorageError;

/// A piece of a query with its values.
#[derive(Debug, Clone)]
pub(in crate::storage) struct Fragment {
    pieces: Vec<Piece>,
    /// There are as many as there are filters: they are planned for their values, and not kept.
    is_filter: bool,
}

#[derive(Debug, Clone)]
enum Piece {
    Sql(String),
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Text(String),
    Texts(Vec<String>),
    Id(Uuid),
    Ids(Vec<Uuid>),
    Whole(i64),
    Wholes(Vec<i64>),
    Json(serde_json::Value),
}

/// What the words of a customer are, as the index of them has it: its name, address of mail and external id without punctuation.
const WORDS_OF_CUSTOMER: &str = "to_tsvector('simple', translate(c.name || ' ' || coalesce(c.email, '') || ' ' || \
     coalesce(c.external_id, ''), '!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~', repeat(' ', 32)))";

/// The currencies whose minor unit is no hundredth.
static OTHER_UNITS: LazyLock<[(u32, String); 3]> = LazyLock::new(|| {
    [0, 3, 4].map(|exponent| {
        let codes: Vec<String> =
            Currency::codes_with(exponent).into_iter().map(|code| format!("'{code}'")).collect();
        (exponent, codes.join(", "))
    })
});

impl Fragment {
    fn sql(text: impl Into<String>) -> Fragment {
        Fragment { pieces: vec![Piece::Sql(text.into())], is_filter: false }
    }

    /// Of the tenant alone.
    pub(super) fn tenant(table: &str, tenant_id: TenantId) -> Fragment {
        let mut fragment = Fragment::sql(format!("{table}.tenant_id = "));
        fragment.pieces.push(Piece::Id(tenant_id.uuid()));
        fragment
    }

    pub(super) fn is_there(column: &str) -> Fragment {
        Fragment::sql(format!("{column} IS NOT NULL"))
    }

    /// What comes after a place, in a direction.
    pub(super) fn beyond((table, columns): (&str, &[&str]), descending: bool, place: Vec<Value>) -> Fragment {
        let sign = if descending { "<" } else { ">" };
        let mut fragment = Fragment::sql(match columns.is_empty() {
            true => format!("{table}.id {sign} "),
            false => format!("({}, {table}.id) {sign} (", columns.join(", ")),
        });
        for (n, value) in place.into_iter().enumerate() {
            if n > 0 {
                fragment.pieces.push(Piece::Sql(", ".to_owned()));
            }
            fragment.pieces.extend(piece(value));
        }
        if !columns.is_empty() {
            fragment.pieces.push(Piece::Sql(")".to_owned()));
        }
        fragment
    }

    pub(super) fn order((table, columns): (&str, &[&str]), descending: bool) -> Fragment {
        let direction = if descending { " DESC" } else { "" };
        let id = format!("{table}.id{direction}");
        let columns = columns.iter().map(|column| format!("{column}{direction}")).chain([id]);
        Fragment::sql(columns.collect::<Vec<_>>().join(", "))
    }

    /// A condition on the expression of a field.
    pub(super) fn test(sql: &'static str, (table, reader): (&str, Reader), test: Test) -> Fragment {
        if let Test::Is(values) = &test
            && let [Value::Flag(flag)] = values.as_slice()
        {
            // As it stands, so that an index of what is true serves it.
            let after = if *flag { ")" } else { ") IS NOT TRUE" };
            let mut fragment = Fragment { is_filter: true, ..Fragment::sql("(") };
            fragment.fill(sql, reader, |_| None);
            fragment.pieces.push(Piece::Sql(after.to_owned()));
            return fragment;
        }
        let mut fragment = Fragment { is_filter: true, ..Fragment::sql("(") };
        let sql = if places_its_value(sql) { sql.to_owned() } else { format!("{sql}{{is}}") };
        let comparison = compared(table, test.clone());
        fragment.fill(&sql, reader, |name| match name {
            "is" => Some(comparison.clone()),
            other => named(other, &test).map(|piece| vec![piece]),
        });
        fragment.pieces.push(Piece::Sql(")".to_owned()));
        fragment
    }

    /// Writes an expression with what its braces name.
    fn fill(&mut self, sql: &str, reader: Reader, value: impl Fn(&str) -> Option<Vec<Piece>>) {
        let mut rest = sql;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            self.pieces.push(Piece::Sql(before.to_owned()));
            match name {
                "tenant" => self.pieces.push(Piece::Id(reader.tenant_id.uuid())),
                "now" => self.pieces.push(Piece::Instant(reader.now)),
                "customers" => {
                    self.pieces
                        .push(Piece::Sql("SELECT c.id FROM customers c WHERE c.tenant_id = ".to_owned()));
                    self.pieces.push(Piece::Id(reader.tenant_id.uuid()));
                    self.pieces
                        .push(Piece::Sql(format!(" AND {WORDS_OF_CUSTOMER} @@ to_tsquery('simple', ")));
                    self.pieces.extend(value("words").unwrap_or_default());
                    self.pieces.push(Piece::Sql(")".to_owned()));
                }
                other => self.pieces.extend(value(other).unwrap_or_default()),
            }
            rest = after;
        }
        self.pieces.push(Piece::Sql(rest.to_owned()));
    }
}

/// Whether an expression says where its values stand.
fn places_its_value(sql: &str) -> bool {
    let mut names = sql.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    names.any(|name| !matches!(name, "tenant" | "now"))
}

fn piece(value: Value) -> Option<Piece> {
    Some(match value {
        Value::Day(day) => Piece::Day(day),
        Value::Instant(at) => Piece::Instant(at),
        Value::Text(text) => Piece::Text(text),
        Value::Id(id) => Piece::Id(id),
        Value::Whole(number) => Piece::Whole(number),
        Value::Entry(key, value) => Piece::Json(json!({ key: value })),
        Value::Amount(_) | Value::Flag(_) | Value::Numbers(_) | Value::Search(_) => return None,
    })
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Above => " > ",
        Comparison::From => " >= ",
        Comparison::Below => " < ",
        Comparison::UpTo => " <= ",
    }
}

fn compared(table: &str, test: Test) -> Vec<Piece> {
    let with = |sign: &str, value| {
        let piece = piece(value).unwrap_or(Piece::Sql("NULL".to_owned()));
        vec![Piece::Sql(sign.to_owned()), piece]
    };
    match test {
        Test::Compared(how, Value::Amount(amount)) => amounts(table, Some(how), amount),
        Test::Compared(how, value) => with(sign(how), value),
        Test::Is(mut values) if values.len() == 1 => match values.remove(0) {
            Value::Amount(amount) => amounts(table, None, amount),
            value @ Value::Entry(..) => with(" @> ", value),
            value => with(" = ", value),
        },
        Test::Is(values) => {
            let (mut texts, mut ids) = (Vec::new(), Vec::new());
            for value in values {
                match value {
                    Value::Text(text) => texts.push(text),
                    Value::Id(id) => ids.push(id),
                    _ => {}
                }
            }
            let several = if ids.is_empty() { Piece::Texts(texts) } else { Piece::Ids(ids) };
            vec![Piece::Sql(" = ANY(".to_owned()), several, Piece::Sql(")".to_owned())]
        }
    }
}

/// An amount in the minor units of each currency: 10.00 is 1000 cents, 10 yen, 10000 fils.
fn amounts(table: &str, how: Option<Comparison>, amount: Decimal) -> Vec<Piece> {
    let mut pieces = vec![Piece::Sql(format!("{}CASE", how.map_or(" = ", sign)))];
    for (exponent, codes) in OTHER_UNITS.iter() {
        pieces.push(Piece::Sql(format!(" WHEN {table}.currency IN ({codes}) THEN ")));
        pieces.extend(minor(how, amount, *exponent));
    }
    pieces.push(Piece::Sql(" ELSE ".to_owned()));
    pieces.extend(minor(how, amount, 2));
    pieces.push(Piece::Sql(" END".to_owned()));
    pieces
}

/// The whole number of minor units that divides amounts as this one does: more than 0.5 cents is more than 0.
fn minor(how: Option<Comparison>, amount: Decimal, exponent: u32) -> Option<Piece> {
    let units = amount.checked_mul(Decimal::from(10_i64.pow(exponent)))?;
    let whole = match how {
        Some(Comparison::Above | Comparison::UpTo) => units.floor(),
        Some(Comparison::From | Comparison::Below) => units.ceil(),
        None if units.fract().is_zero() => units,
        None => return Some(Piece::Sql("NULL".to_owned())),
    };
    let bounded = whole.to_i64().unwrap_or(if whole.is_sign_negative() { i64::MIN } else { i64::MAX });
    Some(Piece::Whole(bounded))
}

/// What braces name besides the comparison.
fn named(name: &str, test: &Test) -> Option<Piece> {
    let Test::Is(values) = test else { return None };
    match (name, values.first()?) {
        ("texts", Value::Text(_)) => {
            let texts = values.iter().filter_map(|value| match value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            });
            Some(Piece::Texts(texts.collect()))
        }
        ("words", Value::Search(search)) => Some(Piece::Text(beginnings(search))),
        ("text", Value::Search(search)) => Some(Piece::Text(search.text.clone())),
        ("series", Value::Search(Search { numbers, .. }) | Value::Numbers(numbers)) => {
            Some(Piece::Texts(numbers.iter().map(|(series, _)| series.clone()).collect()))
        }
        ("numbers", Value::Search(Search { numbers, .. }) | Value::Numbers(numbers)) => {
            Some(Piece::Wholes(numbers.iter().map(|(_, number)| *number).collect()))
        }
        _ => None,
    }
}

/// Words as PostgreSQL's own search reads them, each the beginning of one: `ana:* & eng:*`.
fn beginnings(search: &Search) -> String {
    let each: Vec<String> = search.words.iter().map(|word| format!("{word}:*")).collect();
    each.join(" & ")
}

/// The columns of a row's place, as texts; its id the last.
#[derive(Debug, Clone, Copy)]
pub(in crate::storage) struct Marked {
    pub(super) table: &'static str,
    pub(super) columns: &'static [&'static str],
}

/// The place that a mark names.
pub(super) fn place(columns: &[&str], mark: &[String]) -> Result<Vec<Value>, StorageError> {
    let bad = |part: &str| StorageError::unreadable("mark of a row", part);
    let Some((id, parts)) = mark.split_last() else { return Err(bad("")) };
    let mut values = Vec::with_capacity(mark.len());
    for (column, part) in columns.iter().zip(parts) {
        values.push(if column.ends_with("_at") {
            let at = DateTime::parse_from_str(part, "%Y-%m-%d %H:%M:%S%.f%#z").map_err(|_| bad(part))?;
            Value::Instant(at.to_utc())
        } else if column.ends_with(".number") {
            Value::Whole(part.parse().map_err(|_| bad(part))?)
        } else {
            Value::Text(part.clone())
        });
    }
    values.push(Value::Id(id.parse().map_err(|_| bad(id))?));
    Ok(values)
}

impl QueryFragment<Pg> for Fragment {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if self.is_filter {
            out.unsafe_to_cache_prepared();
        }
        for piece in &self.pieces {
            match piece {
                Piece::Sql(text) => out.push_sql(text),
                Piece::Day(day) => out.push_bind_param::<Date, _>(day)?,
                Piece::Instant(at) => out.push_bind_param::<Timestamptz, _>(at)?,
                Piece::Text(text) => out.push_bind_param::<Text, _>(text)?,
                Piece::Texts(texts) => out.push_bind_param::<Array<Text>, _>(texts)?,
                Piece::Id(id) => out.push_bind_param::<SqlUuid, _>(id)?,
                Piece::Ids(ids) => out.push_bind_param::<Array<SqlUuid>, _>(ids)?,
                Piece::Whole(number) => out.push_bind_param::<BigInt, _>(number)?,
                Piece::Wholes(numbers) => out.push_bind_param::<Array<BigInt>, _>(numbers)?,
                Piece::Json(json) => out.push_bind_param::<Jsonb, _>(json)?,
            }
        }
        Ok(())
    }
}

impl QueryFragment<Pg> for Marked {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("ARRAY[");
        for column in self.columns {
            out.push_sql(column);
            out.push_sql("::text, ");
        }
        out.push_sql(self.table);
        out.push_sql(".id::text]");
        Ok(())
    }
}

impl Expression for Fragment {
    type SqlType = Bool;
}

impl Expression for Marked {
    type SqlType = Array<Text>;
}

/// What stands wherever its table is read from.
macro_rules! anywhere {
    ($($name:ident)+) => {$(
        impl<From> AppearsOnTable<From> for $name {}
        impl<From> SelectableExpression<From> for $name {}
        impl<By> ValidGrouping<By> for $name {
            type IsAggregate = is_aggregate::Never;
        }
        impl QueryId for $name {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    )+};
}
anywhere! { Fragment Marked }
