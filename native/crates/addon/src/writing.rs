//! Safetensors files to write.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{BigInt, ClassInstance, Object};
use napi_derive::napi;
use spectra::control::Control;
use spectra::edit::{WeightedSum, factor_side};
use spectra::error::Result;
use spectra::rows::Rows;
use spectra::tensor;
use spectra::view::ViewRef;
use spectra::writer::flat::{Flat, StoredBytes};
use spectra::writer::layout::parse_dtype;
use spectra::writer::patched::patched;
use spectra::writer::{FileReport, Opener, PlannedTensor as Planned, Source, write_file};

use crate::approximation::{Factors, SharedFactors};
use crate::change::{EditedModule, FactorSum, open_sums};
use crate::edit::{SharedTriplets, Triplets, shared};
use crate::overlap::shape;
use crate::pool::{CancelFlag, Pool, Progress};
use crate::request::side;
use crate::tensor::{MatrixView, TensorRef, invalid, threads, whole};

/// Stored bytes of any element type.
#[napi(object)]
pub struct CopiedBytes {
    /// File that holds them.
    pub path: String,
    /// First byte, from the start of the file.
    pub begin: f64,
    /// One past the last byte.
    pub end: f64,
    /// Size of the file when its header was read.
    pub file_size: f64,
    /// Modification time then, nanoseconds since 1970.
    pub mtime_ns: BigInt,
}

/// weight · tensor.
#[napi(object)]
pub struct WeightedTensor {
    /// Factor in front.
    pub weight: f64,
    /// Tensor of any shape.
    pub tensor: TensorRef,
}

/// A window of a stored tensor that holds an edited matrix.
#[napi(object)]
pub struct PatchedWindow {
    /// Where the matrix lies in the tensor.
    pub place: MatrixView,
    /// What it holds.
    pub module: EditedModule,
}

/// A stored tensor with edited windows.
#[napi(object)]
pub struct PatchedTensor {
    /// The tensor.
    pub tensor: TensorRef,
    /// Its windows.
    pub patches: Vec<PatchedWindow>,
}

/// One side of some factors: of a handle, or of sums that are written without loss.
#[napi(object)]
pub struct WrittenFactor {
    /// left: out × r, with scales and weights inside; right: r × in.
    #[napi(ts_type = "'left' | 'right'")]
    pub side: String,
    /// Place of the handle in the list given beside the request.
    pub factors: Option<f64>,
    /// The sums.
    pub sums: Option<Vec<FactorSum>>,
    /// Write the transposed factor.
    pub transpose: Option<bool>,
}

/// A tensor to write; exactly one source is given.
#[napi(object)]
pub struct PlannedTensor {
    /// Name in the file.
    pub name: String,
    /// Element type in the file.
    pub dtype: String,
    /// Dimensions, outermost first.
    pub shape: Vec<f64>,
    /// Bytes as they are.
    pub copy: Option<CopiedBytes>,
    /// Σ weight · tensor.
    pub sum: Option<Vec<WeightedTensor>>,
    /// Edited matrices.
    pub matrix: Option<PatchedTensor>,
    /// A factor.
    pub factor: Option<WrittenFactor>,
}

/// A file to write.
#[napi(object)]
pub struct WriteRequest {
    /// Where; nothing may be there yet.
    pub path: String,
    /// Its tensors.
    pub tensors: Vec<PlannedTensor>,
    /// Texts beside `format` under `__metadata__`.
    pub metadata: Option<HashMap<String, String>>,
    /// Threads, at most those of the pool.
    pub threads: f64,
}

/// What rounding did to a written tensor.
#[napi(object)]
pub struct WrittenTensor {
    /// ‖written‖ (Frobenius); absent for copied bytes.
    pub frobenius: Option<f64>,
    /// ‖written − intended‖ (Frobenius); absent for copied bytes.
    pub rounding_error: Option<f64>,
}

/// A finished file.
#[napi(object)]
pub struct WriteReport {
    /// Size.
    pub bytes: f64,
    /// SHA-256 in lower-case hex.
    pub sha256: String,
    /// In the order of the request.
    pub tensors: Vec<WrittenTensor>,
}

#[napi]
impl Pool {
    /// Writes a safetensors file and synchronises it; `progress.done` counts bytes. A failure leaves no file.
    #[napi(ts_return_type = "Promise<WriteReport>")]
    pub fn write_tensors<'env>(
        &self,
        env: &'env Env,
        request: WriteRequest,
        triplets: Vec<ClassInstance<'env, Triplets>>,
        factors: Vec<ClassInstance<'env, Factors>>,
        cancel: Option<&CancelFlag>,
        progress: Option<&Progress>,
    ) -> napi::Result<Object<'env>> {
        let (cancel, progress, pool) = (CancelFlag::share(cancel), Progress::share(progress), self.size());
        let handles =
            Handles { triplets: shared(triplets), factors: factors.into_iter().map(|handle| handle.share()).collect() };
        self.run(env, "writeTensors", move || {
            let control = Control { threads: threads(request.threads, pool)?, cancel: Some(&cancel) };
            let mut metadata: Vec<_> = request.metadata.unwrap_or_default().into_iter().collect();
            metadata.sort();
            let handles = Arc::new(handles);
            let tensors =
                request.tensors.into_iter().map(|tensor| planned(tensor, &handles)).collect::<Result<Vec<_>>>()?;
            write_file(&PathBuf::from(request.path), tensors, &metadata, &control, &progress).map(WriteReport::from)
        })
    }
}

struct Handles {
    triplets: Vec<SharedTriplets>,
    factors: Vec<SharedFactors>,
}

fn planned(tensor: PlannedTensor, handles: &Arc<Handles>) -> Result<Planned> {
    let PlannedTensor { name, dtype, shape, copy, sum, matrix, factor } = tensor;
    let source = match (copy, sum, matrix, factor) {
        (Some(bytes), None, None, None) => Source::Bytes(stored(bytes)?),
        (None, Some(terms), None, None) => Source::Values(summed(terms)?),
        (None, None, Some(matrix), None) => Source::Values(edited_tensor(matrix, Arc::clone(handles))?),
        (None, None, None, Some(factor)) => Source::Values(written_factor(factor, Arc::clone(handles))?),
        _ => return Err(invalid("a tensor needs exactly one source").at(name)),
    };
    let shape = shape.iter().map(|size| whole(*size, "shape")).collect::<Result<_>>()?;
    Ok(Planned { dtype: parse_dtype(&dtype).map_err(|error| error.at(name.clone()))?, name, shape, source })
}

fn stored(bytes: CopiedBytes) -> Result<StoredBytes> {
    let (modified_nanoseconds, lossless) = bytes.mtime_ns.get_i64();
    if !lossless {
        return Err(invalid("mtimeNs does not fit 64 bits"));
    }
    Ok(StoredBytes {
        path: PathBuf::from(bytes.path),
        begin: whole(bytes.begin, "begin")? as u64,
        end: whole(bytes.end, "end")? as u64,
        file_size: whole(bytes.file_size, "fileSize")? as u64,
        modified_nanoseconds,
    })
}

fn summed(terms: Vec<WeightedTensor>) -> Result<Opener> {
    let terms = terms
        .into_iter()
        .map(|term| Ok((term.weight, tensor::TensorRef::try_from(term.tensor)?)))
        .collect::<Result<Vec<_>>>()?;
    Ok(Box::new(move |_| {
        let open = |(weight, source): &(f64, tensor::TensorRef)| -> Result<(f64, Box<dyn Rows>)> {
            Ok((*weight, Box::new(Flat::open(source)?)))
        };
        let terms = terms.iter().map(open).collect::<Result<Vec<_>>>()?;
        Ok(Box::new(WeightedSum::new(terms)?))
    }))
}

fn edited_tensor(matrix: PatchedTensor, handles: Arc<Handles>) -> Result<Opener> {
    let source = tensor::TensorRef::try_from(matrix.tensor)?;
    let patches = matrix
        .patches
        .into_iter()
        .map(|patch| Ok((ViewRef::try_from(patch.place)?, patch.module)))
        .collect::<Result<Vec<_>>>()?;
    Ok(Box::new(move |control: &Control| {
        let mut opened = Vec::with_capacity(patches.len());
        for (place, module) in patches {
            opened.push((place, module.open(&handles.triplets, control)?.matrix));
        }
        patched(&source, opened, control)
    }))
}

fn written_factor(factor: WrittenFactor, handles: Arc<Handles>) -> Result<Opener> {
    let (side, transpose) = (side(&factor.side)?, factor.transpose.unwrap_or(false));
    let transposed = move |matrix: spectra::rows::Dense| -> Box<dyn Rows> {
        Box::new(if transpose { matrix.transposed() } else { matrix })
    };
    match (factor.factors, factor.sums) {
        (Some(place), None) => {
            let held = handles.factors.get(whole(place, "factors")?);
            let held = held.ok_or_else(|| invalid("the factors were not given beside the request"))?.clone();
            Ok(Box::new(move |_| Ok(transposed(factor_side(std::slice::from_ref(&*held.term()?), held.shape, side)))))
        }
        (None, Some(sums)) => Ok(Box::new(move |_| {
            let terms = open_sums(sums, &handles.triplets)?;
            Ok(transposed(factor_side(&terms, shape(&terms)?, side)))
        })),
        _ => Err(invalid("a factor comes from a handle or from sums")),
    }
}

impl From<FileReport> for WriteReport {
    fn from(report: FileReport) -> Self {
        let tensors = report.tensors.into_iter().map(|rounding| WrittenTensor {
            frobenius: rounding.map(|rounding| rounding.frobenius),
            rounding_error: rounding.map(|rounding| rounding.error),
        });
        Self { bytes: report.bytes as f64, sha256: report.sha256, tensors: tensors.collect() }
    }
}
