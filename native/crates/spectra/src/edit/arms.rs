//! Interventions and their controls as closed forms: every arm is ΔW′ = weight·ΔW + Σ c·u·vᵀ.
//!
//! The numbers of a few singular triplets of W = W0 + ΔW are enough: with orthonormal u and v, the intervention
//! E = Σ (λ − 1)·σ·u·vᵀ has ‖E‖² = (λ − 1)²·Σσ² and ⟨ΔW, E⟩ = (λ − 1)·Σσ·(uᵀΔW·v).

use crate::error::{Error, ErrorKind, Result};

/// What is done to one module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// The intervention: ΔW + E.
    Scale,
    /// ΔW shortened by a step as long as the intervention's, at most to zero.
    Step,
    /// ΔW scaled to the norm of ΔW + E.
    Shrink,
    /// ΔW + E scaled back to the norm of ΔW.
    Rescaled,
    /// λ·ΔW.
    Interpolate,
    /// The intervention on other vectors, which the caller chose.
    Neighbour,
}

/// What the closed forms need.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// λ.
    pub lambda: f64,
    /// ‖ΔW‖_F.
    pub delta_frobenius: f64,
    /// σ of the chosen triplets.
    pub singular_values: &'a [f64],
    /// uᵀ·ΔW·v of the same.
    pub overlaps: &'a [f64],
}

/// One arm in one module.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmOutcome {
    /// Factor in front of ΔW.
    pub weight: f64,
    /// c of each chosen triplet.
    pub coefficients: Vec<f64>,
    /// ‖ΔW′‖_F.
    pub delta_frobenius: f64,
    /// ‖W′ − W‖_F.
    pub step: f64,
    /// The step would be longer than ΔW: ΔW is removed whole, and this arm is shorter than its intervention.
    pub clamped: bool,
}

impl Arm {
    /// The arm's weight and coefficients, and what they do.
    ///
    /// A ΔW of zero has no length to bring anything back to: its weight stays 1.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for numbers that are not finite, norms below zero, or lists of two lengths.
    pub fn apply(self, chosen: Chosen<'_>) -> Result<ArmOutcome> {
        check(chosen)?;
        let factor = chosen.lambda - 1.0;
        let edit: Vec<f64> = chosen.singular_values.iter().map(|sigma| factor * sigma).collect();
        let none = vec![0.0; edit.len()];
        let (size, scaled) = (chosen.delta_frobenius, length(1.0, &edit, chosen));
        let ratio = |wanted: f64, is: f64| if is == 0.0 { 1.0 } else { wanted / is };
        let (weight, coefficients, clamped) = match self {
            Self::Scale | Self::Neighbour => (1.0, edit, false),
            Self::Interpolate => (chosen.lambda, none, false),
            Self::Shrink => (ratio(scaled, size), none, false),
            Self::Rescaled => {
                let back = ratio(size, scaled);
                (back, edit.iter().map(|coefficient| back * coefficient).collect(), false)
            }
            Self::Step => {
                let step = length(0.0, &edit, chosen);
                let share = if size == 0.0 { 0.0 } else { (step / size).min(1.0) };
                (1.0 - share, none, step > size)
            }
        };
        let delta_frobenius = length(weight, &coefficients, chosen);
        let step = length(weight - 1.0, &coefficients, chosen);
        Ok(ArmOutcome { weight, coefficients, delta_frobenius, step, clamped })
    }
}

/// ‖weight·ΔW + Σ c·u·vᵀ‖_F.
fn length(weight: f64, coefficients: &[f64], chosen: Chosen<'_>) -> f64 {
    let own = coefficients.iter().map(|c| c * c).sum::<f64>();
    let mixed = coefficients.iter().zip(chosen.overlaps).map(|(c, overlap)| c * overlap).sum::<f64>();
    let square = (weight * chosen.delta_frobenius).powi(2) + 2.0 * weight * mixed + own;
    square.max(0.0).sqrt()
}

fn check(chosen: Chosen<'_>) -> Result<()> {
    let numbers = chosen.singular_values.iter().chain(chosen.overlaps).copied();
    let finite = numbers.chain([chosen.lambda, chosen.delta_frobenius]).all(f64::is_finite);
    let paired = chosen.singular_values.len() == chosen.overlaps.len();
    if finite && paired && chosen.delta_frobenius >= 0.0 {
        return Ok(());
    }
    let message = format!(
        "an arm needs finite numbers, a norm from 0 on and one overlap for each value: λ {}, ‖ΔW‖ {}, {} values, {} overlaps",
        chosen.lambda,
        chosen.delta_frobenius,
        chosen.singular_values.len(),
        chosen.overlaps.len()
    );
    Err(Error::new(ErrorKind::InvalidArgument, message))
}
