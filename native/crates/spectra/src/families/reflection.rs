//! `HRA`: W′ = W·Π(I − 2ûûᵀ), one reflection after the other, or W(I − 2QQᵀ) with Q the orthonormalised u.

use std::ops::Range;

use faer::{MatRef, Par};

use super::RowMap;
use super::inputs::{Inputs, misfit};
use crate::error::Result;
use crate::matrix::thin_qr;
use crate::rows::Rows;

/// Unit vectors, one after the other.
pub(super) struct Reflection {
    directions: Vec<Vec<f64>>,
}

impl Reflection {
    /// Input `directions` (in × r), flag `orthonormal`. Reflections in orthogonal directions commute.
    pub(super) fn open(inputs: &Inputs, columns: usize) -> Result<Self> {
        let stored = inputs.matrix("directions")?;
        let rank = stored.cols();
        if stored.rows() != columns || rank > columns {
            return Err(misfit(format!("directions are {}×{rank}, the matrix has {columns} columns", stored.rows())));
        }
        let mut matrix = MatRef::from_row_major_slice(stored.values(), columns, rank).to_owned();
        if inputs.flag("orthonormal") {
            matrix = thin_qr(matrix, Par::Seq).0;
        }
        let unit = |j: usize| {
            let norm = matrix.col(j).norm_l2();
            matrix.col(j).iter().map(|value| value / norm).collect()
        };
        Ok(Self { directions: (0..rank).map(unit).collect() })
    }
}

impl RowMap for Reflection {
    fn change(&self, _range: Range<usize>, columns: usize, values: &mut [f64]) {
        for line in values.chunks_exact_mut(columns) {
            for direction in &self.directions {
                let twice = 2.0 * line.iter().zip(direction).map(|(value, unit)| value * unit).sum::<f64>();
                line.iter_mut().zip(direction).for_each(|(value, unit)| *value -= twice * unit);
            }
        }
    }
}
