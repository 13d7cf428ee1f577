//! Exact simulation: one SVD per replicate gives the risk at every rank.

use std::sync::atomic::{AtomicU64, Ordering};

use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Mat, MatRef, Par};
use rayon::prelude::*;
use serde::Serialize;
use spectra::matrix::{Svd, product, thin_qr, thin_svd};

use crate::draws::{Draws, Stream};
use crate::setting::Setting;
use crate::shift::Shift;
use crate::{Control, Result, invalid};

/// What to simulate at one point.
#[derive(Debug, Clone)]
pub struct Point {
    /// Sizes and noise.
    pub setting: Setting,
    /// The task shift.
    pub shift: Shift,
    /// Eigenvalues of the input covariance along the right singular vectors of the shift; empty: isotropic.
    pub covariance: Vec<f64>,
    /// Points of one number share their draws: common random numbers make sweeps over the noise smooth.
    pub stream: usize,
}

impl Point {
    /// # Errors
    /// `InvalidArgument` for a shift or covariance that does not fit.
    pub fn check(&self) -> Result<()> {
        self.shift.check(self.setting.k, self.setting.d)?;
        let fits = self.covariance.is_empty() || self.covariance.len() == self.setting.d;
        if !fits || self.covariance.iter().any(|value| !(value.is_finite() && *value > 0.0)) {
            let sentence = format!("the covariance needs {} positive eigenvalues", self.setting.d);
            return Err(invalid(sentence));
        }
        Ok(())
    }
}

/// Mean over replicates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mean {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of one replicate.
    pub sd: f64,
    /// Standard error of the mean.
    pub se: f64,
}

impl Mean {
    /// Of some samples.
    #[must_use]
    pub fn of(samples: &[f64]) -> Self {
        let count = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / count;
        let squares: f64 = samples.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (squares / (count - 1.0).max(1.0)).sqrt();
        Self { mean, sd, se: sd / count.sqrt() }
    }
}

/// Risks of full fine-tuning and of LoRA at `ranks` (the last but first index), replicate by replicate: answers
/// `points.len() × range × (1 + ranks.len())` values, row by row, full fine-tuning first. The values do not depend on
/// threads or on how the range is cut.
///
/// # Errors
/// `InvalidArgument`, `NoConvergence`, or `Cancelled`.
pub fn simulate(
    points: &[Point],
    ranks: &[usize],
    range: std::ops::Range<usize>,
    seed: u64,
    done: &AtomicU64,
    control: &Control<'_>,
) -> Result<Vec<f64>> {
    points.iter().try_for_each(Point::check)?;
    let count = range.len();
    let rows: Result<Vec<Vec<f64>>> = (0..points.len() * count)
        .into_par_iter()
        .map(|index| {
            control.check()?;
            let (point, replicate) = (&points[index / count], range.start + index % count);
            let risks = replicate_risks(point, seed, replicate)?;
            done.fetch_add(1, Ordering::Relaxed);
            let full = risks[risks.len() - 1];
            let chosen = ranks.iter().map(|rank| risks.get(*rank).copied().unwrap_or(full));
            Ok(std::iter::once(full).chain(chosen).collect())
        })
        .collect();
    Ok(rows?.concat())
}

/// R[0…q] of one replicate; R[q] is full fine-tuning.
///
/// # Errors
/// `NoConvergence`.
pub fn replicate_risks(point: &Point, seed: u64, replicate: usize) -> Result<Vec<f64>> {
    let Setting { k, d, n, sigma } = point.setting;
    let mut draws = Draws::new(seed, Stream::Simulation, point.stream, replicate);
    let values = draws.shift(&point.shift, k, d)?;
    if point.setting.is_under() {
        let mut inputs = draws.normals(d, n);
        for (row, eigenvalue) in point.covariance.iter().enumerate() {
            let scale = eigenvalue.sqrt();
            inputs.row_mut(row).iter_mut().for_each(|value| *value *= scale);
        }
        let response = response(&values, inputs.as_ref(), k, sigma, &mut draws);
        let (basis, triangle) = thin_qr(inputs, Par::Seq);
        return risks(response.as_ref(), &values, &point.covariance, |mut vectors| {
            solve_lower_triangular_in_place(triangle.transpose(), vectors.as_mut(), Par::Seq);
            product(basis.as_ref(), vectors.as_ref(), Par::Seq)
        });
    }
    // Beyond d samples Σ moves into the shift: Δ⋆Σ^{1/2} with isotropic inputs is the same problem.
    let values = whitened(values, &point.covariance);
    let factor = draws.bartlett(d, n)?;
    let response = response(&values, factor.as_ref(), k, sigma, &mut draws);
    risks(response.as_ref(), &values, &[], |mut vectors| {
        solve_upper_triangular_in_place(factor.transpose(), vectors.as_mut(), Par::Seq);
        vectors
    })
}

pub(crate) fn whitened(values: Vec<f64>, covariance: &[f64]) -> Vec<f64> {
    if covariance.is_empty() {
        return values;
    }
    values.iter().zip(covariance).map(|(s, eigenvalue)| s * eigenvalue.sqrt()).collect()
}

/// diag(s)·X + σG.
fn response(values: &[f64], inputs: MatRef<'_, f64>, k: usize, sigma: f64, draws: &mut Draws) -> Mat<f64> {
    let mut out = draws.normals(k, inputs.ncols());
    for j in 0..inputs.ncols() {
        for i in 0..k {
            let signal = values.get(i).map_or(0.0, |s| s * inputs[(i, j)]);
            out[(i, j)] = signal + sigma * out[(i, j)];
        }
    }
    out
}

/// Risks from the SVD of the response: rank r keeps y_r·u_r·b_rᵀ, and terms of different ranks do not mix.
fn risks(
    response: MatRef<'_, f64>,
    values: &[f64],
    covariance: &[f64],
    images: impl FnOnce(Mat<f64>) -> Mat<f64>,
) -> Result<Vec<f64>> {
    let Svd { values: strengths, left, right } = thin_svd(response, true, Par::Seq)?;
    let images = images(right);
    let variance = |input: usize| covariance.get(input).copied().unwrap_or(1.0);
    let mut risk = vec![values.iter().enumerate().map(|(i, s)| s * s * variance(i)).sum::<f64>()];
    for (r, y) in strengths.iter().enumerate() {
        let image = images.col(r);
        let length: f64 = (0..images.nrows()).map(|i| image[i] * image[i] * variance(i)).sum();
        let along: f64 = values.iter().enumerate().map(|(j, s)| left[(j, r)] * s * variance(j) * image[j]).sum();
        risk.push(risk[r] + y * y * length - 2.0 * y * along);
    }
    Ok(risk)
}
