//! The domain, compiled alone. `cargo test -p billwright-domain` tries its rules without the rest of Billwright.

#![allow(dead_code, reason = "what only the rings around it use is there, too")]
#![cfg_attr(test, expect(unreachable_pub, reason = "what tests share is `pub` in their own modules"))]

#[path = "../../src/domain/mod.rs"]
pub mod domain;
