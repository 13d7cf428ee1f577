//! Matrices that are read block by block and never held whole.

use std::ops::Range;

use crate::error::Result;

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
