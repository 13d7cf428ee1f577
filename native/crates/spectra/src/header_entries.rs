//! The JSON of a safetensors header as a stream of entries, so that limits hold while reading and duplicates show.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use safetensors::tensor::TensorInfo;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use crate::error::Result;
use crate::header::{NAME_BYTES_MAXIMUM, TENSOR_COUNT_MAXIMUM, invalid, quoted};
use crate::header_entry::Entry;

const METADATA_KEY: &str = "__metadata__";

/// What the header says, in file order and unchecked beyond the limits.
#[derive(Default)]
pub(crate) struct Entries {
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) tensors: Vec<(String, TensorInfo)>,
}

/// Reads the JSON text. Nesting deeper than `serde_json`'s limit of 128 is an error, not a stack overflow.
pub(crate) fn read_entries(text: &str) -> Result<Entries> {
    let entries: Entries = serde_json::from_str(text).map_err(|error| invalid(format!("header: {error}")))?;
    let mut names = HashSet::with_capacity(entries.tensors.len());
    for (name, _) in &entries.tensors {
        if !names.insert(name.as_str()) {
            return Err(invalid(format!("two tensors are named {}", quoted(name))));
        }
    }
    Ok(entries)
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with one entry for each tensor")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Entries, A::Error> {
        let mut entries = Entries::default();
        let mut metadata = None;
        while let Some(name) = map.next_key::<String>()? {
            if name == METADATA_KEY {
                let texts = map.next_value::<Option<Texts>>()?;
                if metadata.replace(texts).is_some() {
                    return Err(A::Error::custom("__metadata__ appears twice"));
                }
                continue;
            }
            check_name(&name, entries.tensors.len())?;
            let entry = map.next_value::<Entry>();
            let entry = entry.map_err(|error| A::Error::custom(format!("tensor {}: {error}", quoted(&name))))?;
            entries.tensors.push((name, entry.into()));
        }
        entries.metadata = metadata.flatten().map(|texts| texts.0).unwrap_or_default();
        Ok(entries)
    }
}

fn check_name<E: serde::de::Error>(name: &str, before: usize) -> std::result::Result<(), E> {
    if name.len() > NAME_BYTES_MAXIMUM {
        let (length, start) = (name.len(), quoted(name));
        return Err(E::custom(format!("the name {start} has {length} bytes, more than {NAME_BYTES_MAXIMUM}")));
    }
    if before >= TENSOR_COUNT_MAXIMUM {
        return Err(E::custom(format!("more than {TENSOR_COUNT_MAXIMUM} tensors")));
    }
    Ok(())
}

/// A map of texts in which no key may appear twice.
struct Texts(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Texts, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some((key, text)) = map.next_entry::<String, String>()? {
            let shown = quoted(&key);
            if texts.insert(key, text).is_some() {
                return Err(A::Error::custom(format!("__metadata__ has two texts named {shown}")));
            }
        }
        Ok(Texts(texts))
    }
}
