//! Where do published rates come from? The European Central Bank's files, fetched or given: in bounded time, of bounded size.

mod csv_file;
mod ecb;
mod file;
mod published;
mod xml_file;

pub use ecb::Ecb;
pub use file::read;
pub use published::{MOST_BYTES, Published, Unread};
