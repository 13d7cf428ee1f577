//! The linear model of fine-tuning (Zindari, Mulayoff and Stich, "LoRA vs. Full Fine-Tuning: A Theoretical
//! Perspective", 2026): excess risk of full fine-tuning and of LoRA by closed forms, a fast approximation for any
//! spectrum and all ranks, and exact simulation; the paper's figures; advice on the rank of an adapter.
//!
//! y = W⋆x + ε with x ∈ ℝᵈ, y ∈ ℝᵏ and n samples; W⋆ = W₀ + Δ⋆, and only the singular values s of the shift Δ⋆
//! matter where the inputs are isotropic. Pure functions; arguments outside their domain are errors that name them.

pub mod advice;
pub mod budget;
pub mod calibration;
pub mod crossover;
pub mod curve;
pub mod estimator;
pub mod figure;
pub mod first_order;
pub mod full;
pub mod guarantee;
pub mod noise_energy;
pub mod questions;
pub mod setting;
pub mod shift;
pub mod simulation;
pub mod spiked;
pub mod uncertainty;

mod draws;

pub use spectra::control::Control;
pub use spectra::error::{Error, ErrorKind, Result};

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}
