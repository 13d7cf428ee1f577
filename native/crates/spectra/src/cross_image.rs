//! Vectors of the larger side of a dense tuned matrix, mapped by the base and by the change.

use faer::{Mat, MatRef, Par};

use crate::control::Control;
use crate::error::Result;
use crate::gram::Shape;
use crate::matrix::{add_product, product};
use crate::rows::Rows;
use crate::stream::{block_rows, visit_rows};

/// W0·(Wᵀu) and ΔW·(Wᵀu) in small orientation for u of p × k.
pub(crate) struct Images {
    /// W0·Wᵀu.
    pub base: Mat<f64>,
    /// ΔW·Wᵀu.
    pub change: Mat<f64>,
}

/// Both images by streaming: once over both matrices when tall; when wide once more.
///
/// # Errors
/// `Cancelled`, or what reading gives.
pub(crate) fn cross_images(
    base: &dyn Rows,
    tuned: &dyn Rows,
    vectors: MatRef<'_, f64>,
    control: &Control<'_>,
) -> Result<Images> {
    let shape = Shape::of(base);
    let start = || Images::zeros(shape.small(), vectors.ncols());
    let parts = if shape.is_wide() {
        let mapped = transposed_image(tuned, vectors, control)?;
        visit_pairs(base, tuned, control, start, |sum, first, base, change| {
            sum.base.as_mut().subrows_mut(first, base.nrows()).copy_from(product(base, mapped.as_ref(), Par::Seq));
            sum.change.as_mut().subrows_mut(first, base.nrows()).copy_from(product(change, mapped.as_ref(), Par::Seq));
        })?
    } else {
        visit_pairs(base, tuned, control, start, |sum, _, base, change| {
            let mut mapped = product(base, vectors, Par::Seq);
            add_product(mapped.as_mut(), change, vectors, 1.0, Par::Seq);
            add_product(sum.base.as_mut(), base.transpose(), mapped.as_ref(), 1.0, Par::Seq);
            add_product(sum.change.as_mut(), change.transpose(), mapped.as_ref(), 1.0, Par::Seq);
        })?
    };
    let sum =
        parts.into_iter().reduce(|sum, part| Images { base: sum.base + part.base, change: sum.change + part.change });
    Ok(sum.unwrap_or_else(start))
}

impl Images {
    fn zeros(rows: usize, cols: usize) -> Self {
        Self { base: Mat::zeros(rows, cols), change: Mat::zeros(rows, cols) }
    }
}

/// Hands `visit` the first row of a block, the block of W0 and that of W − W0; one state per thread.
///
/// # Errors
/// `Cancelled`, or what reading gives.
pub(crate) fn visit_pairs<S: Send>(
    base: &dyn Rows,
    tuned: &dyn Rows,
    control: &Control<'_>,
    start: impl Fn() -> S + Sync,
    visit: impl Fn(&mut S, usize, MatRef<'_, f64>, MatRef<'_, f64>) + Sync,
) -> Result<Vec<S>> {
    let n = base.cols();
    let height = block_rows(n, control.threads);
    let start = || (start(), vec![0.0; height.min(base.rows()) * n], vec![0.0; height.min(base.rows()) * n]);
    let parts = visit_rows(tuned, control, start, |(sum, old, change), range, new| {
        let (old, change) = (&mut old[..new.len()], &mut change[..new.len()]);
        base.read(range.clone(), old)?;
        for ((change, new), old) in change.iter_mut().zip(new).zip(old.iter()) {
            *change = new - old;
        }
        let matrix = |values| MatRef::from_row_major_slice(values, range.len(), n);
        visit(sum, range.start, matrix(old), matrix(change));
        Ok(())
    })?;
    Ok(parts.into_iter().map(|part| part.0).collect())
}

/// Wᵀu for u of m × k.
fn transposed_image(tuned: &dyn Rows, vectors: MatRef<'_, f64>, control: &Control<'_>) -> Result<Mat<f64>> {
    let (n, k) = (tuned.cols(), vectors.ncols());
    let start = || Mat::zeros(n, k);
    let parts = visit_rows(tuned, control, start, |sum, range, block| {
        let slice = MatRef::from_column_major_slice(block, n, range.len());
        add_product(sum.as_mut(), slice, vectors.subrows(range.start, range.len()), 1.0, Par::Seq);
        Ok(())
    })?;
    Ok(parts.into_iter().reduce(|sum, part| sum + part).unwrap_or_else(start))
}
