//! How is an event sent to an endpoint? One POST by Standard Webhooks, signed, answered within 15 seconds; a few side by side, so that one slow answer
//! does not hold up the next.

mod post;
mod signing;

pub use post::{Letter, Post, Sent, Unusable};
pub use signing::{Malformed, NewSecret, check_secret, new_secret, signatures};
