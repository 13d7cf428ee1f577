//! How firm an advice is, and what would change it.

use serde::Serialize;
use spectra::statistics::noise;

use crate::Result;
use crate::advice::{Advice, Question, Verdict, advise};

/// Factors on n and ρ whose combinations are tried.
const FACTORS: [f64; 3] = [0.5, 1.0, 2.0];
/// Range in which a flip is looked for, as a factor both ways.
const RANGE: f64 = 100.0;
/// Steps of that search before bisection.
const STEPS: usize = 48;

/// The advice with and without the part of the spectrum that may be noise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    /// As asked, with the floor removed.
    pub denoised: Verdict,
    /// With every measured value taken as signal.
    pub raw: Verdict,
    /// Recommended ranks of both.
    pub ranks: [usize; 2],
    /// The verdicts differ: the answer depends on whether the tail is signal.
    pub depends_on_tail: bool,
}

/// # Errors
/// As [`advise`].
pub fn tail_band(question: &Question, advice: &Advice) -> Result<Band> {
    let raw = advise(&Question { tau: 0.0, ..question.clone() })?;
    Ok(Band {
        denoised: advice.verdict,
        raw: raw.verdict,
        ranks: [advice.rank_rec, raw.rank_rec],
        depends_on_tail: advice.verdict != raw.verdict,
    })
}

/// What neighbouring assumptions say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// Least and largest recommended rank.
    pub ranks: [usize; 2],
    /// Share of the runs with the same verdict.
    pub agreement: f64,
    /// Runs that have an answer, of 18.
    pub runs: usize,
}

/// {n/2, n, 2n} × {ρ/2, ρ, 2ρ} × {denoised, raw}; combinations without an answer are left out.
#[must_use]
pub fn spread(question: &Question, advice: &Advice) -> Spread {
    let mut answers = Vec::new();
    for samples in FACTORS {
        for noise in FACTORS {
            for tau in [question.tau, 0.0] {
                let n = away_from((question.n as f64 * samples).round().max(1.0) as usize, question.d);
                answers.extend(advise(&Question { n, rho: question.rho * noise, tau, ..question.clone() }).ok());
            }
        }
    }
    let ranks = answers.iter().map(|answer| answer.rank_rec);
    let least = ranks.clone().min().unwrap_or(advice.rank_rec);
    let most = ranks.max().unwrap_or(advice.rank_rec);
    let same = answers.iter().filter(|answer| answer.verdict == advice.verdict).count();
    Spread { ranks: [least, most], agreement: same as f64 / answers.len().max(1) as f64, runs: answers.len() }
}

/// The nearest number of samples with a finite risk.
fn away_from(n: usize, d: usize) -> usize {
    if n.abs_diff(d) > 1 {
        n
    } else if n < d && d > 2 {
        d - 2
    } else {
        d + 2
    }
}

/// Where LoRA at the recommended rank and full fine-tuning are equal; `None`: nowhere in range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Flips {
    /// Samples.
    pub n: Option<f64>,
    /// Ratio of noise to shift.
    pub rho: Option<f64>,
}

/// # Errors
/// As [`advise`].
pub fn flips(question: &Question, advice: &Advice) -> Result<Flips> {
    let difference = |changed: &Question| -> Option<f64> {
        let risk = advise(changed).ok()?.whole.risk;
        let lora = risk.get(advice.rank_rec).copied().filter(|_| advice.rank_rec < risk.len() - 1)?;
        Some((lora / risk[risk.len() - 1]).ln())
    };
    let samples = |logarithm: f64| {
        let n = away_from(logarithm.exp().round().max(1.0) as usize, question.d);
        difference(&Question { n, ..question.clone() })
    };
    let noise = |logarithm: f64| difference(&Question { rho: logarithm.exp(), ..question.clone() });
    let rho = if question.rho > 0.0 { nearest_root(question.rho.ln(), noise) } else { None };
    Ok(Flips { n: nearest_root((question.n as f64).ln(), samples).map(f64::exp), rho: rho.map(f64::exp) })
}

/// The sign change nearest to `start` within ± ln 100, by steps and bisection.
fn nearest_root(start: f64, value: impl Fn(f64) -> Option<f64>) -> Option<f64> {
    let step = RANGE.ln() / STEPS as f64;
    let here = value(start)?;
    let search = |direction: f64| {
        let (mut place, mut before) = (start, here);
        for _ in 0..STEPS {
            let next = place + direction * step;
            let Some(found) = value(next) else {
                place = next;
                continue;
            };
            if (found < 0.0) != (before < 0.0) {
                return Some(bisect(place, next, before, &value));
            }
            (place, before) = (next, found);
        }
        None
    };
    let (up, down) = (search(1.0), search(-1.0));
    let distance = |root: &f64| (root - start).abs();
    [up, down].into_iter().flatten().min_by(|one, other| distance(one).total_cmp(&distance(other)))
}

fn bisect(mut from: f64, mut to: f64, before: f64, value: &impl Fn(f64) -> Option<f64>) -> f64 {
    for _ in 0..60 {
        let middle = f64::midpoint(from, to);
        match value(middle) {
            Some(found) if (found < 0.0) == (before < 0.0) => from = middle,
            _ => to = middle,
        }
    }
    f64::midpoint(from, to)
}

/// Recommended ranks over a grid of samples and noise: `rho.len()` rows of `n.len()`; `None` where there is no answer.
#[must_use]
pub fn rank_map(question: &Question, n: &[usize], rho: &[f64]) -> Vec<Vec<Option<usize>>> {
    let at = |n: &usize, rho: &f64| {
        let n = away_from(*n, question.d);
        advise(&Question { n, rho: *rho, ..question.clone() }).ok().map(|advice| advice.rank_rec)
    };
    rho.iter().map(|rho| n.iter().map(|n| at(n, rho)).collect()).collect()
}

/// Singular values that lie within a factor of two of the 99 % edge of the floor: neither signal nor noise.
///
/// # Errors
/// As [`noise::noise_edge`].
pub fn values_near_floor(question: &Question) -> Result<usize> {
    let edge = noise::noise_edge(question.k, question.d, question.tau)?.q99;
    let near = |value: &&f64| edge > 0.0 && **value > edge / 2.0 && **value < edge * 2.0;
    Ok(question.singular_values.iter().filter(near).count())
}
