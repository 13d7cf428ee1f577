//! Safetensors files, written block by block.

mod encode;
pub mod flat;
pub mod layout;
mod output;
pub mod patched;

use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use safetensors::Dtype;

use crate::control::Control;
use crate::dtype::ElementType;
use crate::error::{Error, ErrorKind, Result};
use crate::header::quoted;
use crate::rows::Rows;
use crate::writer::flat::StoredBytes;
use crate::writer::layout::Layout;
use crate::writer::output::Output;

pub use crate::writer::encode::Rounding;
pub use crate::writer::output::hex;

/// Opens a matrix when its turn has come, so that thousands of tensors do not hold thousands of files and factors.
pub type Opener = Box<dyn FnOnce(&Control<'_>) -> Result<Box<dyn Rows>> + Send>;

/// Where the numbers of a tensor come from.
pub enum Source {
    /// Stored bytes, unchanged.
    Bytes(StoredBytes),
    /// A matrix with as many entries as the tensor, in the order of its elements; rounded to nearest, ties to even.
    Values(Opener),
}

/// A tensor to write.
pub struct PlannedTensor {
    /// Name in the file.
    pub name: String,
    /// Element type in the file.
    pub dtype: Dtype,
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub source: Source,
}

/// A finished file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReport {
    /// Size.
    pub bytes: u64,
    /// SHA-256 of the whole file, lower-case hex.
    pub sha256: String,
    /// What rounding did to each tensor, in the order of the plan; `None` for copied bytes.
    pub tensors: Vec<Option<Rounding>>,
}

/// Writes a file that did not exist; it is complete and synchronised to disk when this returns, and removed when this
/// fails. `progress` counts bytes.
///
/// # Errors
/// [`ErrorKind::Unwritable`] with the path; [`ErrorKind::InvalidArgument`] or [`ErrorKind::HeaderInvalid`] for a plan
/// that makes no valid file; [`ErrorKind::ShapeMismatch`] for a source of another size; [`ErrorKind::NotFinite`] for a
/// value that its type cannot hold; [`ErrorKind::DtypeUnsupported`]; [`ErrorKind::Cancelled`]; reading errors. The
/// place of those that concern one tensor is its name.
pub fn write_file(
    path: &Path,
    tensors: Vec<PlannedTensor>,
    metadata: &[(String, String)],
    control: &Control<'_>,
    progress: &AtomicU64,
) -> Result<FileReport> {
    let layout = Layout::new(&tensors, metadata)?;
    let mut output = Output::create(path, progress)?;
    output.write_all(&layout.header).map_err(|error| output.failure(&error))?;
    let mut reports = vec![None; tensors.len()];
    let mut tensors: Vec<Option<PlannedTensor>> = tensors.into_iter().map(Some).collect();
    for index in layout.order {
        control.check()?;
        let Some(tensor) = tensors[index].take() else { continue };
        let name = tensor.name.clone();
        reports[index] = write_tensor(tensor, &mut output, control).map_err(|error| error.at(name))?;
    }
    let (bytes, sha256) = output.finish()?;
    Ok(FileReport { bytes, sha256, tensors: reports })
}

fn write_tensor(tensor: PlannedTensor, output: &mut Output, control: &Control<'_>) -> Result<Option<Rounding>> {
    let elements: usize = tensor.shape.iter().product();
    match tensor.source {
        Source::Bytes(stored) => {
            let expected = (elements * tensor.dtype.bitsize() / 8) as u64;
            stored.check_size(expected)?;
            stored.copy(output, control).map(|()| None)
        }
        Source::Values(open) => {
            let element_type = ElementType::parse(&tensor.dtype.to_string())?;
            let matrix = open(control)?;
            if matrix.rows() * matrix.cols() != elements {
                let (rows, cols) = (matrix.rows(), matrix.cols());
                let message = format!("{rows}×{cols} values do not fill a tensor of shape {:?}", tensor.shape);
                return Err(Error::new(ErrorKind::ShapeMismatch, message));
            }
            encode::write_rows(&matrix, element_type, output, control).map(Some)
        }
    }
}

fn planned_twice(name: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("two tensors are named {}", quoted(name)))
}

#[cfg(test)]
mod tests;
