//! One tensor's entry in a safetensors header.

use std::fmt;

use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::header::RANK_MAXIMUM;

/// The crate's `TensorInfo` with a bounded shape. Fields that the format does not know are read to their end, as the
/// crate does: skipping them would let through what no other reader opens, numbers beyond any float for one.
pub(crate) struct Entry {
    dtype: Dtype,
    shape: Shape,
    data_offsets: (usize, usize),
}

impl From<Entry> for TensorInfo {
    fn from(entry: Entry) -> Self {
        Self { dtype: entry.dtype, shape: entry.shape.0, data_offsets: entry.data_offsets }
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with dtype, shape and data_offsets")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        let (mut dtype, mut shape, mut data_offsets) = (None, None, None);
        while let Some(field) = map.next_key::<String>()? {
            match field.as_str() {
                "dtype" => once(&mut dtype, &mut map, "dtype")?,
                "shape" => once(&mut shape, &mut map, "shape")?,
                "data_offsets" => once(&mut data_offsets, &mut map, "data_offsets")?,
                _ => drop(map.next_value::<serde_json::Value>()?),
            }
        }
        Ok(Entry {
            dtype: dtype.ok_or_else(|| A::Error::missing_field("dtype"))?,
            shape: shape.ok_or_else(|| A::Error::missing_field("shape"))?,
            data_offsets: data_offsets.ok_or_else(|| A::Error::missing_field("data_offsets"))?,
        })
    }
}

fn once<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    field: &mut Option<T>,
    map: &mut A,
    name: &'static str,
) -> Result<(), A::Error> {
    match field.replace(map.next_value()?) {
        None => Ok(()),
        Some(_) => Err(A::Error::duplicate_field(name)),
    }
}

struct Shape(Vec<usize>);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of dimensions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Shape, A::Error> {
        let mut sizes = Vec::new();
        while let Some(size) = sequence.next_element()? {
            if sizes.len() == RANK_MAXIMUM {
                return Err(A::Error::custom(format!("more than {RANK_MAXIMUM} dimensions")));
            }
            sizes.push(size);
        }
        Ok(Shape(sizes))
    }
}
