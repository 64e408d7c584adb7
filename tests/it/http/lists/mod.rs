//! What do lists answer? Whatever is asked of them: the pages put together are the filter applied to the whole, and the files are the pages.

mod book;
mod faults;
mod files;
mod laws;
mod search;
