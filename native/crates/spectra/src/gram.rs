//! Streaming Gram matrices on the smaller side, with the cross products that low-rank updates need.
//!
//! "Small orientation": a matrix W of m × n is seen as p × q with p = min(m, n), that is W itself when m ≤ n
//! (wide) and Wᵀ otherwise (tall). The Gram matrix is then always W·Wᵀ of order p.

use std::ops::Range;

use faer::{Mat, MatRef};

use crate::control::Control;
use crate::entry::Entry;
use crate::error::Result;
use crate::matrix::mirror_lower;
use crate::panels::{HELD_ENTRIES, for_each_panel};
use crate::rows::Rows;
use crate::stream::{in_parallel, not_finite, split, visit_entries};

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
    /// Estimate of ‖E‖₂ for what summing in f32 adds to the rounding errors of f64; zero when summed in f64.
    pub error: f64,
}

/// How a Gram matrix is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// In f32 over short blocks where every value is an f32, as the files of most models have them.
    Single,
    /// In f64.
    Double,
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
pub(crate) fn gram_with_cross(
    rows: &dyn Rows,
    factor: MatRef<'_, f64>,
    precision: Precision,
    control: &Control<'_>,
) -> Result<Gram> {
    if precision == Precision::Single && rows.holds_singles() {
        let gram = summed::<f32>(rows, factor, control)?;
        if gram.error.is_finite() {
            return Ok(gram);
        }
    }
    summed::<f64>(rows, factor, control)
}

/// Gram matrix alone.
///
/// # Errors
/// As [`gram_with_cross`].
pub(crate) fn gram_of(rows: &dyn Rows, precision: Precision, control: &Control<'_>) -> Result<Gram> {
    gram_with_cross(rows, Mat::zeros(Shape::of(rows).large(), 0).as_ref(), precision, control)
}

/// Gram matrix alone, in f64.
///
/// # Errors
/// As [`gram_with_cross`].
pub(crate) fn gram(rows: &dyn Rows, control: &Control<'_>) -> Result<Mat<f64>> {
    Ok(gram_of(rows, Precision::Double, control)?.matrix)
}

fn summed<T: Entry>(rows: &dyn Rows, factor: MatRef<'_, f64>, control: &Control<'_>) -> Result<Gram> {
    let shape = Shape::of(rows);
    let prepared = T::factor(factor);
    let parts = if shape.is_wide() {
        wide_sums::<T>(rows, &prepared, factor.ncols(), control)?
    } else {
        tall_sums::<T>(rows, &prepared, factor.ncols(), control)?
    };
    let (matrix, cross) = finish(parts, rows, control)?;
    let diagonal: Vec<f64> = matrix.diagonal().column_vector().iter().copied().collect();
    Ok(Gram { matrix, cross, error: T::error(&diagonal, shape) })
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

    /// Adds a slice of `p × l` with the l rows of the factor from `first` on.
    fn add<T: Entry>(&mut self, slice: MatRef<'_, T>, factor: &T::Factor, first: usize) {
        T::add_lower_gram(self.gram.as_mut(), slice);
        if self.cross.ncols() > 0 {
            T::add_cross(self.cross.as_mut(), slice, factor, first..first + slice.ncols());
        }
    }
}

fn finish(parts: Vec<Accumulator>, rows: &dyn Rows, control: &Control<'_>) -> Result<(Mat<f64>, Mat<f64>)> {
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
    Ok((sum.gram, sum.cross))
}

fn tall_sums<T: Entry>(
    rows: &dyn Rows,
    factor: &T::Factor,
    rank: usize,
    control: &Control<'_>,
) -> Result<Vec<Accumulator>> {
    let p = rows.cols();
    let start = || Accumulator::new(p, rank);
    visit_entries::<T, _>(rows, control, start, |sum, range, block| {
        sum.finite &= T::all_finite(block);
        // A row-major block is a column-major slice of the transposed matrix.
        let slice = MatRef::from_column_major_slice(block, p, range.len());
        sum.add(slice, factor, range.start);
        Ok(())
    })
}

fn wide_sums<T: Entry>(
    rows: &dyn Rows,
    factor: &T::Factor,
    rank: usize,
    control: &Control<'_>,
) -> Result<Vec<Accumulator>> {
    let p = rows.rows();
    let mut sums: Vec<Accumulator> = (0..control.threads.max(1)).map(|_| Accumulator::new(p, rank)).collect();
    for_each_panel::<T>(rows, HELD_ENTRIES, control, |columns, panel| {
        let parts = split(columns.len(), sums.len()).into_iter().zip(sums.iter_mut()).collect();
        in_parallel(parts, control, |(part, sum): (Range<usize>, &mut Accumulator)| {
            // Slices bound the time between two looks at the cancel flag.
            for first in part.clone().step_by(1024) {
                control.check()?;
                let taken = first..(first + 1024).min(part.end);
                let slice = panel.subcols(taken.start, taken.len());
                sum.add(slice, factor, columns.start + taken.start);
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(sums)
}
