//! Two updates of one module: how far they share directions, and whether they point the same way.

use faer::{Mat, MatRef, Par};

use crate::control::Control;
use crate::error::{Error, ErrorKind, Result};
use crate::factors::Factors;
use crate::gram::Shape;
use crate::matrix::{product, thin_qr, thin_svd};
use crate::outcome::LowRank;
use crate::rounding::Difference;
use crate::rows::Rows;
use crate::stream::{block_rows, visit_rows};

/// Singular values of a factor below this, relative to the largest, add no direction to its span.
const INDEPENDENT: f64 = 1e-12;

/// Overlap of two low-rank updates.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    /// Cosines of the principal angles between the column spaces of ΔW₁ and ΔW₂ (of B), falling, min(rank, rank) of
    /// them; empty when one update is zero.
    pub left: Vec<f64>,
    /// The same between the row spaces (of A).
    pub right: Vec<f64>,
    /// ⟨ΔW₁, ΔW₂⟩ / (‖ΔW₁‖·‖ΔW₂‖) in −1…1; `None` when one update is zero.
    pub cosine: Option<f64>,
}

/// Overlap from factors alone; no m × n matrix is formed (Björck and Golub 1973 for the angles).
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`], [`ErrorKind::NotFinite`], or [`ErrorKind::NoConvergence`] of a small SVD.
pub fn factor_overlap(first: &[LowRank], second: &[LowRank], shape: Shape) -> Result<Overlap> {
    let (first, second) = (Factors::new(first, shape)?, Factors::new(second, shape)?);
    let (one, two) = (Spans::new(&first)?, Spans::new(&second)?);
    Ok(Overlap {
        left: principal_cosines(one.left.as_ref(), two.left.as_ref())?,
        right: principal_cosines(one.right.as_ref(), two.right.as_ref())?,
        cosine: factor_cosine(&first, &second, one.norm, two.norm),
    })
}

/// Orthonormal bases of both spaces of ΔW, by its own singular vectors: dependent factor columns add no direction.
struct Spans {
    left: Mat<f64>,
    right: Mat<f64>,
    norm: f64,
}

impl Spans {
    fn new(factors: &Factors) -> Result<Self> {
        let (left, left_triangle) = thin_qr(factors.left.clone(), Par::Seq);
        let (right, right_triangle) = thin_qr(factors.right.clone(), Par::Seq);
        let core = product(left_triangle.as_ref(), right_triangle.transpose(), Par::Seq);
        let svd = thin_svd(core.as_ref(), true, Par::Seq)?;
        let largest = svd.values.first().copied().unwrap_or(0.0);
        let rank = svd.values.iter().filter(|value| **value > INDEPENDENT * largest).count();
        Ok(Self {
            left: product(left.as_ref(), svd.left.subcols(0, rank), Par::Seq),
            right: product(right.as_ref(), svd.right.subcols(0, rank), Par::Seq),
            norm: svd.values.iter().map(|value| value * value).sum::<f64>().sqrt(),
        })
    }
}

fn principal_cosines(one: MatRef<'_, f64>, two: MatRef<'_, f64>) -> Result<Vec<f64>> {
    if one.ncols() == 0 || two.ncols() == 0 {
        return Ok(Vec::new());
    }
    let values = thin_svd(product(one.transpose(), two, Par::Seq).as_ref(), false, Par::Seq)?.values;
    Ok(values.into_iter().map(|value| value.min(1.0)).collect())
}

/// ⟨L₁R₁ᵀ, L₂R₂ᵀ⟩ = Σ (L₁ᵀL₂)∘(R₁ᵀR₂).
fn factor_cosine(first: &Factors, second: &Factors, one: f64, two: f64) -> Option<f64> {
    let left = product(first.left.transpose(), second.left.as_ref(), Par::Seq);
    let right = product(first.right.transpose(), second.right.as_ref(), Par::Seq);
    let inner: f64 = (0..left.ncols()).map(|j| left.col(j).transpose() * right.col(j)).sum();
    cosine(inner, one, two)
}

fn cosine(inner: f64, one: f64, two: f64) -> Option<f64> {
    (one > 0.0 && two > 0.0).then(|| (inner / one / two).clamp(-1.0, 1.0))
}

/// ⟨ΔW₁, ΔW₂⟩ / (‖ΔW₁‖·‖ΔW₂‖) of two dense runs of one base, in one pass over the three matrices; `None` when one
/// update is zero.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`], `NotFinite`, `Cancelled`, or what reading gives.
pub fn dense_cosine(
    base: &dyn Rows,
    first: &dyn Rows,
    second: &dyn Rows,
    control: &Control<'_>,
) -> Result<Option<f64>> {
    let shape = Shape::of(base);
    if Shape::of(first) != shape || Shape::of(second) != shape {
        return Err(Error::new(ErrorKind::ShapeMismatch, "the two tuned matrices and the base differ in shape"));
    }
    let one = Difference::new(base, first, None, *control);
    let two = Difference::new(base, second, None, *control);
    let height = block_rows(shape.cols, control.threads);
    let start = || ([0.0; 3], vec![0.0; height.min(shape.rows) * shape.cols]);
    let parts = visit_rows(&one, control, start, |(sums, buffer), range, block| {
        let other = &mut buffer[..block.len()];
        two.read(range, other)?;
        for (a, b) in block.chunks(4096).zip(other.chunks(4096)) {
            sums[0] += a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
            sums[1] += a.iter().map(|x| x * x).sum::<f64>();
            sums[2] += b.iter().map(|y| y * y).sum::<f64>();
        }
        Ok(())
    })?;
    let total = |index: usize| parts.iter().map(|part| part.0[index]).sum::<f64>();
    Ok(cosine(total(0), total(1).sqrt(), total(2).sqrt()))
}
