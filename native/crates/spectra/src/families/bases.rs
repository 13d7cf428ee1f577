//! `RandLoRA`: ΔW of full rank from fixed random bases, each with a trained scale per rank and per column.

use std::ops::Range;

use super::inputs::{Inputs, misfit};
use super::{RowMap, add_rows};
use crate::error::Result;
use crate::rows::{Dense, Rows};

/// scale · `left` · `right`.
pub(super) struct Bases {
    left: Dense,
    right: Dense,
    scale: f64,
}

impl Bases {
    /// Inputs `small` (r × s, s the smaller side of the matrix), `large` (larger side × n·r), `ranks` (r × n) and
    /// `sides` (n × s), number `scale`.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let (least, most) = (rows.min(columns), rows.max(columns));
        let (ranks, scale) = (inputs.matrix("ranks")?, inputs.number("scale")?);
        let (rank, count) = (ranks.rows(), ranks.cols());
        let inner =
            rank.checked_mul(count).ok_or_else(|| misfit(format!("{count} bases of rank {rank} are too many")))?;
        let small = inputs.shaped("small", rank, least)?;
        let sides = inputs.shaped("sides", count, least)?;
        let large = inputs.shaped("large", most, inner)?;
        // peft counts ranks before bases on one side of the product and bases before ranks on the other.
        let mut scaled = Vec::with_capacity(inner * least);
        for (place, factor) in ranks.values().iter().enumerate() {
            let (k, base) = (place / count, place % count);
            let (line, side) = (&small.values()[k * least..][..least], &sides.values()[base * least..][..least]);
            scaled.extend(line.iter().zip(side).map(|(entry, side)| factor * entry * side));
        }
        let product = (large.clone(), Dense::new(inner, least, scaled));
        let (left, right) = if columns <= rows { product } else { (product.1.transposed(), product.0.transposed()) };
        Ok(Self { left, right, scale })
    }
}

impl RowMap for Bases {
    fn change(&self, range: Range<usize>, _columns: usize, values: &mut [f64]) {
        add_rows(values, &self.left, range, &self.right, self.scale);
    }
}
