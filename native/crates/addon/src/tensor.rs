//! References to stored tensors and windows on them.

use std::path::PathBuf;

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;
use spectra::dtype::ElementType;
use spectra::error::{Error, ErrorKind, Result};
use spectra::scale;
use spectra::tensor;
use spectra::view;

/// Where the factors of a quantised tensor lie: as `TensorRef`, without factors of its own.
#[napi(object)]
pub struct ScaleTensor {
    /// File that holds it.
    pub path: String,
    /// First byte of the data, from the start of the file.
    pub begin: f64,
    /// One past the last byte.
    pub end: f64,
    /// Element type: F64, F32, F16, BF16, F8_E4M3, F8_E5M2 or F8_E8M0; any other is refused.
    pub dtype: String,
    /// Dimensions, outermost first.
    pub shape: Vec<f64>,
    /// Size of the file when its header was read.
    pub file_size: f64,
    /// Modification time then, nanoseconds since 1970.
    pub mtime_ns: BigInt,
}

/// Factors of a quantised tensor: W = stored · scale.
#[napi(object)]
pub struct TensorScale {
    /// One factor, one per row, or one per block.
    #[napi(ts_type = "'tensor' | 'row' | 'block'")]
    pub kind: String,
    /// The stored factors.
    pub tensor: ScaleTensor,
    /// Rows and columns of a block.
    #[napi(ts_type = "[rows: number, columns: number]")]
    pub block: Option<Vec<f64>>,
}

/// Where the values of a tensor lie, as its header said.
#[napi(object)]
pub struct TensorRef {
    /// File that holds it.
    pub path: String,
    /// First byte of the data, from the start of the file.
    pub begin: f64,
    /// One past the last byte.
    pub end: f64,
    /// Element type: F64, F32, F16, BF16, F8_E4M3 or F8_E5M2; any other is refused.
    pub dtype: String,
    /// Dimensions, outermost first.
    pub shape: Vec<f64>,
    /// Size of the file when its header was read.
    pub file_size: f64,
    /// Modification time then, nanoseconds since 1970.
    pub mtime_ns: BigInt,
    /// Factors of a quantised tensor.
    pub scale: Option<TensorScale>,
    /// Name in the file, for messages.
    pub stored_name: Option<String>,
}

/// `count` positions from `start` on, `step` apart.
#[napi(object)]
pub struct Stride {
    /// First position.
    pub start: f64,
    /// Number of positions.
    pub count: f64,
    /// Distance between two positions, at least 1.
    pub step: f64,
}

/// A two-dimensional window on a tensor.
#[napi(object)]
pub struct MatrixView {
    /// The stored tensor.
    pub tensor: TensorRef,
    /// Elements before the matrix (expert e of a fused (E, out, in) tensor: e · out · in).
    pub offset: Option<f64>,
    /// Rows kept; all if absent.
    pub rows: Option<Stride>,
    /// Columns kept; all if absent.
    pub columns: Option<Stride>,
    /// Rows and columns of the matrix at `offset`; the tensor's last two axes if absent.
    #[napi(ts_type = "[rows: number, columns: number]")]
    pub shape: Option<Vec<f64>>,
    /// Swap rows and columns, after the selection.
    pub transpose: Option<bool>,
}

/// A count that came as a JavaScript number.
pub(crate) fn whole(value: f64, name: &str) -> Result<usize> {
    const MAXIMUM: f64 = 9_007_199_254_740_991.0;
    if value.fract() != 0.0 || !(0.0..=MAXIMUM).contains(&value) {
        return Err(invalid(format!("{name} is {value}, a whole number from 0 on is needed")));
    }
    Ok(value as usize)
}

/// Threads of one call: at least one, at most those of the pool.
pub(crate) fn threads(wanted: f64, pool: usize) -> Result<usize> {
    Ok(whole(wanted, "threads")?.clamp(1, pool))
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

pub(crate) fn pair(values: &[f64], name: &str) -> Result<(usize, usize)> {
    match values {
        &[first, second] => Ok((whole(first, name)?, whole(second, name)?)),
        _ => Err(invalid(format!("{name} needs two numbers, it has {}", values.len()))),
    }
}

/// Reads the name of an element type that the reader of a tensor wants.
type Parse = fn(&str) -> Result<ElementType>;

fn unscaled(source: ScaleTensor, parse: Parse) -> Result<tensor::TensorRef> {
    let element_type = parse(&source.dtype).map_err(|error| error.at(source.path.clone()))?;
    let (nanoseconds, lossless) = source.mtime_ns.get_i64();
    if !lossless {
        return Err(invalid("mtimeNs does not fit 64 bits"));
    }
    Ok(tensor::TensorRef {
        path: PathBuf::from(source.path),
        begin: whole(source.begin, "begin")? as u64,
        end: whole(source.end, "end")? as u64,
        element_type,
        shape: source.shape.iter().map(|size| whole(*size, "shape")).collect::<Result<_>>()?,
        file_size: whole(source.file_size, "fileSize")? as u64,
        modified_nanoseconds: nanoseconds,
        scale: None,
    })
}

/// A tensor of positions, which may hold integers.
pub(crate) fn positions(source: TensorRef) -> Result<tensor::TensorRef> {
    let TensorRef { path, begin, end, dtype, shape, file_size, mtime_ns, .. } = source;
    unscaled(ScaleTensor { path, begin, end, dtype, shape, file_size, mtime_ns }, ElementType::parse_position)
}

impl TryFrom<TensorRef> for tensor::TensorRef {
    type Error = Error;

    fn try_from(source: TensorRef) -> Result<Self> {
        let TensorRef { path, begin, end, dtype, shape, file_size, mtime_ns, scale, .. } = source;
        let plain = ScaleTensor { path, begin, end, dtype, shape, file_size, mtime_ns };
        let mut tensor = unscaled(plain, ElementType::parse)?;
        tensor.scale = scale.map(scale::Scale::try_from).transpose()?;
        Ok(tensor)
    }
}

impl TryFrom<TensorScale> for scale::Scale {
    type Error = Error;

    fn try_from(source: TensorScale) -> Result<Self> {
        let kind = match (source.kind.as_str(), source.block) {
            ("tensor", None) => scale::ScaleKind::Tensor,
            ("row", None) => scale::ScaleKind::Row,
            ("block", Some(block)) => {
                let (rows, columns) = pair(&block, "block")?;
                scale::ScaleKind::Block { rows, columns }
            }
            (kind, _) => return Err(invalid(format!("scale kind {kind:?} does not fit its block"))),
        };
        Ok(Self { kind, tensor: Box::new(unscaled(source.tensor, ElementType::parse_scale)?) })
    }
}

impl TryFrom<Stride> for view::Stride {
    type Error = Error;

    fn try_from(source: Stride) -> Result<Self> {
        Ok(Self {
            start: whole(source.start, "start")?,
            count: whole(source.count, "count")?,
            step: whole(source.step, "step")?,
        })
    }
}

impl TryFrom<MatrixView> for view::ViewRef {
    type Error = Error;

    fn try_from(source: MatrixView) -> Result<Self> {
        Ok(Self {
            tensor: source.tensor.try_into()?,
            offset: source.offset.map_or(Ok(0), |offset| whole(offset, "offset"))?,
            shape: source.shape.map(|shape| pair(&shape, "shape")).transpose()?,
            rows: source.rows.map(view::Stride::try_from).transpose()?,
            columns: source.columns.map(view::Stride::try_from).transpose()?,
            transpose: source.transpose.unwrap_or(false),
        })
    }
}
