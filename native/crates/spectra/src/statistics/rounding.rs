//! What rounding to a grid does to an update.

use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

use statrs::function::erf::{erf, erf_inv, erfc};

use crate::error::Result;
use crate::outcome::RoundingSums;
use crate::statistics::{check_not_negative, invalid};

/// Above this strength (in grid steps) every sum has reached its limit within the error function's own accuracy.
const STRONG: f64 = 8.0;

/// What is left of an update of t grid steps per entry after base + update was rounded to the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundedUpdate {
    /// a: kept signal, ΔW ≈ a·δ + noise.
    pub gain: f64,
    /// S: E ΔW² in squared steps.
    pub second_moment: f64,
    /// f₀: share of entries that do not change.
    pub zero_share: f64,
    /// S − a²t²: noise variance in squared steps.
    pub noise: f64,
}

/// Effect of rounding on an update with Gaussian entries of `t` grid steps.
///
/// # Errors
/// `InvalidArgument` for negative or non-finite t.
pub fn rounded_update(t: f64) -> Result<RoundedUpdate> {
    check_not_negative(t, "t")?;
    if t == 0.0 {
        return Ok(RoundedUpdate { gain: 0.0, second_moment: 0.0, zero_share: 1.0, noise: 0.0 });
    }
    let zero_share = erf(1.0 / (2.0 * SQRT_2 * t));
    if t > STRONG {
        return Ok(RoundedUpdate { gain: 1.0, second_moment: t * t + 1.0 / 12.0, zero_share, noise: 1.0 / 12.0 });
    }
    let last = (9.0 * t).ceil() as usize + 1;
    let half_steps = (1..=last).map(|index| (index as f64, (index as f64 - 0.5) / t));
    let (mut gain, mut second_moment) = (0.0, 0.0);
    for (index, z) in half_steps {
        gain += 2.0 / t * (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
        second_moment += (2.0 * index - 1.0) * erfc(z * FRAC_1_SQRT_2);
    }
    Ok(RoundedUpdate { gain, second_moment, zero_share, noise: second_moment - gain * gain * t * t })
}

/// t from the share of unchanged entries; `None` (infinite) when none is unchanged.
///
/// # Errors
/// `InvalidArgument` for a share outside 0 to 1.
pub fn strength_from_zero_share(zero_share: f64) -> Result<Option<f64>> {
    if !(0.0..=1.0).contains(&zero_share) {
        return Err(invalid(format!("zero_share is {zero_share}, not within 0 to 1")));
    }
    if zero_share == 0.0 {
        return Ok(None);
    }
    Ok(Some(1.0 / (2.0 * SQRT_2 * erf_inv(zero_share))))
}

/// Rounding error of a matrix whose entries were rounded once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundingFloor {
    /// √(Σu² / 12).
    pub frobenius: f64,
    /// √(mean u² / 12): τ of the floor.
    pub deviation: f64,
    /// √(largest row sum / 12).
    pub row_maximum: f64,
    /// √(largest column sum / 12).
    pub column_maximum: f64,
}

impl RoundingFloor {
    /// An edge that also holds when rows or columns have unequal size.
    #[must_use]
    pub fn safe_edge(&self) -> f64 {
        self.row_maximum + self.column_maximum
    }
}

/// Floor from the sums of squared grid steps.
///
/// # Errors
/// `InvalidArgument` for a matrix without entries or sums that are negative or not finite.
pub fn rounding_floor(sums: &RoundingSums) -> Result<RoundingFloor> {
    for (value, name) in [
        (sums.step_squares, "step_squares"),
        (sums.row_maximum, "row_maximum"),
        (sums.column_maximum, "column_maximum"),
    ] {
        check_not_negative(value, name)?;
    }
    if sums.total == 0 {
        return Err(invalid("the matrix has no entries"));
    }
    let root = |squares: f64| (squares / 12.0).sqrt();
    Ok(RoundingFloor {
        frobenius: root(sums.step_squares),
        deviation: root(sums.step_squares / sums.total as f64),
        row_maximum: root(sums.row_maximum),
        column_maximum: root(sums.column_maximum),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strength_comes_back_from_the_share_of_zeros() {
        for t in [0.2, 0.3, 0.5, 1.0, 2.0, 30.0] {
            let share = rounded_update(t).unwrap().zero_share;
            let back = strength_from_zero_share(share).unwrap().unwrap();
            assert!((back / t - 1.0).abs() < 1e-6, "{t}: {back}");
        }
        assert_eq!(strength_from_zero_share(0.0), Ok(None));
        assert_eq!(strength_from_zero_share(1.0), Ok(Some(0.0)));
    }

    #[test]
    fn sums_and_limits_meet() {
        let (below, above) = (rounded_update(STRONG).unwrap(), rounded_update(STRONG * (1.0 + 1e-12)).unwrap());
        assert!((below.gain - above.gain).abs() < 1e-12, "{below:?} {above:?}");
        assert!((below.noise - above.noise).abs() < 1e-8, "{below:?} {above:?}");
        assert!((below.second_moment / above.second_moment - 1.0).abs() < 1e-10);
    }

    #[test]
    fn arguments_outside_their_domain_are_refused() {
        assert!(rounded_update(-0.1).is_err() && rounded_update(f64::NAN).is_err());
        assert!(strength_from_zero_share(1.5).is_err() && strength_from_zero_share(f64::NAN).is_err());
    }
}
