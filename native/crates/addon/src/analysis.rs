//! Analysis of one module.

use napi::Env;
use napi::bindgen_prelude::{Either, Null, Object};
use napi_derive::napi;
use spectra::control::Control;
use spectra::error::Result;
use spectra::factors::factor_spectrum;
use spectra::module::analyze_module;
use spectra::outcome as answer;
use spectra::outcome::Tuned;
use spectra::view::ViewRef;

use crate::delta::{OpenDelta, TunedMatrix, open_terms};
use crate::outcome::{ModuleOutcome, RunAnswer};
use crate::overlap::shape;
use crate::pool::{CancelFlag, Pool, Task};
use crate::request::{ModuleRequest, ModuleRun};
use crate::tensor::invalid;

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
        Either::A(Null) => return factors_alone(request, control),
        Either::B(base) => ViewRef::try_from(base)?.open()?,
    };
    let keys: Vec<String> = request.runs.iter().map(|run| run.key.clone()).collect();
    let opened = request.runs.into_iter().map(|run| OpenDelta::open(run.delta)).collect::<Vec<_>>();
    let matrices: Vec<Result<TunedMatrix>> =
        opened.iter().map(|delta| delta.as_ref().map_err(Clone::clone)?.tuned(&base, merged_type, control)).collect();
    let runs: Vec<Result<Tuned>> =
        matrices.iter().map(|matrix| matrix.as_ref().map(TunedMatrix::as_tuned).map_err(Clone::clone)).collect();
    let outcome = analyze_module(&base, &runs, &question, control)?;
    base.tensor().check_unchanged()?;
    Ok(ModuleOutcome::new(request.name, keys, outcome))
}

/// Without a base only deltas given by factors have a spectrum.
fn factors_alone(request: ModuleRequest, control: &Control) -> Result<ModuleOutcome> {
    let merged = request.as_merged.is_some();
    let mut runs = Vec::with_capacity(request.runs.len());
    for run in request.runs {
        control.check()?;
        let ModuleRun { key, delta } = run;
        runs.push(RunAnswer::new(key, factor_run(delta, merged)));
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

fn factor_run(delta: crate::delta::DeltaStatement, merged: bool) -> Result<answer::RunOutcome> {
    let started = std::time::Instant::now();
    if merged || !delta.is_low_rank() {
        return Err(invalid("this delta needs the base matrix, which is not readable"));
    }
    let terms = open_terms(delta.low_rank.unwrap_or_default())?;
    let delta = factor_spectrum(&terms, shape(&terms)?)?;
    Ok(answer::RunOutcome {
        delta,
        rounding: None,
        tuned: None,
        sides: Vec::new(),
        seconds: started.elapsed().as_secs_f64(),
    })
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
