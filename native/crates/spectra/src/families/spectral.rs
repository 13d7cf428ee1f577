//! `FourierFT` and `WaveFT`: a few coefficients at random places, seen through a transform.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::ops::Range;

use super::inputs::{Inputs, invalid, misfit};
use super::permutation::first_of_permutation;
use super::{RowMap, add_rows};
use crate::error::Result;
use crate::rows::{Dense, Rows};

/// Above this torch draws its permutations from 64 bits at a time.
const MOST_ENTRIES: usize = 214_748_364;

/// A coefficient and its place.
#[derive(Clone, Copy)]
struct Coefficient {
    row: usize,
    column: usize,
    value: f64,
}

/// Input `spectrum`, number `seed`.
fn coefficients(inputs: &Inputs, rows: usize, columns: usize) -> Result<Vec<Coefficient>> {
    let values = inputs.matrix("spectrum")?.values();
    let total = rows.saturating_mul(columns);
    if total >= MOST_ENTRIES {
        return Err(invalid(format!("the random places of {total} entries cannot be drawn again")));
    }
    if values.len() > total {
        return Err(misfit(format!("{} coefficients for {total} entries", values.len())));
    }
    let seed = inputs.count("seed", 0)? as u32;
    let places = first_of_permutation(seed, total, values.len());
    let coefficient =
        |(place, value): (usize, &f64)| Coefficient { row: place / columns, column: place % columns, value: *value };
    Ok(places.into_iter().zip(values).map(coefficient).collect())
}

/// ΔW = scaling · Re(ifft2(F)), as a product over those rows or those columns of F that hold coefficients.
pub(super) struct Fourier {
    coefficients: Vec<Coefficient>,
    /// Place of every row, or column, of F that holds coefficients; two rows of `right` each.
    places: BTreeMap<usize, usize>,
    is_by_row: bool,
    /// Sums of cosines and of sines over the columns of W.
    right: Dense,
    rows: usize,
    scale: f64,
}

impl Fourier {
    /// Input `spectrum`, numbers `seed` and `scale`.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let coefficients = coefficients(inputs, rows, columns)?;
        let by_row = numbered(coefficients.iter().map(|one| one.row));
        let by_column = numbered(coefficients.iter().map(|one| one.column));
        let is_by_row = by_row.len() < by_column.len();
        let places = if is_by_row { by_row } else { by_column };
        let mut right = vec![0.0; 2 * places.len() * columns];
        let mut add = |place: usize, steps: usize, value: f64| {
            let (cosines, sines) = right[2 * place * columns..][..2 * columns].split_at_mut(columns);
            for (j, (cosine, sine)) in cosines.iter_mut().zip(sines).enumerate() {
                let (s, c) = angle(steps * j, columns).sin_cos();
                *cosine += value * c;
                *sine += value * s;
            }
        };
        if is_by_row {
            for one in &coefficients {
                add(places[&one.row], one.column, one.value);
            }
        } else {
            for (column, place) in &places {
                add(*place, *column, 1.0);
            }
        }
        let right = Dense::new(2 * places.len(), columns, right);
        let scale = inputs.number("scale")? / (rows as f64 * columns as f64);
        Ok(Self { coefficients, places, is_by_row, right, rows, scale })
    }

    /// Weights of the rows of `right` for one row of W: ℜ(v·exp i(a + b)) = v·cos a·cos b − v·sin a·sin b.
    fn weigh(&self, row: usize, line: &mut [f64]) {
        let mut add = |place: usize, steps: usize, value: f64| {
            let (sine, cosine) = angle(steps * row, self.rows).sin_cos();
            line[2 * place] += value * cosine;
            line[2 * place + 1] -= value * sine;
        };
        if self.is_by_row {
            for (steps, place) in &self.places {
                add(*place, *steps, 1.0);
            }
        } else {
            for one in &self.coefficients {
                add(self.places[&one.column], one.row, one.value);
            }
        }
    }
}

/// Each number once, with its place in rising order.
fn numbered(numbers: impl Iterator<Item = usize>) -> BTreeMap<usize, usize> {
    let mut places: BTreeMap<usize, usize> = numbers.map(|number| (number, 0)).collect();
    places.values_mut().enumerate().for_each(|(place, value)| *value = place);
    places
}

fn angle(steps: usize, period: usize) -> f64 {
    TAU * (steps % period) as f64 / period as f64
}

impl RowMap for Fourier {
    fn change(&self, range: Range<usize>, _columns: usize, values: &mut [f64]) {
        let width = self.right.rows();
        let mut left = vec![0.0; range.len() * width];
        range.clone().zip(left.chunks_exact_mut(width.max(1))).for_each(|(row, line)| self.weigh(row, line));
        add_rows(values, &Dense::new(range.len(), width, left), 0..range.len(), &self.right, self.scale);
    }
}

/// ΔW = scale · F, or its inverse Haar transform.
pub(super) struct Wavelet {
    /// By row of W: column and value to add.
    entries: BTreeMap<usize, Vec<(usize, f64)>>,
}

impl Wavelet {
    /// Input `spectrum`, numbers `seed` and `scale`, flag `transform`.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let scale = inputs.number("scale")?;
        let transform = inputs.flag("transform");
        let mut entries: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
        for one in coefficients(inputs, rows, columns)? {
            let value = scale * one.value;
            if transform {
                // An odd side is filled up to an even one, and what falls outside is cut off.
                let reached = haar(one, value, rows.div_ceil(2), columns.div_ceil(2));
                for (row, column, value) in
                    reached.into_iter().filter(|(row, column, _)| *row < rows && *column < columns)
                {
                    entries.entry(row).or_default().push((column, value));
                }
            } else {
                entries.entry(one.row).or_default().push((one.column, value));
            }
        }
        Ok(Self { entries })
    }
}

/// The four entries that one coefficient reaches; its quarter tells the signs.
fn haar(one: Coefficient, value: f64, height: usize, width: usize) -> [(usize, usize, f64); 4] {
    let (below, beside) = (one.row >= height, one.column >= width);
    let (row, column) = (2 * (one.row % height), 2 * (one.column % width));
    [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(p, q)| {
        let is_negative = (beside && p == 1) != (below && q == 1);
        (row + p, column + q, if is_negative { -0.5 * value } else { 0.5 * value })
    })
}

impl RowMap for Wavelet {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        for (row, entries) in self.entries.range(range.clone()) {
            let line = &mut values[(row - range.start) * columns..][..columns];
            for (column, value) in entries {
                line[*column] += value;
            }
        }
    }
}
