//! A rank-1 update on a base: when it shows, where, and how far it turns.

use statrs::function::erf::erf;

use crate::error::Result;
use crate::statistics::{bisect, check_not_negative, check_shape, falling, invalid, simpson};

/// A spike of strength s on independent noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseSpike {
    /// Strength at which it separates from the noise.
    pub critical: f64,
    /// Its singular value (the noise edge below the critical strength).
    pub value: f64,
    /// Squared cosine of its left vector with the true one.
    pub left: f64,
    /// The same for the right vector.
    pub right: f64,
}

/// Spike s·abᵀ on m × n noise of standard deviation `w`.
///
/// # Errors
/// `InvalidArgument` for an empty shape or negative or non-finite numbers.
pub fn spike_on_noise(s: f64, w: f64, m: usize, n: usize) -> Result<NoiseSpike> {
    check_shape(m, n)?;
    check_not_negative(s, "s")?;
    check_not_negative(w, "w")?;
    let (rows, columns, variance) = (m as f64, n as f64, w * w);
    let critical = w * (rows * columns).powf(0.25);
    if s <= critical {
        return Ok(NoiseSpike { critical, value: w * (rows.sqrt() + columns.sqrt()), left: 0.0, right: 0.0 });
    }
    let square = s * s;
    let excess = square * square - rows * columns * variance * variance;
    Ok(NoiseSpike {
        critical,
        value: ((square + rows * variance) * (square + columns * variance)).sqrt() / s,
        left: excess / (square * square + rows * variance * square),
        right: excess / (square * square + columns * variance * square),
    })
}

/// φ of one side: (1/size)(Σ y/(y² − σ²) + rest/y), and its derivative.
fn transform(base: &[f64], size: usize, rest: usize, y: f64) -> (f64, f64) {
    let (mut value, mut slope) = (rest as f64 / y, -(rest as f64) / (y * y));
    for sigma in base {
        let gap = (y - sigma) * (y + sigma);
        value += y / gap;
        slope -= (y * y + sigma * sigma) / (gap * gap);
    }
    (value / size as f64, slope / size as f64)
}

/// A checked base spectrum of an m × n matrix.
struct Base {
    values: Vec<f64>,
    m: usize,
    n: usize,
}

impl Base {
    fn new(singular_values: &[f64], m: usize, n: usize) -> Result<Self> {
        check_shape(m, n)?;
        if singular_values.len() > m.min(n) {
            return Err(invalid(format!("{} singular values of a {m}×{n} matrix", singular_values.len())));
        }
        // Values that were not given are zeros.
        let mut values = falling(singular_values)?;
        values.resize(m.min(n), 0.0);
        Ok(Self { values, m, n })
    }

    /// φ_m and φ_n with their derivatives, sums over the values from `skip` on.
    fn transforms(&self, skip: usize, y: f64) -> [(f64, f64); 2] {
        let small = self.m.min(self.n);
        let side = |size: usize| transform(&self.values[skip..], size, size - small, y);
        [side(self.m), side(self.n)]
    }
}

/// Least strength at which a random rank-1 update enters the top k; `None` when the base has no k positive values.
///
/// # Errors
/// `InvalidArgument` for a bad spectrum, shape, or k = 0.
pub fn critical_strength(base: &[f64], m: usize, n: usize, k: usize) -> Result<Option<f64>> {
    let base = Base::new(base, m, n)?;
    let Some(index) = k.checked_sub(1) else { return Err(invalid("k is 0")) };
    let Some(sigma) = base.values.get(index).copied().filter(|sigma| *sigma > 0.0) else { return Ok(None) };
    // A value equal to the next one makes φ infinite: any strength changes the order.
    let [(left, _), (right, _)] = base.transforms(k, sigma);
    let strength = 1.0 / (left * right).sqrt();
    Ok(strength.is_finite().then_some(strength))
}

/// A random rank-1 update on a given base spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaseSpike {
    /// Its singular value.
    pub value: f64,
    /// Squared cosine of its left vector with the update's.
    pub left: f64,
    /// The same for the right vector.
    pub right: f64,
    /// Expected best |cosine| of its left vector with a base vector.
    pub best_cosine: f64,
}

/// Steps of the integral behind the best cosine.
const STEPS: usize = 400;

/// Update of strength s above the top of the base. Unreliable when the result lies within s/√m of a base value.
///
/// # Errors
/// `InvalidArgument` for a bad spectrum or shape, or s ≤ 0.
pub fn spike_on_base(base: &[f64], m: usize, n: usize, s: f64) -> Result<BaseSpike> {
    let base = Base::new(base, m, n)?;
    check_not_negative(s, "s")?;
    if s == 0.0 {
        return Err(invalid("s is 0"));
    }
    let target = 1.0 / (s * s);
    let product = |y: f64| {
        let [(left, _), (right, _)] = base.transforms(0, y);
        left * right - target
    };
    // ‖W0 + update‖ ≤ σ₁ + s, but the limit formula may lie a little above; double until the sign changes.
    let mut high = base.values[0] + s;
    while product(high) > 0.0 {
        high *= 2.0;
    }
    let value = bisect(base.values[0], high, product);
    let [(left, left_slope), (right, right_slope)] = base.transforms(0, value);
    let slope = left_slope * right + left * right_slope;
    let cosine = |phi: f64| (-2.0 * phi * target / slope).clamp(0.0, 1.0);
    let (left, right) = (cosine(left), cosine(right));
    Ok(BaseSpike { value, left, right, best_cosine: best_cosine(&base, s, value, left, right) })
}

/// ∫ (1 − Π erf(c / √(2v_j))) dc over 0 to 1.
fn best_cosine(base: &Base, s: f64, y: f64, left: f64, right: f64) -> f64 {
    let (m, n) = (base.m as f64, base.n as f64);
    let variance = |sigma: &f64| {
        let gap = (y - sigma) * (y + sigma);
        s * s * (y * y * right / m + left * sigma * sigma / n) / (gap * gap)
    };
    let deviations: Vec<f64> = base.values.iter().map(|sigma| variance(sigma).sqrt()).collect();
    let largest = deviations.iter().copied().fold(0.0, f64::max);
    // Nine deviations out the integrand is below 1e-15 even for 10⁴ vectors.
    let end = (9.0 * largest).min(1.0);
    if end == 0.0 {
        return 0.0;
    }
    let inside = |c: f64, deviation: &f64| erf(c / (deviation * std::f64::consts::SQRT_2));
    simpson(end, STEPS, |c| 1.0 - deviations.iter().map(|deviation| inside(c, deviation)).product::<f64>())
}

/// E[1 − cos²] of the left vector number `index` (from 0) under a diffuse update of entry deviation `tau`;
/// `None` (infinite) when another value equals its own. Good while well below 1.
///
/// # Errors
/// `InvalidArgument` for a bad spectrum, shape, `tau` or index.
pub fn rotation_loss(base: &[f64], m: usize, n: usize, tau: f64, index: usize) -> Result<Option<f64>> {
    let base = Base::new(base, m, n)?;
    check_not_negative(tau, "tau")?;
    let Some(own) = base.values.get(index).copied() else {
        return Err(invalid(format!("index {index} of {} values", base.values.len())));
    };
    let others = base.values.iter().enumerate().filter(|(other, _)| *other != index);
    let sum: f64 = others
        .map(|(_, sigma)| {
            let gap = (own - sigma) * (own + sigma);
            (own * own + sigma * sigma) / (gap * gap)
        })
        .sum();
    let outside = if m > n { (m - n) as f64 / (own * own) } else { 0.0 };
    let loss = tau * tau * (sum + outside);
    Ok(loss.is_finite().then_some(loss))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_no_finite_loss() {
        assert_eq!(rotation_loss(&[2.0, 2.0, 1.0], 3, 3, 0.1, 0), Ok(None));
        assert!(rotation_loss(&[2.0, 2.0, 1.0], 3, 3, 0.1, 2).unwrap().is_some());
    }

    #[test]
    fn critical_strength_needs_k_positive_values_and_room() {
        assert_eq!(critical_strength(&[2.0, 0.0], 3, 3, 2), Ok(None));
        assert_eq!(critical_strength(&[2.0, 1.0], 2, 2, 3), Ok(None));
        assert!(critical_strength(&[2.0, 1.0], 3, 2, 1).unwrap().is_some());
        assert!(critical_strength(&[2.0], 1, 1, 0).is_err());
        assert!(critical_strength(&[2.0, 1.0], 1, 5, 1).is_err());
    }

    #[test]
    fn arguments_outside_their_domain_are_refused() {
        assert!(spike_on_noise(f64::NAN, 1.0, 2, 2).is_err() && spike_on_noise(1.0, -1.0, 2, 2).is_err());
        assert!(spike_on_base(&[1.0], 1, 1, 0.0).is_err() && spike_on_base(&[-1.0], 1, 1, 1.0).is_err());
        assert!(rotation_loss(&[1.0], 1, 1, 0.1, 1).is_err() && rotation_loss(&[1.0], 0, 1, 0.1, 0).is_err());
    }
}
