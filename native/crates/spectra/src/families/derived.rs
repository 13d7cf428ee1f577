//! What a matrix itself decides: a term or a change of its rows that needs all of its values first.

use std::sync::Arc;

use faer::{Mat, MatRef, Par};

use super::RowMap;
use crate::control::Control;
use crate::error::Result;
use crate::matrix::product;
use crate::outcome::LowRank;
use crate::rows::{Dense, Rows};

/// Values held at a time by a pass over the matrix.
const BLOCK_VALUES: usize = 1 << 18;

/// What is known once the matrix was seen.
pub(super) enum Seen {
    Term(LowRank),
    Map(Arc<dyn RowMap>),
    /// The changed matrix itself, in memory.
    Held(Dense),
}

/// Looks at the whole matrix before any row of the result is read.
pub(super) trait Derived: Send + Sync {
    /// # Errors
    /// As [`Rows::read`], [`ErrorKind::Cancelled`](crate::error::ErrorKind::Cancelled), or a decomposition that does
    /// not converge.
    fn see(&self, matrix: &dyn Rows, control: &Control) -> Result<Seen>;
}

/// basisᵀ·W, or W·basis.
pub(super) fn image(matrix: &dyn Rows, basis: MatRef<'_, f64>, is_left: bool, control: &Control) -> Result<Mat<f64>> {
    let rank = basis.ncols();
    let shape = if is_left { (rank, matrix.cols()) } else { (matrix.rows(), rank) };
    let mut image = Mat::zeros(shape.0, shape.1);
    each_block(matrix, control, |start, block| {
        if is_left {
            image += product(basis.subrows(start, block.nrows()).transpose(), block, Par::Seq);
        } else {
            image.as_mut().subrows_mut(start, block.nrows()).copy_from(product(block, basis, Par::Seq));
        }
    })?;
    Ok(image)
}

/// Shows the rows in blocks, each with the number of its first row.
pub(super) fn each_block(
    matrix: &dyn Rows,
    control: &Control,
    mut look: impl FnMut(usize, MatRef<'_, f64>),
) -> Result<()> {
    let (rows, columns) = (matrix.rows(), matrix.cols());
    let height = (BLOCK_VALUES / columns.max(1)).clamp(1, rows.max(1));
    let mut values = vec![0.0; height * columns];
    for first in (0..rows).step_by(height) {
        control.check()?;
        let range = first..rows.min(first + height);
        let values = &mut values[..range.len() * columns];
        matrix.read(range.clone(), values)?;
        look(first, MatRef::from_row_major_slice(values, range.len(), columns));
    }
    Ok(())
}

pub(super) fn row_major(matrix: MatRef<'_, f64>) -> Vec<f64> {
    (0..matrix.nrows()).flat_map(|i| matrix.row(i).iter().copied()).collect()
}
