//! Singular triplets for edits, and the closed forms of the arms.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Float64Array, Object};
use napi_derive::napi;
use spectra::control::Control;
use spectra::edit::arms::{Arm, ArmOutcome, Chosen};
use spectra::edit::triplets::{Triplets as Computed, triplets};
use spectra::error::Result;
use spectra::view::ViewRef;

use crate::delta::{DeltaStatement, OpenDelta};
use crate::failure::thrown;
use crate::pool::{CancelFlag, Pool, Task, guarded};
use crate::tensor::{MatrixView, invalid, whole};

/// Whose triplets are wanted.
#[napi(object)]
pub struct TripletRequest {
    /// Name for messages.
    pub name: String,
    /// The base matrix.
    pub base: MatrixView,
    /// How the tuned matrix arises from the base.
    pub delta: DeltaStatement,
    /// Number of triplets, from the largest singular value down.
    pub count: f64,
    /// Seed of the random start block.
    pub seed: f64,
    /// Threads, at most those of the pool.
    pub threads: f64,
}

/// Singular triplets of a tuned matrix W = W0 + ΔW; the vectors stay here.
#[napi]
pub struct Triplets {
    held: Arc<Mutex<Computed>>,
}

#[napi]
impl Triplets {
    /// Rows of W.
    #[napi(getter)]
    #[must_use]
    pub fn rows(&self) -> f64 {
        self.lock().shape.rows as f64
    }

    /// Columns of W.
    #[napi(getter)]
    #[must_use]
    pub fn columns(&self) -> f64 {
        self.lock().shape.cols as f64
    }

    /// ‖W0‖ (Frobenius).
    #[napi(getter)]
    #[must_use]
    pub fn base_frobenius(&self) -> f64 {
        self.lock().base_frobenius
    }

    /// ‖ΔW‖ (Frobenius).
    #[napi(getter)]
    #[must_use]
    pub fn delta_frobenius(&self) -> f64 {
        self.lock().delta_frobenius
    }

    /// σ, falling; fewer than asked for where W has fewer that are not zero.
    #[napi(getter)]
    #[must_use]
    pub fn singular_values(&self) -> Float64Array {
        self.lock().singular_values.clone().into()
    }

    /// uᵀ·ΔW·v of each.
    #[napi(getter)]
    #[must_use]
    pub fn overlaps(&self) -> Float64Array {
        self.lock().overlaps.clone().into()
    }

    /// ‖W·Wᵀ·u − σ²·u‖ / σ₁² of each.
    #[napi(getter)]
    #[must_use]
    pub fn residuals(&self) -> Float64Array {
        self.lock().residuals.clone().into()
    }

    /// Frees all vectors but these.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // The shape of a call from JavaScript.
    pub fn keep(&self, env: Env, indices: Vec<f64>) -> napi::Result<()> {
        let indices = indices.iter().map(|index| whole(*index, "index")).collect::<Result<Vec<_>>>();
        self.lock().keep(&indices.map_err(|error| thrown(env, error))?);
        Ok(())
    }
}

impl Triplets {
    fn lock(&self) -> MutexGuard<'_, Computed> {
        held(&self.held)
    }
}

/// Triplets beside a running call.
pub(crate) type SharedTriplets = Arc<Mutex<Computed>>;

/// Handles for a call that goes on after the one that named them returned.
pub(crate) fn shared(handles: Vec<ClassInstance<'_, Triplets>>) -> Vec<SharedTriplets> {
    handles.into_iter().map(|handle| Arc::clone(&handle.held)).collect()
}

/// A panic while the lock was held cannot leave the triplets half changed.
pub(crate) fn held(triplets: &SharedTriplets) -> MutexGuard<'_, Computed> {
    triplets.lock().unwrap_or_else(PoisonError::into_inner)
}

#[napi]
impl Pool {
    /// The top singular triplets of a tuned matrix.
    #[napi(ts_return_type = "Promise<Triplets>")]
    pub fn triplets<'env>(
        &self,
        env: &'env Env,
        request: TripletRequest,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let task = Task { place: "triplets", name: request.name.clone(), threads: request.threads };
        self.compute(env, task, cancel, |control| {
            Ok(Triplets { held: Arc::new(Mutex::new(compute(request, control)?)) })
        })
    }
}

fn compute(request: TripletRequest, control: &Control) -> Result<Computed> {
    let (count, seed) = (whole(request.count, "count")?, whole(request.seed, "seed")? as u64);
    let base = ViewRef::try_from(request.base)?.open()?;
    let delta = OpenDelta::open(request.delta)?;
    let tuned = delta.tuned(&base, None, control)?;
    let found = triplets(&base, &tuned.as_tuned(), count, seed, control)?;
    base.tensor().check_unchanged()?;
    Ok(found)
}

/// One arm of an intervention.
#[napi(object)]
pub struct ArmRequest {
    /// What is done.
    #[napi(ts_type = "'scale' | 'step' | 'shrink' | 'rescaled' | 'interpolate' | 'neighbour'")]
    pub arm: String,
    /// λ.
    pub lambda: f64,
    /// ‖ΔW‖ (Frobenius).
    pub delta_frobenius: f64,
    /// σ of the chosen triplets.
    pub singular_values: Float64Array,
    /// uᵀ·ΔW·v of the same.
    pub overlaps: Float64Array,
}

/// ΔW′ = weight·ΔW + Σ coefficient·u·vᵀ and its sizes.
#[napi(object)]
pub struct ArmAnswer {
    /// Factor in front of ΔW.
    pub weight: f64,
    /// Of each chosen triplet.
    pub coefficients: Float64Array,
    /// ‖ΔW′‖ (Frobenius).
    pub delta_frobenius: f64,
    /// ‖W′ − W‖ (Frobenius).
    pub step: f64,
    /// The step would be longer than ΔW, which is removed whole.
    pub clamped: bool,
}

/// The closed form of one arm in one module.
#[napi]
#[allow(clippy::needless_pass_by_value)] // The shape of a call from JavaScript.
pub fn arm(env: Env, request: ArmRequest) -> napi::Result<ArmAnswer> {
    let outcome = guarded("arm", || {
        let chosen = Chosen {
            lambda: request.lambda,
            delta_frobenius: request.delta_frobenius,
            singular_values: &request.singular_values,
            overlaps: &request.overlaps,
        };
        parse_arm(&request.arm)?.apply(chosen)
    });
    outcome.map(ArmAnswer::from).map_err(|fault| thrown(env, fault))
}

fn parse_arm(name: &str) -> Result<Arm> {
    match name {
        "scale" => Ok(Arm::Scale),
        "step" => Ok(Arm::Step),
        "shrink" => Ok(Arm::Shrink),
        "rescaled" => Ok(Arm::Rescaled),
        "interpolate" => Ok(Arm::Interpolate),
        "neighbour" => Ok(Arm::Neighbour),
        _ => Err(invalid(format!("{name:?} is no arm"))),
    }
}

impl From<ArmOutcome> for ArmAnswer {
    fn from(outcome: ArmOutcome) -> Self {
        Self {
            weight: outcome.weight,
            coefficients: outcome.coefficients.into(),
            delta_frobenius: outcome.delta_frobenius,
            step: outcome.step,
            clamped: outcome.clamped,
        }
    }
}
