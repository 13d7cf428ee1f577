//! Numerics of DeltaScope: what a fine-tune did to a weight matrix.
//!
//! Pure computation plus positioned reads of safetensors files; no network, no global state. Every long
//! computation takes a [`control::Control`] with its threads and its cancel flag.

pub mod control;
pub mod dtype;
pub mod error;
pub mod finite;
pub mod header;
mod header_entries;
pub mod outcome;
pub mod rows;
pub mod scale;
pub mod tensor;
#[cfg(test)]
mod testing;
pub mod vector;
pub mod view;
