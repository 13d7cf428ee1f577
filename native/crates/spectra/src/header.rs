//! Safetensors headers, validated whole before any weight is touched.
//!
//! The `safetensors` crate supplies the meaning of every entry and has the last word; this module adds the
//! limits, sees duplicates (a map would hide them), and says which tensor and which value broke a rule.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use crate::error::{Error, ErrorKind, Result};
use crate::header_entries::{Entries, read_entries};
use crate::tensor::{modified_nanoseconds, open_regular};

/// Longest header in bytes: the format's own limit. Without it a length field could ask for any allocation.
pub const HEADER_BYTES_MAXIMUM: u64 = 100_000_000;
/// Most tensors of one file. The largest public mixtures have about 100,000; every entry costs memory in the
/// engine and a row in the store.
pub const TENSOR_COUNT_MAXIMUM: usize = 1_000_000;
/// Longest tensor name in bytes. Real ones stay below 200; names end up in messages, tables and indices.
pub const NAME_BYTES_MAXIMUM: usize = 1024;
/// Most dimensions of one tensor. Weights have at most 5 (convolutions over video).
pub const RANK_MAXIMUM: usize = 8;

/// Bytes of the length field in front of the header.
const LENGTH_FIELD: u64 = 8;

/// One row of the tensor table.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorEntry {
    /// Name as stored.
    pub name: String,
    /// Element type as stored; [`crate::dtype::ElementType::parse`] says whether it can be computed with.
    pub dtype: Dtype,
    /// Dimensions, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// First byte of the data, counted from the start of the file.
    pub begin: u64,
    /// One past the last byte.
    pub end: u64,
}

/// A validated header.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Tensors in the order of their data; together they cover the file to its last byte.
    pub tensors: Vec<TensorEntry>,
    /// The free texts under `__metadata__`.
    pub metadata: BTreeMap<String, String>,
    /// Size of the file in bytes.
    pub file_size: u64,
    /// Modification time in nanoseconds since 1970 (0 for bytes that are no file).
    pub modified_nanoseconds: i64,
}

/// Reads and validates the header of a file; no byte of data is read.
///
/// # Errors
/// [`ErrorKind::Unreadable`], or as [`parse`]; the place is the path.
pub fn read(path: &Path) -> Result<Header> {
    read_file(path).map_err(|error| error.at(path.display().to_string()))
}

fn read_file(path: &Path) -> Result<Header> {
    let unreadable = |error: std::io::Error| Error::new(ErrorKind::Unreadable, error.to_string());
    let mut file = open_regular(path).map_err(unreadable)?;
    let facts = file.metadata().map_err(unreadable)?;
    let mut prefix = vec![0; LENGTH_FIELD.min(facts.len()) as usize];
    file.read_exact(&mut prefix).map_err(unreadable)?;
    let length = header_length(&prefix, facts.len())?;
    prefix.resize((LENGTH_FIELD + length) as usize, 0);
    file.read_exact(&mut prefix[LENGTH_FIELD as usize..]).map_err(unreadable)?;
    let mut header = parse(&prefix, facts.len())?;
    header.modified_nanoseconds = modified_nanoseconds(&facts)?;
    Ok(header)
}

/// Validates a header from the first bytes of a file (at least the length field and the header itself) and the
/// length of the whole file. Pure: the door for tests and fuzzing.
///
/// # Errors
/// [`ErrorKind::HeaderInvalid`] for a broken rule or limit, [`ErrorKind::Truncated`] where the file ends too
/// early; the message names tensor and value.
pub fn parse(prefix: &[u8], file_size: u64) -> Result<Header> {
    let length = header_length(prefix, file_size)?;
    let json = prefix.get(LENGTH_FIELD as usize..(LENGTH_FIELD + length) as usize);
    let json = json.ok_or_else(|| Error::new(ErrorKind::Truncated, "the header is cut off"))?;
    let text = std::str::from_utf8(json).map_err(|error| {
        invalid(format!("the header is not UTF-8 at byte {}", LENGTH_FIELD as usize + error.valid_up_to()))
    })?;
    let mut entries = read_entries(text)?;
    entries.tensors.sort_by_key(|(_, info)| info.data_offsets);
    let data_start = LENGTH_FIELD + length;
    let data_size = file_size - data_start;
    check_coverage(&entries, data_size)?;
    let tensors = entries.tensors.iter().map(|(name, info)| locate(name, info, data_start)).collect();
    let metadata = entries.metadata.clone();
    confirm(entries)?;
    Ok(Header { tensors, metadata, file_size, modified_nanoseconds: 0 })
}

fn header_length(prefix: &[u8], file_size: u64) -> Result<u64> {
    let field = prefix.first_chunk().copied().map(u64::from_le_bytes);
    let length = field.ok_or_else(|| {
        Error::new(ErrorKind::Truncated, format!("{file_size} bytes are too few for a safetensors file"))
    })?;
    if length > HEADER_BYTES_MAXIMUM {
        return Err(invalid(format!(
            "the header claims {length} bytes, more than the format's limit of {HEADER_BYTES_MAXIMUM}"
        )));
    }
    if length + LENGTH_FIELD > file_size {
        let message = format!("the header claims {length} bytes, the file has {file_size}");
        return Err(Error::new(ErrorKind::Truncated, message));
    }
    Ok(length)
}

fn locate(name: &str, info: &TensorInfo, data_start: u64) -> TensorEntry {
    let (begin, end) = info.data_offsets;
    TensorEntry {
        name: name.to_owned(),
        dtype: info.dtype,
        shape: info.shape.clone(),
        begin: data_start + begin as u64,
        end: data_start + end as u64,
    }
}

/// The data must be covered once, without holes, by tensors as large as their shape says.
fn check_coverage(entries: &Entries, data_size: u64) -> Result<()> {
    let mut covered = 0;
    for (name, info) in &entries.tensors {
        check_size(name, info)?;
        let (begin, end) = (info.data_offsets.0 as u64, info.data_offsets.1 as u64);
        if end > data_size {
            let message = format!("tensor {} ends at byte {end} of {data_size} bytes of data", quoted(name));
            return Err(Error::new(ErrorKind::Truncated, message));
        }
        if begin != covered {
            let what = if begin < covered { "overlaps the tensor before it" } else { "leaves a hole before it" };
            return Err(invalid(format!(
                "tensor {} starts at byte {begin} of the data and {what}, which ends at {covered}",
                quoted(name)
            )));
        }
        covered = end;
    }
    if covered != data_size {
        let surplus = data_size - covered;
        return Err(invalid(format!("{surplus} bytes after the last tensor belong to no tensor")));
    }
    Ok(())
}

fn check_size(name: &str, info: &TensorInfo) -> Result<()> {
    let (begin, end) = info.data_offsets;
    if end < begin {
        return Err(invalid(format!("tensor {} ends at byte {end}, before its start {begin}", quoted(name))));
    }
    let bits = info.shape.iter().try_fold(info.dtype.bitsize(), |bits, size| bits.checked_mul(*size));
    let bits = bits
        .ok_or_else(|| invalid(format!("tensor {}: shape {:?} is larger than any file", quoted(name), info.shape)))?;
    if bits % 8 != 0 || bits / 8 != end - begin {
        return Err(invalid(format!(
            "tensor {}: shape {:?} of {} takes {} bits, its byte range has {} bytes",
            quoted(name),
            info.shape,
            info.dtype,
            bits,
            end - begin
        )));
    }
    Ok(())
}

/// The reference implementation must agree; it never should be the first to object.
fn confirm(entries: Entries) -> Result<()> {
    let metadata = entries.metadata.into_iter().collect();
    Metadata::new(Some(metadata), entries.tensors).map(|_| ()).map_err(|error| invalid(error.to_string()))
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::HeaderInvalid, message)
}

/// A name from a hostile file, safe to print: escaped and cut.
pub(crate) fn quoted(name: &str) -> String {
    const SHOWN: usize = 120;
    match name.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{:?}…", &name[..cut]),
        None => format!("{name:?}"),
    }
}

#[cfg(test)]
#[path = "header_tests.rs"]
mod tests;
