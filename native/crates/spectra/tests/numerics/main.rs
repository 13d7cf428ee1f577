//! Numerics against slow plain references: f64 thin SVDs of the matrices themselves.

mod decisions;
mod delta;
mod edge_cases;
mod share;
mod singles;
mod support;
mod views;
