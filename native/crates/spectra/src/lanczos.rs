//! Batched Lanczos on the spectral measure that a vector has under the base (engine: rung 1 of the ladder).
//!
//! The known base vectors are deflated first, so the measure left over is that of the unknown ones and the bounds
//! close in few steps. Converged Ritz pairs give lower bounds, the Christoffel function upper bounds.

use faer::{Mat, MatRef, Par};

use crate::christoffel::largest_atom;
use crate::control::Control;
use crate::error::Result;
use crate::matrix::{add_product, product, symmetric_eigen};
use crate::operator::multiply;

/// Steps after which the exact path is cheaper.
pub(crate) const MAXIMUM_STEPS: usize = 96;
/// Residual of a converged Ritz pair, relative to the largest base value.
const CONVERGED: f64 = 1e-6;
/// A recurrence coefficient this small, relative to the largest base value, ends the Krylov space: it is invariant.
const BREAKDOWN: f64 = 1e-10;

/// The operator and the directions that are taken out of it.
pub(crate) struct Measure<'a> {
    /// Symmetric p × p operator whose eigenvectors are the base vectors.
    pub operator: MatRef<'a, f64>,
    /// Orthonormal known eigenvectors of the operator, p × K.
    pub known: MatRef<'a, f64>,
    /// Largest eigenvalue of the operator.
    pub largest: f64,
    /// Bound of the eigenvalues that are left when the known ones are taken out.
    pub ceiling: f64,
    /// Eigenvalues at or below this may be zero, which belongs to no base vector.
    pub zero: f64,
    /// How far the operator is from the one that is meant.
    pub error: f64,
}

/// Bounds of the largest atom of one deflated measure, as cosines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AtomBounds {
    /// Largest converged weight, as a cosine.
    pub lower: f64,
    /// Bound of every weight, as a cosine.
    pub upper: f64,
}

/// One Lanczos recurrence per vector, advanced together.
pub(crate) struct Lanczos<'a> {
    measure: Measure<'a>,
    threads: Vec<Recurrence>,
    par: Par,
    /// Steps taken.
    pub steps: usize,
}

struct Recurrence {
    /// Orthonormal vectors so far plus the next one, p × (steps + 1).
    panel: Mat<f64>,
    diagonal: Vec<f64>,
    coupling: Vec<f64>,
    /// Length of the deflated start vector.
    norm: f64,
    ended: bool,
    active: bool,
}

impl<'a> Lanczos<'a> {
    /// Deflates the start vectors (p × k) and prepares the recurrences.
    pub(crate) fn new(measure: Measure<'a>, start: MatRef<'_, f64>, par: Par) -> Self {
        let mut start = start.to_owned();
        for _ in 0..2 {
            deflate(&measure, &mut start, par);
        }
        let threads = (0..start.ncols()).map(|j| Recurrence::new(start.as_ref().subcols(j, 1))).collect();
        Self { measure, threads, par, steps: 0 }
    }

    /// Stops advancing a vector whose bounds are good enough.
    pub(crate) fn settle(&mut self, vector: usize) {
        self.threads[vector].active = false;
    }

    /// Whether a vector is still advanced.
    pub(crate) fn is_active(&self, vector: usize) -> bool {
        self.threads[vector].active
    }

    /// Takes steps until `target` are done.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Cancelled`].
    pub(crate) fn advance_to(&mut self, target: usize, control: &Control<'_>) -> Result<()> {
        while self.steps < target {
            control.check()?;
            self.step();
        }
        Ok(())
    }

    fn step(&mut self) {
        let (steps, par, scale) = (self.steps, self.par, self.measure.largest);
        let mut moving: Vec<&mut Recurrence> =
            self.threads.iter_mut().filter(|thread| thread.active && !thread.ended).collect();
        let p = self.measure.operator.nrows();
        let mut block = Mat::zeros(p, moving.len());
        for (j, thread) in moving.iter().enumerate() {
            block.as_mut().col_mut(j).copy_from(thread.panel.col(steps));
        }
        let mut image = Mat::zeros(p, moving.len());
        multiply(self.measure.operator, block.as_ref(), image.as_mut(), par);
        deflate(&self.measure, &mut image, par);
        for (j, thread) in moving.iter_mut().enumerate() {
            thread.extend(image.as_ref().subcols(j, 1), scale);
        }
        self.steps += 1;
    }

    /// Bounds of the largest atom of each measure after the steps so far.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::NoConvergence`] of the small eigenproblem.
    pub(crate) fn atom_bounds(&self, vector: usize) -> Result<AtomBounds> {
        self.threads[vector].atom_bounds(&self.measure)
    }
}

fn deflate(measure: &Measure<'_>, block: &mut Mat<f64>, par: Par) {
    if measure.known.ncols() > 0 {
        let inner = product(measure.known.transpose(), block.as_ref(), par);
        add_product(block.as_mut(), measure.known, inner.as_ref(), -1.0, par);
    }
}

impl Recurrence {
    fn new(start: MatRef<'_, f64>) -> Self {
        let norm = start.col(0).norm_l2();
        let mut panel = Mat::zeros(start.nrows(), 16);
        if norm > 0.0 {
            panel.as_mut().col_mut(0).copy_from(start.col(0));
            panel.as_mut().col_mut(0).iter_mut().for_each(|value| *value /= norm);
        }
        // A start vector of rounding size holds no atom worth a bound.
        Self { panel, diagonal: Vec::new(), coupling: Vec::new(), norm, ended: norm <= BREAKDOWN, active: true }
    }

    /// Orthogonalises the image of the newest vector against all before it, twice, and appends it.
    fn extend(&mut self, image: MatRef<'_, f64>, scale: f64) {
        let (steps, order) = (self.diagonal.len() + 1, self.panel.nrows());
        if steps == self.panel.ncols() {
            let grown = 2 * steps;
            let mut panel = Mat::zeros(self.panel.nrows(), grown);
            panel.as_mut().subcols_mut(0, steps).copy_from(&self.panel);
            self.panel = panel;
        }
        let (known, mut rest) = self.panel.as_mut().split_at_col_mut(steps);
        let mut next = rest.as_mut().subcols_mut(0, 1);
        next.copy_from(image);
        let mut own = 0.0;
        for _ in 0..2 {
            let inner = product(known.as_ref().transpose(), next.as_ref(), Par::Seq);
            own += inner[(steps - 1, 0)];
            add_product(next.as_mut(), known.as_ref(), inner.as_ref(), -1.0, Par::Seq);
        }
        let length = next.as_ref().col(0).norm_l2();
        self.diagonal.push(own);
        self.coupling.push(length);
        self.ended = length <= BREAKDOWN * scale || steps >= order;
        if !self.ended {
            next.col_mut(0).iter_mut().for_each(|value| *value /= length);
        }
    }

    fn atom_bounds(&self, measure: &Measure<'_>) -> Result<AtomBounds> {
        let steps = self.diagonal.len();
        if steps == 0 {
            return Ok(AtomBounds { lower: 0.0, upper: self.norm });
        }
        let jacobi = Mat::from_fn(steps, steps, |i, j| match i.abs_diff(j) {
            0 => self.diagonal[i],
            1 => self.coupling[i.min(j)],
            _ => 0.0,
        });
        let eigen = symmetric_eigen(jacobi.as_ref(), Par::Seq)?;
        let last = self.coupling[steps - 1];
        let weights: Vec<f64> = (0..steps).map(|i| eigen.vectors[(0, i)].powi(2)).collect();
        let residuals: Vec<f64> = (0..steps).map(|i| last * eigen.vectors[(steps - 1, i)].abs()).collect();
        let lower = converged_weight(&eigen.values, &weights, &residuals, measure);
        let heaviest = weights.iter().copied().fold(0.0, f64::max);
        let upper = if self.ended {
            heaviest
        } else {
            largest_atom(&self.diagonal, &self.coupling, &eigen.values, &weights, measure.ceiling)
        };
        Ok(AtomBounds { lower: lower * self.norm, upper: upper.sqrt().max(lower) * self.norm })
    }
}

/// Largest cosine among converged Ritz pairs, less the angle that the residual leaves open.
fn converged_weight(values: &[f64], weights: &[f64], residuals: &[f64], measure: &Measure<'_>) -> f64 {
    let mut best: f64 = 0.0;
    for i in 0..values.len() {
        if residuals[i] <= CONVERGED * measure.largest && values[i] > measure.zero + residuals[i] {
            let above = if i == 0 { f64::INFINITY } else { values[i - 1] - values[i] };
            let below = values.get(i + 1).map_or(f64::INFINITY, |next| values[i] - next);
            let residual = residuals[i] + measure.error;
            let angle = if residual == 0.0 { 0.0 } else { residual / above.min(below) };
            best = best.max(weights[i].sqrt() - angle);
        }
    }
    best
}
