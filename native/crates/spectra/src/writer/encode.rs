//! Rounding of a matrix to a storage type, in blocks.

use std::io::Write;
use std::ops::Range;

use crate::control::Control;
use crate::dtype::ElementType;
use crate::error::{Error, ErrorKind, Result};
use crate::rows::Rows;
use crate::stream::in_parallel;
use crate::writer::output::Output;

/// Values of one block.
const BLOCK_VALUES: usize = 1 << 18;

/// What rounding to the storage type did to a written tensor.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rounding {
    /// ‖written‖_F.
    pub frobenius: f64,
    /// ‖written − intended‖_F.
    pub error: f64,
}

/// Writes all rows; blocks are read and rounded side by side and written in order.
///
/// # Errors
/// As [`Rows::read`]; [`ErrorKind::NotFinite`] with row and column for a value that is not finite or too large for
/// the type; [`ErrorKind::DtypeUnsupported`]; [`ErrorKind::Unwritable`]; [`ErrorKind::Cancelled`].
pub(super) fn write_rows(
    matrix: &dyn Rows,
    element_type: ElementType,
    target: &mut Output,
    control: &Control<'_>,
) -> Result<Rounding> {
    let rows = matrix.rows();
    let height = (BLOCK_VALUES / matrix.cols().max(1)).clamp(1, rows.max(1));
    let (mut squares, mut error_squares) = (0.0, 0.0);
    for first in (0..rows).step_by(height * control.threads.max(1)) {
        control.check()?;
        let last = rows.min(first + height * control.threads.max(1));
        let ranges = (first..last).step_by(height).map(|start| start..last.min(start + height)).collect();
        for block in in_parallel(ranges, control, |range| Block::read(matrix, range, element_type))? {
            squares += block.squares;
            error_squares += block.error_squares;
            target.write_all(&block.bytes).map_err(|error| target.failure(&error))?;
        }
    }
    Ok(Rounding { frobenius: squares.sqrt(), error: error_squares.sqrt() })
}

struct Block {
    bytes: Vec<u8>,
    squares: f64,
    error_squares: f64,
}

impl Block {
    fn read(matrix: &dyn Rows, range: Range<usize>, element_type: ElementType) -> Result<Self> {
        let columns = matrix.cols();
        let mut values = vec![0.0; range.len() * columns];
        matrix.read(range.clone(), &mut values)?;
        let mut rounded = values.clone();
        element_type.round(&mut rounded)?;
        if let Some(index) = rounded.iter().position(|value| !value.is_finite()) {
            let (row, column) = (range.start + index / columns, index % columns);
            let message =
                format!("{} at row {row}, column {column} has no value in {}", values[index], element_type.name());
            return Err(Error::new(ErrorKind::NotFinite, message));
        }
        let squares = rounded.iter().map(|value| value * value).sum();
        let error_squares = rounded.iter().zip(&values).map(|(new, old)| (new - old).powi(2)).sum();
        let mut bytes = Vec::with_capacity(values.len() * element_type.size());
        element_type.encode(&rounded, &mut bytes)?;
        Ok(Self { bytes, squares, error_squares })
    }
}
