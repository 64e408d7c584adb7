//! Who stops the others? Long work, many calls, slow senders, a database that stumbles: each is tried, and what others hear is read.

mod lanes;
mod limits;
mod senders;
mod stumbles;
