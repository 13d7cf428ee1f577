//! Effective ranks and energies of one spectrum.

use crate::error::Result;
use crate::statistics::{falling, invalid};

/// Effective ranks of a spectrum that is not all zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectiveRanks {
    /// Σs² / s₁².
    pub stable: f64,
    /// exp(−Σp ln p) with p = s / Σs (Roy and Vetterli).
    pub entropy: f64,
    /// The same with p = s² / Σs².
    pub entropy_of_squares: f64,
    /// (Σs²)² / Σs⁴.
    pub participation: f64,
    /// Least k with 50 % of Σs².
    pub energy_50: usize,
    /// Least k with 90 %.
    pub energy_90: usize,
    /// Least k with 95 %.
    pub energy_95: usize,
    /// Least k with 99 %.
    pub energy_99: usize,
}

/// Effective ranks; `None` for a zero (or empty) matrix, where all of them are undefined.
///
/// # Errors
/// `InvalidArgument` for NaN, infinite or negative values.
pub fn effective_ranks(singular_values: &[f64]) -> Result<Option<EffectiveRanks>> {
    let values = falling(singular_values)?;
    let Some(largest) = values.first().copied().filter(|largest| *largest > 0.0) else { return Ok(None) };
    // Relative to the largest, squares and fourth powers of tiny spectra do not vanish.
    let relative: Vec<f64> = values.iter().map(|value| value / largest).collect();
    let squares: Vec<f64> = relative.iter().map(|value| value * value).collect();
    let energy: f64 = squares.iter().sum();
    let fourth: f64 = squares.iter().map(|square| square * square).sum();
    let rank = |share| energy_rank(&squares, share * energy);
    Ok(Some(EffectiveRanks {
        stable: energy,
        entropy: perplexity(&relative),
        entropy_of_squares: perplexity(&squares),
        participation: energy * energy / fourth,
        energy_50: rank(0.50),
        energy_90: rank(0.90),
        energy_95: rank(0.95),
        energy_99: rank(0.99),
    }))
}

/// Cumulative shares E_k = Σ_{i≤k} s² / Σ s², k from 1; `None` for a zero matrix.
///
/// # Errors
/// As [`effective_ranks`].
pub fn energy_curve(singular_values: &[f64]) -> Result<Option<Vec<f64>>> {
    let values = falling(singular_values)?;
    let Some(largest) = values.first().copied().filter(|largest| *largest > 0.0) else { return Ok(None) };
    let squares = values.iter().map(|value| (value / largest).powi(2));
    let total: f64 = squares.clone().sum();
    let cumulative = squares.scan(0.0, |sum, square| {
        *sum += square;
        Some((*sum / total).min(1.0))
    });
    Ok(Some(cumulative.collect()))
}

/// Σ s² beyond the r largest values.
///
/// # Errors
/// As [`effective_ranks`], and for r beyond the number of values.
pub fn tail_energy(singular_values: &[f64], r: usize) -> Result<f64> {
    let values = falling(singular_values)?;
    let tail = values.get(r..).ok_or_else(|| invalid(format!("rank {r} of {} values", values.len())))?;
    // From the smallest up: the sum keeps its last digits.
    Ok(tail.iter().rev().map(|value| value * value).sum())
}

fn perplexity(weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    let shares = weights.iter().map(|weight| weight / total).filter(|share| *share > 0.0);
    (-shares.map(|share| share * share.ln()).sum::<f64>()).exp()
}

fn energy_rank(squares: &[f64], wanted: f64) -> usize {
    // A share that is reached exactly on paper must not be missed by the last bit of the sum.
    let reached = wanted * (1.0 - 1e-12);
    let mut sum = 0.0;
    let index = squares.iter().position(|square| {
        sum += square;
        sum >= reached
    });
    index.map_or(squares.len(), |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_matrix_has_no_ranks_and_bad_values_are_refused() {
        for zero in [&[][..], &[0.0], &[0.0, 0.0]] {
            assert_eq!(effective_ranks(zero), Ok(None));
            assert_eq!(energy_curve(zero), Ok(None));
        }
        for bad in [f64::NAN, f64::INFINITY, -1.0] {
            assert!(effective_ranks(&[1.0, bad]).unwrap_err().message.contains("singular value 2"));
            assert!(tail_energy(&[bad], 0).is_err());
        }
        assert!(tail_energy(&[1.0], 2).is_err());
    }

    #[test]
    fn order_scale_and_appended_zeros_change_nothing() {
        let reference = effective_ranks(&[4.0, 2.0, 1.0, 1.0]).unwrap();
        assert_eq!(effective_ranks(&[1.0, 4.0, 1.0, 2.0]).unwrap(), reference);
        let factor = 2f64.powi(-600);
        assert_eq!(effective_ranks(&[4.0, 2.0, 1.0, 1.0].map(|value| value * factor)).unwrap(), reference);
        assert_eq!(effective_ranks(&[4.0, 2.0, 1.0, 1.0, 0.0, 0.0]).unwrap(), reference);
    }

    #[test]
    fn the_curve_rises_to_one() {
        assert_eq!(energy_curve(&[1.0, 1.0, 1.0, 1.0]), Ok(Some(vec![0.25, 0.5, 0.75, 1.0])));
    }
}
