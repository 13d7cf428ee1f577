//! Strength a random rank-1 update needs to enter the top k: 1/√(φ_m(σ_k)·φ_n(σ_k)).

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::prelude::ReborrowMut;
use faer::traits::ComplexField;
use faer::{Accum, Mat, MatRef, Par};

use crate::eigenpairs::Eigenpairs;
use crate::gram::Shape;

/// σ_k and σ_{k+1} closer than this (relative, on squares) are a tie: the sum has a pole there.
const TIE: f64 = 1e-9;
/// Above this relative distance f32 gives the trace to 1e-4.
const SINGLE_PRECISION: f64 = 3e-3;
/// Columns that are held in f64 at a time.
const PANEL: usize = 64;

/// s_crit(k), or `None` when σ_k ties with σ_{k+1}, p ≤ k, or the factorisation fails.
pub(crate) fn critical_strength(
    gram: MatRef<'_, f64>,
    top: &Eigenpairs,
    k: usize,
    shape: Shape,
    par: Par,
) -> Option<f64> {
    let p = shape.small();
    if k == 0 || p <= k || top.values.len() <= k {
        return None;
    }
    let square = top.values[k - 1];
    if square <= top.resolution || square - top.values[k] <= TIE * square {
        return None;
    }
    let sum = if top.is_complete { spectrum_sum(&top.values[k..], square) } else { trace_sum(gram, top, k, par)? };
    strength(sum, square, shape)
}

/// From Σ_{j>k} 1/(y² − σ_j²), y = σ_k, to the strength.
fn strength(sum: f64, square: f64, shape: Shape) -> Option<f64> {
    let y = square.sqrt();
    let q = shape.small() as f64;
    let phi = |size: usize| (y * sum + (size as f64 - q) / y) / size as f64;
    let product = phi(shape.rows) * phi(shape.cols);
    (product.is_finite() && product > 0.0).then(|| product.sqrt().recip())
}

fn spectrum_sum(values: &[f64], square: f64) -> f64 {
    values.iter().map(|value| (square - value.max(0.0)).recip()).sum()
}

/// Σ_{j>k} 1/(y² − λ_j) = trace (y²I − G_deflated)⁻¹ − k/y², through ‖L⁻¹‖_F² of the Cholesky factor.
fn trace_sum(gram: MatRef<'_, f64>, top: &Eigenpairs, k: usize, par: Par) -> Option<f64> {
    let square = top.values[k - 1];
    let relative_gap = (square - top.values[k]) / square;
    let trace = if relative_gap > SINGLE_PRECISION {
        single_inverse_trace(shifted_complement(gram, top, k, par, |value| value as f32), par)?
    } else {
        double_inverse_trace(shifted_complement(gram, top, k, par, |value| value), par)?
    };
    Some((trace - k as f64) / square)
}

/// Lower triangle of I − (G − Σ_{i≤k} λ_i x_i x_iᵀ) / y²: positive definite, the top k moved to one. Computed in
/// f64, a panel of columns at a time.
fn shifted_complement<T: ComplexField>(
    gram: MatRef<'_, f64>,
    top: &Eigenpairs,
    k: usize,
    par: Par,
    convert: impl Fn(f64) -> T,
) -> Mat<T> {
    let (p, square) = (gram.nrows(), top.values[k - 1]);
    let vectors = top.vectors().subcols(0, k);
    let scaled = Mat::from_fn(p, k, |i, j| vectors[(i, j)] * top.values[j] / square);
    let mut out = Mat::<T>::zeros(p, p);
    let mut panel = Mat::zeros(p, PANEL.min(p));
    for first in (0..p).step_by(PANEL) {
        let (rows, width) = (p - first, PANEL.min(p - first));
        let mut part = panel.as_mut().submatrix_mut(0, 0, rows, width);
        let (left, right) = (scaled.subrows(first, rows), vectors.subrows(first, width));
        matmul(part.rb_mut(), Accum::Replace, left, right.transpose(), 1.0, par);
        for j in 0..width {
            let change = &panel.col_as_slice(j)[j..rows];
            let from = gram.col(first + j).subrows(first + j, rows - j);
            let target = &mut out.col_as_slice_mut(first + j)[first + j..];
            for ((target, from), change) in target.iter_mut().zip(from.iter()).zip(change) {
                *target = convert(change - from / square);
            }
            target[0] = convert(1.0 + change[0] - from[0] / square);
        }
    }
    out
}

/// Defines trace(H⁻¹) = ‖L⁻¹‖_F² for one element type; `None` when H is not positive definite.
macro_rules! inverse_trace {
    ($name:ident, $real:ty) => {
        fn $name(mut matrix: Mat<$real>, par: Par) -> Option<f64> {
            let p = matrix.nrows();
            let mut memory = MemBuffer::new(cholesky_in_place_scratch::<$real>(p, par, faer::prelude::default()));
            let stack = MemStack::new(&mut memory);
            cholesky_in_place(matrix.as_mut(), faer::prelude::default(), par, stack, faer::prelude::default()).ok()?;
            let mut inverse = Mat::<$real>::zeros(p, p);
            invert_lower_triangular(inverse.as_mut(), matrix.as_ref(), par);
            let columns = (0..p).map(|j| f64::from(inverse.col(j).subrows(j, p - j).squared_norm_l2()));
            Some(columns.sum())
        }
    };
}

inverse_trace!(double_inverse_trace, f64);
inverse_trace!(single_inverse_trace, f32);
