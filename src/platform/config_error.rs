//! Why can a setting not be used? Told at start, with what may be given instead: `--db-threads is 0, but must be between 1 and 80`.

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A number outside what makes sense.
    #[error("{name} is {given}, but must be between {least} and {most}")]
    OutOfRange {
        /// The flag.
        name: &'static str,
        /// What was given.
        given: u64,
        /// The smallest value allowed.
        least: u64,
        /// The largest value allowed.
        most: u64,
    },
    /// Not of the form NAME=CRON.
    #[error("schedule {0:?} is not of the form NAME=CRON, for example `{1}=0 0 * * * *`")]
    NotASchedule(String, String),
    /// Not of the web.
    #[error("{name} is {given:?}, but must begin with https:// or http://")]
    NotAnAddress {
        /// The flag.
        name: &'static str,
        /// What was given.
        given: String,
    },
    /// No network.
    #[error("--private-networks: {0:?} is no network such as 10.0.0.0/8 or fd00::/8")]
    NotANetwork(String),
    /// No such job.
    #[error("there is no job named {name:?}; the jobs are: {known}")]
    UnknownJob {
        /// The name given.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A cron expression that cannot be read.
    #[error(
        "schedule of {name}: {cron:?} is not a cron expression of second, minute, hour, day, month and weekday: {reason}"
    )]
    BadCron {
        /// The job.
        name: String,
        /// The expression given.
        cron: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Refuses a number that is not between the least and the most that make sense.
pub(super) fn within(name: &'static str, given: u64, (least, most): (u64, u64)) -> Result<(), ConfigError> {
    if (least..=most).contains(&given) {
        return Ok(());
    }
    Err(ConfigError::OutOfRange { name, given, least, most })
}
