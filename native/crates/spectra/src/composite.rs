//! The tuned matrix as a stated delta over the base, row by row.
//!
//! W′ = dora(rows(replacement ?? W0) + Σ scale · left · right); every part may be absent.

use std::collections::HashMap;
use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use crate::control::Control;
use crate::dtype::ElementType;
use crate::error::{Error, ErrorKind, Result};
use crate::outcome::LowRank;
use crate::rows::Rows;

/// Which norms `DoRA` divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// One norm per row: linear layers.
    Row,
    /// One norm per column: embeddings.
    Column,
}

/// `DoRA`: W′ = V scaled along one axis to the norms `magnitude`.
#[derive(Debug, Clone, PartialEq)]
pub struct Dora {
    /// Axis of the norms.
    pub axis: Axis,
    /// m, one value per row (or column); without it the norms of the matrix before its low-rank terms.
    pub magnitude: Option<Vec<f64>>,
}

/// Rows that take the place of rows of the base.
pub struct ReplacedRows {
    /// Row numbers, each at most once.
    pub indices: Vec<usize>,
    /// The new rows, row-major, in that order.
    pub values: Vec<f64>,
}

/// The parts of W′.
pub struct Parts<'a> {
    /// W0 or its replacement.
    pub start: Box<dyn Rows + 'a>,
    /// Rows replaced before the low-rank terms are added.
    pub replaced_rows: Option<ReplacedRows>,
    /// Low-rank terms.
    pub terms: Vec<LowRank>,
    /// Re-scaling after everything else.
    pub dora: Option<Dora>,
    /// Storage type the result is rounded to, as a merged file would hold it.
    pub rounded_to: Option<ElementType>,
}

/// W′ as a matrix to read from.
pub struct Composite<'a> {
    start: Box<dyn Rows + 'a>,
    replaced: HashMap<usize, Vec<f64>>,
    terms: Vec<LowRank>,
    scaling: Scaling,
    rounded_to: Option<ElementType>,
}

enum Scaling {
    None,
    /// Norm every row must have; `None`: the norm it has before the low-rank terms.
    Rows(Option<Vec<f64>>),
    /// Factor of every column.
    Columns(Vec<f64>),
}

impl<'a> Composite<'a> {
    /// Checks that the parts fit together; `DoRA` by columns reads the matrix once for its norms.
    ///
    /// # Errors
    /// [`ErrorKind::ShapeMismatch`], [`ErrorKind::InvalidArgument`] for row numbers outside the base or given
    /// twice, [`ErrorKind::Cancelled`], or as [`Rows::read`].
    pub fn new(parts: Parts<'a>, control: &Control) -> Result<Self> {
        let (rows, columns) = (parts.start.rows(), parts.start.cols());
        parts.terms.iter().try_for_each(|term| check_term(term, rows, columns))?;
        let replaced = parts.replaced_rows.map_or_else(|| Ok(HashMap::new()), |new| index_rows(&new, rows, columns))?;
        let (terms, rounded_to) = (parts.terms, None);
        let mut composite = Self { start: parts.start, replaced, terms, scaling: Scaling::None, rounded_to };
        composite.scaling = match parts.dora {
            None => Scaling::None,
            Some(Dora { axis: Axis::Row, magnitude }) => Scaling::Rows(checked(magnitude, rows)?),
            Some(Dora { axis: Axis::Column, magnitude }) => {
                Scaling::Columns(composite.column_factors(checked(magnitude, columns)?, control)?)
            }
        };
        composite.rounded_to = parts.rounded_to;
        Ok(composite)
    }

    /// m / ‖V‖ of every column, from one pass over the matrix.
    fn column_factors(&self, magnitude: Option<Vec<f64>>, control: &Control) -> Result<Vec<f64>> {
        let columns = self.cols();
        let (mut before, mut after) = (vec![0.0; columns], vec![0.0; columns]);
        let height = (BLOCK_VALUES / columns.max(1)).clamp(1, self.rows().max(1));
        let mut block = vec![0.0; height * columns];
        for first in (0..self.rows()).step_by(height) {
            control.check()?;
            let range = first..(first + height).min(self.rows());
            let values = &mut block[..range.len() * columns];
            self.read_start(range.clone(), values)?;
            if magnitude.is_none() {
                add_squares(values, &mut before);
            }
            self.add_terms(range, values);
            add_squares(values, &mut after);
        }
        let wanted = magnitude.unwrap_or_else(|| before.iter().map(|square| square.sqrt()).collect());
        Ok(wanted.iter().zip(&after).map(|(norm, square)| ratio(*norm, square.sqrt())).collect())
    }

    /// Nothing is done to what is read, but for the rounding.
    fn is_plain(&self) -> bool {
        self.replaced.is_empty() && self.terms.is_empty() && matches!(self.scaling, Scaling::None)
    }

    /// Base or replacement, with its replaced rows.
    fn read_start(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        self.start.read(range.clone(), out)?;
        if !self.replaced.is_empty() {
            for (row, values) in range.zip(out.chunks_exact_mut(self.cols())) {
                if let Some(new) = self.replaced.get(&row) {
                    values.copy_from_slice(new);
                }
            }
        }
        Ok(())
    }

    fn add_terms(&self, range: Range<usize>, out: &mut [f64]) {
        let columns = self.cols();
        for term in self.terms.iter().filter(|term| term.rank > 0) {
            let left = &term.left[range.start * term.rank..range.end * term.rank];
            let left = MatRef::from_row_major_slice(left, range.len(), term.rank);
            let right = MatRef::from_row_major_slice(&term.right, term.rank, columns);
            let out = MatMut::from_row_major_slice_mut(out, range.len(), columns);
            // Blocks are read from several threads already.
            matmul(out, Accum::Add, left, right, term.scale, Par::Seq);
        }
    }

    fn scale_rows(&self, range: Range<usize>, wanted: Option<&[f64]>, before: &[f64], out: &mut [f64]) {
        for (index, values) in out.chunks_exact_mut(self.cols()).enumerate() {
            let norm = wanted.map_or_else(|| before[index], |norms| norms[range.start + index]);
            let factor = ratio(norm, norm_of(values));
            for value in values {
                *value *= factor;
            }
        }
    }
}

/// Values held at a time by the pass over column norms.
const BLOCK_VALUES: usize = 1 << 18;

impl Rows for Composite<'_> {
    fn rows(&self) -> usize {
        self.start.rows()
    }

    fn cols(&self) -> usize {
        self.start.cols()
    }

    fn holds_singles(&self) -> bool {
        self.rounded_to.map_or_else(|| self.is_plain() && self.start.holds_singles(), ElementType::fits_single)
    }

    fn read_singles(&self, range: Range<usize>, out: &mut [f32]) -> Result<()> {
        if self.is_plain() && self.rounded_to.is_none() {
            return self.start.read_singles(range, out);
        }
        let mut values = vec![0.0; out.len()];
        self.read(range, &mut values)?;
        out.iter_mut().zip(values).for_each(|(single, value)| *single = value as f32);
        Ok(())
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        if range.is_empty() {
            return Ok(());
        }
        self.read_start(range.clone(), out)?;
        let before: Vec<f64> = match &self.scaling {
            Scaling::Rows(None) => out.chunks_exact(self.cols()).map(norm_of).collect(),
            _ => Vec::new(),
        };
        self.add_terms(range.clone(), out);
        match &self.scaling {
            Scaling::None => {}
            Scaling::Rows(wanted) => self.scale_rows(range, wanted.as_deref(), &before, out),
            Scaling::Columns(factors) => {
                for values in out.chunks_exact_mut(self.cols()) {
                    values.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
                }
            }
        }
        self.rounded_to.map_or(Ok(()), |element_type| element_type.round(out))
    }
}

fn norm_of(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// A row of zeros has no direction that could be stretched: it stays zero.
fn ratio(wanted: f64, norm: f64) -> f64 {
    if norm == 0.0 { 0.0 } else { wanted / norm }
}

fn add_squares(block: &[f64], sums: &mut [f64]) {
    for values in block.chunks_exact(sums.len()) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value * value;
        }
    }
}

fn check_term(term: &LowRank, rows: usize, columns: usize) -> Result<()> {
    if term.left.len() == rows * term.rank && term.right.len() == columns * term.rank {
        return Ok(());
    }
    let (left, right, rank) = (term.left.len(), term.right.len(), term.rank);
    let message = format!("factors of {left} and {right} values and rank {rank} do not make {rows}×{columns}");
    Err(Error::new(ErrorKind::ShapeMismatch, message))
}

fn checked(magnitude: Option<Vec<f64>>, expected: usize) -> Result<Option<Vec<f64>>> {
    match magnitude {
        Some(values) if values.len() != expected => {
            let message = format!("{} magnitudes for {expected} rows or columns", values.len());
            Err(Error::new(ErrorKind::ShapeMismatch, message))
        }
        magnitude => Ok(magnitude),
    }
}

fn index_rows(new: &ReplacedRows, rows: usize, columns: usize) -> Result<HashMap<usize, Vec<f64>>> {
    if new.values.len() != new.indices.len() * columns {
        let message = format!("{} values for {} rows of {columns}", new.values.len(), new.indices.len());
        return Err(Error::new(ErrorKind::ShapeMismatch, message));
    }
    let mut replaced = HashMap::with_capacity(new.indices.len());
    for (row, values) in new.indices.iter().zip(new.values.chunks_exact(columns.max(1))) {
        if *row >= rows || replaced.insert(*row, values.to_vec()).is_some() {
            let message = format!("row {row} is given twice or is not one of {rows}");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
    }
    Ok(replaced)
}

#[cfg(test)]
#[path = "composite_tests.rs"]
mod tests;
