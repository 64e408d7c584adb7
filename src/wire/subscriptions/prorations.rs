//! How is a period cut? `"by_day"`, `"by_second"`, `"30_360"`, or not at all.

use crate::domain::proration::Basis;
use crate::wire::mirror::mirror;

mirror! {
    /// How a period is cut.
    #[derive(Default)]
    pub enum Proration = Basis {
        /// By days of the subscription's zone; the day of the change belongs to what begins.
        #[default]
        ByDay,
        /// By seconds.
        BySecond,
        /// By days of months that all have 30.
        #[serde(rename = "30_360")]
        Thirty360,
        /// What ends keeps its charge, and what begins is charged from the next period on. Later changes within the period
        /// find it settled.
        None,
        /// What ends keeps its charge, and what begins is charged the whole period.
        FullPeriod,
    }
}
