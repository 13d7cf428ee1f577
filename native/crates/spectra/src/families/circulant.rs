//! `C3A`: ΔW is made of circulant blocks, each told by one row.

use std::ops::Range;

use super::RowMap;
use super::inputs::{Inputs, misfit};
use crate::error::Result;
use crate::rows::{Dense, Rows};

/// The kernels of all blocks, block by block: (out/b · in/b) × b.
pub(super) struct Circulant {
    kernel: Dense,
}

impl Circulant {
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let kernel = inputs.matrix("kernel")?.clone();
        let size = kernel.cols();
        let fits = size > 0 && rows.is_multiple_of(size) && columns.is_multiple_of(size);
        if !fits || kernel.rows() != rows / size * (columns / size) {
            return Err(misfit(format!("{} kernels of {size} do not make {rows}×{columns}", kernel.rows())));
        }
        Ok(Self { kernel })
    }
}

impl RowMap for Circulant {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        let size = self.kernel.cols();
        for (row, line) in range.zip(values.chunks_exact_mut(columns)) {
            let kernels = &self.kernel.values()[row / size * columns..][..columns];
            for (part, kernel) in line.chunks_exact_mut(size).zip(kernels.chunks_exact(size)) {
                for (j, value) in part.iter_mut().enumerate() {
                    *value += kernel[(j + size - row % size) % size] / columns as f64;
                }
            }
        }
    }
}
