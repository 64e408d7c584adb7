//! Which issued invoice drew on grants, and what of its usage may still be taken back?

use crate::domain::billing::piece::Key;
use crate::domain::ids::{CreditGrantId, InvoiceId, MeterId, PriceId};
use crate::domain::money::Money;

/// An issued invoice that drew on grants, as far as its usage may be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Drew {
    pub invoice_id: InvoiceId,
    /// What is due of it; nothing while an attempt to collect it is under way.
    pub open: Money,
    /// What its usage still comes to.
    pub usage_left: Money,
    pub lines: Vec<DrewLine>,
    /// What it drew and has not given back, what was drawn last first. The grants are among those of the funds.
    pub draws: Vec<(CreditGrantId, Money)>,
}

/// A usage line of such an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrewLine {
    pub line_no: i32,
    pub key: Key,
    pub price_id: PriceId,
    pub meter_id: Option<MeterId>,
    /// Amount less discount, with tax, less what was taken back.
    pub left: Money,
}
