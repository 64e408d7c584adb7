//! Which numbers of customers is a register asked about, and what did it answer? A row a number, and a row each time it was asked.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::Held;
use crate::domain::customers::Standing;
use crate::domain::customers::verification::{Answer, Answered, Evidence, WatchedNumber};
use crate::domain::ids::{CustomerId, EntityId, TaxIdCheckId, TaxNumberId, TenantId};
use crate::storage::columns::entity_or_first;
use crate::storage::schema::{billing_cursors, customers, tax_number_checks, tax_numbers};
use crate::storage::{StorageError, Tx};

/// Customers with one number that are looked at for what is known of it.
const MOST_OF_A_NUMBER: i64 = 100;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tax_numbers, primary_key(tenant_id, id))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct NumberRow {
    tenant_id: TenantId,
    id: TaxNumberId,
    customer_id: CustomerId,
    value: String,
    next_check_at: Option<DateTime<Utc>>,
    checks: i32,
    unanswered: i32,
    checked_at: Option<DateTime<Utc>>,
    answer: Option<Standing>,
    answered_at: Option<DateTime<Utc>>,
    consultation: Option<String>,
}

impl NumberRow {
    fn of(tenant_id: TenantId, number: &WatchedNumber) -> NumberRow {
        let answered = number.answered.as_ref();
        NumberRow {
            tenant_id,
            id: number.id,
            customer_id: number.customer_id,
            value: number.value.clone(),
            next_check_at: number.next_check_at,
            checks: number.checks,
            unanswered: number.unanswered,
            checked_at: number.checked_at,
            answer: answered.map(|answered| answered.standing),
            answered_at: answered.map(|answered| answered.at),
            consultation: answered.and_then(|answered| answered.consultation.clone()),
        }
    }
}

impl From<NumberRow> for WatchedNumber {
    fn from(row: NumberRow) -> WatchedNumber {
        let consultation = row.consultation;
        let answered = row.answer.zip(row.answered_at);
        WatchedNumber {
            id: row.id,
            customer_id: row.customer_id,
            value: row.value,
            next_check_at: row.next_check_at,
            checks: row.checks,
            unanswered: row.unanswered,
            checked_at: row.checked_at,
            answered: answered.map(|(standing, at)| Answered { standing, at, consultation }),
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tax_number_checks, treat_none_as_default_value = false)]
pub(super) struct CheckRow {
    tenant_id: TenantId,
    pub(super) id: TaxIdCheckId,
    customer_id: CustomerId,
    tax_number_id: TaxNumberId,
    value: String,
    checked_at: DateTime<Utc>,
    register: String,
    answer: Standing,
    consultation: Option<String>,
    name: Option<String>,
    address: Option<String>,
    reason: Option<String>,
}

/// One time that a register was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub id: TaxIdCheckId,
    pub customer_id: CustomerId,
    pub tax_number_id: TaxNumberId,
    pub value: String,
    pub checked_at: DateTime<Utc>,
    pub register: String,
    pub answer: Answer,
}

impl From<CheckRow> for Check {
    fn from(row: CheckRow) -> Check {
        let evidence = Evidence { consultation: row.consultation, name: row.name, address: row.address };
        Check {
            id: row.id,
            customer_id: row.customer_id,
            tax_number_id: row.tax_number_id,
            value: row.value,
            checked_at: row.checked_at,
            register: row.register,
            answer: match row.answer {
                Standing::Valid => Answer::Valid(evidence),
                Standing::Invalid => Answer::Invalid(evidence),
                Standing::Unknown => Answer::Unknown { reason: row.reason.unwrap_or_default() },
            },
        }
    }
}

/// The number with this id, if there is one.
pub fn look_up(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, TaxNumberId),
) -> Result<Option<WatchedNumber>, StorageError> {
    let row: Option<NumberRow> =
        tax_numbers::table.find((tenant_id, id)).select(NumberRow::as_select()).first(tx.conn).optional()?;
    Ok(row.map(WatchedNumber::from))
}

/// All numbers of customers that a register is asked about, or was.
pub fn of_customers(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customers: &[CustomerId],
) -> Result<Vec<WatchedNumber>, StorageError> {
    let rows: Vec<NumberRow> = tax_numbers::table
        .filter(tax_numbers::tenant_id.eq(tenant_id).and(tax_numbers::customer_id.eq_any(customers)))
        .order(tax_numbers::id)
        .select(NumberRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(WatchedNumber::from).collect())
}

/// Writes numbers of a customer that is held, new ones and changed ones.
pub fn save(tx: &mut Tx<'_>, held: &Held, numbers: &[WatchedNumber]) -> Result<(), StorageError> {
    for number in numbers {
        let row = NumberRow::of(held.tenant_id(), number);
        diesel::insert_into(tax_numbers::table)
            .values(&row)
            .on_conflict((tax_numbers::tenant_id, tax_numbers::id))
            .do_update()
            .set(&row)
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The same number of other customers that buy from the same entity, the newest answers first.
pub fn others(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (number, entity_id): (&WatchedNumber, EntityId),
) -> Result<Vec<WatchedNumber>, StorageError> {
    let rows: Vec<NumberRow> = tax_numbers::table
        .inner_join(
            customers::table
                .on(customers::tenant_id.eq(tenant_id).and(customers::id.eq(tax_numbers::customer_id))),
        )
        .filter(tax_numbers::tenant_id.eq(tenant_id).and(tax_numbers::value.eq(&number.value)))
        .filter(tax_numbers::id.ne(number.id))
        .filter(entity_or_first(customers::entity_id, customers::tenant_id).eq(entity_id))
        .order((tax_numbers::answered_at.desc().nulls_last(), tax_numbers::id))
        .select(NumberRow::as_select())
        .limit(MOST_OF_A_NUMBER)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(WatchedNumber::from).collect())
}

/// Has those of these numbers looked at now that are looked at anyway and were not answered since. Their customers are held.
pub fn look_now(
    tx: &mut Tx<'_>,
    held: &Held,
    (numbers, now): (&[TaxNumberId], DateTime<Utc>),
) -> Result<(), StorageError> {
    use tax_numbers as n;
    let is_older = n::answered_at.is_null().or(n::answered_at.lt(now));
    let waiting = n::table
        .filter(n::tenant_id.eq(held.tenant_id()).and(n::id.eq_any(numbers)))
        .filter(n::next_check_at.gt(now).and(is_older));
    diesel::update(waiting).set(n::next_check_at.eq(now)).execute(tx.conn)?;
    Ok(())
}

/// The last time that a register answered about a number.
pub fn last_answer(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, TaxNumberId),
) -> Result<Option<Check>, StorageError> {
    let row: Option<CheckRow> = tax_number_checks::table
        .filter(tax_number_checks::tenant_id.eq(tenant_id).and(tax_number_checks::tax_number_id.eq(id)))
        .filter(tax_number_checks::answer.ne(Standing::Unknown))
        .order(tax_number_checks::id.desc())
        .select(CheckRow::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map(Check::from))
}

/// Records that a register was asked.
pub fn insert_check(tx: &mut Tx<'_>, held: &Held, check: &Check) -> Result<(), StorageError> {
    let evidence = check.answer.evidence().cloned().unwrap_or_default();
    let reason = match &check.answer {
        Answer::Unknown { reason } => Some(reason.clone()),
        Answer::Valid(_) | Answer::Invalid(_) => None,
    };
    let row = CheckRow {
        tenant_id: held.tenant_id(),
        id: check.id,
        customer_id: check.customer_id,
        tax_number_id: check.tax_number_id,
        value: check.value.clone(),
        checked_at: check.checked_at,
        register: check.register.clone(),
        answer: check.answer.standing(),
        consultation: evidence.consultation,
        name: evidence.name,
        address: evidence.address,
        reason,
    };
    diesel::insert_into(tax_number_checks::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// When a customer is billed next for what it pays.
pub fn next_bill(
    tx: &mut Tx<'_>,
    (tenant_id, customer): (TenantId, CustomerId),
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let at: Option<Option<DateTime<Utc>>> = billing_cursors::table
        .filter(billing_cursors::tenant_id.eq(tenant_id).and(billing_cursors::customer_id.eq(customer)))
        .filter(billing_cursors::next_bill_at.is_not_null())
        .order(billing_cursors::next_bill_at)
        .select(billing_cursors::next_bill_at)
        .first(tx.conn)
        .optional()?;
    Ok(at.flatten())
}
