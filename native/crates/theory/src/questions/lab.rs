//! Closed forms of the theory lab under the names of the golden file.

use faer::Mat;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{read, write};
use crate::budget::{Matrix, allocate};
use crate::calibration::{calibrate, label_noise};
use crate::curve::curve;
use crate::estimator::fit;
use crate::first_order::{first_order_variance, sigma_crossover};
use crate::full::{averaged_risk, best_samples, full_risk};
use crate::noise_energy::noise_energy;
use crate::setting::Setting;
use crate::shift::Shift;
use crate::spiked::{inclusion, spike};
use crate::{Result, invalid};

/// `None` for kinds that live elsewhere.
pub(super) fn answer(kind: &str, input: &Value) -> Option<Result<Value>> {
    Some(match kind {
        "fft_risk" => full(input),
        "average" => average(input),
        "fft_best_n" => best_n(input),
        "lora_first_order" => first_order(input),
        "sigma_crossover" => crossover(input),
        "estimator" => estimator(input),
        "mp_energy" => energy(input),
        "spike" => one_spike(input),
        "inclusion" => inclusions(input),
        "curve" => fast_curve(input),
        "budget" => budget(input),
        "label_noise" => flipped(input),
        "calibrate" => calibration(input),
        _ => return None,
    })
}

#[derive(Deserialize)]
struct Sizes {
    k: usize,
    d: usize,
    n: usize,
    sigma: f64,
}

impl Sizes {
    fn setting(&self) -> Result<Setting> {
        Setting::new(self.k, self.d, self.n, self.sigma)
    }
}

fn setting(input: &Value) -> Result<Setting> {
    read::<Sizes>(input)?.setting()
}

#[derive(Deserialize)]
struct Energy {
    delta_energy: f64,
}

fn full(input: &Value) -> Result<Value> {
    let risk = full_risk(&setting(input)?, read::<Energy>(input)?.delta_energy)?;
    Ok(json!({ "risk": risk.risk }))
}

#[derive(Deserialize)]
struct Averaged {
    #[serde(rename = "K")]
    count: usize,
    delta_energy: f64,
}

fn average(input: &Value) -> Result<Value> {
    let Averaged { count, delta_energy } = read(input)?;
    Ok(json!({ "risk": averaged_risk(&setting(input)?, delta_energy, count)?.risk }))
}

#[derive(Deserialize)]
struct BestN {
    k: usize,
    d: usize,
    delta_energy: f64,
    sigma: f64,
}

fn best_n(input: &Value) -> Result<Value> {
    let BestN { k, d, delta_energy, sigma } = read(input)?;
    write(best_samples(k, d, delta_energy, sigma)?)
}

#[derive(Deserialize)]
struct Rank {
    r: usize,
}

fn first_order(input: &Value) -> Result<Value> {
    Ok(json!({ "variance": first_order_variance(&setting(input)?, read::<Rank>(input)?.r)? }))
}

#[derive(Deserialize)]
struct Missed {
    k: usize,
    d: usize,
    n: usize,
    r: usize,
    tail: f64,
}

fn crossover(input: &Value) -> Result<Value> {
    let Missed { k, d, n, r, tail } = read(input)?;
    Ok(json!({ "sigma_c": sigma_crossover(&Setting::new(k, d, n, 0.0)?, r, tail)? }))
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "A0")]
    start: Vec<Vec<f64>>,
    #[serde(rename = "Delta")]
    delta: Vec<Vec<f64>>,
    #[serde(rename = "X")]
    inputs: Vec<Vec<f64>>,
    #[serde(rename = "Y")]
    outputs: Vec<Vec<f64>>,
}

fn estimator(input: &Value) -> Result<Value> {
    let data: Data = read(input)?;
    let start = matrix("A0", &data.start)?;
    let delta = matrix("Delta", &data.delta)?;
    if delta.shape() != start.shape() {
        return Err(invalid("Delta and A0 have different shapes"));
    }
    let truth = &start + delta;
    let (inputs, outputs) = (matrix("X", &data.inputs)?, matrix("Y", &data.outputs)?);
    let fits = fit(start.as_ref(), inputs.as_ref(), outputs.as_ref())?;
    let risk = |fit: &Mat<f64>| (fit - &truth).squared_norm_l2();
    let lora = fits.lora.iter().enumerate().skip(1);
    let lora: serde_json::Map<_, _> = lora.map(|(rank, fit)| (rank.to_string(), json!(rows(fit)))).collect();
    let risks: Vec<f64> = fits.lora.iter().map(risk).collect();
    Ok(json!({ "fft": rows(&fits.full), "lora": lora, "risk_fft": risk(&fits.full), "risk_lora": risks }))
}

fn matrix(name: &str, rows: &[Vec<f64>]) -> Result<Mat<f64>> {
    let columns = rows.first().map_or(0, Vec::len);
    if columns == 0 || rows.iter().any(|row| row.len() != columns || row.iter().any(|value| !value.is_finite())) {
        return Err(invalid(format!("{name} needs finite numbers in rows of one length")));
    }
    Ok(Mat::from_fn(rows.len(), columns, |i, j| rows[i][j]))
}

fn rows(matrix: &Mat<f64>) -> Vec<Vec<f64>> {
    (0..matrix.nrows()).map(|i| (0..matrix.ncols()).map(|j| matrix[(i, j)]).collect()).collect()
}

#[derive(Deserialize)]
struct NoiseMatrix {
    p: usize,
    q: usize,
    j: Vec<usize>,
}

fn energy(input: &Value) -> Result<Value> {
    let NoiseMatrix { p, q, j } = read(input)?;
    let shares = noise_energy(p, q)?;
    let at = |index: &usize| shares.get(*index).copied().ok_or_else(|| invalid(format!("j is {index}")));
    Ok(json!({ "e": j.iter().map(at).collect::<Result<Vec<_>>>()? }))
}

#[derive(Deserialize)]
struct SpikeOf {
    x: f64,
    sigma: f64,
    k: usize,
    m: usize,
}

fn one_spike(input: &Value) -> Result<Value> {
    let SpikeOf { x, sigma, k, m } = read(input)?;
    write(spike(x, sigma, k, m)?)
}

fn inclusions(input: &Value) -> Result<Value> {
    write(inclusion(&setting(input)?))
}

#[derive(Deserialize)]
struct CurveOf {
    spectrum: Shift,
    ranks: Vec<usize>,
}

fn fast_curve(input: &Value) -> Result<Value> {
    let setting = setting(input)?;
    let CurveOf { spectrum, ranks } = read(input)?;
    spectrum.check(setting.k, setting.d)?;
    let values = spectrum.fixed(setting.k, setting.d).ok_or_else(|| invalid("a random shift has no one spectrum"))?;
    let found = curve(&setting, &values)?;
    let q = setting.full_rank();
    let at = |rank: &usize| {
        found.risk.get(*rank).copied().ok_or_else(|| invalid(format!("rank {rank} is above min(k, n, d) = {q}")))
    };
    let risk = ranks.iter().map(at).collect::<Result<Vec<_>>>()?;
    Ok(json!({ "risk": risk, "fft": found.risk[q], "detected": found.detected, "best_rank": found.best_rank }))
}

#[derive(Deserialize)]
struct Limited {
    matrices: Vec<BudgetMatrix>,
    budget: usize,
    grid: Option<Vec<usize>>,
}

#[derive(Deserialize)]
struct BudgetMatrix {
    s: Vec<f64>,
    #[serde(flatten)]
    sizes: Sizes,
}

fn budget(input: &Value) -> Result<Value> {
    let Limited { matrices, budget, grid } = read(input)?;
    let read = |matrix: &BudgetMatrix| Ok(Matrix { setting: matrix.sizes.setting()?, spectrum: matrix.s.clone() });
    let matrices = matrices.iter().map(read).collect::<Result<Vec<_>>>()?;
    write(allocate(&matrices, budget, grid.as_deref())?)
}

#[derive(Deserialize)]
struct Flipped {
    eta: f64,
    classes: usize,
}

fn flipped(input: &Value) -> Result<Value> {
    let Flipped { eta, classes } = read(input)?;
    write(label_noise(eta, classes)?)
}

#[derive(Deserialize)]
struct Pair {
    d: usize,
    n: usize,
    cosine: f64,
}

fn calibration(input: &Value) -> Result<Value> {
    let Pair { d, n, cosine } = read(input)?;
    write(calibrate(d, n, cosine)?)
}
