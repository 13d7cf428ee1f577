//! `GraLoRA`: ΔW in k × k blocks, each the product of its own slices of two factors of rank r.

use std::ops::Range;
use std::sync::Arc;

use super::inputs::{Inputs, misfit};
use super::{Form, RowMap, add_rows};
use crate::error::Result;
use crate::outcome::LowRank;
use crate::rows::{Dense, Rows};

/// Inputs `right` (in × r) and `left` (k·r × out/k), both with their k parts below each other; numbers `blocks` k and
/// `scale`.
pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Form> {
    let (blocks, scale) = (inputs.count("blocks", 1)?, inputs.number("scale")?);
    let right = inputs.matrix("right")?.clone();
    let rank = right.cols();
    let divides = |size: usize| size.is_multiple_of(blocks);
    if rank == 0 || !divides(rows) || !divides(columns) || !divides(rank) || right.rows() != columns {
        let (height, least) = (right.rows(), "of the matrix and of r");
        return Err(misfit(format!(
            "right is {height}×{rank}, {columns} rows and {blocks} as a part {least} are needed"
        )));
    }
    let left = inputs.shaped("left", blocks.saturating_mul(rank), rows / blocks)?.transposed();
    let grains = Grains { left, right, blocks, scale };
    // Beyond this the factors would be larger than the matrix.
    if blocks * rank <= rows.min(columns) {
        Ok(Form::Terms(vec![grains.term(rows)]))
    } else {
        Ok(Form::Map(Arc::new(grains)))
    }
}

/// Block row j of ΔW is scale · `left`[:, j·r..(j+1)·r] · (slice j of `right`, spread over the block columns).
struct Grains {
    /// out/k × k·r.
    left: Dense,
    right: Dense,
    blocks: usize,
    scale: f64,
}

impl Grains {
    /// r × in: rows n·r/k.. of it are zero outside block column n.
    fn spread(&self, block: usize) -> Vec<f64> {
        let (columns, rank) = (self.right.rows(), self.right.cols());
        let (width, slice) = (columns / self.blocks, rank / self.blocks);
        let mut spread = vec![0.0; rank * columns];
        for (column, line) in self.right.values().chunks_exact(rank).enumerate() {
            let first = column / width * slice;
            for (place, value) in line[block * slice..(block + 1) * slice].iter().enumerate() {
                spread[(first + place) * columns + column] = *value;
            }
        }
        spread
    }

    /// All block rows in one product of rank k·r.
    fn term(&self, rows: usize) -> LowRank {
        let (rank, all) = (self.right.cols(), self.left.cols());
        let mut left = vec![0.0; rows * all];
        for (row, line) in left.chunks_exact_mut(all).enumerate() {
            let (block, place) = (row / self.left.rows(), row % self.left.rows());
            let part = block * rank..(block + 1) * rank;
            line[part.clone()].copy_from_slice(&self.left.values()[place * all..][part]);
        }
        let right = (0..self.blocks).flat_map(|block| self.spread(block)).collect();
        LowRank { left, right, rank: all, scale: self.scale }
    }
}

impl RowMap for Grains {
    fn height(&self) -> usize {
        self.left.rows()
    }

    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        let (height, rank, all) = (self.left.rows(), self.right.cols(), self.left.cols());
        for (number, part) in values.chunks_exact_mut(height * columns).enumerate() {
            let block = range.start / height + number;
            let lines = self.left.values().chunks_exact(all);
            let left = lines.flat_map(|line| &line[block * rank..(block + 1) * rank]).copied().collect();
            let right = Dense::new(rank, columns, self.spread(block));
            add_rows(part, &Dense::new(height, rank, left), 0..height, &right, self.scale);
        }
    }
}
