//! All singular values of a dense ΔW: Gram eigenvalues where they resolve what is asked, else a bidiagonal SVD.

use faer::{Mat, MatRef};

use crate::control::Control;
use crate::error::Result;
use crate::gram::{Shape, gram};
use crate::matrix::{EPSILON, symmetric_eigenvalues, thin_svd};
use crate::outcome::{DeltaOutcome, Grid, RoundingSums, SpectrumMethod};
use crate::rounding::Difference;
use crate::rows::Rows;
use crate::triangle::streamed_triangle;

/// Values from here on, relative to the largest, must be right to [`VALUE_ERROR`].
const RELEVANT: f64 = 1e-5;
/// Relative error allowed in relevant values.
const VALUE_ERROR: f64 = 1e-5;
/// Relative error allowed in the entropy rank, with half of the demanded 1e-4 in reserve.
const RANK_ERROR: f64 = 5e-5;

/// Sizes and spectrum of ΔW = W − W0, and the rounding audit when a grid is given.
///
/// # Errors
/// `NotFinite`, `Cancelled`, `NoConvergence`, or what reading gives.
pub fn dense_spectrum(
    base: &dyn Rows,
    tuned: &dyn Rows,
    grid: Option<Grid>,
    control: &Control<'_>,
) -> Result<(DeltaOutcome, Option<RoundingSums>)> {
    let (matrix, sums) = change_gram(base, tuned, grid, control)?;
    Ok((spectrum_of(matrix.as_ref(), base, tuned, control)?, sums))
}

/// Gram matrix of ΔW on the smaller side, and the rounding audit, in one pass over both files.
///
/// # Errors
/// `NotFinite`, `Cancelled`, or what reading gives.
pub(crate) fn change_gram(
    base: &dyn Rows,
    tuned: &dyn Rows,
    grid: Option<Grid>,
    control: &Control<'_>,
) -> Result<(Mat<f64>, Option<RoundingSums>)> {
    let difference = Difference::new(base, tuned, grid, *control);
    let matrix = gram(&difference, control)?;
    Ok((matrix, difference.sums()))
}

/// Sizes and spectrum of ΔW whose Gram matrix is known.
///
/// # Errors
/// `Cancelled`, `NoConvergence`, or what reading gives.
pub(crate) fn spectrum_of(
    matrix: MatRef<'_, f64>,
    base: &dyn Rows,
    tuned: &dyn Rows,
    control: &Control<'_>,
) -> Result<DeltaOutcome> {
    let squared: f64 = matrix.diagonal().column_vector().iter().sum();
    if squared <= 0.0 {
        return Ok(zero_outcome(Shape::of(base).small()));
    }
    let values = symmetric_eigenvalues(matrix, control)?;
    let frobenius = squared.sqrt();
    if is_resolved(&values) {
        let resolution = noise(&values).sqrt();
        let singular_values = values.iter().map(|value| value.max(0.0).sqrt()).collect();
        return Ok(DeltaOutcome { frobenius, singular_values, method: SpectrumMethod::Gram, resolution });
    }
    let plain = Difference::new(base, tuned, None, *control);
    let triangle = streamed_triangle(&plain, control)?;
    control.check()?;
    let singular_values = thin_svd(triangle.as_ref(), false, control.parallelism())?.values;
    Ok(DeltaOutcome { frobenius, singular_values, method: SpectrumMethod::Bidiagonal, resolution: 0.0 })
}

fn zero_outcome(p: usize) -> DeltaOutcome {
    DeltaOutcome { frobenius: 0.0, singular_values: vec![0.0; p], method: SpectrumMethod::Zero, resolution: 0.0 }
}

/// Error of an eigenvalue of a Gram matrix in f64, in the size that rounding errors really have (the worst-case
/// bound has p in place of √p).
fn noise(values: &[f64]) -> f64 {
    2.0 * EPSILON * (values.len() as f64).sqrt() * values[0]
}

/// Whether every relevant value is right, and the small ones too small to matter for the entropy rank.
fn is_resolved(values: &[f64]) -> bool {
    let noise = noise(values);
    let relevant = RELEVANT * RELEVANT * values[0] - noise;
    let all_right = values.iter().all(|value| *value < relevant || *value * 2.0 * VALUE_ERROR >= noise);
    all_right && entropy_error(values, noise) <= RANK_ERROR
}

/// Relative change of exp(−Σ p ln p), p = σ/Σσ, when every σ is off by what the noise allows, errors in independent
/// directions for the resolved values and one-sided for the unresolved ones.
fn entropy_error(values: &[f64], noise: f64) -> f64 {
    let sum: f64 = values.iter().map(|value| value.max(0.0).sqrt()).sum();
    let error: f64 =
        values.iter().map(|value| if *value > 16.0 * noise { 0.0 } else { noise.sqrt() * 4.0 }).sum::<f64>() / sum;
    if error == 0.0 { 0.0 } else { error * ((values.len() as f64).ln() + error.recip().ln().max(0.0) + 1.0) }
}
