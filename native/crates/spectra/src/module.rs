//! One module: its base once, then every run, each with a result of its own.

use std::time::Instant;

use faer::{Mat, MatRef};

use crate::base::Base;
use crate::control::Control;
use crate::critical::critical_strength;
use crate::error::{Error, ErrorKind, Result};
use crate::factors::Factors;
use crate::gram::{Gram, Precision, Shape, gram_with_cross};
use crate::ladder::decide;
use crate::outcome::{DeltaOutcome, ModuleOutcome, Question, RoundingSums, RunOutcome, Side, SideOutcome, Tuned};
use crate::rows::Rows;
use crate::share::delta_share;
use crate::spectrum::{change_gram, dense_spectrum, spectrum_of};
use crate::stream::frobenius;
use crate::tuned::{Form, Top, top_outcome};

/// Answers `question` for one base matrix (m × n) and any number of tuned ones.
///
/// W0 is read once for its Gram matrix and all cross products, whatever the number of runs given as factors. A run
/// that fails (its own entry is an error, a shape differs, a value is not finite) fails alone.
///
/// # Errors
/// What concerns the base: [`ErrorKind::NotFinite`] with place "base", reading errors, [`ErrorKind::InvalidArgument`]
/// for an empty matrix or k = 0; and [`ErrorKind::Cancelled`].
pub fn analyze_module(
    base: &dyn Rows,
    runs: &[Result<Tuned<'_>>],
    question: &Question,
    control: &Control<'_>,
) -> Result<ModuleOutcome> {
    let started = Instant::now();
    let shape = Shape::of(base);
    if shape.small() == 0 || question.k == 0 {
        return Err(Error::new(ErrorKind::InvalidArgument, "a module needs at least one row, one column and k ≥ 1"));
    }
    let prepared: Vec<Result<Prepared<'_>>> = runs.iter().map(|run| Prepared::new(run, shape)).collect();
    if question.sides.is_empty() {
        return quick(base, &prepared, question, started, control);
    }
    if may_be_single(question, shape)
        && let Some(outcome) = full(base, &prepared, question, Precision::Single, Vec::new(), started, control)?
    {
        return Ok(outcome);
    }
    let climbed = if may_be_single(question, shape) && base.holds_singles() {
        vec!["the Gram matrix of the base summed in f32 does not resolve what is asked; summed in f64".to_owned()]
    } else {
        Vec::new()
    };
    full(base, &prepared, question, Precision::Double, climbed, started, control)?
        .ok_or_else(|| Error::new(ErrorKind::NoConvergence, "no measure may ask for more than sums in f64"))
}

/// Whether sums in f32 are worth a try: the full decomposition wants all digits, and so does the larger side of a
/// nearly square matrix, whose least singular values are close to zero.
fn may_be_single(question: &Question, shape: Shape) -> bool {
    let is_small = |side: &Side| (*side == Side::Left) == shape.is_wide();
    !question.exact && (question.sides.iter().all(is_small) || 2 * shape.large() > 3 * shape.small())
}

/// All measures with the base's Gram matrix summed in that precision; `None` when a measure needs a better one.
fn full(
    base: &dyn Rows,
    runs: &[Result<Prepared<'_>>],
    question: &Question,
    precision: Precision,
    climbed: Vec<String>,
    started: Instant,
    control: &Control<'_>,
) -> Result<Option<ModuleOutcome>> {
    let shape = Shape::of(base);
    let large = joined_large_factors(runs, shape);
    let gram = gram_with_cross(base, large.as_ref(), precision, control).map_err(|error| error.at("base"))?;
    let (cross, gram) = (gram.cross, Gram { cross: Mat::zeros(0, 0), ..gram });
    let base = Base::new(base, gram, climbed, question, control)?;
    if base.needs_double.get() {
        return Ok(None);
    }
    let par = control.parallelism();
    let critical_strength = critical_strength(base.gram.as_ref(), &base.top, question.k, shape, par);
    let base_seconds = started.elapsed().as_secs_f64();
    let mut first = 0;
    let mut outcomes = Vec::with_capacity(runs.len());
    for run in runs {
        let rank = run.as_ref().map_or(0, Prepared::rank);
        let cross = cross.as_ref().subcols(first, rank);
        first += rank;
        let result = run.as_ref().map_err(Clone::clone).and_then(|run| full_run(&base, run, cross, question, control));
        outcomes.push(settle(result)?);
        if base.needs_double.get() {
            return Ok(None);
        }
    }
    Ok(Some(ModuleOutcome {
        base: Some(top_outcome(&base.top, base.frobenius, question.k)),
        base_frobenius: base.frobenius,
        critical_strength,
        runs: outcomes,
        base_seconds,
    }))
}

/// A run that passed its checks.
enum Prepared<'a> {
    Factors(Factors),
    Dense(&'a dyn Rows),
}

impl<'a> Prepared<'a> {
    fn new(run: &'a Result<Tuned<'a>>, shape: Shape) -> Result<Self> {
        match run {
            Err(error) => Err(error.clone()),
            Ok(Tuned::Factors(terms)) => Factors::new(terms, shape).map(Self::Factors),
            Ok(Tuned::Dense(rows)) if Shape::of(*rows) == shape => Ok(Self::Dense(*rows)),
            Ok(Tuned::Dense(rows)) => {
                let (m, n) = (rows.rows(), rows.cols());
                let sentence = format!("the tuned matrix is {m} × {n}, the base {} × {}", shape.rows, shape.cols);
                Err(Error::new(ErrorKind::ShapeMismatch, sentence))
            }
        }
    }

    fn rank(&self) -> usize {
        match self {
            Self::Factors(factors) => factors.left.ncols(),
            Self::Dense(_) => 0,
        }
    }
}

/// Cancelling ends the module; every other error stays with its run.
fn settle<T>(result: Result<T>) -> Result<Result<T>> {
    match result {
        Err(error) if error.kind == ErrorKind::Cancelled => Err(error),
        other => Ok(other),
    }
}

/// The larger-side factors of all runs side by side, q × R.
fn joined_large_factors(runs: &[Result<Prepared<'_>>], shape: Shape) -> Mat<f64> {
    let total = runs.iter().flatten().map(Prepared::rank).sum();
    let mut joined = Mat::zeros(shape.large(), total);
    let mut first = 0;
    for run in runs.iter().flatten() {
        if let Prepared::Factors(factors) = run {
            let large = factors.large();
            joined.as_mut().subcols_mut(first, large.ncols()).copy_from(large);
            first += large.ncols();
        }
    }
    joined
}

/// Sizes and spectra of ΔW alone.
fn quick(
    base: &dyn Rows,
    runs: &[Result<Prepared<'_>>],
    question: &Question,
    started: Instant,
    control: &Control<'_>,
) -> Result<ModuleOutcome> {
    let base_frobenius = frobenius(base, control).map_err(|error| error.at("base"))?;
    let base_seconds = started.elapsed().as_secs_f64();
    let mut outcomes = Vec::with_capacity(runs.len());
    for run in runs {
        let result = run.as_ref().map_err(Clone::clone).and_then(|run| quick_run(base, run, question, control));
        outcomes.push(settle(result)?);
    }
    Ok(ModuleOutcome { base: None, base_frobenius, critical_strength: None, runs: outcomes, base_seconds })
}

fn quick_run(base: &dyn Rows, run: &Prepared<'_>, question: &Question, control: &Control<'_>) -> Result<RunOutcome> {
    let started = Instant::now();
    control.check()?;
    let (delta, rounding): (DeltaOutcome, Option<RoundingSums>) = match run {
        Prepared::Factors(factors) => (factors.decompose(control.parallelism())?.outcome(Shape::of(base)), None),
        Prepared::Dense(rows) => dense_spectrum(base, *rows, question.rounding, control)?,
    };
    Ok(RunOutcome { delta, rounding, tuned: None, sides: Vec::new(), seconds: started.elapsed().as_secs_f64() })
}

fn full_run(
    base: &Base<'_>,
    run: &Prepared<'_>,
    cross: MatRef<'_, f64>,
    question: &Question,
    control: &Control<'_>,
) -> Result<RunOutcome> {
    let started = Instant::now();
    control.check()?;
    let (form, delta, rounding) = match run {
        Prepared::Factors(factors) => {
            let decomposed = factors.decompose(control.parallelism())?;
            let delta = decomposed.outcome(base.shape);
            (Form::Factors { factors, cross: cross.to_owned(), directions: decomposed.small_vectors }, delta, None)
        }
        Prepared::Dense(rows) => {
            let (change, rounding) = change_gram(base.rows, *rows, question.rounding, control)?;
            let delta = spectrum_of(change.as_ref(), base.rows, *rows, control)?;
            (Form::Dense { rows: *rows, change }, delta, rounding)
        }
    };
    let top = Top::new(base, &form, question, control)?;
    let size = delta.frobenius;
    let sides = question.sides.iter().map(|side| examine(base, &form, &top, (*side, size), question, control));
    let sides = sides.collect::<Result<Vec<SideOutcome>>>()?;
    let tuned = Some(top.outcome(question.k));
    Ok(RunOutcome { delta, rounding, tuned, sides, seconds: started.elapsed().as_secs_f64() })
}

fn examine(
    base: &Base<'_>,
    form: &Form<'_>,
    top: &Top,
    (side, frobenius): (Side, f64),
    question: &Question,
    control: &Control<'_>,
) -> Result<SideOutcome> {
    let is_small = (side == Side::Left) == base.shape.is_wide();
    let (examined, change) =
        if is_small { (top.small_side(question.k), None) } else { top.large_side(base, form, question.k, control)? };
    let climbed = base.climbed.iter().chain(&top.climbed).cloned().collect();
    let mut outcome = decide(base, &examined, side, question, climbed, control)?;
    outcome.delta_share = delta_share(form, top, change.as_ref(), is_small, frobenius, question.k, control);
    Ok(outcome)
}
