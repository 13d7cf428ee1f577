//! The question about one module.

use napi::bindgen_prelude::{Either, Null};
use napi_derive::napi;
use spectra::dtype::ElementType;
use spectra::error::Result;
use spectra::outcome::{Grid, Question, Side};

use crate::delta::DeltaStatement;
use crate::tensor::{MatrixView, invalid, whole};

/// One tuned matrix to compare with the base.
#[napi(object)]
pub struct ModuleRun {
    /// Name that comes back with the answer.
    pub key: String,
    /// How the tuned matrix arises from the base.
    pub delta: DeltaStatement,
}

/// The question about one module; base and all its runs are answered together.
#[napi(object)]
pub struct ModuleRequest {
    /// Name for messages.
    pub name: String,
    /// The base matrix; null when it cannot be read (quantised): then only spectra of factors are possible.
    #[napi(ts_type = "MatrixView | null")]
    pub base: Either<Null, MatrixView>,
    /// Tuned matrices.
    pub runs: Vec<ModuleRun>,
    /// Number of top singular vectors examined.
    pub k: f64,
    /// Threshold of the best cosine.
    pub epsilon: f64,
    /// Further thresholds that the bounds should decide where that is cheap.
    pub epsilons: Vec<f64>,
    /// Sides to examine; none: only sizes and spectra of the delta.
    #[napi(ts_type = "('left' | 'right')[]")]
    pub sides: Vec<String>,
    /// Take the exact path at once.
    pub exact: bool,
    /// Round every tuned matrix to this type first, as a merged file would hold it.
    #[napi(ts_type = "'F32' | 'F16' | 'BF16'")]
    pub as_merged: Option<String>,
    /// Grid of the rounding audit of dense runs.
    #[napi(ts_type = "'bf16' | 'f16'")]
    pub rounding: Option<String>,
    /// Seed of the random start blocks.
    pub seed: f64,
    /// Threads for this module, at most those of the pool.
    pub threads: f64,
}

impl ModuleRequest {
    /// The question without its matrices.
    pub(crate) fn question(&self) -> Result<Question> {
        Ok(Question {
            k: whole(self.k, "k")?,
            epsilon: share(self.epsilon, "epsilon")?,
            epsilons: self.epsilons.iter().map(|value| share(*value, "epsilons")).collect::<Result<_>>()?,
            sides: self.sides.iter().map(|name| side(name)).collect::<Result<_>>()?,
            exact: self.exact,
            rounding: self.rounding.as_deref().map(grid).transpose()?,
            seed: whole(self.seed, "seed")? as u64,
        })
    }

    /// Storage type every tuned matrix is rounded to.
    pub(crate) fn merged_type(&self) -> Result<Option<ElementType>> {
        self.as_merged.as_deref().map(ElementType::parse).transpose()
    }
}

pub(crate) fn side(name: &str) -> Result<Side> {
    match name {
        "left" => Ok(Side::Left),
        "right" => Ok(Side::Right),
        _ => Err(invalid(format!("{name:?} is no side"))),
    }
}

fn grid(name: &str) -> Result<Grid> {
    match name {
        "bf16" => Ok(Grid::Bf16),
        "f16" => Ok(Grid::F16),
        _ => Err(invalid(format!("{name:?} is no rounding grid"))),
    }
}

fn share(value: f64, name: &str) -> Result<f64> {
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(invalid(format!("{name} is {value}, not within 0 to 1"))) }
}
