//! Billwright
pub mod adapters;
pub mod cli;
pub mod console;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod platform;
pub mod storage;
pub mod wire;
pub mod workflows;
