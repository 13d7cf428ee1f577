//! `DEFT`: ΔW = L·(scale·R − Mᵀ·W), where L spans what is taken out of W and M weighs it.

use faer::{Mat, MatRef};

use super::derived::{Derived, Seen, image, row_major};
use super::inputs::{Inputs, misfit};
use crate::control::Control;
use crate::error::Result;
use crate::outcome::LowRank;
use crate::rows::{Dense, Rows};

pub(super) struct Projection {
    left: Mat<f64>,
    weights: Mat<f64>,
    /// scale·R, r × in; `None`: the span is only taken out (`PaRa`).
    injected: Option<Mat<f64>>,
}

impl Projection {
    /// Input `left` (out × r): L with M = max(L, 0), or with the flag `orthonormal` L = M = its Q; `right` (r × in)
    /// where given, times the number `scale`.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let stored = inputs.matrix("left")?;
        let rank = stored.cols();
        if stored.rows() != rows || rank == 0 || rank > rows {
            return Err(misfit(format!("left is {}×{rank}, the matrix has {rows} rows", stored.rows())));
        }
        let injected = if inputs.has("right") {
            let right = inputs.shaped("right", rank, columns)?;
            Some(faer::Scale(inputs.number("scale")?) * MatRef::from_row_major_slice(right.values(), rank, columns))
        } else {
            None
        };
        if inputs.flag("orthonormal") {
            let q = lapack_q(stored);
            return Ok(Self { weights: q.clone(), left: q, injected });
        }
        let left = MatRef::from_row_major_slice(stored.values(), rows, rank).to_owned();
        // Not `max`, which would lose NaN.
        let weights = Mat::from_fn(rows, rank, |i, j| if left[(i, j)] < 0.0 { 0.0 } else { left[(i, j)] });
        Ok(Self { left, weights, injected })
    }
}

impl Derived for Projection {
    fn see(&self, matrix: &dyn Rows, control: &Control) -> Result<Seen> {
        let mut right = faer::Scale(-1.0) * image(matrix, self.weights.as_ref(), true, control)?;
        if let Some(injected) = &self.injected {
            right += injected;
        }
        let (left, right) = (row_major(self.left.as_ref()), row_major(right.as_ref()));
        Ok(Seen::Term(LowRank { left, right, rank: self.left.ncols(), scale: 1.0 }))
    }
}

/// Thin Q of a Householder QR with LAPACK's signs, on which the stored R depends: each R_kk has the sign opposite to
/// its pivot, and a column that is already triangular is left alone.
pub(super) fn lapack_q(matrix: &Dense) -> Mat<f64> {
    let (rows, columns) = (matrix.rows(), matrix.cols());
    let mut work = MatRef::from_row_major_slice(matrix.values(), rows, columns).to_owned();
    let mut reflectors: Vec<Option<Vec<f64>>> = Vec::with_capacity(columns);
    for k in 0..columns {
        let reflector = reflector(&work.col_as_slice(k)[k..]);
        if let Some(unit) = &reflector {
            reflect(&mut work, k, unit);
        }
        reflectors.push(reflector);
    }
    let mut q = Mat::identity(rows, columns);
    for (k, unit) in reflectors.iter().enumerate().rev() {
        if let Some(unit) = unit {
            reflect(&mut q, k, unit);
        }
    }
    q
}

/// The unit vector whose reflection makes everything below the first entry zero.
fn reflector(column: &[f64]) -> Option<Vec<f64>> {
    let norm = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>().sqrt();
    if norm(&column[1..]) == 0.0 {
        return None;
    }
    let mut direction = column.to_vec();
    direction[0] += norm(column).copysign(column[0]);
    let length = norm(&direction);
    for value in &mut direction {
        *value /= length;
    }
    Some(direction)
}

/// (I − 2uuᵀ) from row `first` on, for every column from `first` on; those before have zeros there.
fn reflect(matrix: &mut Mat<f64>, first: usize, unit: &[f64]) {
    for j in first..matrix.ncols() {
        let column = &mut matrix.col_as_slice_mut(j)[first..];
        let twice = 2.0 * column.iter().zip(unit).map(|(value, unit)| value * unit).sum::<f64>();
        column.iter_mut().zip(unit).for_each(|(value, unit)| *value -= twice * unit);
    }
}
