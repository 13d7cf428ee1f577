//! What was read back against what was meant.

use crate::control::Control;
use crate::cross_image::visit_pairs;
use crate::error::{Error, ErrorKind, Result};
use crate::factors::factor_spectrum;
use crate::gram::Shape;
use crate::outcome::LowRank;
use crate::rows::Rows;
use crate::stream::{frobenius, not_finite};

/// Frobenius norms of two updates of one matrix and of their difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// ‖ΔW_read − ΔW_intended‖.
    pub error: f64,
    /// ‖ΔW_intended‖.
    pub intended: f64,
    /// ‖ΔW_read‖.
    pub read: f64,
}

/// Two matrices over one base, ΔW = matrix − base.
///
/// # Errors
/// [`ErrorKind::ShapeMismatch`], [`ErrorKind::NotFinite`], [`ErrorKind::Cancelled`], or as [`Rows::read`].
pub fn compare_matrices(
    base: &dyn Rows,
    intended: &dyn Rows,
    read: &dyn Rows,
    control: &Control<'_>,
) -> Result<Comparison> {
    let shape = Shape::of(base);
    for (other, name) in [(Shape::of(intended), "the intended matrix"), (Shape::of(read), "the matrix read back")] {
        if other != shape {
            let message = format!("{name} is {}×{}, the base {}×{}", other.rows, other.cols, shape.rows, shape.cols);
            return Err(Error::new(ErrorKind::ShapeMismatch, message));
        }
    }
    Ok(Comparison {
        error: distance(intended, read, control)?,
        intended: distance(base, intended, control)?,
        read: distance(base, read, control)?,
    })
}

/// ‖second − first‖_F.
fn distance(first: &dyn Rows, second: &dyn Rows, control: &Control<'_>) -> Result<f64> {
    let parts = visit_pairs(first, second, control, || 0.0, |sum, _, _, change| *sum += change.squared_norm_l2())?;
    let square: f64 = parts.into_iter().sum();
    if square.is_finite() {
        return Ok(square.sqrt());
    }
    // Finite values whose difference overflows do not occur in weights; the pass below finds what does.
    frobenius(first, control)?;
    Err(not_finite(second, control))
}

/// Two sums of factors, ΔW = Σ scale·left·right, without forming them.
///
/// # Errors
/// As [`factor_spectrum`].
pub fn compare_factors(intended: &[LowRank], read: &[LowRank], shape: Shape) -> Result<Comparison> {
    let difference: Vec<LowRank> = intended
        .iter()
        .map(|term| LowRank { scale: -term.scale, ..term.clone() })
        .chain(read.iter().cloned())
        .collect();
    let size = |terms: &[LowRank]| factor_spectrum(terms, shape).map(|spectrum| spectrum.frobenius);
    Ok(Comparison { error: size(&difference)?, intended: size(intended)?, read: size(read)? })
}
