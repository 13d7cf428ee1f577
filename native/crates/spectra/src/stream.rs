//! Passes over the rows of a matrix: contiguous ranges in parallel, blocks of bounded size inside each range.

use std::ops::Range;

use rayon::prelude::*;

use crate::control::Control;
use crate::entry::Entry;
use crate::error::{Error, ErrorKind, Result};
use crate::rows::Rows;

/// Entries in the block buffers of all threads together: 32 MB of f64, so that a second buffer of the same size
/// (base beside tuned) still keeps a pass within 64 MB.
const BLOCK_ENTRIES: usize = 4 << 20;
/// More rows than this gain nothing: the Gram product of a block already runs at full speed.
const BLOCK_ROWS: usize = 512;

/// Bits of the exponent of an f64; all set in infinities and NaN.
const EXPONENT: u64 = 0x7FF0_0000_0000_0000;

/// Rows per block for matrices with `cols` columns.
pub(crate) fn block_rows(cols: usize, threads: usize) -> usize {
    (BLOCK_ENTRIES / (cols.max(1) * threads.max(1))).clamp(1, BLOCK_ROWS)
}

/// Splits `0..length` into at most `parts` contiguous ranges of nearly equal length; none is empty.
pub(crate) fn split(length: usize, parts: usize) -> Vec<Range<usize>> {
    let parts = parts.clamp(1, length.max(1));
    (0..parts).map(|part| length * part / parts..length * (part + 1) / parts).collect()
}

/// Runs `work` on every part, in parallel when more than one thread is given. The first error in the order of the
/// parts wins, so that the same input gives the same error.
pub(crate) fn in_parallel<P: Send, T: Send>(
    parts: Vec<P>,
    control: &Control<'_>,
    work: impl Fn(P) -> Result<T> + Send + Sync,
) -> Result<Vec<T>> {
    if control.threads <= 1 || parts.len() <= 1 {
        return parts.into_iter().map(work).collect();
    }
    let results: Vec<Result<T>> = parts.into_par_iter().map(work).collect();
    results.into_iter().collect()
}

/// Visits all rows: one state per thread over contiguous ranges, returned in the order of the ranges.
///
/// # Errors
/// Whatever `visit` gives, or [`ErrorKind::Cancelled`].
pub(crate) fn visit_rows<S: Send>(
    rows: &dyn Rows,
    control: &Control<'_>,
    start: impl Fn() -> S + Sync,
    visit: impl Fn(&mut S, Range<usize>, &[f64]) -> Result<()> + Sync,
) -> Result<Vec<S>> {
    visit_entries::<f64, S>(rows, control, start, visit)
}

/// The same with the values in either number type.
///
/// # Errors
/// As [`visit_rows`].
pub(crate) fn visit_entries<T: Entry, S: Send>(
    rows: &dyn Rows,
    control: &Control<'_>,
    start: impl Fn() -> S + Sync,
    visit: impl Fn(&mut S, Range<usize>, &[T]) -> Result<()> + Sync,
) -> Result<Vec<S>> {
    let cols = rows.cols();
    let block = block_rows(cols, control.threads);
    in_parallel(split(rows.rows(), control.threads), control, |range| {
        let mut state = start();
        let mut buffer = vec![T::default(); block.min(range.len()) * cols];
        for first in range.clone().step_by(block) {
            control.check()?;
            let taken = first..(first + block).min(range.end);
            let out = &mut buffer[..taken.len() * cols];
            T::read(rows, taken.clone(), out)?;
            visit(&mut state, taken, out)?;
        }
        Ok(state)
    })
}

/// Whether no entry is NaN or infinite.
pub(crate) fn all_finite(values: &[f64]) -> bool {
    // Integer arithmetic without early exit, so that the loop becomes vector code.
    values.iter().fold(0_u64, |found, value| found | u64::from(value.to_bits() & EXPONENT == EXPONENT)) == 0
}

/// The error for a matrix that holds NaN or infinite entries: how many, and where the first is.
pub(crate) fn not_finite(rows: &dyn Rows, control: &Control<'_>) -> Error {
    match count_not_finite(rows, control) {
        Err(error) => error,
        Ok((count, first)) => {
            let (row, col) = first.unwrap_or_default();
            not_finite_error(count, row, col)
        }
    }
}

/// How many entries are NaN or infinite, and row and column of the first.
///
/// # Errors
/// As [`visit_rows`].
pub(crate) fn count_not_finite(rows: &dyn Rows, control: &Control<'_>) -> Result<(u64, Option<(usize, usize)>)> {
    let cols = rows.cols();
    let states = visit_rows(
        rows,
        control,
        || (0_u64, None),
        |state, range, block| {
            for (index, value) in block.iter().enumerate() {
                if !value.is_finite() {
                    state.0 += 1;
                    state.1.get_or_insert((range.start + index / cols, index % cols));
                }
            }
            Ok(())
        },
    )?;
    Ok((states.iter().map(|state| state.0).sum(), states.iter().find_map(|state| state.1)))
}

/// The sentence for non-finite entries.
pub(crate) fn not_finite_error(count: u64, row: usize, col: usize) -> Error {
    let verb = if count == 1 { "entry is" } else { "entries are" };
    Error::new(ErrorKind::NotFinite, format!("{count} {verb} NaN or infinite, the first at row {row}, column {col}"))
}

/// ‖W‖_F in one pass.
///
/// # Errors
/// [`ErrorKind::NotFinite`], [`ErrorKind::Cancelled`], or what reading gives.
pub fn frobenius(rows: &dyn Rows, control: &Control<'_>) -> Result<f64> {
    let sums = visit_rows(
        rows,
        control,
        || 0.0,
        |sum, _, block| {
            // Partial sums of a few thousand squares keep the rounding error independent of the size.
            *sum += block.chunks(4096).map(squares).sum::<f64>();
            Ok(())
        },
    )?;
    let total: f64 = sums.iter().sum();
    if total.is_finite() { Ok(total.sqrt()) } else { Err(not_finite(rows, control)) }
}

fn squares(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let chunks = values.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().map(|value| value * value).sum();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value * value;
        }
    }
    rest + lanes.iter().sum::<f64>()
}
