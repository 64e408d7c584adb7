//! How often are laws tried, which random values have to keep?

use proptest::test_runner::Config;

/// What `scripts/test` sets so that every law is tried on as many values as its test names; without it, on an eighth, which answers in seconds.
const WHOLE: &str = "BILLWRIGHT_LAWS";

/// A law to try on `cases` random values. What failed is printed, and kept as a test by hand, never in a file.
#[expect(clippy::disallowed_methods, reason = "how thorough a test is, is nothing that is billed")]
pub(crate) fn tried_on(cases: u32) -> Config {
    let cases = if std::env::var(WHOLE).is_ok_and(|it| it == "whole") { cases } else { cases.div_ceil(8) };
    Config { cases, failure_persistence: None, ..Config::default() }
}
