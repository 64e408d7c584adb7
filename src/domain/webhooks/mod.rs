//! Where does a tenant hear of its events, when is each tried, and when is one given up? Endpoints, and the outcomes of deliveries.
//!
//! What is on this shelf, what is not, and its laws: [`storage::webhooks`](crate::storage::webhooks).

mod endpoint;
mod outcome;

pub use endpoint::{Disabled, Endpoint, PayloadForm, Signature, Why, has_known_types, is_type, types};
pub use outcome::{Attempt, DeliveryStatus, GIVEN_UP_AFTER, OVERLAP, Verdict, delay, judge};
