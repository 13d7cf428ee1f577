//! Two-dimensional windows on stored tensors: slices, experts of fused layers, transposes.

use std::ops::Range;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::rows::Rows;
use crate::tensor::{OpenTensor, TensorRef};

/// `count` positions from `start` on, `step` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stride {
    /// First position.
    pub start: usize,
    /// Number of positions.
    pub count: usize,
    /// Distance between two positions, at least 1.
    pub step: usize,
}

impl Stride {
    /// All positions of an axis.
    #[must_use]
    pub fn all(count: usize) -> Self {
        Self { start: 0, count, step: 1 }
    }

    pub(crate) fn position(self, index: usize) -> usize {
        self.start + index * self.step
    }

    fn check(self, size: usize, axis: &str) -> Result<()> {
        let last = self.count.checked_sub(1).and_then(|index| index.checked_mul(self.step));
        let last = last.and_then(|span| span.checked_add(self.start));
        if self.step == 0 || last.is_none_or(|last| last >= size) {
            let message = format!("{axis} {}+{}·{} do not lie within {size}", self.start, self.step, self.count);
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(())
    }
}

/// The selected elements of a reshaped tensor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// Elements from one row to the next.
    pub width: usize,
    /// Rows kept.
    pub rows: Stride,
    /// Columns kept.
    pub columns: Stride,
}

/// Which part of a tensor is meant, as plain data.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewRef {
    /// The stored tensor.
    pub tensor: TensorRef,
    /// Elements before the matrix (expert e of a fused (E, out, in) tensor: e · out · in).
    pub offset: usize,
    /// Rows and columns of the matrix at `offset`; without it the tensor's last two axes.
    pub shape: Option<(usize, usize)>,
    /// Rows kept, all if absent.
    pub rows: Option<Stride>,
    /// Columns kept, all if absent.
    pub columns: Option<Stride>,
    /// Swap rows and columns, after the selection.
    pub transpose: bool,
}

impl ViewRef {
    /// A whole tensor as it is stored.
    #[must_use]
    pub fn whole(tensor: TensorRef) -> Self {
        Self { tensor, offset: 0, shape: None, rows: None, columns: None, transpose: false }
    }

    /// Opens the tensor and checks that the window lies within it.
    ///
    /// # Errors
    /// As [`TensorRef::open`]; [`ErrorKind::InvalidArgument`] for a window outside the tensor;
    /// [`ErrorKind::ShapeMismatch`] for a window on a tensor with one axis and no `shape`.
    pub fn open(&self) -> Result<MatrixView> {
        let Window { rows, columns, .. } = self.window()?;
        let (height, width) = self.base_shape()?;
        let reshaped = self.offset != 0 || self.tensor.shape != [height, width];
        if self.tensor.scale.is_some() && reshaped {
            let message = "a quantised tensor with scales can only be read in its own shape";
            return Err(Error::new(ErrorKind::DtypeUnsupported, message));
        }
        let tensor = Arc::new(self.tensor.open()?);
        Ok(MatrixView { tensor, offset: self.offset, width, rows, columns, transpose: self.transpose })
    }

    /// Which elements are meant, before the transpose: row i, column j is element
    /// `offset + rows.position(i) · width + columns.position(j)`.
    ///
    /// # Errors
    /// As [`ViewRef::open`], without looking at the file.
    pub(crate) fn window(&self) -> Result<Window> {
        let (height, width) = self.base_shape()?;
        let rows = self.rows.unwrap_or(Stride::all(height));
        let columns = self.columns.unwrap_or(Stride::all(width));
        rows.check(height, "rows")?;
        columns.check(width, "columns")?;
        let end = height.checked_mul(width).and_then(|size| size.checked_add(self.offset));
        if end.is_none_or(|end| end > self.tensor.elements()) {
            let message = format!("a {height}×{width} matrix at element {} leaves the tensor", self.offset);
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(Window { width, rows, columns })
    }

    fn base_shape(&self) -> Result<(usize, usize)> {
        match (self.shape, self.tensor.shape.as_slice()) {
            (Some(shape), _) => Ok(shape),
            (None, &[.., height, width]) => Ok((height, width)),
            (None, shape) => {
                let message = format!("a matrix is needed here, the tensor has shape {shape:?}");
                Err(Error::new(ErrorKind::ShapeMismatch, message))
            }
        }
    }
}

/// An open window; reads as a matrix of f64 with scales applied.
#[derive(Debug, Clone)]
pub struct MatrixView {
    tensor: Arc<OpenTensor>,
    offset: usize,
    width: usize,
    rows: Stride,
    columns: Stride,
    transpose: bool,
}

impl MatrixView {
    /// The tensor behind the window.
    #[must_use]
    pub fn tensor(&self) -> &OpenTensor {
        &self.tensor
    }

    /// The whole window in memory, row-major.
    ///
    /// # Errors
    /// As [`Rows::read`].
    pub fn read_all(&self) -> Result<Vec<f64>> {
        let mut values = vec![0.0; self.rows() * self.cols()];
        self.read(0..self.rows(), &mut values)?;
        Ok(values)
    }

    fn is_contiguous(&self) -> bool {
        self.columns == Stride::all(self.width) && self.rows.step == 1
    }

    fn check_request(&self, range: &Range<usize>, length: usize) -> Result<()> {
        if range.end > self.rows() || length != range.len() * self.cols() {
            let message = format!("rows {range:?} of {} do not fill {length} values", self.rows());
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(())
    }

    /// Element at which contiguous rows begin.
    fn first_of(&self, range: &Range<usize>) -> usize {
        self.offset + self.rows.position(range.start) * self.width
    }

    /// Elements `columns` of one selected row of the untransposed window.
    fn read_row(&self, row: usize, columns: Range<usize>, out: &mut [f64]) -> Result<()> {
        let (row, first) = (self.rows.position(row), self.columns.position(columns.start));
        self.tensor.read_elements(self.offset + row * self.width + first, self.columns.step, out)?;
        if let Some(scale) = self.tensor.scale() {
            scale.apply(row, first, self.columns.step, out);
        }
        Ok(())
    }

    fn read_straight(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        let count = self.columns.count;
        if self.is_contiguous() {
            self.tensor.read_elements(self.first_of(&range), 1, out)?;
            if let Some(scale) = self.tensor.scale() {
                let rows = out.chunks_exact_mut(count).zip(range);
                rows.for_each(|(values, row)| scale.apply(self.rows.position(row), 0, 1, values));
            }
            return Ok(());
        }
        range.zip(out.chunks_exact_mut(count)).try_for_each(|(row, values)| self.read_row(row, 0..count, values))
    }

    fn read_transposed(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        let mut segment = vec![0.0; range.len()];
        for row in 0..self.rows.count {
            self.read_row(row, range.clone(), &mut segment)?;
            for (line, value) in out.chunks_exact_mut(self.rows.count).zip(&segment) {
                line[row] = *value;
            }
        }
        Ok(())
    }
}

impl Rows for MatrixView {
    fn rows(&self) -> usize {
        if self.transpose { self.columns.count } else { self.rows.count }
    }

    fn cols(&self) -> usize {
        if self.transpose { self.rows.count } else { self.columns.count }
    }

    fn holds_singles(&self) -> bool {
        let plain = self.tensor.source().element_type.fits_single() && self.tensor.scale().is_none();
        plain && self.is_contiguous() && !self.transpose
    }

    fn read_singles(&self, range: Range<usize>, out: &mut [f32]) -> Result<()> {
        self.check_request(&range, out.len())?;
        self.tensor.read_singles(self.first_of(&range), 1, out)
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        if range.is_empty() {
            return Ok(());
        }
        self.check_request(&range, out.len())?;
        if self.transpose { self.read_transposed(range, out) } else { self.read_straight(range, out) }
    }
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
