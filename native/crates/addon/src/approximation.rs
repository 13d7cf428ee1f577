//! Factors that approximate an update, kept between two calls.

use std::sync::{Arc, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Float64Array, Object};
use napi_derive::napi;
use spectra::control::Control;
use spectra::edit::WeightedSum;
use spectra::edit::approximation::{Approximation, Keep, extract, truncate};
use spectra::error::Result;
use spectra::gram::Shape;
use spectra::outcome::LowRank;
use spectra::view::ViewRef;

use crate::change::{FactorSum, open_sums};
use crate::delta::{DeltaStatement, OpenDelta};
use crate::edit::{Triplets, shared};
use crate::overlap::shape;
use crate::pool::{CancelFlag, Pool, Task};
use crate::tensor::{MatrixView, invalid, whole};

/// An update to approximate.
#[napi(object)]
pub struct ExtractRequest {
    /// Name for messages.
    pub name: String,
    /// The base matrix.
    pub base: MatrixView,
    /// How the tuned matrix arises from the base.
    pub delta: DeltaStatement,
    /// Exactly this rank.
    pub rank: Option<f64>,
    /// The least rank with this share of Σσ².
    pub energy: Option<f64>,
    /// Threads, at most those of the pool.
    pub threads: f64,
}

/// A sum of factors to bring to one pair of factors.
#[napi(object)]
pub struct RefactorRequest {
    /// Name for messages.
    pub name: String,
    /// The parts of the sum.
    pub parts: Vec<FactorSum>,
    /// Exactly this rank.
    pub rank: Option<f64>,
    /// The least rank with this share of Σσ².
    pub energy: Option<f64>,
    /// Threads, at most those of the pool.
    pub threads: f64,
}

/// ΔW ≈ left·right; the factors stay here.
#[napi]
pub struct Factors {
    shape: Shape,
    kept: Vec<f64>,
    error: f64,
    frobenius: f64,
    term: SharedTerm,
}

/// Factors beside a running call; none once they were released.
pub(crate) type SharedTerm = Arc<Mutex<Option<Arc<LowRank>>>>;

#[napi]
impl Factors {
    /// Rows of ΔW.
    #[napi(getter)]
    #[must_use]
    pub fn rows(&self) -> f64 {
        self.shape.rows as f64
    }

    /// Columns of ΔW.
    #[napi(getter)]
    #[must_use]
    pub fn columns(&self) -> f64 {
        self.shape.cols as f64
    }

    /// Inner dimension.
    #[napi(getter)]
    #[must_use]
    pub fn rank(&self) -> f64 {
        self.kept.len() as f64
    }

    /// Singular values kept, falling.
    #[napi(getter)]
    #[must_use]
    pub fn kept(&self) -> Float64Array {
        self.kept.clone().into()
    }

    /// ‖what was left out‖ (Frobenius), from the spectrum.
    #[napi(getter)]
    #[must_use]
    pub fn error(&self) -> f64 {
        self.error
    }

    /// ‖ΔW‖ (Frobenius).
    #[napi(getter)]
    #[must_use]
    pub fn frobenius(&self) -> f64 {
        self.frobenius
    }

    /// Frees the factors.
    #[napi]
    pub fn release(&self) {
        self.term.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Factors {
    fn new(shape: Shape, found: Approximation) -> Self {
        let Approximation { term, kept, error, frobenius } = found;
        Self { shape, kept, error, frobenius, term: Arc::new(Mutex::new(Some(Arc::new(term)))) }
    }

    pub(crate) fn share(&self) -> SharedFactors {
        SharedFactors { shape: self.shape, term: Arc::clone(&self.term) }
    }
}

/// Factors for a call that goes on after the one that named them returned.
#[derive(Clone)]
pub(crate) struct SharedFactors {
    pub(crate) shape: Shape,
    term: SharedTerm,
}

impl SharedFactors {
    pub(crate) fn term(&self) -> Result<Arc<LowRank>> {
        let term = self.term.lock().unwrap_or_else(PoisonError::into_inner).clone();
        term.ok_or_else(|| invalid("these factors were released"))
    }
}

#[napi]
impl Pool {
    /// Best approximation of an update, whatever its form.
    #[napi(ts_return_type = "Promise<Factors>")]
    pub fn extract_factors<'env>(
        &self,
        env: &'env Env,
        request: ExtractRequest,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let task = Task { place: "extractFactors", name: request.name.clone(), threads: request.threads };
        self.compute(env, task, cancel, |control| extracted(request, control))
    }

    /// Best approximation of a sum of factors, from the factors alone.
    #[napi(ts_return_type = "Promise<Factors>")]
    pub fn refactor<'env>(
        &self,
        env: &'env Env,
        request: RefactorRequest,
        triplets: Vec<ClassInstance<'env, Triplets>>,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let task = Task { place: "refactor", name: request.name, threads: request.threads };
        let triplets = shared(triplets);
        self.compute(env, task, cancel, move |control| {
            let keep = keep(request.rank, request.energy)?;
            let terms = open_sums(request.parts, &triplets)?;
            let shape = shape(&terms)?;
            truncate(&terms, shape, keep, control).map(|found| Factors::new(shape, found))
        })
    }
}

fn extracted(request: ExtractRequest, control: &Control) -> Result<Factors> {
    let keep = keep(request.rank, request.energy)?;
    let base = ViewRef::try_from(request.base)?.open()?;
    let delta = OpenDelta::open(request.delta)?;
    let shape = Shape::of(&base);
    if delta.is_low_rank() {
        return truncate(&delta.terms, shape, keep, control).map(|found| Factors::new(shape, found));
    }
    let tuned = delta.compose_owned(Box::new(base.clone()), control)?;
    let change = WeightedSum::new(vec![(1.0, Box::new(tuned)), (-1.0, Box::new(base.clone()))])?;
    let found = extract(&change, keep, control)?;
    base.tensor().check_unchanged()?;
    Ok(Factors::new(shape, found))
}

fn keep(rank: Option<f64>, energy: Option<f64>) -> Result<Keep> {
    match (rank, energy) {
        (None, None) => Ok(Keep::All),
        (Some(rank), None) => whole(rank, "rank").map(Keep::Rank),
        (None, Some(energy)) => Ok(Keep::Energy(energy)),
        (Some(_), Some(_)) => Err(invalid("a rank and a share of energy exclude each other")),
    }
}
