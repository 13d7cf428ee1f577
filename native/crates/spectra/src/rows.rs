//! Matrices that are read block by block and never held whole.

use std::ops::Range;

use crate::control::Control;
use crate::error::Result;

/// Values read between two looks at the cancel flag.
const BLOCK_VALUES: usize = 1 << 18;

/// A matrix of `rows() × cols()` whose rows are produced on demand.
///
/// Implementations read from files, combine other sources (base plus factors), or hold a small matrix
/// in memory for tests. They must be callable from several threads at once.
pub trait Rows: Sync {
    /// Number of rows (out features).
    fn rows(&self) -> usize;
    /// Number of columns (in features).
    fn cols(&self) -> usize;
    /// Writes the rows of `range`, row-major, into `out` (length `range.len() * cols()`), as f64 without rounding.
    ///
    /// # Errors
    /// Any kind that reading or decoding can give; values are *not* checked for being finite here.
    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()>;

    /// Whether every value is a number of type f32, so that [`Rows::read_singles`] rounds nothing.
    fn holds_singles(&self) -> bool {
        false
    }

    /// As [`Rows::read`], in f32; only called where [`Rows::holds_singles`] says so.
    ///
    /// # Errors
    /// As [`Rows::read`].
    fn read_singles(&self, range: Range<usize>, out: &mut [f32]) -> Result<()> {
        let mut values = vec![0.0; out.len()];
        self.read(range, &mut values)?;
        out.iter_mut().zip(values).for_each(|(single, value)| *single = value as f32);
        Ok(())
    }
}

/// A matrix held in memory, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Dense {
    /// # Panics
    /// When the number of values is not rows · columns: a bug of the caller.
    #[must_use]
    pub fn new(rows: usize, columns: usize, values: Vec<f64>) -> Self {
        assert_eq!(values.len(), rows * columns, "a {rows}×{columns} matrix");
        Self { rows, columns, values }
    }

    /// All rows of a matrix.
    ///
    /// # Errors
    /// As [`Rows::read`], and [`ErrorKind::Cancelled`](crate::error::ErrorKind::Cancelled).
    pub fn of(matrix: &dyn Rows, control: &Control) -> Result<Self> {
        let (rows, columns) = (matrix.rows(), matrix.cols());
        let mut values = vec![0.0; rows * columns];
        let height = (BLOCK_VALUES / columns.max(1)).clamp(1, rows.max(1));
        for first in (0..rows).step_by(height) {
            control.check()?;
            let last = rows.min(first + height);
            matrix.read(first..last, &mut values[first * columns..last * columns])?;
        }
        Ok(Self { rows, columns, values })
    }

    /// Rows and columns swapped.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let entry = |index: usize| self.values[index % self.rows * self.columns + index / self.rows];
        Self { rows: self.columns, columns: self.rows, values: (0..self.values.len()).map(entry).collect() }
    }

    /// The values, row by row, given away.
    #[must_use]
    pub fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// The values, row by row.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

impl Rows for Dense {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cols(&self) -> usize {
        self.columns
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        out.copy_from_slice(&self.values[range.start * self.columns..range.end * self.columns]);
        Ok(())
    }
}

/// A matrix of zeros, which takes no memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zeros {
    rows: usize,
    columns: usize,
}

impl Zeros {
    /// Of that shape.
    #[must_use]
    pub fn new(rows: usize, columns: usize) -> Self {
        Self { rows, columns }
    }
}

impl Rows for Zeros {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cols(&self) -> usize {
        self.columns
    }

    fn read(&self, _range: Range<usize>, out: &mut [f64]) -> Result<()> {
        out.fill(0.0);
        Ok(())
    }
}

/// A borrowed matrix is one too.
impl<R: Rows + ?Sized> Rows for &R {
    fn rows(&self) -> usize {
        (**self).rows()
    }

    fn cols(&self) -> usize {
        (**self).cols()
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        (**self).read(range, out)
    }

    fn holds_singles(&self) -> bool {
        (**self).holds_singles()
    }

    fn read_singles(&self, range: Range<usize>, out: &mut [f32]) -> Result<()> {
        (**self).read_singles(range, out)
    }
}

/// A matrix of any kind, owned.
impl<R: Rows + ?Sized> Rows for Box<R> {
    fn rows(&self) -> usize {
        (**self).rows()
    }

    fn cols(&self) -> usize {
        (**self).cols()
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        (**self).read(range, out)
    }

    fn holds_singles(&self) -> bool {
        (**self).holds_singles()
    }

    fn read_singles(&self, range: Range<usize>, out: &mut [f32]) -> Result<()> {
        (**self).read_singles(range, out)
    }
}
