//! Arithmetic of edits: interventions and their controls, averages, and low-rank approximations.

pub mod approximation;
pub mod arms;
mod average;
mod change;
pub mod compare;
mod images;
pub mod triplets;

pub use average::WeightedSum;
pub use change::{edited, factor_side};

#[cfg(test)]
pub(crate) mod tests;
