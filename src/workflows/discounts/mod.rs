//! What is taken off for whom? Coupons made and changed, redeemed, and ended.
//!
//! What is on this shelf, what is not, and its laws: [`domain::discounts`](crate::domain::discounts).

pub mod create_coupon;
pub mod end_discount;
pub mod redeem_coupon;
pub mod update_coupon;
