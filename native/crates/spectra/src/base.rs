//! What is computed once per base matrix and reused by every run: Gram matrix, top, measures, full decomposition.

use std::cell::{Cell, OnceCell};

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Accum, Mat, MatRef, Par};

use crate::control::Control;
use crate::eigenpairs::Eigenpairs;
use crate::error::{Error, ErrorKind, Result};
use crate::gram::{Gram, Shape};
use crate::krylov::{GUARD, dense_eigenpairs, top_eigenpairs};
use crate::matrix::{mirror_lower, symmetric_eigen, thin_svd};
use crate::operator::Symmetric;
use crate::outcome::Question;
use crate::random::Random;
use crate::rows::Rows;
use crate::triangle::streamed_triangle;

/// Condition number of W0 beyond which the triangular route to the larger side loses too many digits.
const CONDITION_LIMIT: f64 = 1e6;
/// Error of G that the triangular route stands, as a share of the least squared pivot.
const LEAST_SHARE: f64 = 1e-4;

/// A base matrix and what its runs share.
pub(crate) struct Base<'a> {
    /// The matrix itself, for the rungs that must read it again.
    pub rows: &'a dyn Rows,
    /// Its shape.
    pub shape: Shape,
    /// G = W0·W0ᵀ in small orientation.
    pub gram: Mat<f64>,
    /// Estimate of ‖E‖₂ for what summing in f32 did to G; zero when G was summed in f64.
    pub error: f64,
    /// Set when a measure needs G summed in f64: the numbers so far are then thrown away.
    pub needs_double: Cell<bool>,
    /// ‖W0‖_F.
    pub frobenius: f64,
    /// First eigenpairs of G, or all.
    pub top: Eigenpairs,
    /// Rungs that failed while the top was computed.
    pub climbed: Vec<String>,
    complete: OnceCell<Result<Eigenpairs>>,
    singular: OnceCell<Result<Eigenpairs>>,
    large: OnceCell<Result<LargeSide>>,
}

/// The spectral measure of larger-side vectors in triangular coordinates: G = L·Lᵀ, M = LᵀL.
pub(crate) struct LargeSide {
    /// L, lower triangle.
    pub triangle: Mat<f64>,
    /// LᵀL, both triangles.
    pub measure: Mat<f64>,
}

impl<'a> Base<'a> {
    /// Top of W0 by the cheapest rung that works; `climbed` are the rungs that failed before.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`], or no rung converged.
    pub(crate) fn new(
        rows: &'a dyn Rows,
        gram: Gram,
        mut climbed: Vec<String>,
        question: &Question,
        control: &Control<'_>,
    ) -> Result<Self> {
        let shape = Shape::of(rows);
        let frobenius = gram.frobenius();
        let error = gram.error;
        let top = base_top(rows, &gram, question, &mut climbed, control)?;
        let needs_double = Cell::new(!top.stand_the_error(question.k));
        let (complete, singular, large) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let gram = gram.matrix;
        Ok(Self { rows, shape, gram, error, needs_double, frobenius, top, climbed, complete, singular, large })
    }

    /// All eigenpairs of G, computed at the first call.
    ///
    /// # Errors
    /// [`ErrorKind::NoConvergence`].
    pub(crate) fn complete(&self, control: &Control<'_>) -> Result<&Eigenpairs> {
        if self.top.is_complete {
            return Ok(&self.top);
        }
        let compute = || {
            control.check()?;
            Ok(Eigenpairs::complete(symmetric_eigen(self.gram.as_ref(), control.parallelism())?, self.error))
        };
        self.complete.get_or_init(compute).as_ref().map_err(Clone::clone)
    }

    /// All pairs from an SVD of W0 itself, computed at the first call: resolves what squaring loses.
    ///
    /// # Errors
    /// [`ErrorKind::NoConvergence`], or what reading gives.
    pub(crate) fn singular(&self, control: &Control<'_>) -> Result<&Eigenpairs> {
        self.singular.get_or_init(|| singular_pairs(self.rows, control)).as_ref().map_err(Clone::clone)
    }

    /// L and LᵀL, computed at the first call.
    ///
    /// # Errors
    /// [`ErrorKind::NoConvergence`] when G is singular or cond(W0) > 1e6 (the exact path then takes over).
    pub(crate) fn large_side(&self, control: &Control<'_>) -> Result<&LargeSide> {
        let compute = || {
            control.check()?;
            let large = LargeSide::new(self.gram.as_ref(), control.parallelism())?;
            if self.error > LEAST_SHARE * large.least_square() {
                self.needs_double.set(true);
            }
            Ok(large)
        };
        self.large.get_or_init(compute).as_ref().map_err(Clone::clone)
    }
}

/// All pairs from an SVD of the triangular factor of a streamed matrix.
///
/// # Errors
/// [`ErrorKind::NoConvergence`], [`ErrorKind::Cancelled`], or what reading gives.
pub(crate) fn singular_pairs(rows: &dyn Rows, control: &Control<'_>) -> Result<Eigenpairs> {
    let triangle = streamed_triangle(rows, control)?;
    control.check()?;
    let svd = thin_svd(triangle.as_ref(), true, control.parallelism())?;
    Ok(Eigenpairs::from_singular(&svd.values, svd.right))
}

fn base_top(
    rows: &dyn Rows,
    gram: &Gram,
    question: &Question,
    climbed: &mut Vec<String>,
    control: &Control<'_>,
) -> Result<Eigenpairs> {
    let operator = Symmetric { matrix: gram.matrix.as_ref(), error: gram.error, par: control.parallelism() };
    let order = gram.matrix.nrows();
    let wanted = question.k.min(order);
    let top = if question.exact {
        dense_eigenpairs(&operator, control)?
    } else {
        let mut random = Random::new(question.seed);
        let start = random.normals(order, (question.k + GUARD).min(order));
        match top_eigenpairs(&operator, wanted, start.as_ref(), &mut random, control) {
            Ok(top) => top,
            Err(error) if error.kind == ErrorKind::Cancelled => return Err(error),
            Err(error) => {
                climbed.push(format!("top of the base: {error}"));
                dense_eigenpairs(&operator, control)?
            }
        }
    };
    if !top.stand_the_error(wanted) {
        return Ok(top);
    }
    resolve_top(top, wanted, climbed, "base", || singular_pairs(rows, control))
}

/// Takes the SVD instead when a wanted value is too small for its Gram matrix to give it to 1e-5.
pub(crate) fn resolve_top(
    top: Eigenpairs,
    wanted: usize,
    climbed: &mut Vec<String>,
    name: &str,
    singular: impl FnOnce() -> Result<Eigenpairs>,
) -> Result<Eigenpairs> {
    let largest = top.values.first().copied().unwrap_or(0.0);
    let last = top.values[..wanted].last().copied().unwrap_or(0.0);
    let noise = top.resolution / (top.vectors.nrows() as f64).sqrt().max(1.0);
    if largest <= 0.0 || last * 1e-5 >= noise {
        return Ok(top);
    }
    climbed.push(format!("top of the {name}: the Gram matrix does not resolve value {wanted}; took an SVD"));
    match singular() {
        Err(error) if error.kind != ErrorKind::Cancelled => {
            climbed.push(format!("SVD of the {name}: {error}"));
            Ok(top)
        }
        other => other,
    }
}

impl LargeSide {
    fn new(gram: MatRef<'_, f64>, par: Par) -> Result<Self> {
        let p = gram.nrows();
        let mut triangle = gram.to_owned();
        let mut memory = MemBuffer::new(cholesky_in_place_scratch::<f64>(p, par, faer::prelude::default()));
        let stack = MemStack::new(&mut memory);
        cholesky_in_place(triangle.as_mut(), faer::prelude::default(), par, stack, faer::prelude::default())
            .map_err(|_| Error::new(ErrorKind::NoConvergence, "the Gram matrix is singular in f64"))?;
        let pivots = || triangle.diagonal().column_vector().iter().copied();
        let (least, largest) = (pivots().fold(f64::INFINITY, f64::min), pivots().fold(0.0, f64::max));
        // The ratio of pivots is a lower bound of the condition number.
        if least * CONDITION_LIMIT < largest || !least.is_finite() {
            let sentence = format!("condition number above {:.1e}", largest / least);
            return Err(Error::new(ErrorKind::NoConvergence, sentence));
        }
        let measure = lower_square(triangle.as_ref(), par);
        Ok(Self { triangle, measure })
    }

    /// y = L⁻¹·b, in place.
    pub(crate) fn solve(&self, block: &mut Mat<f64>, par: Par) {
        solve_lower_triangular_in_place(self.triangle.as_ref(), block.as_mut(), par);
    }

    /// The least squared pivot: no less than the least eigenvalue of G, and of its size.
    fn least_square(&self) -> f64 {
        self.triangle.diagonal().column_vector().iter().map(|pivot| pivot * pivot).fold(f64::INFINITY, f64::min)
    }

    /// Lᵀ·block.
    pub(crate) fn map(&self, block: MatRef<'_, f64>, par: Par) -> Mat<f64> {
        let mut out = Mat::zeros(block.nrows(), block.ncols());
        triangular::matmul(
            out.as_mut(),
            BlockStructure::Rectangular,
            Accum::Replace,
            self.triangle.transpose(),
            BlockStructure::TriangularUpper,
            block,
            BlockStructure::Rectangular,
            1.0,
            par,
        );
        out
    }
}

fn lower_square(triangle: MatRef<'_, f64>, par: Par) -> Mat<f64> {
    let mut square = Mat::zeros(triangle.nrows(), triangle.nrows());
    triangular::matmul(
        square.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        triangle.transpose(),
        BlockStructure::TriangularUpper,
        triangle,
        BlockStructure::TriangularLower,
        1.0,
        par,
    );
    mirror_lower(&mut square);
    square
}
