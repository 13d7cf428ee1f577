//! What pure noise gives: edges, reference ranks, and spectra freed of noise.

use std::f64::consts::PI;

use crate::error::Result;
use crate::statistics::{check_not_negative, check_shape, falling, invalid};

/// Largest singular value of an m × n matrix of independent entries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// τ(√m + √n).
    pub naive: f64,
    /// Median of the largest value.
    pub q50: f64,
    /// 95 % point.
    pub q95: f64,
    /// 99 % point: the edge used everywhere else.
    pub q99: f64,
}

/// Edge for entries of standard deviation `tau`, with the Tracy–Widom correction for finite sizes.
///
/// # Errors
/// `InvalidArgument` for an empty shape or a negative or non-finite `tau`.
pub fn noise_edge(m: usize, n: usize, tau: f64) -> Result<Edge> {
    check_shape(m, n)?;
    check_not_negative(tau, "tau")?;
    let (a, b) = ((m as f64 - 0.5).sqrt(), (n as f64 - 0.5).sqrt());
    let center = (a + b) * (a + b);
    let spread = (a + b) * (1.0 / a + 1.0 / b).cbrt();
    let point = |quantile: f64| tau * (center + quantile * spread).max(0.0).sqrt();
    let naive = tau * ((m as f64).sqrt() + (n as f64).sqrt());
    Ok(Edge { naive, q50: point(-1.26857), q95: point(0.97931), q99: point(2.02345) })
}

/// Effective ranks of pure noise as shares of min(m, n).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseReference {
    /// Stable rank.
    pub stable: f64,
    /// Entropy rank.
    pub entropy: f64,
    /// Participation ratio.
    pub participation: f64,
    /// Energy rank at 50 %.
    pub energy_50: f64,
    /// Energy rank at 90 %.
    pub energy_90: f64,
    /// Energy rank at 99 %.
    pub energy_99: f64,
}

/// Nodes of the Marchenko–Pastur density; the error is far below 1e-4.
const NODES: usize = 4096;

/// Marchenko–Pastur limit for β = min / max of the two sides.
///
/// # Errors
/// `InvalidArgument` for β outside (0, 1].
pub fn noise_reference(beta: f64) -> Result<NoiseReference> {
    if !(beta > 0.0 && beta <= 1.0) {
        return Err(invalid(format!("beta is {beta}, not within 0 to 1")));
    }
    let density = density(beta);
    let count: f64 = density.iter().map(|(_, weight)| weight).sum();
    let mean = |value: fn(f64) -> f64| density.iter().map(|(x, weight)| weight * value(*x)).sum::<f64>() / count;
    let (first, logarithmic) = (mean(f64::sqrt), mean(|x| x.sqrt() * x.sqrt().ln()));
    Ok(NoiseReference {
        stable: (1.0 + beta.sqrt()).powi(-2),
        entropy: first * (-logarithmic / first).exp(),
        participation: 1.0 / (1.0 + beta),
        energy_50: share_with_energy(&density, 0.50),
        energy_90: share_with_energy(&density, 0.90),
        energy_99: share_with_energy(&density, 0.99),
    })
}

/// Squared singular values x, falling, with their weights.
fn density(beta: f64) -> Vec<(f64, f64)> {
    let (low, high) = ((1.0 - beta.sqrt()).powi(2), (1.0 + beta.sqrt()).powi(2));
    let node = |index: usize| {
        let angle = PI * (index as f64 + 0.5) / NODES as f64;
        let x = f64::midpoint(low, high) + (high - low) / 2.0 * angle.cos();
        (x, angle.sin().powi(2) / x)
    };
    (0..NODES).map(node).collect()
}

/// Share of the values that holds that share of the energy, counted from the largest.
fn share_with_energy(density: &[(f64, f64)], wanted: f64) -> f64 {
    let count: f64 = density.iter().map(|(_, weight)| weight).sum();
    let energy: f64 = density.iter().map(|(x, weight)| weight * x).sum();
    let (mut counted, mut gathered) = (0.0, 0.0);
    for (x, weight) in density {
        let step = weight * x / energy;
        if gathered + step >= wanted {
            return counted + (wanted - gathered) / step * weight / count;
        }
        gathered += step;
        counted += weight / count;
    }
    1.0
}

/// A spectrum without its noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Denoised {
    /// Values above this were kept.
    pub edge: f64,
    /// Estimates of the signal, falling.
    pub values: Vec<f64>,
}

/// Keeps measured values above the 99 % edge and removes the noise from each.
///
/// # Errors
/// `InvalidArgument` for a bad spectrum, shape or `tau`.
pub fn denoise(singular_values: &[f64], rows: usize, columns: usize, tau: f64) -> Result<Denoised> {
    let edge = noise_edge(rows, columns, tau)?.q99;
    let kept = falling(singular_values)?.into_iter().filter(|value| *value > edge);
    Ok(Denoised { edge, values: kept.map(|value| signal(value, rows, columns, tau)).collect() })
}

/// x with y² = (x² + kτ²)(x² + dτ²) / x², the larger solution.
pub(crate) fn signal(measured: f64, rows: usize, columns: usize, tau: f64) -> f64 {
    let variance = tau * tau;
    let (k, d) = (rows as f64, columns as f64);
    let c = measured * measured - (k + d) * variance;
    f64::midpoint(c, (c * c - 4.0 * k * d * variance * variance).max(0.0).sqrt()).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_noise_nothing_changes() {
        assert_eq!(denoise(&[3.0, 2.0, 0.5], 10, 20, 0.0).unwrap().values, [3.0, 2.0, 0.5]);
    }

    #[test]
    fn arguments_outside_their_domain_are_refused() {
        assert!(
            noise_edge(0, 5, 1.0).is_err() && noise_edge(5, 5, -1.0).is_err() && noise_edge(5, 5, f64::NAN).is_err()
        );
        assert!(noise_reference(0.0).is_err() && noise_reference(1.1).is_err() && noise_reference(f64::NAN).is_err());
        assert!(denoise(&[f64::NAN], 5, 5, 1.0).is_err());
    }
}
