//! `GLoRA`: W′ = W ⊙ (1 + gain) + shift, and its bias, which takes a column seen through the base as well.

use std::ops::Range;

use super::derived::image;
use super::inputs::{Inputs, invalid, misfit};
use super::{RowMap, add_rows};
use crate::control::Control;
use crate::error::Result;
use crate::matrix::product;
use crate::rows::{Dense, Rows};
use faer::{Mat, MatRef, Par};

/// One value for each entry: of a matrix, of a row, of everything, or a product of factors.
enum Spread {
    Values(Dense),
    Product(Dense, Dense),
}

pub(super) struct Affine {
    gain: Option<Spread>,
    shift: Option<Spread>,
    /// base·column, by row.
    seen: Option<Vec<f64>>,
}

impl Affine {
    /// Inputs `gain` and `shift`, each where given, alone (1 × 1, out × 1 or out × in) or times `gain_right` and
    /// `shift_right` (r × in). For a bias: `source` (the base) times `column`, or times `column` · `column_right`.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let spread = |name: &str| Spread::open(inputs, name, rows, columns);
        let seen = inputs.source.as_ref().map(|source| seen(inputs, source.as_ref(), rows, columns)).transpose()?;
        Ok(Self { gain: spread("gain")?, shift: spread("shift")?, seen })
    }
}

impl Spread {
    fn open(inputs: &Inputs, name: &str, rows: usize, columns: usize) -> Result<Option<Self>> {
        if !inputs.has(name) {
            return Ok(None);
        }
        let first = inputs.matrix(name)?.clone();
        let right = format!("{name}_right");
        if inputs.has(&right) {
            if first.rows() != rows {
                return Err(misfit(format!("{name} has {} rows, the matrix {rows}", first.rows())));
            }
            let right = inputs.shaped(&right, first.cols(), columns)?.clone();
            return Ok(Some(Self::Product(first, right)));
        }
        let fits = |found: usize, wanted: usize| found == 1 || found == wanted;
        if !fits(first.rows(), rows) || !fits(first.cols(), columns) {
            let (height, width) = (first.rows(), first.cols());
            return Err(misfit(format!("{name} is {height}×{width}, which does not spread over {rows}×{columns}")));
        }
        Ok(Some(Self::Values(first)))
    }

    /// One value for each entry of the rows, row-major.
    fn over(&self, range: Range<usize>, columns: usize) -> Vec<f64> {
        let mut values = vec![0.0; range.len() * columns];
        match self {
            Self::Product(left, right) => add_rows(&mut values, left, range, right, 1.0),
            Self::Values(stored) => {
                let width = stored.cols();
                for (row, line) in range.zip(values.chunks_exact_mut(columns)) {
                    let first = if stored.rows() == 1 { 0 } else { row * width };
                    let line = line.iter_mut().enumerate();
                    line.for_each(|(j, value)| *value = stored.values()[first + if width == 1 { 0 } else { j }]);
                }
            }
        }
        values
    }
}

fn seen(inputs: &Inputs, source: &dyn Rows, rows: usize, columns: usize) -> Result<Vec<f64>> {
    if source.rows() != rows || columns != 1 {
        return Err(invalid(format!("a base of {} rows for a bias of {rows}×{columns}", source.rows())));
    }
    let column = inputs.matrix("column")?;
    if column.rows() != source.cols() {
        return Err(misfit(format!("column has {} rows, the base {} columns", column.rows(), source.cols())));
    }
    let mut combined = of(column);
    if inputs.has("column_right") {
        combined = product(combined.as_ref(), of(inputs.shaped("column_right", column.cols(), 1)?).as_ref(), Par::Seq);
    }
    if combined.ncols() != 1 {
        return Err(misfit(format!("column has {} columns, one is needed", combined.ncols())));
    }
    Ok(image(source, combined.as_ref(), false, &Control::SINGLE)?.col(0).iter().copied().collect())
}

fn of(matrix: &Dense) -> Mat<f64> {
    MatRef::from_row_major_slice(matrix.values(), matrix.rows(), matrix.cols()).to_owned()
}

impl RowMap for Affine {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        if let Some(gain) = &self.gain {
            values.iter_mut().zip(gain.over(range.clone(), columns)).for_each(|(value, gain)| *value += *value * gain);
        }
        if let Some(shift) = &self.shift {
            values.iter_mut().zip(shift.over(range.clone(), columns)).for_each(|(value, shift)| *value += shift);
        }
        if let Some(seen) = &self.seen {
            values.iter_mut().zip(&seen[range]).for_each(|(value, seen)| *value += seen);
        }
    }
}
