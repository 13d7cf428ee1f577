//! The header of a file to write, and the order of its tensors.

use std::collections::HashSet;

use safetensors::Dtype;
use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::header::{HEADER_BYTES_MAXIMUM, NAME_BYTES_MAXIMUM, invalid, quoted};
use crate::writer::{PlannedTensor, planned_twice};

/// The format asks for data that begins at a multiple of this; spaces fill the header up to it.
const ALIGNMENT: usize = 8;

/// A header and the places of the plan in the order of their data.
pub(crate) struct Layout {
    /// Length field and JSON.
    pub header: Vec<u8>,
    /// Indices into the plan.
    pub order: Vec<usize>,
}

impl Layout {
    /// Wide types first, so that every tensor begins at a multiple of its element size; else as planned.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] or [`ErrorKind::HeaderInvalid`].
    pub(crate) fn new(tensors: &[PlannedTensor], metadata: &[(String, String)]) -> Result<Self> {
        let mut order: Vec<usize> = (0..tensors.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(tensors[*index].dtype.bitsize()));
        let mut entries = Map::new();
        entries.insert("__metadata__".to_owned(), texts(metadata));
        let (mut begin, mut names) = (0_usize, HashSet::new());
        for tensor in order.iter().map(|index| &tensors[*index]) {
            check_name(&tensor.name)?;
            if !names.insert(tensor.name.as_str()) {
                return Err(planned_twice(&tensor.name));
            }
            let end = size(tensor).and_then(|bytes| bytes.checked_add(begin)).ok_or_else(|| {
                invalid(format!("tensor {} of shape {:?} is larger than any file", quoted(&tensor.name), tensor.shape))
            })?;
            let entry =
                json!({ "dtype": tensor.dtype.to_string(), "shape": tensor.shape, "data_offsets": [begin, end] });
            entries.insert(tensor.name.clone(), entry);
            begin = end;
        }
        Ok(Self { header: encode(&Value::Object(entries))?, order })
    }
}

/// `format` says which library the tensors come from; loaders refuse files without it.
fn texts(metadata: &[(String, String)]) -> Value {
    let mut texts = Map::new();
    texts.insert("format".to_owned(), json!("pt"));
    for (key, text) in metadata {
        texts.insert(key.clone(), json!(text));
    }
    Value::Object(texts)
}

fn check_name(name: &str) -> Result<()> {
    if name == "__metadata__" || name.len() > NAME_BYTES_MAXIMUM {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{} cannot name a tensor", quoted(name))));
    }
    Ok(())
}

/// Bytes of a tensor; `None` beyond what a file can hold, or for a fraction of a byte.
fn size(tensor: &PlannedTensor) -> Option<usize> {
    let bits = tensor.shape.iter().try_fold(tensor.dtype.bitsize(), |bits, size| bits.checked_mul(*size))?;
    (bits % 8 == 0).then_some(bits / 8)
}

fn encode(entries: &Value) -> Result<Vec<u8>> {
    let mut text = entries.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(ALIGNMENT), b' ');
    if text.len() as u64 > HEADER_BYTES_MAXIMUM {
        return Err(invalid(format!("a header of {} bytes is longer than the format allows", text.len())));
    }
    let mut header = (text.len() as u64).to_le_bytes().to_vec();
    header.append(&mut text);
    Ok(header)
}

/// The element type of that name.
///
/// # Errors
/// [`ErrorKind::DtypeUnsupported`].
pub fn parse_dtype(name: &str) -> Result<Dtype> {
    serde_json::from_value(json!(name))
        .map_err(|_| Error::new(ErrorKind::DtypeUnsupported, format!("the format has no element type {name:?}")))
}
