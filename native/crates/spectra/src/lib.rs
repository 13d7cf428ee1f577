//! Numerics of DeltaScope: what a fine-tune did to a weight matrix.
//!
//! Pure computation plus positioned reads of safetensors files; no network, no global state. Every long
//! computation takes a [`control::Control`] with its threads and its cancel flag.

pub mod control;
pub mod error;
pub mod outcome;
pub mod rows;
