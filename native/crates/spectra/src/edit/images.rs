//! What a matrix makes of vectors on its smaller side, by passes over its rows.

use faer::{Mat, MatRef, Par};

use crate::control::Control;
use crate::cross_image::visit_pairs;
use crate::error::Result;
use crate::gram::Shape;
use crate::matrix::add_product;
use crate::rows::Rows;
use crate::stream::{not_finite, visit_rows};

/// Wᵀ·U for wide matrices, W·V for tall ones.
///
/// # Errors
/// As [`visit_rows`].
pub(super) fn mapped(rows: &dyn Rows, vectors: MatRef<'_, f64>, control: &Control<'_>) -> Result<Mat<f64>> {
    let shape = Shape::of(rows);
    let start = || Mat::zeros(shape.large(), vectors.ncols());
    let parts = visit_rows(rows, control, start, |image, range, values| {
        let block = MatRef::from_row_major_slice(values, range.len(), shape.cols);
        add_image(image, range.start, block, vectors, shape);
        Ok(())
    })?;
    Ok(parts.into_iter().reduce(|sum, part| sum + part).unwrap_or_else(start))
}

fn add_image(image: &mut Mat<f64>, first: usize, block: MatRef<'_, f64>, vectors: MatRef<'_, f64>, shape: Shape) {
    if shape.is_wide() {
        let taken = vectors.subrows(first, block.nrows());
        add_product(image.as_mut(), block.transpose(), taken, 1.0, Par::Seq);
    } else {
        let target = image.as_mut().subrows_mut(first, block.nrows());
        add_product(target, block, vectors, 1.0, Par::Seq);
    }
}

/// Images of W0 and ΔW and their squared norms, from one pass over both matrices.
pub(super) struct Pass {
    /// W0ᵀ·U or W0·V.
    pub base: Mat<f64>,
    /// The same of ΔW.
    pub change: Mat<f64>,
    /// ‖W0‖².
    pub base_squares: f64,
    /// ‖ΔW‖².
    pub change_squares: f64,
}

impl Pass {
    /// # Errors
    /// `NotFinite`, `Cancelled`, or as [`Rows::read`].
    pub(super) fn over(
        base: &dyn Rows,
        tuned: &dyn Rows,
        vectors: MatRef<'_, f64>,
        control: &Control<'_>,
    ) -> Result<Self> {
        let shape = Shape::of(base);
        let zeros = || Mat::zeros(shape.large(), vectors.ncols());
        let start = || Self { base: zeros(), change: zeros(), base_squares: 0.0, change_squares: 0.0 };
        let parts = visit_pairs(base, tuned, control, start, |pass, first, old, change| {
            add_image(&mut pass.base, first, old, vectors, shape);
            add_image(&mut pass.change, first, change, vectors, shape);
            pass.base_squares += old.squared_norm_l2();
            pass.change_squares += change.squared_norm_l2();
        })?;
        let pass = parts.into_iter().reduce(Self::join).unwrap_or_else(start);
        // The tuned matrix was found finite before.
        if (pass.base_squares + pass.change_squares).is_finite() {
            return Ok(pass);
        }
        Err(not_finite(base, control).at("base"))
    }

    fn join(self, other: Self) -> Self {
        Self {
            base: self.base + other.base,
            change: self.change + other.change,
            base_squares: self.base_squares + other.base_squares,
            change_squares: self.change_squares + other.change_squares,
        }
    }
}
