//! What chance gives: nulls of the best cosine and of the energy in a subspace.

use statrs::function::beta::beta_reg;

use crate::error::Result;
use crate::statistics::{bisect, check_shape, invalid, simpson};

/// Distribution of the best |cosine| of a random direction with q orthonormal vectors of length m.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntruderNull {
    /// Expectation.
    pub mean: f64,
    /// 95 % point.
    pub q95: f64,
    /// 99 % point.
    pub q99: f64,
    /// 99.9 % point.
    pub q999: f64,
}

/// Steps of the integral behind the mean.
const STEPS: usize = 400;

/// Mean and upper quantiles. Below the median they are conservative for m < 500.
///
/// # Errors
/// `InvalidArgument` for m < 2, q = 0 or q > m.
pub fn intruder_null(m: usize, q: usize) -> Result<IntruderNull> {
    check_sizes(m, q)?;
    let exceeds = |c: f64| exceedance(m, q, c);
    let point = |level: f64| bisect(0.0, 1.0, |c| exceeds(c) - level);
    let end = point(1e-14);
    Ok(IntruderNull { mean: simpson(end, STEPS, exceeds), q95: point(0.05), q99: point(0.01), q999: point(0.001) })
}

/// P(best cosine > c) by chance.
///
/// # Errors
/// As [`intruder_null`], and for c outside 0 to 1.
pub fn intruder_probability(m: usize, q: usize, c: f64) -> Result<f64> {
    check_sizes(m, q)?;
    // Cosines of rounded vectors may exceed 1 by a few units in the last place.
    if !(0.0..=1.0 + 1e-9).contains(&c) {
        return Err(invalid(format!("the cosine is {c}, not within 0 to 1")));
    }
    Ok(exceedance(m, q, c.min(1.0)))
}

fn check_sizes(m: usize, q: usize) -> Result<()> {
    if m < 2 || q == 0 || q > m {
        return Err(invalid(format!("{q} base vectors of length {m}")));
    }
    Ok(())
}

/// 1 − (1 − p₁)^q without losing small values; p₁ as the upper tail itself.
fn exceedance(m: usize, q: usize, c: f64) -> f64 {
    let single = beta_reg((m as f64 - 1.0) / 2.0, 0.5, (1.0 - c * c).clamp(0.0, 1.0));
    if single >= 1.0 { 1.0 } else { -(q as f64 * (-single).ln_1p()).exp_m1() }
}

/// Share of a random direction's energy in K of m dimensions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SubspaceNull {
    /// K / m.
    pub mean: f64,
    /// 99 % point.
    pub q99: f64,
    /// 99.9 % point.
    pub q999: f64,
}

/// The beta law of that share.
///
/// # Errors
/// `InvalidArgument` unless 0 < K < m.
pub fn subspace_null(m: usize, k: usize) -> Result<SubspaceNull> {
    check_shape(m, k)?;
    if k >= m {
        return Err(invalid(format!("{k} of {m} dimensions")));
    }
    let (a, b) = (k as f64 / 2.0, (m - k) as f64 / 2.0);
    let point = |level: f64| bisect(0.0, 1.0, |share| beta_reg(b, a, 1.0 - share) - level);
    Ok(SubspaceNull { mean: k as f64 / m as f64, q99: point(0.01), q999: point(0.001) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For m = 3 the cosine with one vector is uniform; for m = 2 its arccosine is.
    #[test]
    fn small_sizes_have_closed_forms() {
        for c in [0.0, 0.1, 0.5, 0.9, 1.0] {
            assert!((intruder_probability(3, 1, c).unwrap() - (1.0 - c)).abs() < 1e-12);
            let circle = 2.0 * f64::acos(c) / std::f64::consts::PI;
            assert!((intruder_probability(2, 1, c).unwrap() - circle).abs() < 1e-12);
        }
        assert!((intruder_null(3, 1).unwrap().mean - 0.5).abs() < 1e-5);
    }

    #[test]
    fn quantiles_and_probabilities_agree() {
        for (m, q) in [(64, 64), (4864, 896), (151_936, 896)] {
            let null = intruder_null(m, q).unwrap();
            for (c, level) in [(null.q95, 0.05), (null.q99, 0.01), (null.q999, 0.001)] {
                assert!((intruder_probability(m, q, c).unwrap() / level - 1.0).abs() < 1e-8, "{m} {q} {level}");
            }
        }
    }

    #[test]
    fn arguments_outside_their_domain_are_refused() {
        for (m, q) in [(1, 1), (5, 0), (5, 6)] {
            assert!(intruder_null(m, q).is_err());
        }
        for c in [-0.1, 1.1, f64::NAN] {
            assert!(intruder_probability(10, 10, c).is_err());
        }
        assert!(subspace_null(5, 0).is_err() && subspace_null(5, 5).is_err());
    }
}
