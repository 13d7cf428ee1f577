//! Evidence of whether an adapter belongs to a base.

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use spectra::belonging::{Axis, difference, norm_agreement, projection_gap};
use spectra::control::Control;
use spectra::error::Result;
use spectra::rows::{Dense, Rows};
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

/// How well stored magnitudes agree with the norms of a matrix.
#[napi(object)]
pub struct NormAgreement {
    /// Median of magnitude / norm over the norms above zero.
    pub median_ratio: f64,
    /// Size of magnitudes − norms, relative to the norms.
    pub distance: f64,
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

    /// Compares magnitudes with the norms of a matrix's rows or columns; null when all norms are zero.
    #[napi(
        ts_args_type = "matrix: MatrixView, magnitudes: MatrixView, axis: 'row' | 'column', cancel?: CancelFlag | undefined | null",
        ts_return_type = "Promise<NormAgreement | null>"
    )]
    pub fn norm_agreement<'env>(
        &self,
        env: &'env Env,
        matrix: MatrixView,
        magnitudes: MatrixView,
        axis: String,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let cancel = CancelFlag::share(cancel);
        self.run(env, "normAgreement", move || {
            let control = Control { threads: 1, cancel: Some(&cancel) };
            let axis = match axis.as_str() {
                "row" => Axis::Row,
                "column" => Axis::Column,
                other => return Err(invalid(format!("axis \"{other}\", it is row or column"))),
            };
            let matrix = ViewRef::try_from(matrix)?.open()?;
            let magnitudes = ViewRef::try_from(magnitudes)?.open()?.read_all()?;
            let found = norm_agreement(&matrix, &magnitudes, axis, &control)?;
            Ok(found.map(|found| NormAgreement { median_ratio: found.median_ratio, distance: found.distance }))
        })
    }

    /// ‖Bᵀ(W − B·A)‖ / ‖Bᵀ·B·A‖: zero when B·A is a truncated singular value decomposition; null when B·A is zero.
    #[napi(ts_return_type = "Promise<number | null>")]
    pub fn projection_gap<'env>(
        &self,
        env: &'env Env,
        matrix: MatrixView,
        left: MatrixView,
        right: MatrixView,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let cancel = CancelFlag::share(cancel);
        self.run(env, "projectionGap", move || {
            let control = Control { threads: 1, cancel: Some(&cancel) };
            let matrix = ViewRef::try_from(matrix)?.open()?;
            projection_gap(&matrix, &held(left)?, &held(right)?, &control)
        })
    }
}

/// A small matrix in memory.
fn held(view: MatrixView) -> Result<Dense> {
    let view = ViewRef::try_from(view)?.open()?;
    Ok(Dense::new(view.rows(), view.cols(), view.read_all()?))
}
