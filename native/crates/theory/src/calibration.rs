//! Noise in other words: flipped labels, and two fine-tunes on disjoint data.

use serde::Serialize;

use crate::{Result, invalid};

/// What flipped labels mean in the linear model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LabelNoise {
    /// tr Σ_ε for one-hot targets.
    pub trace: f64,
    /// Factor on the signal.
    pub attenuation: f64,
}

/// Labels replaced with rate η by one of the other classes (exact).
///
/// # Errors
/// `InvalidArgument` for a rate outside 0…1 or fewer than two classes.
pub fn label_noise(eta: f64, classes: usize) -> Result<LabelNoise> {
    if !(0.0..=1.0).contains(&eta) {
        return Err(invalid(format!("eta is {eta}, not a share")));
    }
    if classes < 2 {
        return Err(invalid(format!("{classes} classes; labels can be flipped among two or more")));
    }
    let others = (classes - 1) as f64;
    let trace = 1.0 - (1.0 - eta).powi(2) - eta * eta / others;
    Ok(LabelNoise { trace, attenuation: 1.0 - eta * classes as f64 / others })
}

/// ρ from the agreement of two fine-tunes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Calibration {
    /// tr Σ_ε / ‖Δ⋆‖²; `None` where the model does not fit.
    pub rho: Option<f64>,
    /// The updates agree at all.
    pub consistent: bool,
}

/// `cosine` = ⟨D₁, D₂⟩ / (‖D₁‖·‖D₂‖) of two updates from disjoint data sets of n samples each.
///
/// # Errors
/// `InvalidArgument` for a cosine outside −1…1, or fewer than d + 2 samples, where ρ cannot be told.
pub fn calibrate(d: usize, n: usize, cosine: f64) -> Result<Calibration> {
    if !(-1.0..=1.0).contains(&cosine) {
        return Err(invalid(format!("the cosine is {cosine}")));
    }
    if d == 0 || n < d + 2 {
        return Err(invalid(format!("n is {n}; with {d} inputs the noise can be told from {} samples on", d + 2)));
    }
    if cosine <= 0.0 {
        return Ok(Calibration { rho: None, consistent: false });
    }
    let rho = (1.0 / cosine - 1.0) * (n - d - 1) as f64 / d as f64;
    Ok(Calibration { rho: Some(rho), consistent: true })
}
