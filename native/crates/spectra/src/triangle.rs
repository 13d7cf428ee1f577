//! The triangular factor of a streamed matrix: same singular values, order min(m, n), no squaring.

use std::ops::Range;

use faer::{Mat, MatRef, Par};

use crate::control::Control;
use crate::error::Result;
use crate::gram::Shape;
use crate::matrix::qr_triangle;
use crate::panels::{HELD_ENTRIES, for_each_panel};
use crate::rows::Rows;
use crate::stream::{all_finite, block_rows, not_finite};

/// R of the QR decomposition of the matrix (tall) or of its transpose (wide): W = Q·R or W = Rᵀ·Qᵀ. R is at most
/// p × p. Blocks are stacked under the R of all before them (TSQR; Demmel and others 2012).
///
/// # Errors
/// `NotFinite`, `Cancelled`, or what reading gives.
pub(crate) fn streamed_triangle(rows: &dyn Rows, control: &Control<'_>) -> Result<Mat<f64>> {
    let shape = Shape::of(rows);
    let mut stack = Stack { triangle: Mat::zeros(0, shape.small()), par: control.parallelism() };
    if shape.is_wide() {
        for_each_panel::<f64>(rows, HELD_ENTRIES, control, |_, panel| {
            let tall = panel.transpose();
            for first in (0..tall.nrows()).step_by(stack.height()) {
                control.check()?;
                stack.push(tall.subrows(first, stack.height().min(tall.nrows() - first)));
            }
            Ok(())
        })?;
    } else {
        read_tall(rows, &mut stack, control)?;
    }
    Ok(stack.triangle)
}

struct Stack {
    triangle: Mat<f64>,
    par: Par,
}

impl Stack {
    /// Rows per block: a few times the order, so that redoing the triangle costs little.
    fn height(&self) -> usize {
        (2 * self.triangle.ncols()).max(512)
    }

    fn push(&mut self, block: MatRef<'_, f64>) {
        let (kept, p) = self.triangle.shape();
        let mut stacked = Mat::zeros(kept + block.nrows(), p);
        stacked.as_mut().subrows_mut(0, kept).copy_from(&self.triangle);
        stacked.as_mut().subrows_mut(kept, block.nrows()).copy_from(block);
        self.triangle = qr_triangle(stacked, self.par);
    }
}

fn read_tall(rows: &dyn Rows, stack: &mut Stack, control: &Control<'_>) -> Result<()> {
    let (m, n) = (rows.rows(), rows.cols());
    let height = stack.height();
    let mut held = vec![0.0; height.min(m) * n];
    for first in (0..m).step_by(height) {
        let taken = first..(first + height).min(m);
        let buffer = &mut held[..taken.len() * n];
        read_blocks(rows, taken.clone(), buffer, control)?;
        if !all_finite(buffer) {
            return Err(not_finite(rows, control));
        }
        stack.push(MatRef::from_row_major_slice(buffer, taken.len(), n));
    }
    Ok(())
}

fn read_blocks(rows: &dyn Rows, range: Range<usize>, out: &mut [f64], control: &Control<'_>) -> Result<()> {
    let (n, block) = (rows.cols(), block_rows(rows.cols(), 1));
    for (part, first) in out.chunks_mut(block * n).zip(range.clone().step_by(block)) {
        control.check()?;
        rows.read(first..(first + block).min(range.end), part)?;
    }
    Ok(())
}
