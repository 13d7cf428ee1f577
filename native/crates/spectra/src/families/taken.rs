//! What an initialisation took out of the base: a part of its singular directions, or of its first columns.

use faer::{Mat, MatRef, Par};

use super::inputs::{Inputs, invalid, misfit};
use crate::base::singular_pairs;
use crate::control::Control;
use crate::error::Result;
use crate::matrix::{product, thin_qr};
use crate::outcome::LowRank;
use crate::rows::Rows;

/// Values held at a time by a pass over the matrix.
const BLOCK_VALUES: usize = 1 << 18;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The largest singular directions (`PiSSA`).
    Largest,
    /// The smallest ones (`KaSA`, OSF).
    Smallest,
    /// The span of the first columns (`OLoRA`).
    Columns,
}

/// W loses `factor` times its part in `rank` directions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    part: Part,
    rank: usize,
    factor: f64,
}

impl Taken {
    /// Numbers `rank`, `part` (0 largest, 1 smallest, 2 first columns) and `factor`.
    pub(super) fn open(inputs: &Inputs) -> Result<Self> {
        let part = match inputs.count("part", 0)? {
            0 => Part::Largest,
            1 => Part::Smallest,
            2 => Part::Columns,
            other => return Err(invalid(format!("there is no part {other}"))),
        };
        Ok(Self { part, rank: inputs.count("rank", 1)?, factor: inputs.number("factor")? })
    }

    /// −factor·U·UᵀW, or −factor·W·V·Vᵀ where the matrix is tall.
    pub(super) fn term(&self, matrix: &dyn Rows, control: &Control) -> Result<LowRank> {
        let (rows, columns) = (matrix.rows(), matrix.cols());
        if self.rank > rows.min(columns) {
            return Err(misfit(format!("{} directions of a {rows}×{columns} matrix", self.rank)));
        }
        let is_left = self.part == Part::Columns || rows <= columns;
        let basis = self.basis(matrix, control)?;
        let image = image(matrix, basis.as_ref(), is_left, control)?;
        let (left, right) = if is_left { (basis, image) } else { (image, basis.transpose().to_owned()) };
        let (left, right) = (row_major(left.as_ref()), row_major(right.as_ref()));
        Ok(LowRank { left, right, rank: self.rank, scale: -self.factor })
    }

    /// Orthonormal directions on the smaller side, or on the left one for the first columns.
    fn basis(&self, matrix: &dyn Rows, control: &Control) -> Result<Mat<f64>> {
        if self.part == Part::Columns {
            let mut first = Mat::zeros(matrix.rows(), self.rank);
            each_block(matrix, control, |start, block| {
                first.as_mut().subrows_mut(start, block.nrows()).copy_from(block.subcols(0, self.rank));
            })?;
            return Ok(thin_qr(first, control.parallelism()).0);
        }
        let pairs = singular_pairs(matrix, control)?;
        let vectors = pairs.vectors();
        let start = if self.part == Part::Largest { 0 } else { vectors.ncols() - self.rank };
        Ok(vectors.subcols(start, self.rank).to_owned())
    }
}

/// basisᵀ·W, or W·basis.
fn image(matrix: &dyn Rows, basis: MatRef<'_, f64>, is_left: bool, control: &Control) -> Result<Mat<f64>> {
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

fn each_block(matrix: &dyn Rows, control: &Control, mut look: impl FnMut(usize, MatRef<'_, f64>)) -> Result<()> {
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

fn row_major(matrix: MatRef<'_, f64>) -> Vec<f64> {
    (0..matrix.nrows()).flat_map(|i| matrix.row(i).iter().copied()).collect()
}
