//! `LoKr`: ΔW = scale · w1 ⊗ w2.

use std::ops::Range;

use super::RowMap;
use super::inputs::{Inputs, misfit};
use crate::error::Result;
use crate::matrix::product;
use crate::rows::{Dense, Rows};

use faer::{MatRef, Par};

/// Both factors, multiplied out: they are the roots of the matrix in size.
pub(super) struct Kronecker {
    first: Dense,
    second: Dense,
    scale: f64,
}

impl Kronecker {
    /// Inputs `w1` and `w2`, or each as the product of `w1a`, `w1b` and `w2a`, `w2b`.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let (first, second) = (factor(inputs, "w1")?, factor(inputs, "w2")?);
        let shape = (first.rows() * second.rows(), first.cols() * second.cols());
        if shape != (rows, columns) {
            return Err(misfit(format!("the factors make {}×{}, the matrix is {rows}×{columns}", shape.0, shape.1)));
        }
        Ok(Self { first, second, scale: inputs.number("scale")? })
    }
}

fn factor(inputs: &Inputs, name: &str) -> Result<Dense> {
    if inputs.has(name) {
        return inputs.matrix(name).cloned();
    }
    let left = inputs.matrix(&format!("{name}a"))?;
    let right = inputs.matrix(&format!("{name}b"))?;
    if left.cols() != right.rows() {
        return Err(misfit(format!("{name}a has {} columns, {name}b {} rows", left.cols(), right.rows())));
    }
    let left = MatRef::from_row_major_slice(left.values(), left.rows(), left.cols());
    let right = MatRef::from_row_major_slice(right.values(), right.rows(), right.cols());
    let matrix = product(left, right, Par::Seq);
    let values = (0..matrix.nrows()).flat_map(|i| (0..matrix.ncols()).map(move |j| (i, j)));
    let values = values.map(|place| matrix[place]).collect();
    Ok(Dense::new(matrix.nrows(), matrix.ncols(), values))
}

impl RowMap for Kronecker {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        let (height, width) = (self.second.rows(), self.second.cols());
        for (row, line) in range.zip(values.chunks_exact_mut(columns)) {
            let outer = &self.first.values()[row / height * self.first.cols()..];
            let inner = &self.second.values()[row % height * width..(row % height + 1) * width];
            for (part, factor) in line.chunks_exact_mut(width).zip(outer) {
                part.iter_mut().zip(inner).for_each(|(value, entry)| *value += self.scale * factor * entry);
            }
        }
    }
}
