//! Statistics of measured spectra under the names of the golden file.

use serde::Deserialize;
use serde_json::{Value, json};
use spectra::outcome::{Grid, RoundingSums};
use spectra::rounding::step;
use spectra::statistics::{decay, intruder, metrics, noise, rounding, spike};

use super::read;
use crate::shift::Shift;
use crate::{Result, invalid};

/// Cosines at which the null's tail is answered when none are named.
const COSINES: [f64; 4] = [0.06, 0.1, 0.15, 0.3];

/// `None` for kinds that live elsewhere.
pub(super) fn answer(kind: &str, input: &Value) -> Option<Result<Value>> {
    Some(match kind {
        "metrics" => ranks(input),
        "tail_energy" => tail_energy(input),
        "power_fit" => power_fit(input),
        "noise_reference" => noise_reference(input),
        "mp_edge" => edge(input),
        "bf16_ulp" => grid_step(input),
        "rounding" => rounded(input),
        "rounding_floor" => rounding_floor(input),
        "intruder_null" => intruder_null(input),
        "subspace_null" => subspace_null(input),
        "bbp" => spike_on_noise(input),
        "intruder_critical" => critical(input),
        "intruder_general" => general(input),
        "rotation_loss" => rotation(input),
        "denoise" => denoise(input),
        _ => return None,
    })
}

#[derive(Deserialize)]
struct Spectrum {
    singular_values: Vec<f64>,
}

fn ranks(input: &Value) -> Result<Value> {
    let Some(ranks) = metrics::effective_ranks(&read::<Spectrum>(input)?.singular_values)? else {
        return Ok(Value::Null);
    };
    Ok(json!({
        "stable_rank": ranks.stable, "entropy_rank": ranks.entropy, "entropy_rank_sq": ranks.entropy_of_squares,
        "participation": ranks.participation, "e50": ranks.energy_50, "e90": ranks.energy_90,
        "e95": ranks.energy_95, "e99": ranks.energy_99,
    }))
}

#[derive(Deserialize)]
struct Tail {
    kind: String,
    decay: f64,
    scale: f64,
    count: usize,
    r: usize,
}

fn tail_energy(input: &Value) -> Result<Value> {
    let Tail { kind, decay, scale, count, r } = read(input)?;
    let shift = match kind.as_str() {
        "exp" => Shift::Exp { decay, scale, count: Some(count) },
        "pow" => Shift::Pow { decay, scale, count: Some(count) },
        other => return Err(invalid(format!("there is no spectrum of kind {other:?}"))),
    };
    shift.check(count, count)?;
    let values = shift.fixed(count, count).unwrap_or_default();
    let curve = metrics::energy_curve(&values)?.unwrap_or_default();
    let share = if r == 0 { Some(0.0) } else { curve.get(r - 1).copied() };
    let share = share.ok_or_else(|| invalid(format!("r is {r} of {count} values")))?;
    Ok(json!({ "tail": metrics::tail_energy(&values, r)?, "E_r": share }))
}

#[derive(Deserialize)]
struct Fit {
    singular_values: Vec<f64>,
    hi: usize,
}

fn power_fit(input: &Value) -> Result<Value> {
    let Fit { singular_values, hi } = read(input)?;
    let Some(fit) = decay::power_fit(&singular_values, hi)? else { return Ok(Value::Null) };
    Ok(json!({
        "p": fit.exponent, "r2": fit.r_squared, "lam": fit.rate, "r2_exp": fit.r_squared_exponential,
        "p_min": fit.exponent_minimum, "p_max": fit.exponent_maximum,
    }))
}

#[derive(Deserialize)]
struct Ratio {
    beta: f64,
}

fn noise_reference(input: &Value) -> Result<Value> {
    let found = noise::noise_reference(read::<Ratio>(input)?.beta)?;
    Ok(json!({
        "stable": found.stable, "entropy": found.entropy, "participation": found.participation,
        "e50": found.energy_50, "e90": found.energy_90, "e99": found.energy_99,
    }))
}

#[derive(Deserialize)]
struct Noise {
    m: usize,
    n: usize,
    tau: f64,
}

fn edge(input: &Value) -> Result<Value> {
    let Noise { m, n, tau } = read(input)?;
    let edge = noise::noise_edge(m, n, tau)?;
    Ok(json!({ "naive": edge.naive, "q50": edge.q50, "q95": edge.q95, "q99": edge.q99 }))
}

#[derive(Deserialize)]
struct Entry {
    w: f64,
}

fn grid_step(input: &Value) -> Result<Value> {
    let Entry { w } = read(input)?;
    Ok(json!({ "ulp": step(w, Grid::Bf16) }))
}

#[derive(Deserialize)]
struct Steps {
    t: f64,
}

fn rounded(input: &Value) -> Result<Value> {
    let update = rounding::rounded_update(read::<Steps>(input)?.t)?;
    Ok(json!({
        "second_moment": update.second_moment, "gain": update.gain, "zero_share": update.zero_share,
        "noise": update.noise,
    }))
}

#[derive(Deserialize)]
struct Weights {
    #[serde(rename = "W")]
    rows: Vec<Vec<f64>>,
}

fn rounding_floor(input: &Value) -> Result<Value> {
    let Weights { rows } = read(input)?;
    let width = rows.first().map_or(0, Vec::len);
    if width == 0 || rows.iter().any(|row| row.len() != width || row.iter().any(|value| !value.is_finite())) {
        return Err(invalid("W needs finite numbers in rows of one length"));
    }
    let square = |value: &f64| step(*value, Grid::Bf16).powi(2);
    let sums: Vec<f64> = rows.iter().map(|row| row.iter().map(square).sum()).collect();
    let columns = (0..width).map(|column| rows.iter().map(|row| square(&row[column])).sum());
    let floor = rounding::rounding_floor(&RoundingSums {
        equal: 0,
        total: (rows.len() * width) as u64,
        step_squares: sums.iter().sum(),
        row_maximum: sums.iter().copied().fold(0.0, f64::max),
        column_maximum: columns.fold(0.0, f64::max),
        within_half_step: false,
        base_on_grid: false,
        tuned_on_grid: false,
    })?;
    Ok(json!({
        "frobenius": floor.frobenius, "std": floor.deviation, "row_max": floor.row_maximum,
        "col_max": floor.column_maximum,
    }))
}

#[derive(Deserialize)]
struct Chance {
    m: usize,
    q: usize,
    cosines: Option<Vec<f64>>,
}

fn intruder_null(input: &Value) -> Result<Value> {
    let Chance { m, q, cosines } = read(input)?;
    let chance = intruder::intruder_null(m, q)?;
    let mut tail = serde_json::Map::new();
    for cosine in cosines.as_deref().unwrap_or(&COSINES) {
        tail.insert(cosine.to_string(), json!(intruder::intruder_probability(m, q, *cosine)?));
    }
    Ok(json!({ "mean": chance.mean, "q95": chance.q95, "q99": chance.q99, "q999": chance.q999, "p_at": tail }))
}

#[derive(Deserialize)]
struct Subspace {
    m: usize,
    #[serde(rename = "K")]
    dimensions: usize,
}

fn subspace_null(input: &Value) -> Result<Value> {
    let Subspace { m, dimensions } = read(input)?;
    let chance = intruder::subspace_null(m, dimensions)?;
    Ok(json!({ "mean": chance.mean, "q99": chance.q99, "q999": chance.q999 }))
}

#[derive(Deserialize)]
struct OnNoise {
    s: f64,
    w: f64,
    m: usize,
    n: usize,
}

fn spike_on_noise(input: &Value) -> Result<Value> {
    let OnNoise { s, w, m, n } = read(input)?;
    let spike = spike::spike_on_noise(s, w, m, n)?;
    Ok(json!({ "s_crit": spike.critical, "y": spike.value, "cu2": spike.left, "cv2": spike.right }))
}

#[derive(Deserialize)]
struct OnBase {
    base: Vec<f64>,
    m: usize,
    n: usize,
    #[serde(default)]
    k: usize,
    #[serde(default)]
    s: f64,
    #[serde(default)]
    tau: f64,
    #[serde(default)]
    index: usize,
}

fn critical(input: &Value) -> Result<Value> {
    let OnBase { base, m, n, k, .. } = read(input)?;
    Ok(json!({ "s_crit": spike::critical_strength(&base, m, n, k)? }))
}

fn general(input: &Value) -> Result<Value> {
    let OnBase { base, m, n, s, .. } = read(input)?;
    let spike = spike::spike_on_base(&base, m, n, s)?;
    Ok(json!({ "y": spike.value, "cu2": spike.left, "cv2": spike.right, "max_cos": spike.best_cosine }))
}

fn rotation(input: &Value) -> Result<Value> {
    let OnBase { base, m, n, tau, index, .. } = read(input)?;
    Ok(json!({ "loss": spike::rotation_loss(&base, m, n, tau, index)? }))
}

#[derive(Deserialize)]
struct Measured {
    singular_values: Vec<f64>,
    k: usize,
    d: usize,
    tau: f64,
}

fn denoise(input: &Value) -> Result<Value> {
    let Measured { singular_values, k, d, tau } = read(input)?;
    let found = noise::denoise(&singular_values, k, d, tau)?;
    Ok(json!({ "edge": found.edge, "kept": found.values.len(), "values": found.values }))
}
