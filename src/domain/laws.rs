//! How often are laws tried, which random values have to keep?

use proptest::test_runner::Config;

/// The number of cases, as `PROPTEST_CASES` sets it for a law that names none, with which every law is tried on as many values as it names.
/// `scripts/test` sets it; without it there are 256, and a law is tried on an eighth, which answers in seconds.
const WHOLE: u32 = 2_048;

/// A law to try on `cases` random values. What failed is printed, and kept as a test by hand, never in a file.
pub(crate) fn tried_on(cases: u32) -> Config {
    let usual = Config::default();
    let cases = cases.saturating_mul(usual.cases).div_ceil(WHOLE);
    Config { cases, failure_persistence: None, ..usual }
}
