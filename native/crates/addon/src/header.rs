//! Tensor tables of safetensors files.

use std::collections::HashMap;
use std::path::PathBuf;

use napi::Env;
use napi::bindgen_prelude::{BigInt, Object};
use napi_derive::napi;
use spectra::header::{Header, TensorEntry, read};

use crate::pool::Pool;

/// One row of a tensor table.
#[napi(object)]
pub struct TableEntry {
    /// Name as stored.
    pub name: String,
    /// Element type as stored: F32, BF16, I64…
    pub dtype: String,
    /// Dimensions, outermost first.
    pub shape: Vec<f64>,
    /// First byte of the data, from the start of the file.
    pub begin: f64,
    /// One past the last byte.
    pub end: f64,
}

/// A validated safetensors header.
#[napi(object)]
pub struct TensorTable {
    /// Tensors in the order of their data.
    pub tensors: Vec<TableEntry>,
    /// The texts under `__metadata__`.
    pub metadata: HashMap<String, String>,
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
        self.run(env, "readHeader", move || read(&PathBuf::from(path)).map(TensorTable::from))
    }
}

impl From<Header> for TensorTable {
    fn from(header: Header) -> Self {
        Self {
            tensors: header.tensors.into_iter().map(TableEntry::from).collect(),
            metadata: header.metadata.into_iter().collect(),
            file_size: header.file_size as f64,
            mtime_ns: BigInt::from(header.modified_nanoseconds),
        }
    }
}

impl From<TensorEntry> for TableEntry {
    fn from(entry: TensorEntry) -> Self {
        Self {
            name: entry.name,
            dtype: entry.dtype.to_string(),
            shape: entry.shape.into_iter().map(|size| size as f64).collect(),
            begin: entry.begin as f64,
            end: entry.end as f64,
        }
    }
}
