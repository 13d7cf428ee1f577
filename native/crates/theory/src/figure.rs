//! The figures of the paper by name, and one of ours.

use serde::{Deserialize, Serialize};

use crate::crossover::{Crossover, crossings};
use crate::curve::curve;
use crate::full::full_risk;
use crate::setting::Setting;
use crate::shift::Shift;
use crate::simulation::{Mean, Point};
use crate::{Result, invalid};

/// Groups of the jackknife that gives a crossover its standard error.
const GROUPS: usize = 20;

/// One of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Figure {
    /// Strong noise, against d/n.
    #[serde(rename = "1a")]
    Figure1a,
    /// Few samples, against the noise.
    #[serde(rename = "1b")]
    Figure1b,
    /// Weak noise, against d/n.
    #[serde(rename = "10a")]
    Figure10a,
    /// Many samples, against the noise.
    #[serde(rename = "10b")]
    Figure10b,
    /// Against the rank of the shift.
    #[serde(rename = "11")]
    Figure11,
    /// Against the exponential decay of the shift.
    #[serde(rename = "12")]
    Figure12,
    /// Against the power-law decay of the shift (ours).
    #[serde(rename = "power")]
    Power,
}

/// Points and axes of a figure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What x is: `d/n`, `sigma`, `rank` or `decay`.
    pub axis: &'static str,
    /// Both axes are logarithmic; y always is.
    pub logarithmic: bool,
    /// Places on the x axis.
    pub x: Vec<f64>,
    /// What is simulated at each of them.
    pub points: Vec<Point>,
    /// Ranks of LoRA.
    pub ranks: &'static [usize],
    /// Drawn range of y.
    pub range: [f64; 2],
    /// Values that were chosen by us because the paper does not state them.
    pub chosen: &'static [&'static str],
}

impl Figure {
    /// # Errors
    /// Never for the figures there are; the sizes are checked like any others.
    pub fn plan(self) -> Result<Plan> {
        match self {
            Self::Figure1a => against_samples(12.0, [1e2, 3e5], &["sigma"]),
            Self::Figure10a => against_samples(1.0, [0.8, 1e4], &[]),
            Self::Figure1b => against_noise(50, [4e3, 1e6], &["n"]),
            Self::Figure10b => against_noise(1000, [2.0, 1e5], &[]),
            Self::Figure11 => against_rank(),
            Self::Figure12 => against_decay(20, 2.5, |decay| Shift::Exp { decay, scale: 5.0, count: None }),
            Self::Power => against_decay(32, 4.0, |decay| Shift::Pow { decay, scale: 5.0, count: None }),
        }
    }
}

fn point(k: usize, n: usize, sigma: f64, shift: Shift, stream: usize) -> Result<Point> {
    Ok(Point { setting: Setting::new(k, k, n, sigma)?, shift, covariance: Vec::new(), stream })
}

/// ⌊10·1.2^j⌋ up to 1000.
fn sample_grid() -> Vec<usize> {
    let grid = std::iter::successors(Some(10.0_f64), |n| Some(n * 1.2));
    grid.take_while(|n| *n <= 1000.0).map(|n| n.floor() as usize).collect()
}

fn against_samples(sigma: f64, range: [f64; 2], chosen: &'static [&'static str]) -> Result<Plan> {
    let grid = sample_grid();
    let points = grid.iter().enumerate().map(|(index, n)| point(100, *n, sigma, Shift::Ba { rank: 4 }, index));
    Ok(Plan {
        axis: "d/n",
        logarithmic: true,
        x: grid.iter().map(|n| 100.0 / *n as f64).collect(),
        points: points.collect::<Result<_>>()?,
        ranks: &[1, 2, 4, 8],
        range,
        chosen,
    })
}

fn against_noise(n: usize, range: [f64; 2], chosen: &'static [&'static str]) -> Result<Plan> {
    const COUNT: u32 = 40;
    let x: Vec<f64> = (0..COUNT).map(|index| 100.0_f64.powf(f64::from(index) / f64::from(COUNT - 1))).collect();
    let points = x.iter().map(|sigma| point(100, n, *sigma, Shift::Ba { rank: 10 }, 0));
    let points = points.collect::<Result<_>>()?;
    Ok(Plan { axis: "sigma", logarithmic: true, x, points, ranks: &[1, 2, 4, 8, 16], range, chosen })
}

fn against_rank() -> Result<Plan> {
    let points = (1..=40).map(|rank| point(40, 30, 2.0, Shift::Ba { rank }, rank));
    Ok(Plan {
        axis: "rank",
        logarithmic: false,
        x: (1..=40).map(f64::from).collect(),
        points: points.collect::<Result<_>>()?,
        ranks: &[1, 2, 4, 8, 16, 32],
        range: [400.0, 1500.0],
        chosen: &[],
    })
}

fn against_decay(steps: u32, most: f64, shift: impl Fn(f64) -> Shift) -> Result<Plan> {
    let x: Vec<f64> = (0..=steps).map(|step| most * f64::from(step) / f64::from(steps)).collect();
    let points = x.iter().map(|decay| point(40, 200, 0.5, shift(*decay), 0)).collect::<Result<_>>()?;
    Ok(Plan { axis: "decay", logarithmic: false, x, points, ranks: &[1, 2, 4, 8, 16], range: [0.2, 1e3], chosen: &[] })
}

/// One line of a figure.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// "full fine-tuning" or "LoRA r 4".
    pub label: String,
    /// Rank; `None` for full fine-tuning.
    pub r: Option<usize>,
    /// Simulated means; empty before anything was simulated.
    pub mean: Vec<f64>,
    /// Standard deviations of one replicate.
    pub sd: Vec<f64>,
    /// Standard errors of the means.
    pub se: Vec<f64>,
    /// Closed form (full fine-tuning, exact) or fast curve (LoRA, approximation).
    pub closed: Vec<f64>,
}

/// A figure as far as it was simulated.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Lines, full fine-tuning first.
    pub series: Vec<Series>,
    /// Crossings of LoRA with full fine-tuning: of the simulated means where there are any.
    pub crossovers: Vec<Crossover>,
    /// Replicates behind the means.
    pub replicates: usize,
}

/// Means, deviations and crossings from the samples of [`crate::simulation::simulate`], in chunks of replicates as
/// they were simulated; none: closed forms only.
///
/// # Errors
/// `InvalidArgument` when the samples do not fit the plan.
pub fn outcome(plan: &Plan, chunks: &[Vec<f64>], seed: u64) -> Result<Outcome> {
    let samples = Samples::new(plan, chunks)?;
    let mut series = vec![line(plan, None, &samples, closed_full(plan, seed)?)];
    let curves = closed_curves(plan, seed)?;
    for (index, rank) in plan.ranks.iter().enumerate() {
        let closed = curves.iter().map(|ranks| ranks[index]).collect();
        series.push(line(plan, Some((index, *rank)), &samples, closed));
    }
    let crossovers = plan.ranks.iter().enumerate();
    let crossovers = crossovers.flat_map(|(index, rank)| crossovers_of(plan, &series, &samples, index, *rank));
    Ok(Outcome { crossovers: crossovers.collect(), replicates: samples.replicates, series })
}

/// Replicates of every point and series.
struct Samples {
    replicates: usize,
    /// `[point][series][replicate]`.
    values: Vec<Vec<Vec<f64>>>,
}

impl Samples {
    fn new(plan: &Plan, chunks: &[Vec<f64>]) -> Result<Self> {
        let (points, width) = (plan.points.len(), plan.ranks.len() + 1);
        let mut values = vec![vec![Vec::new(); width]; points];
        for chunk in chunks {
            if chunk.is_empty() || chunk.len() % (points * width) != 0 {
                return Err(invalid(format!("{} samples do not fit {points} points × {width} series", chunk.len())));
            }
            let replicates = chunk.len() / (points * width);
            for (index, row) in chunk.chunks_exact(width).enumerate() {
                for (series, value) in row.iter().enumerate() {
                    values[index / replicates][series].push(*value);
                }
            }
        }
        Ok(Self { replicates: values[0][0].len(), values })
    }

    /// Mean of a series at every point without the replicates of one group.
    fn means_without(&self, series: usize, group: usize, groups: usize) -> Vec<f64> {
        let kept = |values: &[f64]| {
            let chosen = values.iter().enumerate().filter(|(index, _)| index % groups != group);
            let (count, sum) = chosen.fold((0.0, 0.0), |(count, sum), (_, value)| (count + 1.0, sum + value));
            sum / count
        };
        self.values.iter().map(|point| kept(&point[series])).collect()
    }
}

fn line(plan: &Plan, rank: Option<(usize, usize)>, samples: &Samples, closed: Vec<f64>) -> Series {
    let index = rank.map_or(0, |(index, _)| index + 1);
    let means: Vec<Mean> = if samples.replicates == 0 {
        Vec::new()
    } else {
        (0..plan.points.len()).map(|point| Mean::of(&samples.values[point][index])).collect()
    };
    Series {
        label: rank.map_or_else(|| "full fine-tuning".to_owned(), |(_, rank)| format!("LoRA r {rank}")),
        r: rank.map(|(_, rank)| rank),
        mean: means.iter().map(|mean| mean.mean).collect(),
        sd: means.iter().map(|mean| mean.sd).collect(),
        se: means.iter().map(|mean| mean.se).collect(),
        closed,
    }
}

fn closed_full(plan: &Plan, seed: u64) -> Result<Vec<f64>> {
    let risk = |point: &Point| {
        let energies = energies(point, seed)?;
        Ok(full_risk(&point.setting, energies.iter().sum::<f64>() / energies.len() as f64)?.risk)
    };
    plan.points.iter().map(risk).collect()
}

/// Expected ‖Δ⋆‖²: kd for random shifts.
fn energies(point: &Point, seed: u64) -> Result<Vec<f64>> {
    let Setting { k, d, .. } = point.setting;
    if let Shift::Ba { .. } = point.shift {
        return Ok(vec![(k * d) as f64]);
    }
    let spectra = point.shift.spectra(k, d, seed)?;
    Ok(spectra.iter().map(|values| values.iter().map(|s| s * s).sum()).collect())
}

/// Fast curve at the plan's ranks, averaged over random shifts.
fn closed_curves(plan: &Plan, seed: u64) -> Result<Vec<Vec<f64>>> {
    let at = |point: &Point| {
        let Setting { k, d, .. } = point.setting;
        let spectra = point.shift.spectra(k, d, seed)?;
        let mut sums = vec![0.0; plan.ranks.len()];
        for spectrum in &spectra {
            let risk = curve(&point.setting, spectrum)?.risk;
            for (sum, rank) in sums.iter_mut().zip(plan.ranks) {
                *sum += risk[(*rank).min(risk.len() - 1)] / spectra.len() as f64;
            }
        }
        Ok(sums)
    };
    plan.points.iter().map(at).collect()
}

fn crossovers_of(plan: &Plan, series: &[Series], samples: &Samples, index: usize, rank: usize) -> Vec<Crossover> {
    let masked = |values: &[f64]| -> Vec<Option<f64>> {
        let below = |(value, point): (&f64, &Point)| (rank < point.setting.full_rank()).then_some(*value);
        values.iter().zip(&plan.points).map(below).collect()
    };
    let find = |lora: &[f64], full: &[f64]| crossings(&plan.x, &masked(lora), full, plan.logarithmic);
    if samples.replicates == 0 {
        let found = find(&series[index + 1].closed, &series[0].closed);
        return found.into_iter().map(|x| Crossover { r: rank, x, se: None }).collect();
    }
    let found = find(&series[index + 1].mean, &series[0].mean);
    let groups = GROUPS.min(samples.replicates);
    let without: Vec<Vec<f64>> = (0..groups)
        .filter(|_| groups > 1)
        .map(|group| find(&samples.means_without(index + 1, group, groups), &samples.means_without(0, group, groups)))
        .collect();
    found.into_iter().map(|x| Crossover { r: rank, x, se: jackknife(x, &without) }).collect()
}

/// √((g − 1)/g · Σ(x₍ᵢ₎ − x)²) over the nearest crossing of each reduced sample; `None` where one has none.
fn jackknife(x: f64, without: &[Vec<f64>]) -> Option<f64> {
    let nearest = |found: &Vec<f64>| found.iter().map(|other| (other - x).abs()).min_by(f64::total_cmp);
    let distances: Option<Vec<f64>> = without.iter().map(nearest).collect();
    let distances = distances.filter(|distances| !distances.is_empty())?;
    let count = distances.len() as f64;
    Some(((count - 1.0) / count * distances.iter().map(|value| value * value).sum::<f64>()).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_are_those_of_the_paper() {
        let named = [
            10, 12, 14, 17, 20, 24, 29, 35, 42, 51, 61, 74, 89, 106, 128, 154, 184, 221, 266, 319, 383, 460, 552, 662,
            795, 953,
        ];
        let grid = sample_grid();
        assert_eq!(grid.len(), named.len());
        assert!(grid.iter().zip(named).all(|(n, other)| n.abs_diff(other) <= 1), "{grid:?}");
    }

    #[test]
    fn the_fast_curve_finds_the_crossings_of_figure_1a() {
        let plan = Figure::Figure1a.plan().unwrap();
        let found = outcome(&plan, &[], 1).unwrap().crossovers;
        let of = |rank: usize| found.iter().filter(|found| found.r == rank).map(|found| found.x).collect::<Vec<_>>();
        assert!((of(1)[0] - 0.312).abs() < 0.01 && (of(2)[0] - 0.215).abs() < 0.01, "{found:?}");
    }
}
