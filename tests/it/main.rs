//! The tests that need the real server and the real database. Run one with `scripts/test a_part_of_its_name`.

mod coverage;
mod harness;
mod http;
