//! `SHiRA` and Super-tuning: single entries of ΔW at stored positions.

use std::ops::Range;

use super::RowMap;
use super::inputs::{Inputs, misfit};
use crate::error::Result;

/// An entry of ΔW.
struct Entry {
    row: usize,
    column: usize,
    value: f64,
}

/// The entries by row; where positions repeat, their values add up.
pub(super) struct Sparse {
    entries: Vec<Entry>,
}

impl Sparse {
    /// Input `values`, and `places` with either one position per value, counted through the matrix row by row, or two:
    /// all rows, then all columns.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let values = inputs.matrix("values")?.values();
        let count = values.len();
        let mut entries: Vec<Entry> = if inputs.matrix("places")?.values().len() == count {
            let places = inputs.places("places", count, rows.saturating_mul(columns))?;
            let entry =
                |(place, value): (&usize, &f64)| Entry { row: place / columns, column: place % columns, value: *value };
            places.iter().zip(values).map(entry).collect()
        } else {
            let places = inputs.places("places", 2 * count, rows.max(columns))?;
            let (first, second) = places.split_at(count);
            let entry = |((row, column), value): ((&usize, &usize), &f64)| {
                if *row >= rows || *column >= columns {
                    return Err(misfit(format!("there is no entry ({row}, {column}) in {rows}×{columns}")));
                }
                Ok(Entry { row: *row, column: *column, value: *value })
            };
            first.iter().zip(second).zip(values).map(entry).collect::<Result<_>>()?
        };
        entries.sort_by_key(|entry| entry.row);
        Ok(Self { entries })
    }
}

impl RowMap for Sparse {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        let first = self.entries.partition_point(|entry| entry.row < range.start);
        for entry in self.entries[first..].iter().take_while(|entry| entry.row < range.end) {
            values[(entry.row - range.start) * columns + entry.column] += entry.value;
        }
    }
}
