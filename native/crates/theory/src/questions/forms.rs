//! What the commands and the app ask for at once: everything closed forms know of one setting, and whole advice.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{read, write};
use crate::advice::{Question, advise, from_energy_curve};
use crate::crossover::crossings;
use crate::curve::{Curve, curve, lower_bound};
use crate::first_order::{sample_crossovers, sigma_crossover};
use crate::full::{averaged_risk, full_risk};
use crate::setting::Setting;
use crate::shift::Shift;
use crate::spiked::inclusion;
use crate::uncertainty::{flips, rank_map, spread, tail_band, values_near_floor};
use crate::{Result, invalid};

/// Levels of noise at which crossovers of the fast curve are looked for, around the asked one.
const NOISE_STEPS: u32 = 40;
/// Their range, as a factor both ways.
const NOISE_RANGE: f64 = 100.0;

/// `None` for kinds that live elsewhere.
pub(super) fn answer(kind: &str, input: &Value) -> Option<Result<Value>> {
    Some(match kind {
        "advise" => read::<Question>(input).and_then(|question| write(advise(&question)?)),
        "advice" => advice(input),
        "risk" => risk(input),
        "sweep" => sweep(input),
        "rank_map" => map(input),
        "energy_to_spectrum" => spectrum(input),
        _ => return None,
    })
}

/// Advice with band, uncertainty and flips.
fn advice(input: &Value) -> Result<Value> {
    let question: Question = read(input)?;
    let found = advise(&question)?;
    Ok(json!({
        "advice": write(&found)?,
        "curve": { "risk": found.whole.risk, "bias": found.whole.bias, "variance": found.whole.variance },
        "band": write(tail_band(&question, &found)?)?,
        "uncertainty": write(spread(&question, &found))?,
        "flips": write(flips(&question, &found)?)?,
        "near_floor": values_near_floor(&question)?,
    }))
}

#[derive(Deserialize)]
struct RiskOf {
    k: usize,
    d: usize,
    n: usize,
    sigma: f64,
    delta: Shift,
    ranks: Option<Vec<usize>>,
    #[serde(default)]
    seed: u64,
    average: Option<usize>,
}

fn risk(input: &Value) -> Result<Value> {
    let asked: RiskOf = read(input)?;
    let setting = Setting::new(asked.k, asked.d, asked.n, asked.sigma)?;
    let spectra = asked.delta.spectra(asked.k, asked.d, asked.seed)?;
    let (found, bound, energy) = mean_curve(&setting, &spectra, &asked.delta)?;
    let q = setting.full_rank();
    let ranks: Vec<usize> = asked.ranks.clone().unwrap_or_else(|| (0..=q).collect());
    if let Some(rank) = ranks.iter().find(|rank| **rank > setting.k.min(setting.d)) {
        return Err(invalid(format!("rank {rank} is above min(k, d) = {}", setting.k.min(setting.d))));
    }
    let at = |rank: usize| rank.min(q);
    let rows: Vec<Value> = ranks
        .iter()
        .map(|r| json!({ "r": r, "risk": found.risk[at(*r)], "bias": found.bias[at(*r)], "variance": found.variance[at(*r)] }))
        .collect();
    let full = match asked.average {
        Some(count) => averaged_risk(&setting, energy, count)?,
        None => full_risk(&setting, energy)?,
    };
    Ok(json!({
        "fft": { "risk": full.risk, "bias": full.bias, "variance": full.variance, "status": "exact" },
        "untrained": energy,
        "q": q,
        "detected": found.detected,
        "curve": rows,
        "lowerBound": ranks.iter().map(|r| bound[at(*r)]).collect::<Vec<_>>(),
        "thresholds": write(inclusion(&setting))?,
        "crossovers": { "sigma": noise_crossovers(&setting, &spectra, &asked.delta, &ranks, &bound)?, "n": sample_rows(&setting, &ranks, &bound)? },
        "best": { "r": found.best_rank, "risk": found.risk[found.best_rank] },
    }))
}

/// Curve, lower bound and energy, averaged over random shifts.
fn mean_curve(setting: &Setting, spectra: &[Vec<f64>], shift: &Shift) -> Result<(Curve, Vec<f64>, f64)> {
    let share = 1.0 / spectra.len() as f64;
    let add = |sums: &mut Vec<f64>, values: &[f64]| {
        sums.resize(values.len(), 0.0);
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value * share);
    };
    let mut mean = Curve { risk: Vec::new(), bias: Vec::new(), variance: Vec::new(), detected: 0, best_rank: 0 };
    let mut bound = Vec::new();
    let mut detected = 0.0;
    for spectrum in spectra {
        let found = curve(setting, spectrum)?;
        add(&mut mean.risk, &found.risk);
        add(&mut mean.bias, &found.bias);
        add(&mut mean.variance, &found.variance);
        add(&mut bound, &lower_bound(setting, spectrum)?);
        detected += found.detected as f64 * share;
    }
    mean.detected = detected.round() as usize;
    let least = |one: &usize, other: &usize| mean.risk[*one].total_cmp(&mean.risk[*other]);
    mean.best_rank = (0..mean.risk.len()).min_by(least).unwrap_or(0);
    let expected = matches!(shift, Shift::Ba { .. }).then_some((setting.k * setting.d) as f64);
    let energy = expected.unwrap_or_else(|| spectra[0].iter().map(|s| s * s).sum());
    Ok((mean, bound, energy))
}

/// Noise at which LoRA and full fine-tuning meet: by the fast curve, averaged over random shifts, and to first order.
fn noise_crossovers(
    setting: &Setting,
    spectra: &[Vec<f64>],
    shift: &Shift,
    ranks: &[usize],
    tails: &[f64],
) -> Result<Vec<Value>> {
    let middle = if setting.sigma > 0.0 { setting.sigma } else { (tails[0] / setting.k as f64).sqrt() };
    let step = |index: u32| middle * (NOISE_RANGE.ln() * (2.0 * f64::from(index) / f64::from(NOISE_STEPS) - 1.0)).exp();
    let levels: Vec<f64> = (0..=NOISE_STEPS).map(step).collect();
    let mut curves = Vec::new();
    for sigma in &levels {
        curves.push(mean_curve(&Setting { sigma: *sigma, ..*setting }, spectra, shift)?.0.risk);
    }
    let q = setting.full_rank();
    let full: Vec<f64> = curves.iter().map(|risk| risk[q]).collect();
    let mut found = Vec::new();
    for rank in ranks.iter().copied().filter(|rank| *rank > 0 && *rank < q) {
        let lora: Vec<Option<f64>> = curves.iter().map(|risk| Some(risk[rank])).collect();
        let first_order = sigma_crossover(setting, rank, tails[rank])?;
        let fast = crossings(&levels, &lora, &full, true);
        found.push(json!({ "r": rank, "sigma": fast.first(), "firstOrder": first_order }));
    }
    Ok(found)
}

fn sample_rows(setting: &Setting, ranks: &[usize], tails: &[f64]) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    for rank in ranks.iter().copied().filter(|rank| *rank > 0 && *rank < setting.full_rank()) {
        for n in sample_crossovers(setting, rank, tails[rank])? {
            found.push(json!({ "r": rank, "n": n }));
        }
    }
    Ok(found)
}

#[derive(Deserialize)]
struct Sweep {
    k: usize,
    d: usize,
    n: usize,
    sigma: f64,
    delta: Shift,
    ranks: Vec<usize>,
    #[serde(default)]
    seed: u64,
    /// `n` or `sigma`.
    axis: String,
    x: Vec<f64>,
}

/// Closed forms along one axis; points without a finite answer are null.
fn sweep(input: &Value) -> Result<Value> {
    let asked: Sweep = read(input)?;
    let spectra = asked.delta.spectra(asked.k, asked.d, asked.seed)?;
    let mut full = Vec::new();
    let mut lora = vec![Vec::new(); asked.ranks.len()];
    for x in &asked.x {
        let setting = match asked.axis.as_str() {
            "n" => Setting::new(asked.k, asked.d, x.round().max(0.0) as usize, asked.sigma),
            "sigma" => Setting::new(asked.k, asked.d, asked.n, *x),
            other => return Err(invalid(format!("there is no axis {other:?}; n and sigma are possible"))),
        };
        let found =
            setting.ok().map(|setting| mean_curve(&setting, &spectra, &asked.delta).map(|found| (setting, found)));
        let found = found.transpose()?;
        full.push(match &found {
            Some((setting, (_, _, energy))) => Some(full_risk(setting, *energy)?.risk),
            None => None,
        });
        for (rank, series) in asked.ranks.iter().zip(&mut lora) {
            series.push(found.as_ref().map(|(_, (curve, _, _))| curve.risk[(*rank).min(curve.risk.len() - 1)]));
        }
    }
    Ok(json!({ "fft": full, "lora": lora }))
}

#[derive(Deserialize)]
struct RankMap {
    question: Question,
    n: Vec<usize>,
    rho: Vec<f64>,
}

fn map(input: &Value) -> Result<Value> {
    let RankMap { question, n, rho } = read(input)?;
    write(rank_map(&question, &n, &rho))
}

#[derive(Deserialize)]
struct Energies {
    energy: Vec<f64>,
    total: f64,
}

fn spectrum(input: &Value) -> Result<Value> {
    let Energies { energy, total } = read(input)?;
    Ok(json!({ "singular_values": from_energy_curve(&energy, total)? }))
}
