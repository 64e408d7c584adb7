//! What is sold, to whom, and how it comes over from elsewhere.

mod importing;
mod selling;
