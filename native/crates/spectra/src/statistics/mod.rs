//! Statistics of spectra, noise floors and nulls, one file per group.
//!
//! Pure functions over a few numbers or one spectrum. Undefined quantities are `None`; arguments outside their
//! domain are errors that name them.

pub mod decay;
pub mod intruder;
pub mod metrics;
pub mod noise;
pub mod rounding;
pub mod spike;

use crate::error::{Error, ErrorKind, Result};

/// Refuses spectra with NaN, infinities or negative values.
pub(crate) fn check_spectrum(values: &[f64]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite() || *value < 0.0) {
        None => Ok(()),
        Some(index) => Err(invalid(format!("singular value {} is {}", index + 1, values[index]))),
    }
}

/// A spectrum in falling order.
pub(crate) fn falling(values: &[f64]) -> Result<Vec<f64>> {
    check_spectrum(values)?;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(|left, right| right.total_cmp(left));
    Ok(sorted)
}

pub(crate) fn check_shape(rows: usize, columns: usize) -> Result<()> {
    if rows == 0 || columns == 0 {
        return Err(invalid(format!("a {rows}×{columns} matrix is empty")));
    }
    Ok(())
}

pub(crate) fn check_not_negative(value: f64, name: &str) -> Result<()> {
    if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(invalid(format!("{name} is {value}"))) }
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// Where a falling function crosses zero between `low` and `high`, to the last bit that bisection reaches.
pub(crate) fn bisect(mut low: f64, mut high: f64, falling: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if falling(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Simpson's rule over `0..end` with an even number of steps.
pub(crate) fn simpson(end: f64, steps: usize, value: impl Fn(f64) -> f64) -> f64 {
    let width = end / steps as f64;
    let inner: f64 =
        (1..steps).map(|index| (if index % 2 == 1 { 4.0 } else { 2.0 }) * value(index as f64 * width)).sum();
    (value(0.0) + inner + value(end)) * width / 3.0
}

#[cfg(test)]
mod golden_tests;
