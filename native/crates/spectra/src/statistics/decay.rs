//! How a spectrum falls: power law, exponential, or neither.

use crate::error::Result;
use crate::statistics::noise::{noise_edge, signal};
use crate::statistics::{check_spectrum, falling, invalid};

/// Fewest values that carry a fit.
pub const FIT_MINIMUM: usize = 12;
/// Fewest points of a window of the interval.
const WINDOW_MINIMUM: usize = 6;
/// Weighted R² below which a law is no description.
const R_SQUARED_MINIMUM: f64 = 0.97;
/// Values below this multiple of the noise edge are left out.
const EDGE_FACTOR: f64 = 1.3;

/// The law that describes a spectrum better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// s_i ∝ i^−p.
    Power,
    /// s_i ∝ e^−λi.
    Exponential,
    /// Neither reaches a weighted R² of 0.97.
    Neither,
}

/// Both fits and the interval of the exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerFit {
    /// Exponent p.
    pub exponent: f64,
    /// Weighted R² of the power law.
    pub r_squared: f64,
    /// Exponential rate λ.
    pub rate: f64,
    /// Weighted R² of the exponential.
    pub r_squared_exponential: f64,
    /// Least p over the windows.
    pub exponent_minimum: f64,
    /// Largest p over the windows.
    pub exponent_maximum: f64,
    /// Number of values fitted.
    pub count: usize,
    /// Preferred law.
    pub law: Law,
}

/// Fits the first `count` values of a falling spectrum; `None` below 12.
///
/// # Errors
/// `InvalidArgument` for a bad spectrum or when a fitted value is zero or missing.
pub fn power_fit(singular_values: &[f64], count: usize) -> Result<Option<PowerFit>> {
    check_spectrum(singular_values)?;
    let values = singular_values.get(..count).filter(|values| values.iter().all(|value| *value > 0.0));
    let values = values.ok_or_else(|| invalid(format!("there are no {count} positive singular values to fit")))?;
    if count < FIT_MINIMUM {
        return Ok(None);
    }
    let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let power = |first: usize, last: usize| regress(&logarithms, first, last, f64::ln);
    let (slope, r_squared) = power(1, count);
    let (rate, r_squared_exponential) = regress(&logarithms, 1, count, |index| index);
    let windows = [(1, root(count, 0.75)), (root(count, 0.25).max(2), count)];
    let wide = windows.into_iter().filter(|(first, last)| last + 1 - first >= WINDOW_MINIMUM);
    let exponents: Vec<f64> = wide.map(|(first, last)| -power(first, last).0).chain([-slope]).collect();
    Ok(Some(PowerFit {
        exponent: -slope,
        r_squared,
        rate: -rate,
        r_squared_exponential,
        exponent_minimum: exponents.iter().copied().fold(f64::INFINITY, f64::min),
        exponent_maximum: exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        count,
        law: preferred(r_squared, r_squared_exponential),
    }))
}

/// Removes a noise floor of standard deviation `tau` from the spectrum of an m × n matrix, then fits what is left.
///
/// # Errors
/// As [`power_fit`], and for a bad shape or `tau`.
pub fn decay(singular_values: &[f64], m: usize, n: usize, tau: f64) -> Result<Option<PowerFit>> {
    let floor = EDGE_FACTOR * noise_edge(m, n, tau)?.q99;
    let kept = falling(singular_values)?.into_iter().filter(|value| *value > floor);
    let cleaned: Vec<f64> = kept.map(|value| signal(value, m, n, tau)).collect();
    power_fit(&cleaned, cleaned.len())
}

/// ⌊count^power⌋, safe against a root that is whole on paper.
fn root(count: usize, power: f64) -> usize {
    ((count as f64).powf(power) + 1e-9).floor() as usize
}

fn preferred(power: f64, exponential: f64) -> Law {
    if power.max(exponential) < R_SQUARED_MINIMUM {
        Law::Neither
    } else if power >= exponential {
        Law::Power
    } else {
        Law::Exponential
    }
}

/// Slope and R² of values on scale(i), i from `first` to `last` (from 1), weights 1/i: each octave counts equally.
fn regress(values: &[f64], first: usize, last: usize, scale: impl Fn(f64) -> f64) -> (f64, f64) {
    let points = || (first..=last).map(|index| (1.0 / index as f64, scale(index as f64), values[index - 1]));
    let total: f64 = points().map(|(weight, ..)| weight).sum();
    let mean_x = points().map(|(weight, x, _)| weight * x).sum::<f64>() / total;
    let mean_y = points().map(|(weight, _, y)| weight * y).sum::<f64>() / total;
    let sum = |term: &dyn Fn(f64, f64) -> f64| -> f64 {
        points().map(|(weight, x, y)| weight * term(x - mean_x, y - mean_y)).sum()
    };
    let (xx, xy, yy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
    let slope = xy / xx;
    // A constant spectrum is described perfectly by slope zero.
    let r_squared = if yy == 0.0 { 1.0 } else { (xy * xy / (xx * yy)).min(1.0) };
    (slope, r_squared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power_law(exponent: f64, count: i32) -> Vec<f64> {
        (1..=count).map(|index| f64::from(index).powf(-exponent)).collect()
    }

    #[test]
    fn the_right_law_is_named() {
        let fit = |values: &[f64]| power_fit(values, values.len()).unwrap().unwrap().law;
        assert_eq!(fit(&power_law(0.8, 200)), Law::Power);
        let exponential: Vec<f64> = (0..100).map(|index| (-0.1 * f64::from(index)).exp()).collect();
        assert_eq!(fit(&exponential), Law::Exponential);
        let steps: Vec<f64> = (0..40).map(|index| if index < 36 { 1.0 } else { 1e-6 }).collect();
        assert_eq!(fit(&steps), Law::Neither);
    }

    #[test]
    fn a_noise_floor_is_removed_before_fitting() {
        let (m, n, tau) = (400, 300, 1e-4);
        let edge = noise_edge(m, n, tau).unwrap().q99;
        let noisy = |x: f64| ((x * x + m as f64 * tau * tau) * (x * x + n as f64 * tau * tau)).sqrt() / x;
        let measured: Vec<f64> = power_law(1.0, 300).into_iter().map(|x| noisy(x).max(0.9 * edge)).collect();
        let fit = decay(&measured, m, n, tau).unwrap().unwrap();
        assert!((fit.exponent - 1.0).abs() < 1e-6 && fit.count < 300, "{fit:?}");
    }

    #[test]
    fn too_few_or_bad_values() {
        assert_eq!(power_fit(&power_law(1.0, 11), 11), Ok(None));
        assert!(power_fit(&[1.0; 12], 13).is_err() && power_fit(&[0.0; 12], 12).is_err());
        assert!(power_fit(&[f64::NAN; 12], 12).is_err() && decay(&[1.0], 3, 3, -1.0).is_err());
    }
}
