//! An edited update ΔW′ = weight·ΔW + Σ c·u·vᵀ: as a matrix to read, and as factors to write.

use crate::composite::{Composite, Parts};
use crate::control::Control;
use crate::edit::WeightedSum;
use crate::error::Result;
use crate::gram::Shape;
use crate::outcome::{LowRank, Side};
use crate::rows::{Dense, Rows};

/// W0 + weight·(W − W0) + Σ terms, row by row; `tuned` is W in any form.
///
/// # Errors
/// As [`Composite::new`] and [`WeightedSum::new`].
pub fn edited<'a>(
    base: Box<dyn Rows + 'a>,
    tuned: Box<dyn Rows + 'a>,
    weight: f64,
    terms: Vec<LowRank>,
    control: &Control,
) -> Result<Box<dyn Rows + 'a>> {
    // The weight of an unchanged ΔW is exactly 1: reading W0 would only cost time and digits.
    let is_whole = weight.to_bits() == 1.0_f64.to_bits();
    let start: Box<dyn Rows + 'a> =
        if is_whole { tuned } else { Box::new(WeightedSum::new(vec![(1.0 - weight, base), (weight, tuned)])?) };
    let parts = Parts { start, replaced_rows: None, terms, dora: None, rounded_to: None };
    Ok(Box::new(Composite::new(parts, control)?))
}

/// One side of Σ scale·left·right as a single factor, the scales inside the left one: out × r or r × in.
#[must_use]
pub fn factor_side(terms: &[LowRank], shape: Shape, side: Side) -> Dense {
    let rank = terms.iter().map(|term| term.rank).sum();
    let mut values = Vec::new();
    match side {
        Side::Left => {
            values.reserve_exact(shape.rows * rank);
            for row in 0..shape.rows {
                for term in terms {
                    let entries = &term.left[row * term.rank..(row + 1) * term.rank];
                    values.extend(entries.iter().map(|entry| term.scale * entry));
                }
            }
            Dense::new(shape.rows, rank, values)
        }
        Side::Right => {
            values.reserve_exact(rank * shape.cols);
            for term in terms {
                values.extend_from_slice(&term.right);
            }
            Dense::new(rank, shape.cols, values)
        }
    }
}
