//! Through whom does a tenant sell? Entities made and changed.
//!
//! What is on this shelf, what is not, and its laws: [`domain::entities`](crate::domain::entities).

pub mod create_entity;
pub mod update_entity;
