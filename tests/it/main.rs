//! The tests that need the real server and the real database. Run one with `scripts/test a_part_of_its_name`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wrong_self_convention,
    reason = "a test that cannot go on says so by panicking, and `reply.is(201)` reads as a sentence"
)]
#![expect(unreachable_pub, reason = "nothing imports this binary: what its modules share is `pub` in them")]

mod architecture;
mod coverage;
mod crash;
mod crossings;
mod guides;
mod harness;
mod http;
mod jobs;
mod model;
mod scenarios;
mod storage;
