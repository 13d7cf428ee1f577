//! `FRoD`: W′ = U·(diag(l) + S)·Vᵀ, where V is shared, S sparse, and U is W·V⁻ᵀ with columns of length 1.

use std::ops::Range;
use std::sync::Arc;

use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{Mat, MatRef, Par};

use super::RowMap;
use super::derived::{Derived, Seen, each_block};
use super::inputs::{Inputs, invalid, misfit};
use crate::control::Control;
use crate::error::Result;
use crate::matrix::product;
use crate::rows::Rows;

/// Columns of W·V⁻ᵀ that are no longer than this count as zero.
const LEAST_NORM: f64 = 1e-12;

pub(super) struct Joint {
    /// Of V, in × in.
    factors: PartialPivLu<f64>,
    /// (diag(l) + S)·Vᵀ.
    mixed: Mat<f64>,
}

impl Joint {
    /// Inputs `basis` V (in × in), `diagonal` l (in), `values` (n) and `places` (2·n, all rows and then all columns).
    pub(super) fn open(inputs: &Inputs, columns: usize) -> Result<Self> {
        let stored = inputs.shaped("basis", columns, columns)?;
        let basis = MatRef::from_row_major_slice(stored.values(), columns, columns);
        let diagonal = inputs.vector("diagonal", columns)?;
        let mut mixed = Mat::from_fn(columns, columns, |i, j| diagonal[i] * basis[(j, i)]);
        let values = if inputs.has("values") { inputs.matrix("values")?.values() } else { &[] };
        if !values.is_empty() {
            let places = inputs.vector("places", 2 * values.len())?;
            let (rows, others) = places.split_at(values.len());
            for ((row, other), value) in rows.iter().zip(others).zip(values) {
                let (row, other) = (place(*row, columns)?, place(*other, columns)?);
                (0..columns).for_each(|j| mixed[(row, j)] += value * basis[(j, other)]);
            }
        }
        Ok(Self { factors: basis.partial_piv_lu(), mixed })
    }
}

fn place(stored: f64, columns: usize) -> Result<usize> {
    if stored.fract() == 0.0 && stored >= 0.0 && stored < columns as f64 {
        return Ok(stored as usize);
    }
    Err(misfit(format!("the place {stored} lies outside of {columns} columns")))
}

impl Derived for Joint {
    fn see(&self, matrix: &dyn Rows, control: &Control) -> Result<Seen> {
        let columns = self.mixed.ncols();
        let mut squares = vec![0.0; columns];
        each_block(matrix, control, |_, block| {
            let turned = self.factors.solve(block.transpose());
            for j in 0..turned.ncols() {
                let column = turned.col_as_slice(j).iter();
                squares.iter_mut().zip(column).for_each(|(sum, value)| *sum += value * value);
            }
        })?;
        let lengths: Vec<f64> = squares.into_iter().map(f64::sqrt).collect();
        if lengths.iter().any(|length| !length.is_finite()) {
            return Err(invalid("the basis has no inverse"));
        }
        let weight = |i: usize| if lengths[i] > LEAST_NORM { 1.0 / lengths[i] } else { 0.0 };
        let scaled = Mat::from_fn(columns, columns, |i, j| weight(i) * self.mixed[(i, j)]);
        Ok(Seen::Map(Arc::new(Product { right: self.factors.solve_transpose(scaled) })))
    }
}

/// W′ = W·right.
struct Product {
    right: Mat<f64>,
}

impl RowMap for Product {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        // Blocks are read from several threads already.
        let image = product(MatRef::from_row_major_slice(values, range.len(), columns), self.right.as_ref(), Par::Seq);
        for (i, line) in values.chunks_exact_mut(columns).enumerate() {
            line.iter_mut().enumerate().for_each(|(j, value)| *value = image[(i, j)]);
        }
    }
}
