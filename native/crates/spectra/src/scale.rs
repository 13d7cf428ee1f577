//! Factors of 8-bit checkpoints: W = stored value · scale.

use crate::error::{Error, ErrorKind, Result};
use crate::tensor::TensorRef;

/// How the factors of a quantised matrix are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScaleKind {
    /// One factor for the whole tensor.
    Tensor,
    /// One factor per row: shape (out) or (out, 1).
    Row,
    /// W\[i, j\] = stored · scale\[i / rows, j / columns\]; blocks at the edges are ragged.
    Block {
        /// Rows of a block.
        rows: usize,
        /// Columns of a block.
        columns: usize,
    },
}

/// Factors of a quantised tensor and where they lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Layout.
    pub kind: ScaleKind,
    /// The stored factors; itself never scaled.
    pub tensor: Box<TensorRef>,
}

/// Factors in memory. The factor of (i, j) is `values[i / rows * stride + j / columns]`.
#[derive(Debug)]
pub(crate) struct OpenScale {
    rows: usize,
    columns: usize,
    stride: usize,
    values: Vec<f64>,
}

impl Scale {
    /// Reads the factors for a matrix of that shape.
    pub(crate) fn open(&self, shape: &[usize]) -> Result<OpenScale> {
        let &[rows, columns] = shape else {
            let message = format!("scales belong to matrices, this tensor has shape {shape:?}");
            return Err(Error::new(ErrorKind::DtypeUnsupported, message));
        };
        let (block_rows, block_columns) = match self.kind {
            ScaleKind::Tensor => (rows.max(1), columns.max(1)),
            ScaleKind::Row => (1, columns.max(1)),
            ScaleKind::Block { rows, columns } => (rows, columns),
        };
        if block_rows == 0 || block_columns == 0 {
            return Err(Error::new(ErrorKind::InvalidArgument, "a scale block has no rows or no columns"));
        }
        let stride = columns.div_ceil(block_columns);
        let expected = rows.div_ceil(block_rows) * stride;
        if self.tensor.elements() != expected {
            let message = format!("a matrix of {shape:?} needs {expected} scales, {:?} are stored", self.tensor.shape);
            return Err(Error::new(ErrorKind::ShapeMismatch, message));
        }
        let values = self.tensor.open()?.read_vector()?;
        Ok(OpenScale { rows: block_rows, columns: block_columns, stride, values })
    }
}

impl OpenScale {
    /// Multiplies stored values of row `row`, columns `first`, `first + step`…
    pub(crate) fn apply(&self, row: usize, first: usize, step: usize, values: &mut [f64]) {
        let factors = &self.values[row / self.rows * self.stride..];
        if step == 1 && first == 0 {
            // Whole rows are what is streamed: one factor for each block, without a division for each value.
            let blocks = values.chunks_mut(self.columns).zip(factors);
            return blocks.for_each(|(block, factor)| block.iter_mut().for_each(|value| *value *= factor));
        }
        for (index, value) in values.iter_mut().enumerate() {
            *value *= factors[(first + index * step) / self.columns];
        }
    }
}
