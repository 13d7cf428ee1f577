//! Streaming Gram matrices on the smaller side, with the cross products that low-rank updates need.
//!
//! "Small orientation": a matrix W of m × n is seen as p × q with p = min(m, n), that is W itself when m ≤ n
//! (wide) and Wᵀ otherwise (tall). The Gram matrix is then always W·Wᵀ of order p.

use std::ops::Range;

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par};

use crate::control::Control;
use crate::error::Result;
use crate::matrix::{add_product, mirror_lower};
use crate::rows::Rows;
use crate::stream::{all_finite, block_rows, in_parallel, not_finite, split, visit_rows};

/// A wide matrix is decoded whole (its Gram matrix needs products of all pairs of rows) up to this many f64
/// entries, 256 MB; a larger one is read again for each panel of columns.
pub(crate) const HELD_ENTRIES: usize = 32 << 20;

/// Orientation of an m × n matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Rows m (out features).
    pub rows: usize,
    /// Columns n (in features).
    pub cols: usize,
}

impl Shape {
    /// Shape of a matrix that is read by rows.
    pub fn of(rows: &dyn Rows) -> Self {
        Self { rows: rows.rows(), cols: rows.cols() }
    }

    /// m ≤ n: the left singular vectors live on the smaller side.
    #[must_use]
    pub const fn is_wide(self) -> bool {
        self.rows <= self.cols
    }

    /// min(m, n).
    #[must_use]
    pub fn small(self) -> usize {
        self.rows.min(self.cols)
    }

    /// max(m, n).
    #[must_use]
    pub fn large(self) -> usize {
        self.rows.max(self.cols)
    }
}

/// Gram matrix of order p = min(m, n) and the product of the same matrix with a thin factor.
pub(crate) struct Gram {
    /// `p × p`, both triangles filled.
    pub matrix: Mat<f64>,
    /// W·F in small orientation, `p × r`, for the factor F of `q × r`.
    pub cross: Mat<f64>,
}

impl Gram {
    /// ‖W‖_F = √trace.
    pub(crate) fn frobenius(&self) -> f64 {
        self.matrix.diagonal().column_vector().iter().sum::<f64>().max(0.0).sqrt()
    }
}

/// Gram matrix of `rows`, and its product with `factor` (q × r, r may be 0), in one pass.
///
/// # Errors
/// `NotFinite` with count and first position, `Cancelled`, or what reading gives.
pub(crate) fn gram_with_cross(rows: &dyn Rows, factor: MatRef<'_, f64>, control: &Control<'_>) -> Result<Gram> {
    if Shape::of(rows).is_wide() { wide_gram(rows, factor, control) } else { tall_gram(rows, factor, control) }
}

/// Gram matrix alone.
///
/// # Errors
/// As [`gram_with_cross`].
pub(crate) fn gram(rows: &dyn Rows, control: &Control<'_>) -> Result<Mat<f64>> {
    Ok(gram_with_cross(rows, Mat::zeros(Shape::of(rows).large(), 0).as_ref(), control)?.matrix)
}

/// Sums over slices of the large side, lower triangle only.
struct Accumulator {
    gram: Mat<f64>,
    cross: Mat<f64>,
    finite: bool,
}

impl Accumulator {
    fn new(p: usize, rank: usize) -> Self {
        Self { gram: Mat::zeros(p, p), cross: Mat::zeros(p, rank), finite: true }
    }

    /// Adds a slice of `p × l` with the same l rows of the factor.
    fn add(&mut self, slice: MatRef<'_, f64>, factor: MatRef<'_, f64>) {
        add_lower_gram(self.gram.as_mut(), slice, Par::Seq);
        if factor.ncols() > 0 {
            add_product(self.cross.as_mut(), slice, factor, 1.0, Par::Seq);
        }
    }
}

/// Lower triangle of target += slice · sliceᵀ.
pub(crate) fn add_lower_gram(target: MatMut<'_, f64>, slice: MatRef<'_, f64>, par: Par) {
    triangular::matmul(
        target,
        BlockStructure::TriangularLower,
        Accum::Add,
        slice,
        BlockStructure::Rectangular,
        slice.transpose(),
        BlockStructure::Rectangular,
        1.0,
        par,
    );
}

fn finish(parts: Vec<Accumulator>, rows: &dyn Rows, control: &Control<'_>) -> Result<Gram> {
    let finite = parts.iter().all(|part| part.finite);
    let merged = parts.into_iter().reduce(|mut sum, part| {
        sum.gram += part.gram;
        sum.cross += part.cross;
        sum
    });
    let Some(mut sum) = merged.filter(|_| finite) else {
        return Err(not_finite(rows, control));
    };
    mirror_lower(&mut sum.gram);
    Ok(Gram { matrix: sum.gram, cross: sum.cross })
}

fn tall_gram(rows: &dyn Rows, factor: MatRef<'_, f64>, control: &Control<'_>) -> Result<Gram> {
    let p = rows.cols();
    let start = || Accumulator::new(p, factor.ncols());
    let parts = visit_rows(rows, control, start, |sum, range, block| {
        sum.finite &= all_finite(block);
        // A row-major block is a column-major slice of the transposed matrix.
        let slice = MatRef::from_column_major_slice(block, p, range.len());
        sum.add(slice, factor.subrows(range.start, range.len()));
        Ok(())
    })?;
    finish(parts, rows, control)
}

fn wide_gram(rows: &dyn Rows, factor: MatRef<'_, f64>, control: &Control<'_>) -> Result<Gram> {
    let p = rows.rows();
    let mut sums: Vec<Accumulator> = (0..control.threads.max(1)).map(|_| Accumulator::new(p, factor.ncols())).collect();
    for_each_panel(rows, HELD_ENTRIES, control, |columns, panel| {
        let parts = split(columns.len(), sums.len()).into_iter().zip(sums.iter_mut()).collect();
        in_parallel(parts, control, |(part, sum): (Range<usize>, &mut Accumulator)| {
            // Slices bound the time between two looks at the cancel flag.
            for first in part.clone().step_by(1024) {
                control.check()?;
                let taken = first..(first + 1024).min(part.end);
                let slice = panel.subcols(taken.start, taken.len());
                sum.add(slice, factor.subrows(columns.start + taken.start, taken.len()));
            }
            Ok(())
        })?;
        Ok(())
    })?;
    finish(sums, rows, control)
}

/// Hands `work` panels of whole columns (`m × width`, row-major), decoding the matrix once if it fits into
/// `entries` and once per panel otherwise. Non-finite entries are an error here.
pub(crate) fn for_each_panel(
    rows: &dyn Rows,
    entries: usize,
    control: &Control<'_>,
    mut work: impl FnMut(Range<usize>, MatRef<'_, f64>) -> Result<()>,
) -> Result<()> {
    let (m, n) = (rows.rows(), rows.cols());
    let width = (entries / m.max(1)).clamp(1, n.max(1));
    let mut held = vec![0.0; m * width];
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
fn fill_panel(rows: &dyn Rows, columns: &Range<usize>, panel: &mut [f64], control: &Control<'_>) -> Result<bool> {
    let (n, width) = (rows.cols(), columns.len());
    let block = block_rows(n, control.threads);
    let mut parts = Vec::new();
    let mut rest = panel;
    for range in split(rows.rows(), control.threads) {
        let (part, tail) = rest.split_at_mut(range.len() * width);
        parts.push((range, part));
        rest = tail;
    }
    let finite = in_parallel(parts, control, |(range, part): (Range<usize>, &mut [f64])| {
        let mut buffer = vec![0.0; if width == n { 0 } else { block.min(range.len()) * n }];
        let mut finite = true;
        for (out, first) in part.chunks_mut(block * width).zip(range.clone().step_by(block)) {
            control.check()?;
            let taken = first..(first + block).min(range.end);
            read_columns(rows, taken, columns, &mut buffer, out)?;
            finite &= all_finite(out);
        }
        Ok(finite)
    })?;
    Ok(finite.into_iter().all(|part| part))
}

fn read_columns(
    rows: &dyn Rows,
    range: Range<usize>,
    columns: &Range<usize>,
    buffer: &mut [f64],
    out: &mut [f64],
) -> Result<()> {
    let n = rows.cols();
    if columns.len() == n {
        return rows.read(range, out);
    }
    let whole = &mut buffer[..range.len() * n];
    rows.read(range, whole)?;
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
        for_each_panel(&Counted, 20, &Control::SINGLE, |columns, panel| {
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
