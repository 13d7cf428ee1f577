//! The task shift Δ⋆ by its singular values.

use serde::{Deserialize, Serialize};

use crate::draws::{Draws, Stream};
use crate::{Result, invalid};

/// Spectra drawn to average a curve over random shifts.
const CURVE_DRAWS: usize = 20;

/// Normals in the larger factor of a random shift: a gigabyte of them.
const MOST_NORMALS: usize = 1 << 27;

/// How the singular values of Δ⋆ are given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Shift {
    /// Δ⋆ = B·A/√rank with standard normal factors, drawn anew in each replicate.
    Ba {
        /// Columns of B.
        rank: usize,
    },
    /// s_i = scale · e^(−decay·(i−1)).
    Exp {
        /// Rate.
        decay: f64,
        /// First value.
        scale: f64,
        /// Values; min(k, d) when left out.
        count: Option<usize>,
    },
    /// s_i = scale · i^(−decay).
    Pow {
        /// Exponent.
        decay: f64,
        /// First value.
        scale: f64,
        /// Values; min(k, d) when left out.
        count: Option<usize>,
    },
    /// Measured values, in any order.
    Given {
        /// Singular values.
        values: Vec<f64>,
    },
}

impl Shift {
    /// # Errors
    /// `InvalidArgument` for a rank outside 1…min(k, d) or too large to be drawn, numbers that are not finite, or a bad
    /// spectrum.
    pub fn check(&self, k: usize, d: usize) -> Result<()> {
        let most = k.min(d);
        match self {
            Self::Ba { rank } if *rank == 0 || *rank > most => {
                Err(invalid(format!("the shift's rank is {rank}, 1 to {most} are possible")))
            }
            Self::Ba { rank } if rank.saturating_mul(k.max(d)) > MOST_NORMALS => {
                let most = MOST_NORMALS / k.max(d);
                Err(invalid(format!("the shift's rank is {rank}, at most {most} can be drawn for {k} × {d}")))
            }
            Self::Ba { .. } => Ok(()),
            Self::Exp { decay, scale, count } | Self::Pow { decay, scale, count } => {
                if !(decay.is_finite() && scale.is_finite() && *scale > 0.0) {
                    return Err(invalid(format!("decay is {decay} and scale {scale}")));
                }
                match count {
                    Some(count) if *count == 0 || *count > most => {
                        Err(invalid(format!("the spectrum has {count} values, 1 to {most} are possible")))
                    }
                    _ => Ok(()),
                }
            }
            Self::Given { values } => check_spectrum(values, most).map(|_| ()),
        }
    }

    /// The singular values, falling, where they are not random.
    #[must_use]
    pub fn fixed(&self, k: usize, d: usize) -> Option<Vec<f64>> {
        let values = |count: &Option<usize>, value: &dyn Fn(f64) -> f64| {
            (0..count.unwrap_or(k.min(d))).map(|index| value(index as f64)).collect()
        };
        match self {
            Self::Ba { .. } => None,
            Self::Exp { decay, scale, count } => Some(values(count, &|i| scale * (-decay * i).exp())),
            Self::Pow { decay, scale, count } => Some(values(count, &|i| scale * (i + 1.0).powf(-decay))),
            Self::Given { values } => {
                let mut sorted = values.clone();
                sorted.sort_unstable_by(|left, right| right.total_cmp(left));
                Some(sorted)
            }
        }
    }

    /// Spectra over which closed forms are averaged: one, or seeded draws of a random shift.
    ///
    /// # Errors
    /// As [`Shift::check`], or when a decomposition does not converge.
    pub fn spectra(&self, k: usize, d: usize, seed: u64) -> Result<Vec<Vec<f64>>> {
        self.check(k, d)?;
        let draw = |replicate| Draws::new(seed, Stream::Spectra, 0, replicate).shift(self, k, d);
        if self.fixed(k, d).is_some() { Ok(vec![draw(0)?]) } else { (0..CURVE_DRAWS).map(draw).collect() }
    }
}

/// A spectrum in falling order without its zeros.
///
/// # Errors
/// `InvalidArgument` for values that are negative, NaN or infinite, or more than `most` of them.
pub fn check_spectrum(values: &[f64], most: usize) -> Result<Vec<f64>> {
    if let Some(index) = values.iter().position(|value| !value.is_finite() || *value < 0.0) {
        return Err(invalid(format!("singular value {} is {}", index + 1, values[index])));
    }
    let mut kept: Vec<f64> = values.iter().copied().filter(|value| *value > 0.0).collect();
    if kept.len() > most {
        return Err(invalid(format!("{} singular values, a matrix of this shape has {most}", kept.len())));
    }
    kept.sort_unstable_by(|left, right| right.total_cmp(left));
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_shift_is_drawn_only_where_it_fits_the_memory() {
        let error = Shift::Ba { rank: 1 << 20 }.check(1 << 20, 1 << 24).expect_err("2^44 normals");
        assert!(error.to_string().contains("at most 8 can be drawn"), "{error}");
        assert!(Shift::Ba { rank: 8 }.check(1 << 20, 1 << 24).is_ok());
        assert!(Shift::Ba { rank: 8192 }.check(8192, 8192).is_ok());
    }
}
