//! Evidence of whether an adapter belongs to a base.

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use spectra::belonging::{Axis, difference, median_norm_ratio};
use spectra::control::Control;
use spectra::view::ViewRef;

use crate::pool::{CancelFlag, Pool};
use crate::tensor::{MatrixView, invalid};

/// How two matrices of one shape differ.
#[napi(object)]
pub struct Difference {
    /// Frobenius norm of the base.
    pub base_frobenius: f64,
    /// Frobenius norm of the difference.
    pub delta_frobenius: f64,
    /// Entries with equal values.
    pub equal: f64,
    /// Entries in all.
    pub total: f64,
}

#[napi]
impl Pool {
    /// Compares two matrices of one shape, block by block. A value that is not finite rejects.
    #[napi(ts_return_type = "Promise<Difference>")]
    pub fn difference<'env>(
        &self,
        env: &'env Env,
        base: MatrixView,
        other: MatrixView,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let cancel = CancelFlag::share(cancel);
        self.run(env, "difference", move || {
            let control = Control { threads: 1, cancel: Some(&cancel) };
            let base = ViewRef::try_from(base)?.open()?;
            let other = ViewRef::try_from(other)?.open()?;
            let found = difference(&base, &other, &control)?;
            Ok(Difference {
                base_frobenius: found.base,
                delta_frobenius: found.delta,
                equal: found.equal as f64,
                total: found.total as f64,
            })
        })
    }

    /// Median of magnitude / norm over the rows or columns of a matrix; null when all norms are zero.
    #[napi(
        ts_args_type = "matrix: MatrixView, magnitudes: MatrixView, axis: 'row' | 'column', cancel?: CancelFlag | undefined | null",
        ts_return_type = "Promise<number | null>"
    )]
    pub fn median_norm_ratio<'env>(
        &self,
        env: &'env Env,
        matrix: MatrixView,
        magnitudes: MatrixView,
        axis: String,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let cancel = CancelFlag::share(cancel);
        self.run(env, "medianNormRatio", move || {
            let control = Control { threads: 1, cancel: Some(&cancel) };
            let axis = match axis.as_str() {
                "row" => Axis::Row,
                "column" => Axis::Column,
                other => return Err(invalid(format!("axis \"{other}\", it is row or column"))),
            };
            let matrix = ViewRef::try_from(matrix)?.open()?;
            let magnitudes = ViewRef::try_from(magnitudes)?.open()?.read_all()?;
            median_norm_ratio(&matrix, &magnitudes, axis, &control)
        })
    }
}
