//! The matrix times something, entry by entry: `IA3` (W′ = W ⊙ l) and `HiRA` (W′ = W ⊙ (1 + scale · L·R)).

use std::ops::Range;

use super::inputs::{Inputs, misfit};
use super::{RowMap, add_rows};
use crate::error::Result;
use crate::rows::{Dense, Rows};

/// One factor per row, or one per column.
pub(super) struct Scaled {
    rows: Option<Vec<f64>>,
    columns: Option<Vec<f64>>,
}

impl Scaled {
    /// Inputs `rows` and `columns`, each where given.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let vector = |name: &str, length: usize| -> Result<Option<Vec<f64>>> {
            if inputs.has(name) { inputs.vector(name, length).map(|values| Some(values.to_vec())) } else { Ok(None) }
        };
        Ok(Self { rows: vector("rows", rows)?, columns: vector("columns", columns)? })
    }
}

impl RowMap for Scaled {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        for (row, line) in range.zip(values.chunks_exact_mut(columns)) {
            let factor = self.rows.as_ref().map_or(1.0, |factors| factors[row]);
            for value in line.iter_mut() {
                *value *= factor;
            }
            if let Some(factors) = &self.columns {
                line.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
            }
        }
    }
}

/// A product of factors as a gate on the matrix.
pub(super) struct Gated {
    left: Dense,
    right: Dense,
    scale: f64,
}

impl Gated {
    /// Inputs `left` (out × r) and `right` (r × in), number `scale`.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let left = inputs.matrix("left")?.clone();
        if left.rows() != rows {
            return Err(misfit(format!("left has {} rows, the matrix {rows}", left.rows())));
        }
        let right = inputs.shaped("right", left.cols(), columns)?.clone();
        Ok(Self { left, right, scale: inputs.number("scale")? })
    }
}

impl RowMap for Gated {
    fn change(&self, range: Range<usize>, _columns: usize, values: &mut [f64]) {
        let mut gate = vec![0.0; values.len()];
        add_rows(&mut gate, &self.left, range, &self.right, self.scale);
        values.iter_mut().zip(gate).for_each(|(value, gate)| *value += *value * gate);
    }
}
