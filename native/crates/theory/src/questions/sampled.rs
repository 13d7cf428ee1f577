//! Questions that simulate.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Context, read, write};
use crate::advice::{Question, advise};
use crate::figure::{Figure, Plan, outcome};
use crate::guarantee::replicate_bounds;
use crate::setting::Setting;
use crate::shift::Shift;
use crate::simulation::{Mean, Point, simulate};
use crate::{Result, invalid};
use spectra::statistics::noise;

/// More replicates than anyone waits for.
const MOST_REPLICATES: usize = 1_000_000;

/// `None` for kinds that there are not.
pub(super) fn answer(kind: &str, input: &Value, context: &Context<'_>) -> Option<Result<Value>> {
    Some(match kind {
        "simulate" => means(input, context),
        "risk_samples" => samples(input, context),
        "guarantee" => guarantee(input, context),
        "figure" => crossovers(input, context),
        "figure_plan" => plan(input),
        "figure_samples" => figure_samples(input, context),
        "figure_outcome" => figure_outcome(input),
        "confirm" => confirm(input, context),
        _ => return None,
    })
}

#[derive(Deserialize)]
struct Simulated {
    k: usize,
    d: usize,
    n: usize,
    sigma: f64,
    delta: Shift,
    ranks: Vec<usize>,
    /// Replicates from `from` on.
    replicates: usize,
    #[serde(default)]
    from: usize,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    covariance: Vec<f64>,
}

fn run(asked: &Simulated, context: &Context<'_>) -> Result<Vec<f64>> {
    check_replicates(asked.replicates)?;
    let setting = Setting::new(asked.k, asked.d, asked.n, asked.sigma)?;
    let point = Point { setting, shift: asked.delta.clone(), covariance: asked.covariance.clone(), stream: 0 };
    let range = asked.from..asked.from + asked.replicates;
    simulate(&[point], &asked.ranks, range, asked.seed, context.done, &context.control)
}

fn check_replicates(count: usize) -> Result<()> {
    if (1..=MOST_REPLICATES).contains(&count) {
        return Ok(());
    }
    Err(invalid(format!("{count} replicates, 1 to {MOST_REPLICATES} are possible")))
}

fn means(input: &Value, context: &Context<'_>) -> Result<Value> {
    let asked: Simulated = read(input)?;
    let samples = run(&asked, context)?;
    let width = asked.ranks.len() + 1;
    let of = |index: usize| Mean::of(&samples.iter().skip(index).step_by(width).copied().collect::<Vec<_>>());
    let lora: Result<Map<_, _>> =
        asked.ranks.iter().enumerate().map(|(index, rank)| Ok((rank.to_string(), write(of(index + 1))?))).collect();
    Ok(json!({ "fft": write(of(0))?, "lora": lora?, "replicates": asked.replicates }))
}

/// Mean of the proven bound on LoRA's risk at each rank, over data sets.
fn guarantee(input: &Value, context: &Context<'_>) -> Result<Value> {
    let asked: Simulated = read(input)?;
    check_replicates(asked.replicates)?;
    let setting = Setting::new(asked.k, asked.d, asked.n, asked.sigma)?;
    let point = Point { setting, shift: asked.delta.clone(), covariance: asked.covariance.clone(), stream: 0 };
    point.check()?;
    let mut bounds = Vec::new();
    for replicate in asked.from..asked.from + asked.replicates {
        context.control.check()?;
        bounds.push(replicate_bounds(&point, asked.seed, replicate)?);
    }
    let q = setting.full_rank();
    let at = |rank: usize| Mean::of(&bounds.iter().map(|ranks| ranks[rank.min(q)]).collect::<Vec<_>>());
    write(
        asked
            .ranks
            .iter()
            .map(|rank| json!({ "r": rank, "mean": at(*rank).mean, "se": at(*rank).se }))
            .collect::<Vec<_>>(),
    )
}

/// Rows of full fine-tuning and the ranks, one for each replicate.
fn samples(input: &Value, context: &Context<'_>) -> Result<Value> {
    let asked: Simulated = read(input)?;
    let samples = run(&asked, context)?;
    write(samples.chunks(asked.ranks.len() + 1).collect::<Vec<_>>())
}

#[derive(Deserialize)]
struct Named {
    name: Figure,
    #[serde(default)]
    replicates: usize,
    #[serde(default)]
    from: usize,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    chunks: Vec<Vec<f64>>,
}

fn drawn(asked: &Named, plan: &Plan, context: &Context<'_>) -> Result<Vec<f64>> {
    check_replicates(asked.replicates)?;
    let range = asked.from..asked.from + asked.replicates;
    simulate(&plan.points, plan.ranks, range, asked.seed, context.done, &context.control)
}

fn crossovers(input: &Value, context: &Context<'_>) -> Result<Value> {
    let asked: Named = read(input)?;
    let plan = asked.name.plan()?;
    let chunk = drawn(&asked, &plan, context)?;
    let found = outcome(&plan, &[chunk], asked.seed)?;
    Ok(json!({ "crossovers": write(found.crossovers)?, "replicates": asked.replicates }))
}

fn plan(input: &Value) -> Result<Value> {
    let plan = read::<Named>(input)?.name.plan()?;
    Ok(json!({
        "axis": plan.axis, "logarithmic": plan.logarithmic, "x": plan.x, "ranks": plan.ranks, "range": plan.range,
        "chosen": plan.chosen, "points": plan.points.len(),
    }))
}

fn figure_samples(input: &Value, context: &Context<'_>) -> Result<Value> {
    let asked: Named = read(input)?;
    write(drawn(&asked, &asked.name.plan()?, context)?)
}

fn figure_outcome(input: &Value) -> Result<Value> {
    let asked: Named = read(input)?;
    write(outcome(&asked.name.plan()?, &asked.chunks, asked.seed)?)
}

#[derive(Deserialize)]
struct Confirmation {
    question: Question,
    replicates: usize,
    #[serde(default)]
    seed: u64,
}

/// Simulation at the true shape beside the curve of an advice.
fn confirm(input: &Value, context: &Context<'_>) -> Result<Value> {
    let Confirmation { question, replicates, seed } = read(input)?;
    check_replicates(replicates)?;
    let found = advise(&question)?;
    let values = noise::denoise(&question.singular_values, question.k, question.d, question.tau)?.values;
    let setting = Setting::new(question.k, question.d, question.n, found.sigma)?;
    let point = Point { setting, shift: Shift::Given { values }, covariance: Vec::new(), stream: 0 };
    let ranks: Vec<usize> = found.curve.keys().copied().collect();
    let samples = simulate(&[point], &ranks, 0..replicates, seed, context.done, &context.control)?;
    let width = ranks.len() + 1;
    let of = |index: usize| Mean::of(&samples.iter().skip(index).step_by(width).copied().collect::<Vec<_>>());
    let lora: Result<Vec<Value>> =
        ranks.iter().enumerate().map(|(index, rank)| Ok(json!({ "r": rank, "mean": write(of(index + 1))? }))).collect();
    Ok(json!({ "fft": write(of(0))?, "lora": lora?, "replicates": replicates, "seed": seed }))
}
