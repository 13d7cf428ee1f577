//! `MiSS`: one small block repeated over the matrix, or multiplied onto its tiles.

use std::ops::Range;
use std::sync::Arc;

use super::RowMap;
use super::inputs::{Inputs, misfit};
use crate::error::Result;
use crate::rows::{Dense, Rows};

/// Input `block`; flag `multiplied` for the form in which it is multiplied onto the tiles.
pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Arc<dyn RowMap>> {
    let block = inputs.matrix("block")?.clone();
    if inputs.flag("multiplied") {
        let size = block.cols();
        if block.rows() != rows || !rows.is_multiple_of(size) || !columns.is_multiple_of(size) {
            return Err(misfit(format!("tiles of {size} do not divide {rows}×{columns}")));
        }
        return Ok(Arc::new(Multiplied { block }));
    }
    if block.cols() == 0 || block.rows() == 0 || !rows.is_multiple_of(block.cols()) {
        return Err(misfit(format!("a block of {} columns does not divide {rows} rows", block.cols())));
    }
    Ok(Arc::new(Repeated { block }))
}

/// ΔW[o, j] = block[j mod r, o mod width].
struct Repeated {
    block: Dense,
}

impl RowMap for Repeated {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        let (rank, width) = (self.block.rows(), self.block.cols());
        for (row, line) in range.zip(values.chunks_exact_mut(columns)) {
            for (j, value) in line.iter_mut().enumerate() {
                *value += self.block.values()[j % rank * width + row % width];
            }
        }
    }
}

/// Each r × r tile of block row m changes by tile·B_m + B_m; `block` holds the B_m below each other.
struct Multiplied {
    block: Dense,
}

impl RowMap for Multiplied {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        let size = self.block.cols();
        let mut old = vec![0.0; size];
        for (row, line) in range.zip(values.chunks_exact_mut(columns)) {
            let matrix = &self.block.values()[row / size * size * size..][..size * size];
            for part in line.chunks_exact_mut(size) {
                old.copy_from_slice(part);
                for (j, value) in part.iter_mut().enumerate() {
                    let image: f64 = old.iter().enumerate().map(|(i, entry)| entry * matrix[i * size + j]).sum();
                    *value += image + matrix[row % size * size + j];
                }
            }
        }
    }
}
