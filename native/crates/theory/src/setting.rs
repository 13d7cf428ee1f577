//! Sizes and noise of one problem.

use crate::{Result, invalid};

/// Sizes beyond this are mistakes: the largest weight matrices have some 10⁵ columns.
const LARGEST_SIZE: usize = 1 << 24;
/// Samples beyond this are mistakes.
const MOST_SAMPLES: usize = 1 << 40;

/// k outputs, d inputs, n samples, and label noise of standard deviation `sigma` per output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Outputs (rows of W).
    pub k: usize,
    /// Inputs (columns of W).
    pub d: usize,
    /// Samples.
    pub n: usize,
    /// Standard deviation of the noise in one output.
    pub sigma: f64,
}

impl Setting {
    /// # Errors
    /// `InvalidArgument` that names the field: sizes that are not positive, |n − d| ≤ 1 (infinite variance), noise
    /// that is negative or not finite.
    pub fn new(k: usize, d: usize, n: usize, sigma: f64) -> Result<Self> {
        for (name, value, most) in [("k", k, LARGEST_SIZE), ("d", d, LARGEST_SIZE), ("n", n, MOST_SAMPLES)] {
            if value == 0 || value > most {
                return Err(invalid(format!("{name} is {value}, 1 to {most} are possible")));
            }
        }
        if !(sigma.is_finite() && sigma >= 0.0) {
            return Err(invalid(format!("sigma is {sigma}; the noise must be zero or positive")));
        }
        if n.abs_diff(d) <= 1 {
            let sentence = "within one of each other the expected risk is infinite";
            return Err(invalid(format!("n is {n} and d is {d}; {sentence}")));
        }
        Ok(Self { k, d, n, sigma })
    }

    /// max(n, d).
    #[must_use]
    pub fn large(&self) -> f64 {
        self.n.max(self.d) as f64
    }

    /// min(n, d): columns of the response matrix.
    #[must_use]
    pub fn small(&self) -> usize {
        self.n.min(self.d)
    }

    /// |n − d|.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.n.abs_diff(self.d) as f64
    }

    /// min(k, n, d): at this rank LoRA is full fine-tuning.
    #[must_use]
    pub fn full_rank(&self) -> usize {
        self.k.min(self.small())
    }

    /// tr Σ_ε = kσ².
    #[must_use]
    pub fn noise_energy(&self) -> f64 {
        self.k as f64 * self.sigma * self.sigma
    }

    /// Share of the input directions that the data see: min(1, n/d).
    #[must_use]
    pub fn seen(&self) -> f64 {
        (self.n as f64 / self.d as f64).min(1.0)
    }

    /// Whether there are fewer samples than inputs.
    #[must_use]
    pub fn is_under(&self) -> bool {
        self.n < self.d
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_finite_answer_is_refused_by_name() {
        for (k, d, n, sigma, name) in [
            (0, 5, 9, 1.0, "k is 0"),
            (5, 0, 9, 1.0, "d is 0"),
            (5, 5, 0, 1.0, "n is 0"),
            (5, 5, 6, 1.0, "infinite"),
            (5, 5, 5, 1.0, "infinite"),
            (5, 5, 9, -1.0, "sigma is -1"),
            (5, 5, 9, f64::NAN, "sigma is NaN"),
        ] {
            let error = Setting::new(k, d, n, sigma).expect_err(name);
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
