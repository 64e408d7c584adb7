//! How does Billwright bring its own PostgreSQL?
//!
//! With no `DATABASE_URL`, the server runs a private cluster in its data directory: made once, reachable
//! through a unix socket only, as another user of the operating system when the server is root, started and
//! stopped with the server, started again when it dies. A killed server leaves nothing behind that its next
//! start does not put right.
//!
//! [`Access`] is what commands use; [`Embedded`] is the cluster itself. The parts: `lock` (who holds the
//! directory), `layout` (where things lie), `os_user` (who runs it), `locate` (which programs), `tuning`
//! (settings), `init` (made once), `aside` (restored), `leftovers` (of an earlier life), `postmaster` (one life), `supervisor`
//! (many).

mod access;
mod aside;
mod embedded;
mod error;
mod init;
mod layout;
mod leftovers;
mod locate;
mod lock;
mod os_user;
mod postmaster;
mod supervisor;
mod tuning;

#[cfg(test)]
mod tests;

pub use access::Access;
pub use aside::Aside;
pub use embedded::Embedded;
pub use error::StartError;
pub use tuning::Tuning;
