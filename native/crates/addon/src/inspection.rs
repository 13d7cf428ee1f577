//! The exact view of one module for the Inspector.

use napi::Env;
use napi::bindgen_prelude::{Float64Array, Object};
use napi_derive::napi;
use spectra::control::Control;
use spectra::dtype::ElementType;
use spectra::error::Result;
use spectra::exact::{ExactView as View, exact_view};
use spectra::view::ViewRef;

use crate::delta::{DeltaStatement, OpenDelta};
use crate::pool::{CancelFlag, Pool, Task};
use crate::tensor::{MatrixView, whole};

/// One module to look at exactly.
#[napi(object)]
pub struct InspectRequest {
    /// Name for messages.
    pub name: String,
    /// The base matrix.
    pub base: MatrixView,
    /// How the tuned matrix arises from the base.
    pub delta: DeltaStatement,
    /// Round the tuned matrix to this type first.
    #[napi(ts_type = "'F32' | 'F16' | 'BF16'")]
    pub as_merged: Option<String>,
    /// Number of top singular vectors of the tuned matrix.
    pub k: f64,
    /// Threads, at most those of the pool.
    pub threads: f64,
}

/// Full spectra of base and tuned matrix and the cosines between their vectors.
#[napi(object)]
pub struct ExactView {
    /// All singular values of the base, falling.
    pub base: Float64Array,
    /// All singular values of the tuned matrix, falling.
    pub tuned: Float64Array,
    /// |⟨tuned left vector j, base left vector i⟩| at `j * base.length + i`, j below `examined`.
    pub left: Float64Array,
    /// The same for the right vectors.
    pub right: Float64Array,
    /// Tuned vectors in `left` and `right`.
    pub examined: f64,
}

#[napi]
impl Pool {
    /// Exact spectra and cosines of one module, by full decompositions.
    #[napi(ts_return_type = "Promise<ExactView>")]
    pub fn inspect_module<'env>(
        &self,
        env: &'env Env,
        request: InspectRequest,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let task = Task { place: "inspectModule", name: request.name.clone(), threads: request.threads };
        self.compute(env, task, cancel, |control| inspect(request, control).map(ExactView::from))
    }
}

fn inspect(request: InspectRequest, control: &Control) -> Result<View> {
    let merged_type = request.as_merged.as_deref().map(ElementType::parse).transpose()?;
    let base = ViewRef::try_from(request.base)?.open()?;
    let delta = OpenDelta::open(request.delta)?;
    let tuned = delta.tuned(&base, merged_type, control)?;
    exact_view(&base, &tuned.as_tuned(), whole(request.k, "k")?, control)
}

impl From<View> for ExactView {
    fn from(view: View) -> Self {
        Self {
            base: view.base.into(),
            tuned: view.tuned.into(),
            left: view.left.into(),
            right: view.right.into(),
            examined: view.examined as f64,
        }
    }
}
