//! `LoHa`: ΔW = scale · (w1a·w1b) ⊙ (w2a·w2b).

use std::ops::Range;

use super::inputs::{Inputs, misfit};
use super::{RowMap, add_rows};
use crate::error::Result;
use crate::rows::{Dense, Rows};

/// Both pairs of factors.
pub(super) struct Hadamard {
    first: (Dense, Dense),
    second: (Dense, Dense),
    scale: f64,
}

impl Hadamard {
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let pair = |left: &str, right: &str| -> Result<(Dense, Dense)> {
            let a = inputs.matrix(left)?;
            let b = inputs.shaped(right, a.cols(), columns)?;
            if a.rows() != rows {
                return Err(misfit(format!("{left} has {} rows, the matrix {rows}", a.rows())));
            }
            Ok((a.clone(), b.clone()))
        };
        Ok(Self { first: pair("w1a", "w1b")?, second: pair("w2a", "w2b")?, scale: inputs.number("scale")? })
    }
}

impl RowMap for Hadamard {
    fn change(&self, range: Range<usize>, _columns: usize, values: &mut [f64]) {
        let (mut first, mut second) = (vec![0.0; values.len()], vec![0.0; values.len()]);
        add_rows(&mut first, &self.first.0, range.clone(), &self.first.1, self.scale);
        add_rows(&mut second, &self.second.0, range, &self.second.1, 1.0);
        for (value, (one, other)) in values.iter_mut().zip(first.iter().zip(&second)) {
            *value += one * other;
        }
    }
}
