//! Two updates of one module side by side.

use napi::Env;
use napi::bindgen_prelude::{Either, Float64Array, Null, Object};
use napi_derive::napi;
use spectra::control::Control;
use spectra::error::Result;
use spectra::gram::Shape;
use spectra::outcome::LowRank;
use spectra::overlap::{dense_cosine, factor_overlap};
use spectra::view::ViewRef;

use crate::delta::{DeltaStatement, OpenDelta};
use crate::pool::{CancelFlag, Pool, Task};
use crate::tensor::{MatrixView, invalid};

/// Two updates of one base matrix.
#[napi(object)]
pub struct OverlapRequest {
    /// Name for messages.
    pub name: String,
    /// The base matrix; null is enough when both updates are sums of factors.
    #[napi(ts_type = "MatrixView | null")]
    pub base: Either<Null, MatrixView>,
    /// One update.
    pub first: DeltaStatement,
    /// The other one.
    pub second: DeltaStatement,
    /// Threads, at most those of the pool.
    pub threads: f64,
}

/// How much two updates have in common.
#[napi(object)]
pub struct Overlap {
    /// Cosines of the principal angles between the output spaces, falling; absent unless both are sums of factors.
    pub left: Option<Float64Array>,
    /// The same between the input spaces.
    pub right: Option<Float64Array>,
    /// ⟨ΔW₁, ΔW₂⟩ / (‖ΔW₁‖·‖ΔW₂‖); absent when one update is zero.
    pub cosine: Option<f64>,
}

#[napi]
impl Pool {
    /// Compares two updates: principal angles of factors, and the cosine of the updates.
    #[napi(ts_return_type = "Promise<Overlap>")]
    pub fn overlap<'env>(
        &self,
        env: &'env Env,
        request: OverlapRequest,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let task = Task { place: "overlap", name: request.name.clone(), threads: request.threads };
        self.compute(env, task, cancel, |control| compare(request, control))
    }
}

fn compare(request: OverlapRequest, control: &Control) -> Result<Overlap> {
    let (first, second) = (OpenDelta::open(request.first)?, OpenDelta::open(request.second)?);
    if first.is_low_rank() && second.is_low_rank() {
        let overlap = factor_overlap(&first.terms, &second.terms, shape(&first.terms)?)?;
        let (left, right) = (Some(overlap.left.into()), Some(overlap.right.into()));
        return Ok(Overlap { left, right, cosine: overlap.cosine });
    }
    let Either::B(base) = request.base else {
        return Err(invalid("these updates need the base matrix, which is not readable"));
    };
    let base = ViewRef::try_from(base)?.open()?;
    let (one, two) = (first.compose(&base, None, control)?, second.compose(&base, None, control)?);
    Ok(Overlap { left: None, right: None, cosine: dense_cosine(&base, &one, &two, control)? })
}

/// Shape of an update, read off its factors.
pub(crate) fn shape(terms: &[LowRank]) -> Result<Shape> {
    let first = terms.iter().find(|term| term.rank > 0);
    let first = first.ok_or_else(|| invalid("an update without factors has no shape"))?;
    Ok(Shape { rows: first.left.len() / first.rank, cols: first.right.len() / first.rank })
}
