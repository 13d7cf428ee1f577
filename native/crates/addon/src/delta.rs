//! The tuned matrix as a stated delta over the base.

use napi_derive::napi;

use crate::tensor::MatrixView;

/// Rows that take the place of rows of the base (trainable tokens).
#[napi(object)]
pub struct ReplacedRows {
    /// Row numbers in the base.
    pub indices: Vec<f64>,
    /// New rows, in that order.
    pub values: MatrixView,
}

/// scale · left · right.
#[napi(object)]
pub struct LowRankTerm {
    /// out × r.
    pub left: MatrixView,
    /// r × in.
    pub right: MatrixView,
    /// Factor in front of the product.
    pub scale: f64,
}

/// W′ = diag(m / ‖V‖ row) · V, or V · diag(m / ‖V‖ column).
#[napi(object)]
pub struct DoraStatement {
    /// m, a tensor with one value per row (or column); the norms of the matrix without its low-rank terms if absent.
    pub magnitude: Option<crate::tensor::TensorRef>,
    /// Which norms: row for linear layers, column for embeddings.
    #[napi(ts_type = "'row' | 'column'")]
    pub axis: String,
}

/// W′ = dora(rows(replacement ?? W0) + Σ scale · left · right); every part may be absent.
#[napi(object)]
pub struct DeltaStatement {
    /// Matrix in place of the base.
    pub replacement: Option<MatrixView>,
    /// Rows replaced before the low-rank terms are added.
    pub replaced_rows: Option<ReplacedRows>,
    /// Low-rank terms.
    pub low_rank: Option<Vec<LowRankTerm>>,
    /// Re-scaling after everything else.
    pub dora: Option<DoraStatement>,
}
