//! Panels of whole columns of a matrix that is read by rows.

use std::ops::Range;

use faer::MatRef;

use crate::control::Control;
use crate::entry::Entry;
use crate::error::Result;
use crate::rows::Rows;
use crate::stream::{block_rows, in_parallel, not_finite, split};

/// A wide matrix is decoded whole (its Gram matrix needs products of all pairs of rows) up to this many f64
/// entries, 256 MB; a larger one is read again for each panel of columns.
pub(crate) const HELD_ENTRIES: usize = 32 << 20;

/// Hands `work` panels of whole columns (`m × width`, row-major), decoding the matrix once if it fits into
/// `entries` and once per panel otherwise. Non-finite entries are an error here.
pub(crate) fn for_each_panel<T: Entry>(
    rows: &dyn Rows,
    entries: usize,
    control: &Control<'_>,
    mut work: impl FnMut(Range<usize>, MatRef<'_, T>) -> Result<()>,
) -> Result<()> {
    let (m, n) = (rows.rows(), rows.cols());
    let width = (entries / m.max(1)).clamp(1, n.max(1));
    let mut held = vec![T::default(); m * width];
    for first in (0..n).step_by(width) {
        let columns = first..(first + width).min(n);
        let panel = &mut held[..m * columns.len()];
        if !fill_panel(rows, &columns, panel, control)? {
            return Err(not_finite(rows, control));
        }
        work(columns.clone(), MatRef::from_row_major_slice(panel, m, columns.len()))?;
    }
    Ok(())
}

/// Reads the given columns of all rows; false when an entry is not finite.
fn fill_panel<T: Entry>(
    rows: &dyn Rows,
    columns: &Range<usize>,
    panel: &mut [T],
    control: &Control<'_>,
) -> Result<bool> {
    let (n, width) = (rows.cols(), columns.len());
    let block = block_rows(n, control.threads);
    let mut parts = Vec::new();
    let mut rest = panel;
    for range in split(rows.rows(), control.threads) {
        let (part, tail) = rest.split_at_mut(range.len() * width);
        parts.push((range, part));
        rest = tail;
    }
    let finite = in_parallel(parts, control, |(range, part): (Range<usize>, &mut [T])| {
        let mut buffer = vec![T::default(); if width == n { 0 } else { block.min(range.len()) * n }];
        let mut finite = true;
        for (out, first) in part.chunks_mut(block * width).zip(range.clone().step_by(block)) {
            control.check()?;
            let taken = first..(first + block).min(range.end);
            read_columns(rows, taken, columns, &mut buffer, out)?;
            finite &= T::all_finite(out);
        }
        Ok(finite)
    })?;
    Ok(finite.into_iter().all(|part| part))
}

fn read_columns<T: Entry>(
    rows: &dyn Rows,
    range: Range<usize>,
    columns: &Range<usize>,
    buffer: &mut [T],
    out: &mut [T],
) -> Result<()> {
    let n = rows.cols();
    if columns.len() == n {
        return T::read(rows, range, out);
    }
    let whole = &mut buffer[..range.len() * n];
    T::read(rows, range, whole)?;
    for (target, row) in out.chunks_mut(columns.len()).zip(whole.chunks(n)) {
        target.copy_from_slice(&row[columns.clone()]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counted;

    impl Rows for Counted {
        fn rows(&self) -> usize {
            5
        }

        fn cols(&self) -> usize {
            11
        }

        fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
            for (value, index) in out.iter_mut().zip(range.start * 11..) {
                *value = index as f64;
            }
            Ok(())
        }
    }

    #[test]
    fn a_matrix_too_large_to_hold_comes_in_panels_of_columns() {
        let mut seen = Vec::new();
        for_each_panel::<f64>(&Counted, 20, &Control::SINGLE, |columns, panel| {
            for i in 0..5 {
                for (j, column) in columns.clone().enumerate() {
                    assert_eq!(panel[(i, j)] as usize, i * 11 + column);
                }
            }
            seen.push(columns);
            Ok(())
        })
        .expect("panels");
        assert_eq!(seen, [0..4, 4..8, 8..11]);
    }
}
