//! `RoAd`: rows in groups, whose halves are rotated and stretched in pairs.

use std::ops::Range;

use super::RowMap;
use super::inputs::{Inputs, invalid, misfit};
use crate::error::Result;

/// x′ = same ⊙ x + other ⊙ (−x₂, x₁) over each group of rows.
pub(super) struct Pairs {
    same: Vec<f64>,
    other: Vec<f64>,
    group: usize,
}

impl Pairs {
    /// Inputs `angle` and `length`, numbers `group` and `variant` (1, 2 or 4).
    pub(super) fn open(inputs: &Inputs, rows: usize) -> Result<Self> {
        let (group, variant) = (inputs.count("group", 2)?, inputs.count("variant", 1)?);
        if group % 2 == 1 || !rows.is_multiple_of(group) {
            return Err(misfit(format!("groups of {group} do not divide {rows} rows into pairs")));
        }
        let half = group / 2;
        // Where the two coefficients of a row stand among the stored values.
        let places: Box<dyn Fn(usize) -> (usize, usize)> = match variant {
            1 => Box::new(move |row| {
                let place = row / group * half + row % half;
                (place, place)
            }),
            2 => Box::new(|row| (row, row)),
            4 => Box::new(move |row| {
                let place = row / group * 2 * group + row % group;
                (place, place + group)
            }),
            other => return Err(invalid(format!("there is no variant {other}"))),
        };
        let stored = if variant == 1 { rows / 2 } else { rows * variant / 2 };
        let (angle, length) = (inputs.vector("angle", stored)?, inputs.vector("length", stored)?);
        let same = (0..rows).map(|row| length[places(row).0] * angle[places(row).0].cos()).collect();
        let other = (0..rows).map(|row| length[places(row).1] * angle[places(row).1].sin()).collect();
        Ok(Self { same, other, group })
    }
}

impl RowMap for Pairs {
    fn height(&self) -> usize {
        self.group
    }

    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        let half = self.group / 2;
        for (number, group) in values.chunks_exact_mut(self.group * columns).enumerate() {
            let first = range.start + number * self.group;
            let (upper, lower) = group.split_at_mut(half * columns);
            for (place, (one, two)) in upper.iter_mut().zip(lower).enumerate() {
                let row = first + place / columns;
                let (x1, x2) = (*one, *two);
                *one = self.same[row] * x1 - self.other[row] * x2;
                *two = self.same[row + half] * x2 + self.other[row + half] * x1;
            }
        }
    }
}
