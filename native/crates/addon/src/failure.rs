//! Errors as JavaScript sees them: `Error` objects with `code` and, where known, `place`.

use napi::bindgen_prelude::{JsObjectValue, JsValue};
use napi::{Env, Status};
use napi_derive::napi;
use spectra::error::{Error, ErrorKind};

/// What went wrong with one part of an answer whose other parts are good.
#[napi(object)]
pub struct Failure {
    /// Kind of the error, from the closed list.
    #[napi(
        ts_type = "'unreadable' | 'truncated' | 'changed' | 'header-invalid' | 'dtype-unsupported' | 'shape-mismatch' | 'not-finite' | 'no-convergence' | 'invalid-argument' | 'cancelled' | 'not-reproducible' | 'unwritable' | 'panic'"
    )]
    pub code: String,
    /// One sentence for people.
    pub message: String,
    /// File, tensor or element the message speaks of.
    pub place: Option<String>,
}

/// Why a call failed: an error of the numerics, or a defect that panicked.
pub(crate) enum Fault {
    Known(Error),
    Panic { message: String, place: &'static str },
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Known(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Known(error) => {
                Self { code: code(error.kind).to_owned(), message: error.message, place: error.place }
            }
            Fault::Panic { message, place } => {
                Self { code: "panic".to_owned(), message, place: Some(place.to_owned()) }
            }
        }
    }
}

/// The kind in kebab-case.
pub(crate) fn code(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unreadable => "unreadable",
        ErrorKind::Truncated => "truncated",
        ErrorKind::Changed => "changed",
        ErrorKind::HeaderInvalid => "header-invalid",
        ErrorKind::DtypeUnsupported => "dtype-unsupported",
        ErrorKind::ShapeMismatch => "shape-mismatch",
        ErrorKind::NotFinite => "not-finite",
        ErrorKind::NoConvergence => "no-convergence",
        ErrorKind::InvalidArgument => "invalid-argument",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::NotReproducible => "not-reproducible",
        ErrorKind::Unwritable => "unwritable",
    }
}

/// The JavaScript error for a fault. Must be called on the thread of `env`.
pub(crate) fn thrown(env: Env, fault: impl Into<Fault>) -> napi::Error {
    let failure = Failure::from(fault.into());
    build(env, &failure).unwrap_or_else(|error| error)
}

fn build(env: Env, failure: &Failure) -> napi::Result<napi::Error> {
    let mut object = env.create_error(napi::Error::new(Status::GenericFailure, &failure.message))?;
    object.set_named_property("code", &failure.code)?;
    if let Some(place) = &failure.place {
        object.set_named_property("place", place)?;
    }
    Ok(napi::Error::from(object.to_unknown()))
}
