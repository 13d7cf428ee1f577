//! `FRoD`: W′ = U·(diag(l) + S)·Vᵀ, where V is shared, S sparse, and U is W·V⁻ᵀ with columns of length 1.
//!
//! V is as wide as the matrix, on both sides: one matrix of that size in f64 is held at a time, its LU factors.

use std::ops::Range;
use std::sync::Arc;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::RowMap;
use super::derived::{Derived, Seen};
use super::inputs::{Inputs, SOURCE, misfit};
use crate::control::Control;
use crate::error::{Error, ErrorKind, Result};
use crate::lu::Lu;
use crate::matrix::{product, thin_svd};
use crate::rows::{Dense, Rows};
use crate::stream::{all_finite, not_finite};

/// Columns of W·V⁻ᵀ that are no longer than this count as zero.
const LEAST_NORM: f64 = 1e-12;
/// Directions of a singular V whose value is no more than this part of the largest one are left out of its inverse.
const LEAST_SHARE: f64 = 1e-6;
/// Pivots of V differ by less than this factor, or rounding alone decides what W·V⁻ᵀ is.
const MOST_SPREAD: f64 = 1e11;
/// The decomposition of a singular V takes ten matrices of its size and cannot be cancelled: some seconds up to here.
const MOST_SINGULAR: usize = 2048;
/// Rows that are solved or multiplied between two looks at the cancel flag.
const BLOCK_ROWS: usize = 64;

pub(super) struct Joint {
    /// V, in × in.
    basis: Arc<dyn Rows + Send>,
    diagonal: Vec<f64>,
    /// S: row, column and value.
    entries: Vec<(u32, u32, f64)>,
}

impl Joint {
    /// Inputs `diagonal` l (in), `values` (n) and `places` (2·n, all rows and then all columns); the source is V.
    pub(super) fn open(inputs: &Inputs, columns: usize) -> Result<Self> {
        let basis = inputs.source()?.clone();
        if (basis.rows(), basis.cols()) != (columns, columns) {
            return Err(misfit(format!("V is {}×{}, the matrix has {columns} columns", basis.rows(), basis.cols())));
        }
        let diagonal = inputs.vector("diagonal", columns)?.to_vec();
        let values = if inputs.has("values") { inputs.matrix("values")?.values() } else { &[] };
        let mut entries = Vec::with_capacity(values.len());
        if !values.is_empty() {
            let places = inputs.places("places", 2 * values.len(), columns)?;
            let (rows, others) = places.split_at(values.len());
            let places = rows.iter().zip(others);
            entries.extend(places.zip(values).map(|((row, other), value)| (*row as u32, *other as u32, *value)));
        }
        Ok(Self { basis, diagonal, entries })
    }

    /// x·V⁻ᵀ for every row x of the matrix.
    fn turned(&self, matrix: &dyn Rows, control: &Control<'_>) -> Result<Vec<f64>> {
        let inverse = Inverse::of(self.basis.as_ref(), control)?;
        let columns = matrix.cols();
        let mut held = vec![0.0; matrix.rows() * columns];
        for (number, rows) in held.chunks_mut(BLOCK_ROWS * columns).enumerate() {
            control.check()?;
            let (first, count) = (number * BLOCK_ROWS, rows.len() / columns);
            matrix.read(first..first + count, rows)?;
            // Rows below each other in memory are the columns of the transpose.
            inverse.apply(MatMut::from_column_major_slice_mut(rows, columns, count), control.parallelism());
        }
        Ok(held)
    }

    /// Each row x of length-1 columns becomes x·(diag(l) + S).
    fn mix(&self, held: &mut [f64], weights: &[f64], control: &Control<'_>) -> Result<()> {
        let mut before = vec![0.0; weights.len()];
        for row in held.chunks_exact_mut(weights.len()) {
            control.check()?;
            before.iter_mut().zip(row.iter().zip(weights)).for_each(|(kept, (value, weight))| *kept = value * weight);
            row.iter_mut().zip(&before).zip(&self.diagonal).for_each(|((value, kept), l)| *value = kept * l);
            for (from, to, value) in &self.entries {
                row[*to as usize] += before[*from as usize] * value;
            }
        }
        Ok(())
    }

    /// x·Vᵀ for every row x.
    fn returned(&self, held: &[f64], control: &Control<'_>) -> Result<Dense> {
        let columns = self.basis.cols();
        let count = held.len() / columns;
        let mut out = vec![0.0; held.len()];
        let held = MatRef::from_column_major_slice(held, columns, count);
        let target = &mut MatMut::from_column_major_slice_mut(&mut out, columns, count);
        each_block(self.basis.as_ref(), control, |range, block| {
            let lines = target.as_mut().subrows_mut(range.start, range.len());
            matmul(lines, Accum::Replace, block, held, 1.0, control.parallelism());
            Ok(())
        })?;
        Ok(Dense::new(count, columns, out))
    }
}

impl Derived for Joint {
    /// A wide matrix is held changed; of a tall one the matrix that it is multiplied with.
    fn see(&self, matrix: &dyn Rows, control: &Control) -> Result<Seen> {
        let columns = matrix.cols();
        let is_wide = matrix.rows() <= columns;
        let mut held = if is_wide { self.turned(matrix, control) } else { self.turned(&Identity(columns), control) }?;
        let mut squares = vec![0.0; columns];
        if is_wide {
            add_squares(&mut squares, &held);
        } else {
            let right = MatRef::from_row_major_slice(&held, columns, columns);
            let mut image = vec![0.0; BLOCK_ROWS * columns];
            each_block(matrix, control, |range, block| {
                let image = &mut image[..range.len() * columns];
                let target = MatMut::from_row_major_slice_mut(image, range.len(), columns);
                matmul(target, Accum::Replace, block, right, 1.0, control.parallelism());
                add_squares(&mut squares, image);
                Ok(())
            })?;
        }
        let lengths = squares.into_iter().map(f64::sqrt);
        let weights: Vec<f64> = lengths.map(|length| if length > LEAST_NORM { 1.0 / length } else { 0.0 }).collect();
        self.mix(&mut held, &weights, control)?;
        let changed = self.returned(&held, control)?;
        Ok(if is_wide { Seen::Held(changed) } else { Seen::Map(Arc::new(Product { right: changed })) })
    }
}

/// Shows the rows in blocks of at most [`BLOCK_ROWS`].
fn each_block(
    matrix: &dyn Rows,
    control: &Control<'_>,
    mut look: impl FnMut(Range<usize>, MatRef<'_, f64>) -> Result<()>,
) -> Result<()> {
    let (rows, columns) = (matrix.rows(), matrix.cols());
    let mut values = vec![0.0; BLOCK_ROWS.min(rows) * columns];
    for first in (0..rows).step_by(BLOCK_ROWS) {
        control.check()?;
        let range = first..rows.min(first + BLOCK_ROWS);
        let block = &mut values[..range.len() * columns];
        matrix.read(range.clone(), block)?;
        look(range.clone(), MatRef::from_row_major_slice(block, range.len(), columns))?;
    }
    Ok(())
}

fn add_squares(sums: &mut [f64], rows: &[f64]) {
    for row in rows.chunks_exact(sums.len()) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value * value);
    }
}

/// V⁻¹ as it is applied to columns.
enum Inverse {
    /// Of Vᵀ.
    Factors(Lu),
    /// What peft takes where V has no inverse.
    Pseudo(Mat<f64>),
}

impl Inverse {
    /// # Errors
    /// `NotFinite`, `Cancelled`, what reading gives, and `NotReproducible` for a basis that is singular only up to
    /// rounding, or singular and too large.
    fn of(basis: &dyn Rows, control: &Control<'_>) -> Result<Self> {
        let columns = basis.cols();
        let mut turned = Mat::zeros(columns, columns);
        let mut has_empty_row = false;
        let mut seen = vec![0.0; columns];
        each_block(basis, control, |range, block| {
            for (i, place) in range.enumerate() {
                let target = turned.col_as_slice_mut(place);
                target.iter_mut().zip(block.row(i).iter()).for_each(|(target, value)| *target = *value);
                if !all_finite(target) {
                    return Err(not_finite(basis, control).at(SOURCE));
                }
                has_empty_row |= target.iter().all(|value| *value == 0.0);
                add_squares(&mut seen, target);
            }
            Ok(())
        })?;
        if has_empty_row || seen.contains(&0.0) {
            return pseudo_inverse(&turned, control).map(Self::Pseudo);
        }
        let factors = Lu::new(turned, control)?;
        let sizes = || factors.pivots().map(f64::abs);
        let (least, most) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
        if least * MOST_SPREAD > most {
            return Ok(Self::Factors(factors));
        }
        Err(unclear("V is singular up to rounding, and so rounding alone decides what peft makes of it".to_owned()))
    }

    fn apply(&self, mut columns: MatMut<'_, f64>, par: Par) {
        match self {
            Self::Factors(factors) => factors.solve_transposed(columns, par),
            Self::Pseudo(inverse) => {
                let image = product(inverse.as_ref(), columns.as_ref(), par);
                columns.copy_from(image);
            }
        }
    }
}

/// (Vᵀ)⁺ transposed, for `turned` Vᵀ.
fn pseudo_inverse(turned: &Mat<f64>, control: &Control<'_>) -> Result<Mat<f64>> {
    let columns = turned.ncols();
    if columns > MOST_SINGULAR {
        return Err(unclear(format!(
            "V has rows or columns of zeros, so that peft takes its pseudo-inverse; for {columns}×{columns} that takes \
             {} MB, and {MOST_SINGULAR} columns are the most here",
            (10 * 8 * columns * columns).div_ceil(1_000_000)
        )));
    }
    control.check()?;
    let mut svd = thin_svd(turned.as_ref(), true, control.parallelism())?;
    let most = svd.values.first().copied().unwrap_or(0.0);
    for (j, value) in svd.values.iter().enumerate() {
        let weight = if *value > LEAST_SHARE * most { 1.0 / value } else { 0.0 };
        svd.left.col_as_slice_mut(j).iter_mut().for_each(|entry| *entry *= weight);
    }
    Ok(product(svd.left.as_ref(), svd.right.transpose(), control.parallelism()))
}

fn unclear(message: String) -> Error {
    Error::new(ErrorKind::NotReproducible, message).at("V")
}

struct Identity(usize);

impl Rows for Identity {
    fn rows(&self) -> usize {
        self.0
    }

    fn cols(&self) -> usize {
        self.0
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        out.fill(0.0);
        out.chunks_exact_mut(self.0).zip(range).for_each(|(row, place)| row[place] = 1.0);
        Ok(())
    }
}

/// W′ = W·right.
struct Product {
    right: Dense,
}

impl RowMap for Product {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        let right = MatRef::from_row_major_slice(self.right.values(), columns, columns);
        // Blocks are read from several threads already.
        let image = product(MatRef::from_row_major_slice(values, range.len(), columns), right, Par::Seq);
        for (i, line) in values.chunks_exact_mut(columns).enumerate() {
            line.iter_mut().enumerate().for_each(|(j, value)| *value = image[(i, j)]);
        }
    }
}
