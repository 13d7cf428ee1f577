//! Tensor tables of safetensors files, packed: a hundred thousand objects made here would hold up JavaScript's thread.

use std::path::PathBuf;

use napi::Env;
use napi::bindgen_prelude::{BigInt, Float64Array, Object, Uint8Array, Uint32Array};
use napi_derive::napi;
use spectra::header::{Header, read};

use crate::pool::Pool;

/// A validated safetensors header: tensors in the order of their data, each column in one piece.
#[napi(object)]
pub struct TensorTable {
    /// All names, one after another.
    pub names: String,
    /// Where each name ends in `names`, in UTF-16 units as JavaScript counts.
    pub name_ends: Uint32Array,
    /// Every element type that occurs, as stored: F32, BF16, I64…
    pub dtypes: Vec<String>,
    /// Place of each tensor's type in `dtypes`.
    pub dtype_places: Uint8Array,
    /// All dimensions, outermost first, one tensor after another.
    pub sizes: Float64Array,
    /// Number of dimensions of each tensor.
    pub ranks: Uint8Array,
    /// First byte of each tensor's data from the start of the file, and one past its last.
    pub ranges: Float64Array,
    /// Size of the file in bytes.
    pub file_size: f64,
    /// Modification time, nanoseconds since 1970.
    pub mtime_ns: BigInt,
}

#[napi]
impl Pool {
    /// Reads and validates the header of a safetensors file; no weight is read.
    #[napi(ts_return_type = "Promise<TensorTable>")]
    pub fn read_header<'env>(&self, env: &'env Env, path: String) -> napi::Result<Object<'env>> {
        self.run(env, "readHeader", move || read(&PathBuf::from(path)).map(|header| pack(&header)))
    }
}

fn pack(header: &Header) -> TensorTable {
    let tensors = &header.tensors;
    let (names, name_ends) = pack_names(tensors.iter().map(|tensor| tensor.name.as_str()));
    let (dtypes, dtype_places) = pack_dtypes(tensors.iter().map(|tensor| tensor.dtype.to_string()));
    let sizes: Vec<f64> = tensors.iter().flat_map(|tensor| &tensor.shape).map(|size| *size as f64).collect();
    let ranks: Vec<u8> = tensors.iter().map(|tensor| tensor.shape.len() as u8).collect();
    let ranges: Vec<f64> = tensors.iter().flat_map(|tensor| [tensor.begin as f64, tensor.end as f64]).collect();
    TensorTable {
        names,
        name_ends: name_ends.into(),
        dtypes,
        dtype_places: dtype_places.into(),
        sizes: sizes.into(),
        ranks: ranks.into(),
        ranges: ranges.into(),
        file_size: header.file_size as f64,
        mtime_ns: BigInt::from(header.modified_nanoseconds),
    }
}

/// A header has at most 100 MB, so every end fits.
fn pack_names<'name>(names: impl Iterator<Item = &'name str>) -> (String, Vec<u32>) {
    let mut text = String::new();
    let mut ends = Vec::new();
    let mut end = 0;
    for name in names {
        text.push_str(name);
        end += name.encode_utf16().count() as u32;
        ends.push(end);
    }
    (text, ends)
}

/// The format has some dozen types.
fn pack_dtypes(dtypes: impl Iterator<Item = String>) -> (Vec<String>, Vec<u8>) {
    let mut known: Vec<String> = Vec::new();
    let places = dtypes.map(|dtype| {
        let place = known.iter().position(|one| *one == dtype).unwrap_or_else(|| {
            known.push(dtype);
            known.len() - 1
        });
        place as u8
    });
    let places = places.collect();
    (known, places)
}
