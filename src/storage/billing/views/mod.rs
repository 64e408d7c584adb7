//! Which billing runs were there, and where does a line come from?

pub mod bill_runs;
pub mod line_story;
