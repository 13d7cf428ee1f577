//! Top eigenpairs of a symmetric positive semidefinite operator by block Krylov with full re-orthogonalisation.
//!
//! The projected matrix comes from the orthogonalisation coefficients, and the residual of a Ritz pair from the
//! last block alone: A·V = V·T + Q·R·Eᵀ gives ‖A·V·y − θ·V·y‖ = ‖R·y_last‖ (Golub and Underwood 1977), so no
//! images are stored and the p-sized work is two products a step.

use faer::{Mat, MatRef, Par};

use crate::control::Control;
use crate::eigenpairs::Eigenpairs;
use crate::error::{Error, ErrorKind, Result};
use crate::matrix::{Eigen, add_product, product, symmetric_eigen};
use crate::operator::Operator;
use crate::random::Random;

/// Guard columns beside the wanted ones; they make the convergence depend on the gap behind them.
pub(crate) const GUARD: usize = 6;
/// Below this order the full decomposition is cheaper than the iteration (measured: 4 ms at 256).
pub(crate) const DENSE_ORDER: usize = 192;
/// Largest Krylov space; beyond it the full decomposition is not much dearer.
const SPACE: usize = 512;
/// Residual, relative to the largest value, that every wanted pair must reach.
const TOLERANCE: f64 = 1e-7;
/// Wanted sine of the angle between a Ritz vector and its eigenvector.
const ANGLE: f64 = 1e-5;
/// Rounding keeps residuals from falling below this, relative to the largest value.
const FLOOR: f64 = 1e-13;

/// The first `wanted` eigenpairs (and the guards that have converged), falling.
///
/// `start` is any block of at least `wanted` columns (p × b); a good one saves iterations.
///
/// # Errors
/// [`ErrorKind::NoConvergence`] when the space is exhausted before the residuals reach 1e-7 of the largest value;
/// [`ErrorKind::Cancelled`].
pub(crate) fn top_eigenpairs(
    operator: &dyn Operator,
    wanted: usize,
    start: MatRef<'_, f64>,
    random: &mut Random,
    control: &Control<'_>,
) -> Result<Eigenpairs> {
    let p = operator.order();
    if p <= DENSE_ORDER.max(2 * (wanted + GUARD)) {
        return dense_eigenpairs(operator, control);
    }
    let mut space = Space::new(p, start, random, control.parallelism());
    let mut check = Schedule::new();
    loop {
        control.check()?;
        space.advance(operator, random);
        let last = !space.has_room();
        if !last && !check.is_due(space.blocks) {
            continue;
        }
        let ritz = space.ritz()?;
        let excess = ritz.excess(wanted);
        if excess <= 1.0 || last && ritz.acceptable(wanted) {
            return Ok(space.eigenpairs(&ritz, wanted, operator.error()));
        }
        if last {
            return Err(no_convergence(&ritz, wanted, space.blocks));
        }
        check.plan(space.blocks, excess);
    }
}

fn no_convergence(ritz: &Ritz, wanted: usize, blocks: usize) -> Error {
    let worst = ritz.residuals.iter().take(wanted).copied().fold(0.0, f64::max) / ritz.eigen.values[0];
    Error::new(ErrorKind::NoConvergence, format!("block Krylov stopped at residual {worst:.1e} after {blocks} blocks"))
}

/// Every eigenpair, by the full decomposition of the operator's matrix.
///
/// # Errors
/// As [`symmetric_eigen`].
pub(crate) fn dense_eigenpairs(operator: &dyn Operator, control: &Control<'_>) -> Result<Eigenpairs> {
    control.check()?;
    let p = operator.order();
    let mut matrix = Mat::zeros(p, p);
    operator.apply(Mat::<f64>::identity(p, p).as_ref(), matrix.as_mut());
    Ok(Eigenpairs::complete(symmetric_eigen(matrix.as_ref(), control.parallelism())?, operator.error()))
}

/// When to solve the projected problem next: it costs more than a step, so convergence is predicted.
struct Schedule {
    next: usize,
    seen: Option<(usize, f64)>,
}

impl Schedule {
    const fn new() -> Self {
        Self { next: 3, seen: None }
    }

    const fn is_due(&self, blocks: usize) -> bool {
        blocks >= self.next
    }

    /// Extrapolates the decades that are missing at the rate seen between the last two looks.
    fn plan(&mut self, blocks: usize, excess: f64) {
        let missing = excess.log10().max(0.0);
        let rate = match self.seen {
            Some((then, before)) if before > missing => (before - missing) / (blocks - then) as f64,
            _ => 1.2,
        };
        self.next = blocks + ((missing / rate.max(0.2)).ceil() as usize).clamp(1, 6);
        self.seen = Some((blocks, missing));
    }
}

/// The Krylov space: an orthonormal basis in preallocated columns and the operator projected on it.
struct Space {
    basis: Mat<f64>,
    projected: Mat<f64>,
    /// Columns the projection covers.
    used: usize,
    /// Columns of the newest block, which follow the used ones.
    width: usize,
    /// Coefficients of the newest block in the last image, `width × width`.
    coupling: Mat<f64>,
    blocks: usize,
    par: Par,
}

impl Space {
    fn new(p: usize, start: MatRef<'_, f64>, random: &mut Random, par: Par) -> Self {
        let width = start.ncols();
        let capacity = (SPACE.max(8 * width)).min(p);
        let mut basis = Mat::zeros(p, capacity);
        basis.as_mut().subcols_mut(0, width).copy_from(start);
        orthonormalise(&mut basis, 0, width, 0.0, random, par);
        Self {
            basis,
            projected: Mat::zeros(capacity, capacity),
            used: 0,
            width,
            coupling: Mat::zeros(0, 0),
            blocks: 0,
            par,
        }
    }

    fn has_room(&self) -> bool {
        self.used + 2 * self.width <= self.basis.ncols()
    }

    /// Applies the operator to the newest block and orthogonalises the image into the next one.
    fn advance(&mut self, operator: &dyn Operator, random: &mut Random) {
        let (first, width, par) = (self.used, self.width, self.par);
        let mut image = Mat::zeros(self.basis.nrows(), width);
        operator.apply(self.basis.subcols(first, width), image.as_mut());
        self.used += width;
        let known = self.basis.subcols(0, self.used);
        for _ in 0..2 {
            let inner = product(known.transpose(), image.as_ref(), par);
            add_product(image.as_mut(), known, inner.as_ref(), -1.0, par);
            let mut target = self.projected.as_mut().submatrix_mut(0, first, self.used, width);
            target += inner;
        }
        for j in first..self.used {
            for i in 0..j {
                self.projected[(j, i)] = self.projected[(i, j)];
            }
        }
        self.blocks += 1;
        self.basis.as_mut().subcols_mut(self.used, width).copy_from(&image);
        let scale = self.projected[(0, 0)].abs();
        self.coupling = orthonormalise(&mut self.basis, self.used, width, scale, random, par);
    }

    fn ritz(&self) -> Result<Ritz> {
        let eigen = symmetric_eigen(self.projected.submatrix(0, 0, self.used, self.used), Par::Seq)?;
        let last = eigen.vectors.subrows(self.used - self.width, self.width);
        let leaked = product(self.coupling.as_ref(), last, Par::Seq);
        let residuals = (0..self.used).map(|i| leaked.col(i).norm_l2()).collect();
        Ok(Ritz { eigen, residuals })
    }

    /// Keeps the wanted pairs and the converged ones behind them.
    fn eigenpairs(&self, ritz: &Ritz, wanted: usize, error: f64) -> Eigenpairs {
        let limit = 1e-5 * ritz.eigen.values[0];
        let useful = (wanted..self.used - 1).take_while(|&i| ritz.residuals[i] <= limit && i < 4 * wanted).count();
        let kept = (wanted + useful).max(wanted + GUARD).min(self.used - 1);
        let vectors = product(self.basis.subcols(0, self.used), ritz.eigen.vectors.subcols(0, kept), self.par);
        let floor = FLOOR * ritz.eigen.values[0];
        let rest: Vec<(f64, f64)> = (kept..self.used).map(|i| (ritz.eigen.values[i], ritz.residuals[i])).collect();
        Eigenpairs::partial(
            ritz.eigen.values[..kept].to_vec(),
            vectors,
            &ritz.residuals[..kept].iter().map(|residual| residual.max(0.1 * floor)).collect::<Vec<_>>(),
            &rest,
            error,
        )
    }
}

/// Ritz values with the residual norm of each.
struct Ritz {
    eigen: Eigen,
    residuals: Vec<f64>,
}

impl Ritz {
    /// Largest ratio of a wanted residual to what it may be.
    fn excess(&self, wanted: usize) -> f64 {
        (0..wanted).map(|i| self.residuals[i] / self.allowed(i)).fold(0.0, f64::max)
    }

    /// A residual small enough for the tolerance, for the angle, and for the value itself (whose error is at most
    /// min(ρ, ρ²/gap); it must stay below 1e-6 of the value).
    fn allowed(&self, i: usize) -> f64 {
        let values = &self.eigen.values;
        let above = if i == 0 { f64::INFINITY } else { values[i - 1] - values[i] };
        let gap = above.min(values[i] - values[i + 1]).max(0.0);
        let value = values[i].max(0.0);
        let for_value = (1e-6 * value).max(1e-3 * (value * gap).sqrt());
        (TOLERANCE * values[0]).min(ANGLE * gap).min(for_value).max(FLOOR * values[0]).max(f64::MIN_POSITIVE)
    }

    fn acceptable(&self, wanted: usize) -> bool {
        self.residuals.iter().take(wanted).all(|residual| *residual <= TOLERANCE * self.eigen.values[0])
    }
}

/// Orthonormalises `width` columns from `first` among themselves (classical Gram-Schmidt twice, column by column)
/// and gives R with old = new·R. A column that depends on the earlier ones is replaced by a random direction
/// orthogonal to the whole basis, with a zero row in R: the space goes on, the residual stays true.
fn orthonormalise(
    basis: &mut Mat<f64>,
    first: usize,
    width: usize,
    scale: f64,
    random: &mut Random,
    par: Par,
) -> Mat<f64> {
    let mut coefficients = Mat::zeros(width, width);
    for j in 0..width {
        let before = basis.col(first + j).norm_l2();
        let inner = project_out(basis, first, first + j, par);
        coefficients.as_mut().col_mut(j).subrows_mut(0, j).copy_from(inner.col(0));
        let after = basis.col(first + j).norm_l2();
        if after > 1e-12 * before && after > 1e-15 * scale {
            coefficients[(j, j)] = after;
        } else {
            replace_column(basis, first + j, random, par);
        }
        // What the first projections left along the earlier blocks grows with the division; take it out again.
        if after <= 1e-4 * scale {
            project_out(basis, 0, first + j, par);
        }
        normalise(basis, first + j);
    }
    coefficients
}

/// Takes the columns `from..column` out of `column`, twice; gives the summed coefficients.
fn project_out(basis: &mut Mat<f64>, from: usize, column: usize, par: Par) -> Mat<f64> {
    let count = column - from;
    let (known, mut rest) = basis.as_mut().split_at_col_mut(column);
    let known = known.as_ref().subcols(from, count);
    let mut target = rest.as_mut().subcols_mut(0, 1);
    let mut total = Mat::zeros(count, 1);
    for _ in 0..2 {
        let inner = product(known.transpose(), target.as_ref(), par);
        add_product(target.as_mut(), known, inner.as_ref(), -1.0, par);
        total += inner;
    }
    total
}

fn replace_column(basis: &mut Mat<f64>, column: usize, random: &mut Random, par: Par) {
    let mut target = basis.as_mut().subcols_mut(column, 1);
    target.fill(0.0);
    random.add_normals(target, 1.0);
    project_out(basis, 0, column, par);
}

fn normalise(basis: &mut Mat<f64>, column: usize) {
    let norm = basis.col(column).norm_l2();
    if norm > 0.0 {
        basis.as_mut().col_mut(column).iter_mut().for_each(|value| *value /= norm);
    }
}
