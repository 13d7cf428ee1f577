//! Numerics of DeltaScope: what a fine-tune did to a weight matrix.
//!
//! Pure computation plus positioned reads of safetensors files; no network, no global state. Every long
//! computation takes a [`control::Control`] with its threads and its cancel flag.

pub mod belonging;
pub mod composite;
pub mod control;
pub mod dtype;
pub mod edit;
pub mod error;
pub mod exact;
pub mod finite;
pub mod header;
mod header_entries;
pub mod outcome;
pub mod overlap;
pub mod rows;
pub mod scale;
pub mod statistics;
pub mod tensor;
#[cfg(test)]
mod testing;
pub mod vector;
pub mod view;
mod base;
mod certificate;
mod christoffel;
mod critical;
mod eigenpairs;
pub mod factors;
pub mod gram;
mod krylov;
mod ladder;
mod lanczos;
mod matrix;
pub mod module;
mod operator;
mod random;
pub mod rounding;
mod share;
pub mod spectrum;
pub mod stream;
mod triangle;
mod tuned;
