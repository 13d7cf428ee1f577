//! What rounding, chance and random updates would give: small, so they answer at once on the calling thread.

use napi::Env;
use napi::bindgen_prelude::Float64Array;
use napi_derive::napi;
use spectra::error::Result;
use spectra::outcome::{Grid, RoundingSums as Sums};
use spectra::statistics::{intruder, rounding, spike};

use crate::outcome::RoundingSums;
use crate::statistics::answer;
use crate::tensor::{invalid, whole};

/// Grid step at a value.
#[napi(ts_args_type = "value: number, grid: 'bf16' | 'f16'")]
#[allow(clippy::needless_pass_by_value)]
pub fn grid_step(env: Env, value: f64, grid: String) -> napi::Result<f64> {
    answer(env, "gridStep", || match (grid.as_str(), value.is_finite()) {
        ("bf16", true) => Ok(spectra::rounding::step(value, Grid::Bf16)),
        ("f16", true) => Ok(spectra::rounding::step(value, Grid::F16)),
        _ => Err(invalid(format!("no grid step of {value} on {grid:?}"))),
    })
}

/// What rounding leaves of an update of t grid steps per entry.
#[napi(object)]
pub struct RoundedUpdate {
    /// Kept signal a.
    pub gain: f64,
    /// E ΔW² in squared steps.
    pub second_moment: f64,
    /// Share of entries that do not change.
    pub zero_share: f64,
    /// Noise variance in squared steps.
    pub noise: f64,
}

/// Effect of rounding on an update of `t` grid steps per entry.
#[napi]
pub fn rounded_update(env: Env, t: f64) -> napi::Result<RoundedUpdate> {
    answer(env, "roundedUpdate", || {
        let update = rounding::rounded_update(t)?;
        Ok(RoundedUpdate {
            gain: update.gain,
            second_moment: update.second_moment,
            zero_share: update.zero_share,
            noise: update.noise,
        })
    })
}

/// t from the share of unchanged entries; null when none is unchanged (infinite).
#[napi(ts_return_type = "number | null")]
pub fn strength_from_zero_share(env: Env, zero_share: f64) -> napi::Result<Option<f64>> {
    answer(env, "strengthFromZeroShare", || rounding::strength_from_zero_share(zero_share))
}

/// Rounding error of a matrix whose entries were rounded once.
#[napi(object)]
pub struct RoundingFloor {
    /// √(Σu² / 12).
    pub frobenius: f64,
    /// √(mean u² / 12): the `tau` of the other functions.
    pub deviation: f64,
    /// √(largest row sum / 12).
    pub row_maximum: f64,
    /// √(largest column sum / 12).
    pub column_maximum: f64,
    /// Edge that also holds for rows and columns of unequal size.
    pub safe_edge: f64,
}

/// Floor from the sums of the rounding audit.
#[napi]
#[allow(clippy::needless_pass_by_value)]
pub fn rounding_floor(env: Env, sums: RoundingSums) -> napi::Result<RoundingFloor> {
    answer(env, "roundingFloor", || {
        let floor = rounding::rounding_floor(&Sums {
            equal: whole(sums.equal, "equal")? as u64,
            total: whole(sums.total, "total")? as u64,
            step_squares: sums.step_squares,
            row_maximum: sums.row_maximum,
            column_maximum: sums.column_maximum,
            within_half_step: sums.within_half_step,
            base_on_grid: sums.base_on_grid,
            tuned_on_grid: sums.tuned_on_grid,
        })?;
        Ok(RoundingFloor {
            frobenius: floor.frobenius,
            deviation: floor.deviation,
            row_maximum: floor.row_maximum,
            column_maximum: floor.column_maximum,
            safe_edge: floor.safe_edge(),
        })
    })
}

/// Best |cosine| by chance.
#[napi(object)]
pub struct IntruderNull {
    /// Expectation.
    pub mean: f64,
    /// 95 % point.
    pub q95: f64,
    /// 99 % point.
    pub q99: f64,
    /// 99.9 % point.
    pub q999: f64,
}

/// Null of the best |cosine| of a random direction with q orthonormal vectors of length m.
#[napi]
pub fn intruder_null(env: Env, m: f64, q: f64) -> napi::Result<IntruderNull> {
    answer(env, "intruderNull", || {
        let null = intruder::intruder_null(whole(m, "m")?, whole(q, "q")?)?;
        Ok(IntruderNull { mean: null.mean, q95: null.q95, q99: null.q99, q999: null.q999 })
    })
}

/// P(best |cosine| > c) by chance, for each cosine.
#[napi]
#[allow(clippy::needless_pass_by_value)]
pub fn intruder_probabilities(env: Env, m: f64, q: f64, cosines: Float64Array) -> napi::Result<Float64Array> {
    answer(env, "intruderProbabilities", || {
        let (m, q) = (whole(m, "m")?, whole(q, "q")?);
        let each = cosines.iter().map(|cosine| intruder::intruder_probability(m, q, *cosine));
        Ok(each.collect::<Result<Vec<_>>>()?.into())
    })
}

/// Share of a random direction's energy in a subspace.
#[napi(object)]
pub struct SubspaceNull {
    /// Expectation.
    pub mean: f64,
    /// 99 % point.
    pub q99: f64,
    /// 99.9 % point.
    pub q999: f64,
}

/// Null of the energy in k of m dimensions.
#[napi]
pub fn subspace_null(env: Env, m: f64, k: f64) -> napi::Result<SubspaceNull> {
    answer(env, "subspaceNull", || {
        let null = intruder::subspace_null(whole(m, "m")?, whole(k, "k")?)?;
        Ok(SubspaceNull { mean: null.mean, q99: null.q99, q999: null.q999 })
    })
}

/// A rank-1 update on noise.
#[napi(object)]
pub struct NoiseSpike {
    /// Strength at which it separates.
    pub critical: f64,
    /// Its singular value.
    pub value: f64,
    /// Squared cosine on the left.
    pub left: f64,
    /// Squared cosine on the right.
    pub right: f64,
}

/// Spike of strength s on m × n noise of deviation w.
#[napi]
pub fn spike_on_noise(env: Env, s: f64, w: f64, m: f64, n: f64) -> napi::Result<NoiseSpike> {
    answer(env, "spikeOnNoise", || {
        let spike = spike::spike_on_noise(s, w, whole(m, "m")?, whole(n, "n")?)?;
        Ok(NoiseSpike { critical: spike.critical, value: spike.value, left: spike.left, right: spike.right })
    })
}

/// A rank-1 update on a given base.
#[napi(object)]
pub struct BaseSpike {
    /// Its singular value.
    pub value: f64,
    /// Squared cosine on the left.
    pub left: f64,
    /// Squared cosine on the right.
    pub right: f64,
    /// Expected best |cosine| with a base vector.
    pub best_cosine: f64,
}

/// Random update of strength s on a base spectrum (all min(m, n) values).
#[napi]
#[allow(clippy::needless_pass_by_value)]
pub fn spike_on_base(env: Env, base: Float64Array, m: f64, n: f64, s: f64) -> napi::Result<BaseSpike> {
    answer(env, "spikeOnBase", || {
        let spike = spike::spike_on_base(&base, whole(m, "m")?, whole(n, "n")?, s)?;
        Ok(BaseSpike { value: spike.value, left: spike.left, right: spike.right, best_cosine: spike.best_cosine })
    })
}

/// Least strength of a random rank-1 update that enters the top k; null when there are no k positive values.
#[napi(ts_return_type = "number | null")]
#[allow(clippy::needless_pass_by_value)]
pub fn critical_strength(env: Env, base: Float64Array, m: f64, n: f64, k: f64) -> napi::Result<Option<f64>> {
    answer(env, "criticalStrength", || spike::critical_strength(&base, whole(m, "m")?, whole(n, "n")?, whole(k, "k")?))
}

/// E[1 − cos²] of left vector `index` (from 0) under a diffuse update of deviation `tau`; null when infinite.
#[napi(ts_return_type = "number | null")]
#[allow(clippy::needless_pass_by_value)]
pub fn rotation_loss(env: Env, base: Float64Array, m: f64, n: f64, tau: f64, index: f64) -> napi::Result<Option<f64>> {
    answer(env, "rotationLoss", || {
        spike::rotation_loss(&base, whole(m, "m")?, whole(n, "n")?, tau, whole(index, "index")?)
    })
}
