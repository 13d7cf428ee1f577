//! Statistics of spectra: small, so they answer at once on the calling thread.

use napi::Env;
use napi::bindgen_prelude::Float64Array;
use napi_derive::napi;
use spectra::error::Result;
use spectra::statistics::{decay, metrics as ranks, noise};

use crate::failure::thrown;
use crate::pool::guarded;
use crate::tensor::whole;

/// Runs a small computation; its error or panic is thrown.
pub(crate) fn answer<T>(env: Env, place: &'static str, job: impl FnOnce() -> Result<T>) -> napi::Result<T> {
    guarded(place, job).map_err(|fault| thrown(env, fault))
}

/// Effective ranks of a spectrum.
#[napi(object)]
pub struct Metrics {
    /// Σs² / s₁².
    pub stable: f64,
    /// exp(−Σp ln p), p = s / Σs.
    pub entropy: f64,
    /// The same with p = s² / Σs².
    pub entropy_of_squares: f64,
    /// (Σs²)² / Σs⁴.
    pub participation: f64,
    /// Least k with 50 % of the energy.
    pub e50: f64,
    /// Least k with 90 %.
    pub e90: f64,
    /// Least k with 95 %.
    pub e95: f64,
    /// Least k with 99 %.
    pub e99: f64,
}

/// Effective ranks; null for a zero matrix, where they are undefined. Order does not matter.
#[napi(ts_return_type = "Metrics | null")]
#[allow(clippy::needless_pass_by_value)]
pub fn metrics(env: Env, singular_values: Float64Array) -> napi::Result<Option<Metrics>> {
    answer(env, "metrics", || {
        Ok(ranks::effective_ranks(&singular_values)?.map(|ranks| Metrics {
            stable: ranks.stable,
            entropy: ranks.entropy,
            entropy_of_squares: ranks.entropy_of_squares,
            participation: ranks.participation,
            e50: ranks.energy_50 as f64,
            e90: ranks.energy_90 as f64,
            e95: ranks.energy_95 as f64,
            e99: ranks.energy_99 as f64,
        }))
    })
}

/// Cumulative energy shares, k from 1; null for a zero matrix.
#[napi(ts_return_type = "Float64Array | null")]
#[allow(clippy::needless_pass_by_value)]
pub fn energy_curve(env: Env, singular_values: Float64Array) -> napi::Result<Option<Float64Array>> {
    answer(env, "energyCurve", || Ok(ranks::energy_curve(&singular_values)?.map(Into::into)))
}

/// Σ s² beyond the r largest values.
#[napi]
#[allow(clippy::needless_pass_by_value)]
pub fn tail_energy(env: Env, singular_values: Float64Array, r: f64) -> napi::Result<f64> {
    answer(env, "tailEnergy", || ranks::tail_energy(&singular_values, whole(r, "r")?))
}

/// Power law and exponential fitted to a spectrum.
#[napi(object)]
pub struct PowerFit {
    /// Exponent p of s ∝ i^−p.
    pub exponent: f64,
    /// Weighted R² of the power law.
    pub r_squared: f64,
    /// Rate λ of s ∝ e^−λi.
    pub rate: f64,
    /// Weighted R² of the exponential.
    pub r_squared_exponential: f64,
    /// Least p over the windows.
    pub exponent_minimum: f64,
    /// Largest p over the windows.
    pub exponent_maximum: f64,
    /// Values fitted.
    pub count: f64,
    /// The law that describes the spectrum better.
    #[napi(ts_type = "'power' | 'exponential' | 'neither'")]
    pub law: String,
}

impl From<decay::PowerFit> for PowerFit {
    fn from(fit: decay::PowerFit) -> Self {
        let law = match fit.law {
            decay::Law::Power => "power",
            decay::Law::Exponential => "exponential",
            decay::Law::Neither => "neither",
        };
        Self {
            exponent: fit.exponent,
            r_squared: fit.r_squared,
            rate: fit.rate,
            r_squared_exponential: fit.r_squared_exponential,
            exponent_minimum: fit.exponent_minimum,
            exponent_maximum: fit.exponent_maximum,
            count: fit.count as f64,
            law: law.to_owned(),
        }
    }
}

/// Fits the first `count` values of a falling spectrum as they are; null below 12 values.
#[napi(ts_return_type = "PowerFit | null")]
#[allow(clippy::needless_pass_by_value)]
pub fn power_fit(env: Env, singular_values: Float64Array, count: f64) -> napi::Result<Option<PowerFit>> {
    answer(env, "powerFit", || Ok(decay::power_fit(&singular_values, whole(count, "count")?)?.map(PowerFit::from)))
}

/// Removes a noise floor of deviation `tau` (0: none) from the spectrum of an m × n matrix, then fits; null below
/// 12 values above the floor.
#[napi(ts_return_type = "PowerFit | null")]
#[allow(clippy::needless_pass_by_value)]
pub fn decay_fit(env: Env, singular_values: Float64Array, m: f64, n: f64, tau: f64) -> napi::Result<Option<PowerFit>> {
    answer(env, "decayFit", || {
        Ok(decay::decay(&singular_values, whole(m, "m")?, whole(n, "n")?, tau)?.map(PowerFit::from))
    })
}

/// Effective ranks of pure noise as shares of min(m, n).
#[napi(object)]
pub struct NoiseReference {
    /// Stable rank.
    pub stable: f64,
    /// Entropy rank.
    pub entropy: f64,
    /// Participation ratio.
    pub participation: f64,
    /// Energy rank at 50 %.
    pub e50: f64,
    /// Energy rank at 90 %.
    pub e90: f64,
    /// Energy rank at 99 %.
    pub e99: f64,
}

/// What pure noise of sides in the ratio `beta` (small / large) would give.
#[napi]
pub fn noise_reference(env: Env, beta: f64) -> napi::Result<NoiseReference> {
    answer(env, "noiseReference", || {
        let reference = noise::noise_reference(beta)?;
        Ok(NoiseReference {
            stable: reference.stable,
            entropy: reference.entropy,
            participation: reference.participation,
            e50: reference.energy_50,
            e90: reference.energy_90,
            e99: reference.energy_99,
        })
    })
}

/// Largest singular value of noise.
#[napi(object)]
pub struct NoiseEdge {
    /// τ(√m + √n).
    pub naive: f64,
    /// Median.
    pub q50: f64,
    /// 95 % point.
    pub q95: f64,
    /// 99 % point.
    pub q99: f64,
}

/// Edge of an m × n matrix of independent entries of deviation `tau`.
#[napi]
pub fn noise_edge(env: Env, m: f64, n: f64, tau: f64) -> napi::Result<NoiseEdge> {
    answer(env, "noiseEdge", || {
        let edge = noise::noise_edge(whole(m, "m")?, whole(n, "n")?, tau)?;
        Ok(NoiseEdge { naive: edge.naive, q50: edge.q50, q95: edge.q95, q99: edge.q99 })
    })
}

/// A spectrum without its noise.
#[napi(object)]
pub struct Denoised {
    /// Values above this were kept.
    pub edge: f64,
    /// Estimates of the signal, falling.
    pub values: Float64Array,
}

/// Keeps values above the 99 % edge of an m × n matrix of deviation `tau` and removes the noise from each.
#[napi]
#[allow(clippy::needless_pass_by_value)]
pub fn denoise(env: Env, singular_values: Float64Array, m: f64, n: f64, tau: f64) -> napi::Result<Denoised> {
    answer(env, "denoise", || {
        let denoised = noise::denoise(&singular_values, whole(m, "m")?, whole(n, "n")?, tau)?;
        Ok(Denoised { edge: denoised.edge, values: denoised.values.into() })
    })
}
