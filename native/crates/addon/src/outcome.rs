//! Answers about one module, as `outcome.rs` of the spectra crate has them.

use napi::bindgen_prelude::{Float64Array, Int32Array};
use napi_derive::napi;
use spectra::outcome;

use crate::failure::{Failure, Fault};

/// Sizes and spectrum of the delta.
#[napi(object)]
pub struct DeltaOutcome {
    /// ‖ΔW‖ (Frobenius).
    pub frobenius: f64,
    /// Singular values, falling; for factors those beyond the rank are exact zeros and left out.
    pub singular_values: Float64Array,
    /// How they were obtained.
    #[napi(ts_type = "'factors' | 'gram' | 'bidiagonal' | 'zero'")]
    pub method: String,
    /// Values below this are not resolved by the method.
    pub resolution: f64,
}

/// Sums for the rounding audit; u is the grid step at the base entry.
#[napi(object)]
pub struct RoundingSums {
    /// Entries equal in base and tuned.
    pub equal: f64,
    /// Entries in all.
    pub total: f64,
    /// Σ u².
    pub step_squares: f64,
    /// Largest Σ u² of one row.
    pub row_maximum: f64,
    /// Largest Σ u² of one column.
    pub column_maximum: f64,
    /// Every |ΔW| ≤ u/2: a cast, no training.
    pub within_half_step: bool,
    /// All base entries lie on the grid.
    pub base_on_grid: bool,
    /// All tuned entries lie on the grid.
    pub tuned_on_grid: bool,
}

/// First singular values of a matrix.
#[napi(object)]
pub struct TopOutcome {
    /// Frobenius norm of the matrix.
    pub frobenius: f64,
    /// First k values, falling.
    pub singular_values: Float64Array,
    /// Relative residual of each.
    pub residuals: Float64Array,
}

/// Bounds of the best cosine for the top vectors of one side.
#[napi(object)]
pub struct SideOutcome {
    /// Side these vectors belong to.
    #[napi(ts_type = "'left' | 'right'")]
    pub side: String,
    /// Lower bound of the best |cosine| of each vector.
    pub lower: Float64Array,
    /// Upper bound.
    pub upper: Float64Array,
    /// Index of the base vector that reaches the lower bound; -1 where it is not known.
    pub best: Int32Array,
    /// Energy of each vector inside the span of the top k base vectors.
    pub span_energy: Float64Array,
    /// Share of the update's energy along each vector.
    pub delta_share: Float64Array,
    /// Rung of the ladder that settled the last open vector.
    #[napi(ts_type = "'matched' | 'lanczos' | 'exact'")]
    pub method: String,
    /// Lanczos steps taken.
    pub steps: f64,
    /// Two base values agree where a cosine was read: the eigenspace was met, not one vector.
    pub degenerate: bool,
    /// Rungs that failed on the way, in words.
    pub climbed: Vec<String>,
}

/// The numbers of one run.
#[napi(object)]
pub struct RunOutcome {
    /// Sizes and spectrum of the delta.
    pub delta: DeltaOutcome,
    /// Rounding audit of dense runs.
    pub rounding: Option<RoundingSums>,
    /// Top of the tuned matrix; absent when only the delta was asked for.
    pub tuned: Option<TopOutcome>,
    /// One entry per side asked for.
    pub sides: Vec<SideOutcome>,
    /// Seconds spent on this run.
    pub seconds: f64,
}

/// One run's answer: either `outcome` or `error`.
#[napi(object)]
pub struct RunAnswer {
    /// Key of the request.
    pub key: String,
    /// The numbers.
    pub outcome: Option<RunOutcome>,
    /// Why there are none.
    pub error: Option<Failure>,
}

/// The numbers of one module.
#[napi(object)]
pub struct ModuleOutcome {
    /// Name of the request.
    pub name: String,
    /// Top of the base; absent when only deltas were asked for.
    pub base: Option<TopOutcome>,
    /// Frobenius norm of the base; absent without a base.
    pub base_frobenius: Option<f64>,
    /// Least strength at which a random rank-1 update enters the top k.
    pub critical_strength: Option<f64>,
    /// Runs in the order asked.
    pub runs: Vec<RunAnswer>,
    /// Seconds spent on the base.
    pub base_seconds: f64,
}

pub(crate) fn side_name(side: outcome::Side) -> String {
    match side {
        outcome::Side::Left => "left",
        outcome::Side::Right => "right",
    }
    .to_owned()
}

impl From<outcome::DeltaOutcome> for DeltaOutcome {
    fn from(delta: outcome::DeltaOutcome) -> Self {
        let method = match delta.method {
            outcome::SpectrumMethod::Factors => "factors",
            outcome::SpectrumMethod::Gram => "gram",
            outcome::SpectrumMethod::Bidiagonal => "bidiagonal",
            outcome::SpectrumMethod::Zero => "zero",
        };
        Self {
            frobenius: delta.frobenius,
            singular_values: delta.singular_values.into(),
            method: method.to_owned(),
            resolution: delta.resolution,
        }
    }
}

impl From<outcome::RoundingSums> for RoundingSums {
    fn from(sums: outcome::RoundingSums) -> Self {
        Self {
            equal: sums.equal as f64,
            total: sums.total as f64,
            step_squares: sums.step_squares,
            row_maximum: sums.row_maximum,
            column_maximum: sums.column_maximum,
            within_half_step: sums.within_half_step,
            base_on_grid: sums.base_on_grid,
            tuned_on_grid: sums.tuned_on_grid,
        }
    }
}

impl From<outcome::TopOutcome> for TopOutcome {
    fn from(top: outcome::TopOutcome) -> Self {
        Self { frobenius: top.frobenius, singular_values: top.singular_values.into(), residuals: top.residuals.into() }
    }
}

impl From<outcome::SideOutcome> for SideOutcome {
    fn from(side: outcome::SideOutcome) -> Self {
        let method = match side.method {
            outcome::DecisionMethod::Matched => "matched",
            outcome::DecisionMethod::Lanczos => "lanczos",
            outcome::DecisionMethod::Exact => "exact",
        };
        let best: Vec<i32> =
            side.best.iter().map(|index| index.and_then(|index| i32::try_from(index).ok()).unwrap_or(-1)).collect();
        Self {
            side: side_name(side.side),
            lower: side.lower.into(),
            upper: side.upper.into(),
            best: best.into(),
            span_energy: side.span_energy.into(),
            delta_share: side.delta_share.into(),
            method: method.to_owned(),
            steps: side.steps as f64,
            degenerate: side.degenerate,
            climbed: side.climbed,
        }
    }
}

impl From<outcome::RunOutcome> for RunOutcome {
    fn from(run: outcome::RunOutcome) -> Self {
        Self {
            delta: run.delta.into(),
            rounding: run.rounding.map(RoundingSums::from),
            tuned: run.tuned.map(TopOutcome::from),
            sides: run.sides.into_iter().map(SideOutcome::from).collect(),
            seconds: run.seconds,
        }
    }
}

impl RunAnswer {
    /// Pairs a key with what became of its run.
    pub(crate) fn new(key: String, result: spectra::error::Result<outcome::RunOutcome>) -> Self {
        match result {
            Ok(run) => Self { key, outcome: Some(run.into()), error: None },
            Err(error) => Self { key, outcome: None, error: Some(Fault::Known(error).into()) },
        }
    }
}
