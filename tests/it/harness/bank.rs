//! Who charges the customers of live tenants in tests? A bank that does what the simulator does, under another name: the simulator serves test
//! tenants only.

use std::sync::Arc;

use billwright::adapters::gateway::{ChargeRequest, Gateway, RefundRequest, Sought};
use billwright::domain::payments::Outcome;
use chrono::{DateTime, Utc};

/// Payment methods name it `bank`.
pub struct Bank(pub Arc<dyn Gateway>);

impl Gateway for Bank {
    fn name(&self) -> &'static str {
        "bank"
    }

    fn check_token(&self, token: &str) -> Result<(), String> {
        self.0.check_token(token)
    }

    fn charge_all(&self, requests: &[ChargeRequest], deadline: DateTime<Utc>) -> Vec<Outcome> {
        self.0.charge_all(requests, deadline)
    }

    fn lookup_all(&self, sought: &[Sought], at: DateTime<Utc>, deadline: DateTime<Utc>) -> Vec<Outcome> {
        self.0.lookup_all(sought, at, deadline)
    }

    fn refund(&self, request: &RefundRequest, deadline: DateTime<Utc>) -> Outcome {
        self.0.refund(request, deadline)
    }
}
