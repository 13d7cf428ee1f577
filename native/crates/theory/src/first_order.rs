//! LoRA to first order in the noise: exact as σ → 0 where the rank is that of the shift.

use crate::setting::Setting;
use crate::{Result, invalid};

/// V_r = σ² r [(k − r)/(M − r − 1) + m/(D − 1)]: what a rank-r fit costs in noise. Symmetric under n ↔ d; at full rank
/// it is the variance of full fine-tuning.
///
/// # Errors
/// `InvalidArgument` for a rank outside 0…min(k, n, d).
pub fn first_order_variance(setting: &Setting, rank: usize) -> Result<f64> {
    check_rank(setting, rank)?;
    Ok(setting.sigma * setting.sigma * unit_variance(setting, rank))
}

/// V_r / σ².
fn unit_variance(setting: &Setting, rank: usize) -> f64 {
    let r = rank as f64;
    let outputs = (setting.k as f64 - r) / (setting.large() - r - 1.0);
    r * (outputs + setting.small() as f64 / (setting.distance() - 1.0))
}

/// The noise above which LoRA of that rank beats full fine-tuning, for a shift with `tail` = Σ_{i>r} s_i²; `None`
/// where the variances do not differ.
///
/// # Errors
/// `InvalidArgument` for a bad rank or tail.
pub fn sigma_crossover(setting: &Setting, rank: usize, tail: f64) -> Result<Option<f64>> {
    check_rank(setting, rank)?;
    if !(tail.is_finite() && tail >= 0.0) {
        return Err(invalid(format!("the tail energy is {tail}")));
    }
    let full = setting.k as f64 * setting.small() as f64 / (setting.distance() - 1.0);
    let gain = full - unit_variance(setting, rank);
    Ok((gain > 0.0).then(|| (setting.seen() * tail / gain).sqrt()))
}

/// The number of samples at which that crossover lies at the setting's noise, searched on both sides of d.
///
/// # Errors
/// `InvalidArgument` for a bad rank or tail.
pub fn sample_crossovers(setting: &Setting, rank: usize, tail: f64) -> Result<Vec<f64>> {
    let difference = |n: usize| -> Result<Option<f64>> {
        let there = Setting::new(setting.k, setting.d, n, setting.sigma)?;
        if rank >= there.full_rank() {
            return Ok(None);
        }
        Ok(sigma_crossover(&there, rank, tail)?.map(|sigma| sigma - setting.sigma))
    };
    let d = setting.d;
    let below = (rank + 1..d.saturating_sub(1)).step_by((d / 512).max(1));
    let above = (0..512).map(|step| d + 2 + (d as f64 * 100.0_f64.powf(f64::from(step) / 511.0) - d as f64) as usize);
    let mut found = Vec::new();
    for side in [below.collect::<Vec<_>>(), above.collect()] {
        let mut before: Option<(usize, f64)> = None;
        for n in side {
            let Some(value) = difference(n)? else { continue };
            if let Some((earlier, old)) = before
                && (old < 0.0) != (value < 0.0)
            {
                found.push(earlier as f64 + (n - earlier) as f64 * old / (old - value));
            }
            before = Some((n, value));
        }
    }
    Ok(found)
}

fn check_rank(setting: &Setting, rank: usize) -> Result<()> {
    let most = setting.full_rank();
    if rank <= most { Ok(()) } else { Err(invalid(format!("rank {rank} is above min(k, n, d) = {most}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::full::full_risk;

    #[test]
    fn samples_and_inputs_may_be_exchanged() {
        let (one, other) = (Setting::new(30, 20, 60, 1.5).unwrap(), Setting::new(30, 60, 20, 1.5).unwrap());
        for rank in 0..=20 {
            let (left, right) =
                (first_order_variance(&one, rank).unwrap(), first_order_variance(&other, rank).unwrap());
            assert!((left - right).abs() <= 1e-12 * left);
        }
    }

    #[test]
    fn full_rank_is_full_fine_tuning() {
        for (k, d, n) in [(100, 100, 1000), (20, 60, 40), (64, 48, 200)] {
            let setting = Setting::new(k, d, n, 0.7).unwrap();
            let full = full_risk(&setting, 0.0).unwrap().variance;
            let lora = first_order_variance(&setting, setting.full_rank()).unwrap();
            assert!((lora - full).abs() < 1e-9 * full, "{lora} {full}");
        }
    }

    #[test]
    fn a_sample_crossover_lies_at_the_given_noise() {
        let setting = Setting::new(100, 100, 1000, 12.0).unwrap();
        let found = sample_crossovers(&setting, 2, 5000.0).unwrap();
        assert!(!found.is_empty());
        for n in found {
            let there = Setting::new(100, 100, n.round() as usize, 12.0).unwrap();
            let sigma = sigma_crossover(&there, 2, 5000.0).unwrap().unwrap();
            assert!((sigma - 12.0).abs() < 0.5, "{n}: {sigma}");
        }
    }

    #[test]
    fn ranks_beyond_the_matrix_are_refused() {
        let setting = Setting::new(30, 20, 60, 1.0).unwrap();
        assert!(first_order_variance(&setting, 21).is_err() && sigma_crossover(&setting, 2, f64::NAN).is_err());
    }
}
