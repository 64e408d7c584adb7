//! For whom is a list read? What is overdue at noon is not at eleven, and never another tenant's.

use chrono::{DateTime, Utc};

use crate::domain::ids::TenantId;

/// For whom, and when, a list is read.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    pub tenant_id: TenantId,
    pub now: DateTime<Utc>,
}
