//! Thin wrappers around faer that take the parallelism explicitly and sort spectra in falling order.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::matmul::matmul;
use faer::linalg::{evd, householder, qr, svd};
use faer::prelude::ReborrowMut;
use faer::{Accum, Conj, Mat, MatMut, MatRef, Par};

use crate::band::eigenvalues_by_band;
use crate::control::Control;
use crate::error::{Error, ErrorKind, Result};

/// Spacing of f64 at one.
pub(crate) const EPSILON: f64 = f64::EPSILON;
/// Order from which eigenvalues alone are cheaper in two stages.
const TWO_STAGES: usize = 128;

/// Eigenvalues in falling order with their vectors as columns.
#[derive(Debug, Clone)]
pub(crate) struct Eigen {
    /// Eigenvalues, falling.
    pub values: Vec<f64>,
    /// `p × p`, column i belongs to value i.
    pub vectors: Mat<f64>,
}

/// left · right.
#[must_use]
pub fn product(left: MatRef<'_, f64>, right: MatRef<'_, f64>, par: Par) -> Mat<f64> {
    let mut out = Mat::zeros(left.nrows(), right.ncols());
    matmul(out.as_mut(), Accum::Replace, left, right, 1.0, par);
    out
}

/// target += factor · left · right.
pub(crate) fn add_product(
    target: MatMut<'_, f64>,
    left: MatRef<'_, f64>,
    right: MatRef<'_, f64>,
    factor: f64,
    par: Par,
) {
    matmul(target, Accum::Add, left, right, factor, par);
}

/// Copies the lower triangle over the upper one, in tiles so that both sides stay in cache.
pub(crate) fn mirror_lower(matrix: &mut Mat<f64>) {
    const TILE: usize = 32;
    let p = matrix.nrows();
    let mut tile = [0.0; TILE * TILE];
    for column in (0..p).step_by(TILE) {
        let width = TILE.min(p - column);
        for row in (column..p).step_by(TILE) {
            let height = TILE.min(p - row);
            for j in 0..width {
                let values = &matrix.col_as_slice(column + j)[row..row + height];
                tile[j * TILE..j * TILE + height].copy_from_slice(values);
            }
            for i in 0..height {
                // On the diagonal only what lies above it.
                let count = if row == column { i } else { width };
                let values = &mut matrix.col_as_slice_mut(row + i)[column..column + count];
                for (value, mirrored) in values.iter_mut().zip(tile[i..].iter().step_by(TILE)) {
                    *value = *mirrored;
                }
            }
        }
    }
}

/// Eigenvalues and vectors of a symmetric matrix (lower triangle read).
///
/// # Errors
/// [`ErrorKind::NoConvergence`] when the iteration does not end.
pub(crate) fn symmetric_eigen(matrix: MatRef<'_, f64>, par: Par) -> Result<Eigen> {
    let p = matrix.nrows();
    let mut vectors = Mat::zeros(p, p);
    let mut values = eigen_rising(matrix, Some(vectors.as_mut()), par)?;
    values.reverse();
    Ok(Eigen { values, vectors: vectors.as_ref().reverse_cols().to_owned() })
}

/// Eigenvalues alone, falling, in one or two stages, whichever is faster at that order.
///
/// # Errors
/// [`ErrorKind::NoConvergence`] when the iteration does not end, and [`ErrorKind::Cancelled`].
pub(crate) fn symmetric_eigenvalues(matrix: MatRef<'_, f64>, control: &Control<'_>) -> Result<Vec<f64>> {
    control.check()?;
    if matrix.nrows() < TWO_STAGES {
        return symmetric_eigenvalues_direct(matrix, control.parallelism());
    }
    let mut values = eigenvalues_by_band(matrix, control)?;
    values.reverse();
    Ok(values)
}

/// Eigenvalues alone, falling, by the reduction in one stage.
///
/// # Errors
/// [`ErrorKind::NoConvergence`] when the iteration does not end.
pub(crate) fn symmetric_eigenvalues_direct(matrix: MatRef<'_, f64>, par: Par) -> Result<Vec<f64>> {
    let mut values = eigen_rising(matrix, None, par)?;
    values.reverse();
    Ok(values)
}

fn eigen_rising(matrix: MatRef<'_, f64>, vectors: Option<MatMut<'_, f64>>, par: Par) -> Result<Vec<f64>> {
    let p = matrix.nrows();
    let wanted = if vectors.is_some() { evd::ComputeEigenvectors::Yes } else { evd::ComputeEigenvectors::No };
    let mut diagonal = Diag::zeros(p);
    let mut memory = MemBuffer::new(evd::self_adjoint_evd_scratch::<f64>(p, wanted, par, faer::prelude::default()));
    evd::self_adjoint_evd(
        matrix,
        diagonal.as_mut(),
        vectors,
        par,
        MemStack::new(&mut memory),
        faer::prelude::default(),
    )
    .map_err(|_| {
        Error::new(ErrorKind::NoConvergence, format!("the symmetric eigenvalues of order {p} did not converge"))
    })?;
    Ok(diagonal.column_vector().iter().copied().collect())
}

/// Singular values in falling order and, if asked, the thin left and right vectors.
#[derive(Debug, Clone)]
pub struct Svd {
    /// Falling.
    pub values: Vec<f64>,
    /// `m × min(m, n)`, empty when not asked for.
    pub left: Mat<f64>,
    /// `n × min(m, n)`, empty when not asked for.
    pub right: Mat<f64>,
}

/// Bidiagonal SVD in f64.
///
/// # Errors
/// [`ErrorKind::NoConvergence`] when the iteration does not end.
pub fn thin_svd(matrix: MatRef<'_, f64>, vectors: bool, par: Par) -> Result<Svd> {
    let (m, n) = matrix.shape();
    let size = m.min(n);
    let wanted = if vectors { svd::ComputeSvdVectors::Thin } else { svd::ComputeSvdVectors::No };
    let kept = if vectors { size } else { 0 };
    let (mut left, mut right) = (Mat::zeros(m, kept), Mat::zeros(n, kept));
    let mut diagonal = Diag::zeros(size);
    let mut memory = MemBuffer::new(svd::svd_scratch::<f64>(m, n, wanted, wanted, par, faer::prelude::default()));
    let (u, v) = if vectors { (Some(left.as_mut()), Some(right.as_mut())) } else { (None, None) };
    svd::svd(matrix, diagonal.as_mut(), u, v, par, MemStack::new(&mut memory), faer::prelude::default()).map_err(
        |_| Error::new(ErrorKind::NoConvergence, format!("the singular values of a {m} × {n} matrix did not converge")),
    )?;
    Ok(Svd { values: diagonal.column_vector().iter().copied().collect(), left, right })
}

/// Householder QR in place; gives Q (`m × min(m, n)`, orthonormal also when columns depend) and R (`min(m, n) × n`).
#[must_use]
pub fn thin_qr(matrix: Mat<f64>, par: Par) -> (Mat<f64>, Mat<f64>) {
    let (m, n) = matrix.shape();
    let size = m.min(n);
    let (packed, coefficients) = factor_qr(matrix, par);
    let r = upper_triangle(packed.as_ref(), size, n);
    let mut q = Mat::identity(m, size);
    let block = coefficients.nrows();
    let scratch = householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<f64>(m, block, size);
    let mut memory = MemBuffer::new(scratch);
    householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
        packed.as_ref().subcols(0, size),
        coefficients.as_ref(),
        Conj::No,
        q.as_mut(),
        par,
        MemStack::new(&mut memory),
    );
    (q, r)
}

/// The R of a QR decomposition alone, `min(m, n) × n`.
pub(crate) fn qr_triangle(matrix: Mat<f64>, par: Par) -> Mat<f64> {
    let (m, n) = matrix.shape();
    let (packed, _) = factor_qr(matrix, par);
    upper_triangle(packed.as_ref(), m.min(n), n)
}

/// Householder QR in place (R stays in the upper triangle, what is below becomes zero); gives the reflections as
/// columns with a unit diagonal, `m × min(m, n)`. A reflection that does nothing is a column of zeros.
pub(crate) fn packed_reflectors(mut matrix: MatMut<'_, f64>, par: Par) -> Mat<f64> {
    let (m, n) = matrix.shape();
    let size = m.min(n);
    let coefficients = factor_in_place(matrix.rb_mut(), par);
    let block = coefficients.nrows();
    let acts = |j: usize| coefficients[(j % block, j)].is_finite();
    let entry = |i: usize, j: usize| match i.cmp(&j) {
        std::cmp::Ordering::Greater if acts(j) => matrix[(i, j)],
        std::cmp::Ordering::Equal if acts(j) => 1.0,
        _ => 0.0,
    };
    let reflectors = Mat::from_fn(m, size, entry);
    for j in 0..size {
        matrix.rb_mut().col_mut(j).subrows_mut(j + 1, m - j - 1).fill(0.0);
    }
    reflectors
}

fn factor_qr(mut matrix: Mat<f64>, par: Par) -> (Mat<f64>, Mat<f64>) {
    let coefficients = factor_in_place(matrix.as_mut(), par);
    (matrix, coefficients)
}

fn factor_in_place(matrix: MatMut<'_, f64>, par: Par) -> Mat<f64> {
    let (m, n) = matrix.shape();
    let block = qr::no_pivoting::factor::recommended_block_size::<f64>(m, n);
    let mut coefficients = Mat::zeros(block, m.min(n));
    let scratch = qr::no_pivoting::factor::qr_in_place_scratch::<f64>(m, n, block, par, faer::prelude::default());
    let mut memory = MemBuffer::new(scratch);
    qr::no_pivoting::factor::qr_in_place(
        matrix,
        coefficients.as_mut(),
        par,
        MemStack::new(&mut memory),
        faer::prelude::default(),
    );
    coefficients
}

fn upper_triangle(packed: MatRef<'_, f64>, rows: usize, cols: usize) -> Mat<f64> {
    Mat::from_fn(rows, cols, |i, j| if i <= j { packed[(i, j)] } else { 0.0 })
}
