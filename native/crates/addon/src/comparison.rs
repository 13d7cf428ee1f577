//! What was read back against what was meant.

use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Object};
use napi_derive::napi;
use spectra::composite::{Composite, Parts};
use spectra::control::Control;
use spectra::edit::compare::{Comparison as Compared, compare_factors, compare_matrices};
use spectra::error::Result;
use spectra::gram::Shape;
use spectra::outcome::LowRank;
use spectra::rows::Rows;
use spectra::view::ViewRef;

use crate::approximation::Factors;
use crate::change::{EditedModule, FactorSum, OpenEdited, open_sums};
use crate::delta::{LowRankTerm, open_terms};
use crate::edit::{Triplets, shared};
use crate::overlap::shape;
use crate::pool::{CancelFlag, Pool, Task};
use crate::tensor::{MatrixView, invalid};

/// Frobenius norms of the intended update, of the one that was read, and of their difference.
#[napi(object)]
pub struct Comparison {
    /// ‖ΔW_read − ΔW_intended‖.
    pub error: f64,
    /// ‖ΔW_intended‖.
    pub intended: f64,
    /// ‖ΔW_read‖.
    pub read: f64,
}

/// An edited module and what was read back: a matrix, or factors over its base.
#[napi(object)]
pub struct ModuleComparison {
    /// What was meant.
    pub module: EditedModule,
    /// The matrix that was read.
    pub matrix: Option<MatrixView>,
    /// The factors that were read.
    pub factors: Option<Vec<LowRankTerm>>,
    /// Threads, at most those of the pool.
    pub threads: f64,
}

/// Sums of factors, or a handle given beside the request, and the factors that were read back.
#[napi(object)]
pub struct FactorComparison {
    /// Name for messages.
    pub name: String,
    /// What was meant; the handle when absent.
    pub sums: Option<Vec<FactorSum>>,
    /// What was read.
    pub read: Vec<LowRankTerm>,
}

#[napi]
impl Pool {
    /// An edited module against the matrix or the factors that were written for it.
    #[napi(ts_return_type = "Promise<Comparison>")]
    pub fn compare_module<'env>(
        &self,
        env: &'env Env,
        request: ModuleComparison,
        triplets: Vec<ClassInstance<'env, Triplets>>,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let task = Task { place: "compareModule", name: request.module.name.clone(), threads: request.threads };
        let triplets = shared(triplets);
        self.compute(env, task, cancel, move |control| {
            let OpenEdited { base, matrix } = request.module.open(&triplets, control)?;
            let read: Box<dyn Rows> = match (request.matrix, request.factors) {
                (Some(view), None) => Box::new(ViewRef::try_from(view)?.open()?),
                (None, Some(terms)) => Box::new(over(&base, open_terms(terms)?, control)?),
                _ => return Err(invalid("either a matrix or factors are compared")),
            };
            compare_matrices(&base, &matrix, &read, control).map(Comparison::from)
        })
    }

    /// Factors against the factors that were written for them.
    #[napi(ts_return_type = "Promise<Comparison>")]
    pub fn compare_factors<'env>(
        &self,
        env: &'env Env,
        request: FactorComparison,
        triplets: Vec<ClassInstance<'env, Triplets>>,
        factors: Option<&Factors>,
    ) -> napi::Result<Object<'env>> {
        let triplets = shared(triplets);
        let held = factors.map(Factors::share);
        self.run(env, "compareFactors", move || {
            let compared = || {
                let read = open_terms(request.read)?;
                let intended = match (request.sums, held) {
                    (Some(sums), None) => open_sums(sums, &triplets)?,
                    (None, Some(held)) => vec![LowRank::clone(&*held.term()?)],
                    _ => return Err(invalid("either sums or a handle are compared")),
                };
                compare_factors(&intended, &read, any_shape(&intended, &read)?)
            };
            compared().map(Comparison::from).map_err(|error| error.at(request.name))
        })
    }
}

/// An update of rank zero has no shape of its own.
fn any_shape(intended: &[LowRank], read: &[LowRank]) -> Result<Shape> {
    shape(read).or_else(|_| shape(intended))
}

fn over<'a>(base: &'a dyn Rows, terms: Vec<LowRank>, control: &Control) -> Result<Composite<'a>> {
    let parts = Parts { start: Box::new(base), replaced_rows: None, terms, dora: None, rounded_to: None };
    Composite::new(parts, control)
}

impl From<Compared> for Comparison {
    fn from(compared: Compared) -> Self {
        Self { error: compared.error, intended: compared.intended, read: compared.read }
    }
}
