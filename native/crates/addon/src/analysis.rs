//! Analysis of one module.

use napi::Env;
use napi::bindgen_prelude::{Either, Null, Object};
use napi_derive::napi;
use spectra::control::Control;
use spectra::error::Result;
use spectra::factors::factor_spectrum;
use spectra::module::analyze_module;
use spectra::outcome as answer;
use spectra::outcome::{Question, Tuned};
use spectra::rows::Zeros;
use spectra::view::ViewRef;

use crate::delta::{DeltaStatement, OpenDelta, TunedMatrix, open_terms};
use crate::outcome::{ModuleOutcome, RunAnswer};
use crate::overlap::shape;
use crate::pool::{CancelFlag, Pool, Task};
use crate::request::{ModuleRequest, ModuleRun};
use crate::tensor::{invalid, pair};

#[napi]
impl Pool {
    /// Measures one module: base and all its runs. A run that fails is an `error` in its answer.
    #[napi(ts_return_type = "Promise<ModuleOutcome>")]
    pub fn analyze_module<'env>(
        &self,
        env: &'env Env,
        request: ModuleRequest,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let task = Task { place: "analyzeModule", name: request.name.clone(), threads: request.threads };
        self.compute(env, task, cancel, |control| analyze(request, control))
    }
}

fn analyze(mut request: ModuleRequest, control: &Control) -> Result<ModuleOutcome> {
    let question = request.question()?;
    let merged_type = request.merged_type()?;
    let base = match std::mem::replace(&mut request.base, Either::A(Null)) {
        Either::A(Null) => return deltas_alone(request, &question, control),
        Either::B(base) => ViewRef::try_from(base)?.open()?,
    };
    let keys: Vec<String> = request.runs.iter().map(|run| run.key.clone()).collect();
    let opened = request.runs.into_iter().map(|run| OpenDelta::open(run.delta)).collect::<Vec<_>>();
    let matrices: Vec<Result<TunedMatrix>> =
        opened.iter().map(|delta| delta.as_ref().map_err(Clone::clone)?.tuned(&base, merged_type, control)).collect();
    let runs: Vec<Result<Tuned>> =
        matrices.iter().map(|matrix| matrix.as_ref().map(TunedMatrix::as_tuned).map_err(Clone::clone)).collect();
    let mut outcome = analyze_module(&base, &runs, &question, control)?;
    for (run, delta) in outcome.runs.iter_mut().zip(opened.iter()) {
        if let (Err(error), Ok(delta)) = (&run, delta) {
            *run = Err(delta.blame(error.clone(), control));
        }
    }
    base.tensor().check_unchanged()?;
    Ok(ModuleOutcome::new(request.name, keys, outcome))
}

/// Without a base only deltas that do not depend on it have a spectrum: sums of factors, and formulas of the adapter
/// alone. The caller never states another one for a base that cannot be read.
fn deltas_alone(request: ModuleRequest, question: &Question, control: &Control) -> Result<ModuleOutcome> {
    let merged = request.as_merged.is_some();
    let mut runs = Vec::with_capacity(request.runs.len());
    for run in request.runs {
        control.check()?;
        let ModuleRun { key, delta } = run;
        runs.push(RunAnswer::new(key, delta_alone(delta, merged, question, control)));
    }
    Ok(ModuleOutcome {
        name: request.name,
        base: None,
        base_frobenius: None,
        critical_strength: None,
        runs,
        base_seconds: 0.0,
    })
}

fn delta_alone(
    statement: DeltaStatement,
    merged: bool,
    question: &Question,
    control: &Control,
) -> Result<answer::RunOutcome> {
    let started = std::time::Instant::now();
    if merged || statement.replacement.is_some() || statement.replaced_rows.is_some() || statement.dora.is_some() {
        return Err(invalid("this delta needs the base matrix, which is not readable"));
    }
    let delta = match statement.formula.as_ref().map(|formula| pair(&formula.shape, "shape")).transpose()? {
        None => {
            let terms = open_terms(statement.low_rank.unwrap_or_default())?;
            factor_spectrum(&terms, shape(&terms)?)?
        }
        Some((rows, columns)) => spectrum_over_zeros(statement, Zeros::new(rows, columns), question, control)?,
    };
    Ok(answer::RunOutcome {
        delta,
        rounding: None,
        tuned: None,
        sides: Vec::new(),
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// What a formula that ignores its base makes of a matrix of zeros is ΔW.
fn spectrum_over_zeros(
    statement: DeltaStatement,
    zeros: Zeros,
    question: &Question,
    control: &Control,
) -> Result<answer::DeltaOutcome> {
    let tuned = OpenDelta::open(statement)?.tuned(&zeros, None, control)?;
    let sizes_only = Question { sides: Vec::new(), rounding: None, ..question.clone() };
    let outcome = analyze_module(&zeros, &[Ok(tuned.as_tuned())], &sizes_only, control)?;
    outcome.runs.into_iter().next().ok_or_else(|| invalid("no run was answered"))?.map(|run| run.delta)
}

impl ModuleOutcome {
    fn new(name: String, keys: Vec<String>, outcome: answer::ModuleOutcome) -> Self {
        Self {
            name,
            base: outcome.base.map(Into::into),
            base_frobenius: Some(outcome.base_frobenius),
            critical_strength: outcome.critical_strength,
            runs: keys.into_iter().zip(outcome.runs).map(|(key, run)| RunAnswer::new(key, run)).collect(),
            base_seconds: outcome.base_seconds,
        }
    }
}
