//! Symmetric operators of order p that the iterations multiply with.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

use crate::matrix::{add_product, product};

/// A symmetric operator applied to blocks of vectors.
pub(crate) trait Operator: Sync {
    /// Order p.
    fn order(&self) -> usize;
    /// out = A·block, both p × b.
    fn apply(&self, block: MatRef<'_, f64>, out: MatMut<'_, f64>);
    /// Estimate of the distance (2-norm) between A and the operator that is meant, beyond the rounding errors of f64.
    fn error(&self) -> f64;
}

/// A symmetric matrix held whole.
pub(crate) struct Symmetric<'a> {
    /// Both triangles filled.
    pub matrix: MatRef<'a, f64>,
    /// How far the matrix is from the one that is meant.
    pub error: f64,
    /// Parallelism of the products.
    pub par: Par,
}

impl Operator for Symmetric<'_> {
    fn order(&self) -> usize {
        self.matrix.nrows()
    }

    fn apply(&self, block: MatRef<'_, f64>, out: MatMut<'_, f64>) {
        multiply(self.matrix, block, out, self.par);
    }

    fn error(&self) -> f64 {
        self.error
    }
}

/// out = matrix · block for a symmetric matrix. Up to 8 columns the direct product is faster; beyond, the
/// transposed one: its long side then runs along the columns of the matrix (measured 1.1 to 1.6 times faster).
pub(crate) fn multiply(matrix: MatRef<'_, f64>, block: MatRef<'_, f64>, out: MatMut<'_, f64>, par: Par) {
    if block.ncols() <= 12 {
        matmul(out, Accum::Replace, matrix, block, 1.0, par);
        return;
    }
    let mut transposed = Mat::zeros(block.ncols(), block.nrows());
    matmul(transposed.as_mut(), Accum::Replace, block.transpose(), matrix, 1.0, par);
    let mut out = out;
    out.copy_from(transposed.transpose());
}

/// W·Wᵀ for W = W0 + S·Lᵀ in small orientation, from G = W0·W0ᵀ and C = W0·L (never reading W0 again):
/// G + C·Sᵀ + S·Cᵀ + S·(LᵀL)·Sᵀ.
pub(crate) struct Updated<'a> {
    /// G, p × p, both triangles.
    pub gram: MatRef<'a, f64>,
    /// How far G is from W0·W0ᵀ.
    pub error: f64,
    /// C = W0·L, p × r.
    pub cross: MatRef<'a, f64>,
    /// S, p × r.
    pub small: MatRef<'a, f64>,
    /// LᵀL, r × r.
    pub inner: MatRef<'a, f64>,
    /// Parallelism of the products.
    pub par: Par,
}

impl Operator for Updated<'_> {
    fn order(&self) -> usize {
        self.gram.nrows()
    }

    fn apply(&self, block: MatRef<'_, f64>, out: MatMut<'_, f64>) {
        let par = self.par;
        let mut out = out;
        multiply(self.gram, block, out.as_mut(), par);
        let small = product(self.small.transpose(), block, par);
        let mut middle = product(self.cross.transpose(), block, par);
        add_product(middle.as_mut(), self.inner, small.as_ref(), 1.0, par);
        add_product(out.as_mut(), self.cross, small.as_ref(), 1.0, par);
        add_product(out, self.small, middle.as_ref(), 1.0, par);
    }

    fn error(&self) -> f64 {
        self.error
    }
}
