//! What an initialisation took out of the base: a part of its singular directions, or of its first columns.

use faer::Mat;

use super::derived::{Derived, Seen, each_block, image, row_major};
use super::inputs::{Inputs, invalid, misfit};
use crate::base::singular_pairs;
use crate::control::Control;
use crate::error::Result;
use crate::matrix::thin_qr;
use crate::outcome::LowRank;
use crate::rows::Rows;

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
    fn term(&self, matrix: &dyn Rows, control: &Control) -> Result<LowRank> {
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

impl Derived for Taken {
    fn see(&self, matrix: &dyn Rows, control: &Control) -> Result<Seen> {
        self.term(matrix, control).map(Seen::Term)
    }
}
