//! Numerics of DeltaScope: what a fine-tune did to a weight matrix.
//!
//! Pure computation plus positioned reads of safetensors files; no network, no global state. Every long
//! computation takes a [`control::Control`] with its threads and its cancel flag.

mod band;
mod base;
pub mod belonging;
mod certificate;
mod chase;
mod christoffel;
pub mod composite;
pub mod control;
mod critical;
mod cross_image;
pub mod dtype;
pub mod edit;
mod eigenpairs;
mod entry;
pub mod error;
pub mod exact;
pub mod factors;
pub mod families;
pub mod finite;
pub mod gram;
pub mod header;
mod header_entries;
mod header_entry;
mod krylov;
mod ladder;
mod lanczos;
mod lu;
pub mod matrix;
pub mod module;
mod operator;
pub mod outcome;
pub mod overlap;
mod panels;
mod random;
pub mod rounding;
mod rounding_row;
pub mod rows;
pub mod scale;
mod share;
pub mod spectrum;
pub mod statistics;
pub mod stream;
pub mod tensor;
#[cfg(test)]
mod testing;
mod triangle;
mod tridiagonal;
mod tuned;
pub mod vector;
pub mod view;
pub mod writer;
