//! What becomes of the paid rest of a period in a break? `"credit"` or `"extend"`.

use crate::domain::subscriptions::breaks::pause;
use crate::wire::mirror::mirror;

mirror! {
    /// What becomes of the rest of the period that is paid.
    pub enum PauseMode = pause::PauseMode {
        /// It is credited; after the break, the rest of the period it falls in is charged.
        Credit,
        /// It is had after the break: the paid period, and an agreed end, move by the days of the break.
        Extend,
    }
}
