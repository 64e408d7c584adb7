//! How often are laws tried? On 256 random values, which answers in seconds; on as many as `PROPTEST_CASES` says where it is set, as
//! `scripts/test` does.

use proptest::test_runner::Config;

/// A law of values. What failed is printed, and kept as a test by hand, never in a file.
pub(crate) fn tried() -> Config {
    Config { failure_persistence: None, ..Config::default() }
}
