//! Full fine-tuning: exact risk for Gaussian inputs.

use serde::Serialize;

use crate::setting::Setting;
use crate::{Result, invalid};

/// Excess risk and its two parts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Risk {
    /// bias + variance.
    pub risk: f64,
    /// What the data do not show.
    pub bias: f64,
    /// Noise that was fitted.
    pub variance: f64,
}

/// Expected risk of the least-squares (n > d) or nearest interpolating (n < d) fit, for ‖Δ⋆‖_F² = `energy`.
///
/// # Errors
/// `InvalidArgument` for a negative or infinite energy.
pub fn full_risk(setting: &Setting, energy: f64) -> Result<Risk> {
    check_energy(energy)?;
    let bias = energy * (1.0 - setting.seen());
    let variance = setting.noise_energy() * setting.small() as f64 / (setting.distance() - 1.0);
    Ok(Risk { risk: bias + variance, bias, variance })
}

/// Average of `count` fits on independent data sets of n samples each.
///
/// # Errors
/// `InvalidArgument` for no fits or a bad energy.
pub fn averaged_risk(setting: &Setting, energy: f64, count: usize) -> Result<Risk> {
    if count == 0 {
        return Err(invalid("an average needs at least one fit"));
    }
    let single = full_risk(setting, energy)?;
    let (share, seen) = (1.0 / count as f64, setting.seen());
    let bias = energy * (1.0 - seen) * (share + (1.0 - share) * (1.0 - seen));
    let variance = single.variance * share;
    Ok(Risk { risk: bias + variance, bias, variance })
}

/// Best number of samples below d.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BestSamples {
    /// Where the risk below d is least; 0 when more data always hurts there.
    pub n_star: f64,
    /// The noise outweighs the shift: below d every further sample hurts.
    pub more_data_always_hurts: bool,
}

/// The least risk for n < d (the risk falls again beyond d).
///
/// # Errors
/// `InvalidArgument` for an empty shape, a bad energy or bad noise.
pub fn best_samples(k: usize, d: usize, energy: f64, sigma: f64) -> Result<BestSamples> {
    // Any n far from d will do: it does not enter.
    let noise = Setting::new(k, d, d + 2, sigma)?.noise_energy();
    check_energy(energy)?;
    let inputs = d as f64;
    if noise >= energy * (inputs - 1.0) / inputs {
        return Ok(BestSamples { n_star: 0.0, more_data_always_hurts: true });
    }
    let n_star = (inputs - 1.0 - (noise * inputs * (inputs - 1.0) / energy).sqrt()).max(0.0);
    Ok(BestSamples { n_star, more_data_always_hurts: false })
}

fn check_energy(energy: f64) -> Result<()> {
    if energy.is_finite() && energy >= 0.0 { Ok(()) } else { Err(invalid(format!("the shift's energy is {energy}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fit_is_its_own_average() {
        for n in [8, 60] {
            let setting = Setting::new(6, 20, n, 1.5).unwrap();
            let (single, average) = (full_risk(&setting, 40.0).unwrap(), averaged_risk(&setting, 40.0, 1).unwrap());
            assert!((single.risk - average.risk).abs() < 1e-12 * single.risk);
        }
    }

    #[test]
    fn without_noise_and_with_all_inputs_seen_nothing_is_left() {
        let setting = Setting::new(6, 20, 60, 0.0).unwrap();
        assert!(full_risk(&setting, 40.0).unwrap().risk.abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn the_best_number_of_samples_is_a_minimum() {
        let best = best_samples(40, 200, 1600.0, 2.0).unwrap().n_star.round() as usize;
        let at = |n: usize| full_risk(&Setting::new(40, 200, n, 2.0).unwrap(), 1600.0).unwrap().risk;
        assert!(at(best) <= at(best - 2) && at(best) <= at(best + 2));
    }
}
