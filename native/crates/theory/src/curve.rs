//! The fast curve: risk of LoRA at every rank for any spectrum (an approximation with a measured
//! error: 1.1 % median, 6.4 % at the 90th percentile at the chosen rank).

use serde::Serialize;

use crate::Result;
use crate::full::full_risk;
use crate::noise_energy::energy_shares;
use crate::setting::Setting;
use crate::shift::check_spectrum;
use crate::spiked::inclusion_change;

/// Risk against rank.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// R[0…q]; R[q] is full fine-tuning.
    pub risk: Vec<f64>,
    /// Signal missed at each rank.
    pub bias: Vec<f64>,
    /// Noise fitted at each rank.
    pub variance: Vec<f64>,
    /// Components that stand out of the noise.
    pub detected: usize,
    /// Rank of least risk.
    pub best_rank: usize,
}

/// The curve for a shift with these singular values (any order; zeros change nothing).
///
/// # Errors
/// `InvalidArgument` for values that are negative, NaN or infinite, or more of them than min(k, d).
pub fn curve(setting: &Setting, spectrum: &[f64]) -> Result<Curve> {
    let values = check_spectrum(spectrum, setting.k.min(setting.d))?;
    let energy: f64 = values.iter().map(|s| s * s).sum();
    let full = full_risk(setting, energy)?.risk;
    let q = setting.full_rank();
    let mut risk = with_signal(setting, &values, energy);
    let detected = risk.len() - 1;
    append_noise(setting, &mut risk, full);
    meet_full(setting, &mut risk, full);
    let bias = biases(setting, &values, energy, detected, q);
    let variance = risk.iter().zip(&bias).map(|(risk, bias)| risk - bias).collect();
    let best_rank = (0..=q).min_by(|one, other| risk[*one].total_cmp(&risk[*other])).unwrap_or(0);
    Ok(Curve { risk, bias, variance, detected, best_rank })
}

/// R[0…j₀]: the components that are seen, one after the other.
fn with_signal(setting: &Setting, values: &[f64], energy: f64) -> Vec<f64> {
    let mut risk = vec![energy];
    for (index, s) in values.iter().take(setting.full_rank()).enumerate() {
        let area = ((setting.k - index) * (setting.small() - index)) as f64;
        if s * (setting.n as f64).sqrt() <= setting.sigma * area.powf(0.25) {
            break;
        }
        risk.push(risk[index] + inclusion_change(setting, *s, index));
    }
    risk
}

/// Further ranks fit noise, the strongest directions first.
fn append_noise(setting: &Setting, risk: &mut Vec<f64>, full: f64) {
    let detected = risk.len() - 1;
    let (rows, columns) = (setting.k - detected, setting.small() - detected);
    if rows == 0 || columns == 0 {
        return;
    }
    let start = risk[detected];
    let shares = energy_shares(rows, columns);
    risk.extend(shares.iter().skip(1).map(|share| start + (full - start) * share));
}

/// Bends the end so that the last rank is full fine-tuning.
fn meet_full(setting: &Setting, risk: &mut [f64], full: f64) {
    let (k, m) = (setting.k as f64, setting.small() as f64);
    let gap = full - risk[risk.len() - 1];
    for (rank, value) in risk.iter_mut().enumerate() {
        let r = rank as f64;
        *value = (*value + gap * (r * (k + m - r) / (k * m)).powi(8)).max(0.0);
    }
}

fn biases(setting: &Setting, values: &[f64], energy: f64, detected: usize, q: usize) -> Vec<f64> {
    let mut kept = 0.0;
    let mut bias = Vec::with_capacity(q + 1);
    for rank in 0..=q {
        if rank > 0 && rank <= detected {
            kept += values[rank - 1] * values[rank - 1];
        }
        bias.push((energy - setting.seen() * kept).max(0.0));
    }
    bias
}

/// Σ_{i>r} s_i² for r = 0…q: no update of that rank can do better (exact).
///
/// # Errors
/// As [`curve`].
pub fn lower_bound(setting: &Setting, spectrum: &[f64]) -> Result<Vec<f64>> {
    let values = check_spectrum(spectrum, setting.k.min(setting.d))?;
    let tail = |rank: usize| values.iter().skip(rank).rev().map(|s| s * s).sum();
    Ok((0..=setting.full_rank()).map(tail).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falling(count: usize, power: f64) -> Vec<f64> {
        (1..=count).map(|i| 5.0 * (i as f64).powf(-power)).collect()
    }

    #[test]
    fn a_longer_unit_changes_nothing_but_the_unit() {
        let setting = Setting::new(40, 30, 200, 0.5).unwrap();
        let scaled = Setting::new(40, 30, 200, 1.5).unwrap();
        let spectrum = falling(30, 0.8);
        let (one, other) = (
            curve(&setting, &spectrum).unwrap(),
            curve(&scaled, &spectrum.iter().map(|s| 3.0 * s).collect::<Vec<_>>()).unwrap(),
        );
        for (left, right) in one.risk.iter().zip(&other.risk) {
            assert!((9.0 * left - right).abs() <= 1e-9 * right);
        }
    }

    #[test]
    fn order_and_zeros_do_not_matter() {
        let setting = Setting::new(40, 30, 20, 0.5).unwrap();
        let spectrum = falling(12, 1.0);
        let mut turned: Vec<f64> = spectrum.iter().rev().copied().collect();
        turned.extend([0.0; 5]);
        assert_eq!(curve(&setting, &spectrum).unwrap(), curve(&setting, &turned).unwrap());
    }

    #[test]
    fn the_last_rank_is_full_fine_tuning_and_endless_data_leaves_the_tail() {
        for (k, d, n) in [(40, 40, 200), (100, 100, 50), (896, 128, 200)] {
            let setting = Setting::new(k, d, n, 0.5).unwrap();
            let spectrum = falling(k.min(d), 0.5);
            let energy = spectrum.iter().map(|s| s * s).sum();
            let found = curve(&setting, &spectrum).unwrap();
            let full = full_risk(&setting, energy).unwrap().risk;
            assert!((found.risk[setting.full_rank()] - full).abs() < 1e-9 * full);
        }
        let endless = Setting::new(40, 40, 1 << 36, 0.5).unwrap();
        let spectrum = falling(40, 1.0);
        let (found, tail) = (curve(&endless, &spectrum).unwrap(), lower_bound(&endless, &spectrum).unwrap());
        for (risk, bound) in found.risk.iter().zip(&tail) {
            assert!((risk - bound).abs() < 1e-5, "{risk} {bound}");
        }
    }

    #[test]
    fn spectra_that_are_none_are_refused() {
        let setting = Setting::new(4, 4, 20, 0.5).unwrap();
        for bad in [vec![f64::NAN], vec![-1.0], vec![f64::INFINITY], vec![1.0; 5]] {
            assert!(curve(&setting, &bad).is_err());
        }
    }
}
