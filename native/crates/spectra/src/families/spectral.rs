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

/// ΔW = scaling · Re(ifft2(F)).
pub(super) struct Fourier {
    coefficients: Vec<Coefficient>,
    /// Place of every column that holds coefficients in `waves`.
    places: BTreeMap<usize, usize>,
    /// Twice as many rows as such columns: cosines and sines over the columns of W.
    waves: Dense,
    rows: usize,
    scale: f64,
}

impl Fourier {
    /// Input `spectrum`, numbers `seed` and `scale`.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let coefficients = coefficients(inputs, rows, columns)?;
        let mut places: BTreeMap<usize, usize> = coefficients.iter().map(|one| (one.column, 0)).collect();
        places.values_mut().enumerate().for_each(|(place, value)| *value = place);
        let mut waves = Vec::with_capacity(2 * places.len() * columns);
        for column in places.keys() {
            let angle = |j: usize| angle(column * j, columns);
            waves.extend((0..columns).map(|j| angle(j).cos()));
            waves.extend((0..columns).map(|j| angle(j).sin()));
        }
        let waves = Dense::new(2 * places.len(), columns, waves);
        let scale = inputs.number("scale")? / (rows as f64 * columns as f64);
        Ok(Self { coefficients, places, waves, rows, scale })
    }
}

fn angle(steps: usize, period: usize) -> f64 {
    TAU * (steps % period) as f64 / period as f64
}

impl RowMap for Fourier {
    fn change(&self, range: Range<usize>, _columns: usize, values: &mut [f64]) {
        let width = self.waves.rows();
        let mut left = vec![0.0; range.len() * width];
        for (row, line) in range.clone().zip(left.chunks_exact_mut(width.max(1))) {
            for one in &self.coefficients {
                let (sine, cosine) = angle(one.row * row, self.rows).sin_cos();
                let place = 2 * self.places[&one.column];
                line[place] += one.value * cosine;
                line[place + 1] -= one.value * sine;
            }
        }
        add_rows(values, &Dense::new(range.len(), width, left), 0..range.len(), &self.waves, self.scale);
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
