//! Which rank, or full fine-tuning: predicted from a measured spectrum.

use serde::{Deserialize, Serialize};
use spectra::statistics::noise;

use crate::curve::{Curve, curve};
use crate::setting::Setting;
use crate::{Result, invalid};

/// Ranks that are offered.
const LARGEST_RANK: usize = 512;
/// A smaller rank is recommended while its risk is at most so much above the least.
const NEAR_BEST: f64 = 1.05;
/// One method is called better when its risk is below this share of the other's.
const CLEARLY_BETTER: f64 = 0.9;
/// Ranks whose risk is within this factor of the best are useful.
const USEFUL: f64 = 1.1;
/// n and d this near to each other make all numbers unreliable.
const NEAR: f64 = 0.1;

/// A measured update and what is assumed about the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Measured singular values of ΔW, any order.
    pub singular_values: Vec<f64>,
    /// Rows of ΔW.
    pub k: usize,
    /// Columns of ΔW.
    pub d: usize,
    /// Effective samples.
    pub n: usize,
    /// tr Σ_ε / ‖Δ⋆‖².
    pub rho: f64,
    /// Standard deviation of the noise floor of an entry; 0 for factors.
    #[serde(default)]
    pub tau: f64,
}

/// What training is predicted to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every rank is predicted to hurt.
    None,
    /// Full fine-tuning is clearly better.
    Full,
    /// LoRA at the recommended rank is clearly better.
    Lora,
    /// Too near to call: the cheaper one.
    Tie,
}

/// The answer for one module.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// Energy of the denoised shift.
    #[serde(rename = "E")]
    pub energy: f64,
    /// Noise per output that ρ means.
    pub sigma: f64,
    /// min(k, n, d).
    pub q: usize,
    /// Components that stand out of the noise.
    pub detected: usize,
    /// Risk without training.
    #[serde(rename = "R0")]
    pub untrained: f64,
    /// Risk of full fine-tuning.
    pub fft: f64,
    /// Rank of least risk.
    pub rank_best: usize,
    /// Its risk.
    #[serde(rename = "R_best")]
    pub risk_best: f64,
    /// Least offered rank within 5 % of the best offered one.
    pub rank_rec: usize,
    /// Which method.
    pub verdict: Verdict,
    /// `over` (n > d) or `under`.
    pub regime: &'static str,
    /// n is within 10 % of d.
    pub near: bool,
    /// `strong` (ρ ≥ 1) or `weak`.
    pub noise_regime: &'static str,
    /// Offered ranks with their risk.
    pub curve: std::collections::BTreeMap<usize, f64>,
    /// Ranks whose risk is within 10 % of the best: first and last.
    pub useful: [usize; 2],
    /// Risk, signal missed and noise fitted at every rank.
    #[serde(skip)]
    pub whole: Curve,
}

/// Offered ranks below q: powers of two up to 512.
#[must_use]
pub fn rank_grid(q: usize) -> Vec<usize> {
    std::iter::successors(Some(1), |rank| Some(rank * 2))
        .take_while(|rank| *rank < q && *rank <= LARGEST_RANK)
        .collect()
}

/// # Errors
/// `InvalidArgument` that names what is wrong: bad sizes, |n − d| ≤ 1, ρ negative or NaN, a bad or all-zero spectrum,
/// min(k, n, d) below 2.
pub fn advise(question: &Question) -> Result<Advice> {
    let Question { singular_values, k, d, n, rho, tau } = question;
    if !(rho.is_finite() && *rho >= 0.0) {
        return Err(invalid(format!("rho is {rho}; the ratio of noise to shift must be zero or positive")));
    }
    Setting::new(*k, *d, *n, 0.0)?;
    let shift = noise::denoise(singular_values, *k, *d, *tau)?.values;
    let energy: f64 = shift.iter().map(|s| s * s).sum();
    if energy <= 0.0 {
        return Err(invalid("no singular value stands out of the noise floor, so there is no shift to learn"));
    }
    let setting = Setting::new(*k, *d, *n, (rho * energy / *k as f64).sqrt())?;
    let q = setting.full_rank();
    if q < 2 {
        return Err(invalid(format!("min(k, n, d) is {q}: there is no rank to choose")));
    }
    Ok(answer(&setting, curve(&setting, &shift)?, energy, *rho))
}

fn answer(setting: &Setting, whole: Curve, energy: f64, rho: f64) -> Advice {
    let q = setting.full_rank();
    let risk = &whole.risk;
    let grid = rank_grid(q);
    let least = grid.iter().map(|rank| risk[*rank]).fold(f64::INFINITY, f64::min);
    let rank_rec = grid.iter().copied().find(|rank| risk[*rank] <= NEAR_BEST * least).unwrap_or(1);
    let risk_best = risk[whole.best_rank];
    let is_useful = |rank: &usize| risk[*rank] <= USEFUL * risk_best;
    let useful = [(0..=q).find(is_useful).unwrap_or(0), (0..=q).rev().find(is_useful).unwrap_or(q)];
    Advice {
        energy,
        sigma: setting.sigma,
        q,
        detected: whole.detected,
        untrained: risk[0],
        fft: risk[q],
        rank_best: whole.best_rank,
        risk_best,
        rank_rec,
        verdict: verdict(risk, rank_rec),
        regime: if setting.is_under() { "under" } else { "over" },
        near: setting.distance() < NEAR * setting.d as f64,
        noise_regime: if rho >= 1.0 { "strong" } else { "weak" },
        curve: grid.iter().map(|rank| (*rank, risk[*rank])).collect(),
        useful,
        whole,
    }
}

fn verdict(risk: &[f64], recommended: usize) -> Verdict {
    let (full, lora) = (risk[risk.len() - 1], risk[recommended]);
    let least = risk[1..].iter().copied().fold(f64::INFINITY, f64::min);
    if least >= risk[0] {
        Verdict::None
    } else if full < CLEARLY_BETTER * lora {
        Verdict::Full
    } else if lora < CLEARLY_BETTER * full {
        Verdict::Lora
    } else {
        Verdict::Tie
    }
}

/// s_k = √(E_total·(E_k − E_{k−1})) from an energy curve E_1, E_2, … with E_0 = 0.
///
/// # Errors
/// `InvalidArgument` for a curve that falls, leaves 0…1, or a total that is not positive.
pub fn from_energy_curve(curve: &[f64], total: f64) -> Result<Vec<f64>> {
    if !(total.is_finite() && total > 0.0) {
        return Err(invalid(format!("the total energy is {total}")));
    }
    let mut before = 0.0;
    let mut values = Vec::with_capacity(curve.len());
    for (index, share) in curve.iter().enumerate() {
        if !(*share >= before && *share <= 1.0 + 1e-9) {
            return Err(invalid(format!("the energy curve is {share} at {} after {before}", index + 1)));
        }
        values.push((total * (share - before)).sqrt());
        before = *share;
    }
    Ok(values)
}
