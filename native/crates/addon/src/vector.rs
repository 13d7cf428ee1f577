//! Tensors with one axis: norms and biases.

use napi::Env;
use napi::bindgen_prelude::{Either, Null, Object};
use napi_derive::napi;
use spectra::control::Control;
use spectra::error::{Error, ErrorKind, Result};
use spectra::finite;
use spectra::rows::Dense;
use spectra::tensor;
use spectra::vector::{VectorDelta as Delta, compare};

use crate::delta::{DeltaStatement, OpenDelta, read_finite_vector};
use crate::pool::Pool;
use crate::tensor::{TensorRef, invalid};

/// A vector before and after.
#[napi(object)]
pub struct VectorRequest {
    /// Before; null counts as zeros.
    #[napi(ts_type = "TensorRef | null")]
    pub base: Either<Null, TensorRef>,
    /// After, or what is added when `addition` is given.
    pub tuned: Option<TensorRef>,
    /// The tuned vector is base + addition · `tuned` (an adapter's bias with its scale).
    pub addition: Option<f64>,
    /// In place of `tuned`: what becomes of the vector before as a matrix of one column.
    pub delta: Option<DeltaStatement>,
}

/// What changed in a vector. Norms are absent when a value is not finite.
#[napi(object)]
pub struct VectorDelta {
    /// Number of elements.
    pub elements: f64,
    /// ‖before‖.
    pub base_norm: Option<f64>,
    /// ‖after‖.
    pub tuned_norm: Option<f64>,
    /// ‖after − before‖.
    pub delta_norm: Option<f64>,
    /// ‖after − before‖ / ‖before‖; absent when the vector before is zero.
    pub relative: Option<f64>,
    /// Largest |after − before|.
    pub maximum: Option<f64>,
    /// Elements with equal values.
    pub equal: f64,
    /// Elements that are NaN or infinite before or after.
    pub not_finite: f64,
}

#[napi]
impl Pool {
    /// Compares two vectors; matrices and higher tensors are compared flattened.
    #[napi(ts_return_type = "Promise<VectorDelta>")]
    pub fn vector_delta<'env>(&self, env: &'env Env, request: VectorRequest) -> napi::Result<Object<'env>> {
        self.run(env, "vectorDelta", move || vector_delta(request).map(VectorDelta::from))
    }
}

fn vector_delta(request: VectorRequest) -> Result<Delta> {
    match (request.tuned, request.delta, request.base) {
        (Some(tuned), None, Either::A(Null)) => {
            let tuned = read_finite_vector(tuned)?;
            value_delta(&vec![0.0; tuned.len()], &tuned, request.addition)
        }
        (Some(tuned), None, Either::B(base)) => {
            value_delta(&read(base)?, &read_finite_vector(tuned)?, request.addition)
        }
        (None, Some(delta), Either::B(base)) => stated_delta(read(base)?, delta),
        _ => Err(invalid("a vector after, or a statement over the vector before, is needed")),
    }
}

fn value_delta(base: &[f64], tuned: &[f64], addition: Option<f64>) -> Result<Delta> {
    if base.len() != tuned.len() {
        let message = format!("{} elements before, {} after", base.len(), tuned.len());
        return Err(Error::new(ErrorKind::ShapeMismatch, message));
    }
    Ok(match addition {
        Some(scale) => {
            let sum: Vec<f64> = base.iter().zip(tuned).map(|(before, added)| before + scale * added).collect();
            compare(base, &sum)
        }
        None => compare(base, tuned),
    })
}

fn stated_delta(base: Vec<f64>, delta: DeltaStatement) -> Result<Delta> {
    let column = Dense::new(base.len(), 1, base);
    let control = Control::SINGLE;
    let tuned = Dense::of(&OpenDelta::open(delta)?.compose(&column, None, &control)?, &control)?;
    Ok(compare(column.values(), tuned.values()))
}

fn read(source: TensorRef) -> Result<Vec<f64>> {
    let values = tensor::TensorRef::try_from(source)?.open()?.read_vector()?;
    finite::check(&values, values.len()).map_err(|error| error.at("base"))?;
    Ok(values)
}

impl From<Delta> for VectorDelta {
    fn from(delta: Delta) -> Self {
        let norms = delta.norms;
        Self {
            elements: delta.elements as f64,
            base_norm: norms.map(|norms| norms.base),
            tuned_norm: norms.map(|norms| norms.tuned),
            delta_norm: norms.map(|norms| norms.delta),
            relative: norms.filter(|norms| norms.base > 0.0).map(|norms| norms.delta / norms.base),
            maximum: norms.map(|norms| norms.maximum),
            equal: delta.equal as f64,
            not_finite: delta.not_finite as f64,
        }
    }
}
