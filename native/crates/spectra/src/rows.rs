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
}
