//! `OFT` and `BOFT`: W′ = diag(rows)·W·Mᵀ with M block-diagonal, each block the Cayley transform of a skew matrix.

use std::ops::Range;

use faer::linalg::solvers::Solve;
use faer::{Mat, MatRef, Par};

use super::RowMap;
use super::inputs::{Inputs, invalid, misfit};
use crate::error::Result;
use crate::matrix::product;
use crate::rows::Rows;

/// Terms of the series that are summed at most; peft's default is five, and a setting must not run for hours.
const MOST_TERMS: usize = 1000;

/// The blocks of M, each row-major.
pub(super) struct Rotation {
    blocks: Vec<Vec<f64>>,
    size: usize,
    rows: Option<Vec<f64>>,
    /// W′ = W·M instead of W·Mᵀ (embeddings).
    is_transposed: bool,
}

impl Rotation {
    /// Input `skew` (k × b(b−1)/2, the upper triangles) or `square` (k·b × b, made skew); `rows` where given. Numbers:
    /// `block` b; `terms` of the Neumann series, 0 for the exact transform; `limit` on ‖Q‖ where given; `transposed`.
    pub(super) fn open(inputs: &Inputs, rows: usize, columns: usize) -> Result<Self> {
        let size = inputs.count("block", 1)?;
        let terms = inputs.count("terms", 0)?;
        if terms > MOST_TERMS {
            return Err(invalid(format!("{terms} terms of the series, at most {MOST_TERMS} are summed")));
        }
        let limit = if inputs.has_number("limit") { inputs.number("limit")? } else { f64::INFINITY };
        let skews = if inputs.has("skew") { triangles(inputs, size)? } else { squares(inputs, size)? };
        let fits = size > 0 && columns.is_multiple_of(size) && (skews.len() == 1 || skews.len() * size == columns);
        if !fits {
            return Err(misfit(format!("{} blocks of {size} do not make {columns} columns", skews.len())));
        }
        let limit = limit / (skews.len() as f64).sqrt();
        let blocks = skews.into_iter().map(|skew| block(&shrunk(skew, limit), terms)).collect();
        let rows = if inputs.has("rows") { Some(inputs.vector("rows", rows)?.to_vec()) } else { None };
        Ok(Self { blocks, size, rows, is_transposed: inputs.flag("transposed") })
    }
}

/// Skew matrices from their upper triangles, row by row.
fn triangles(inputs: &Inputs, size: usize) -> Result<Vec<Mat<f64>>> {
    let stored = inputs.matrix("skew")?;
    let width = size * size.saturating_sub(1) / 2;
    if stored.cols() != width || width == 0 {
        return Err(misfit(format!("a skew matrix of order {size} has {width} entries, not {}", stored.cols())));
    }
    Ok(stored
        .values()
        .chunks_exact(width)
        .map(|entries| {
            let mut entries = entries.iter();
            let mut skew = Mat::zeros(size, size);
            for i in 0..size {
                for j in i + 1..size {
                    let value = entries.next().copied().unwrap_or(0.0);
                    (skew[(i, j)], skew[(j, i)]) = (value, -value);
                }
            }
            skew
        })
        .collect())
}

/// ½(R − Rᵀ) of every square.
fn squares(inputs: &Inputs, size: usize) -> Result<Vec<Mat<f64>>> {
    let stored = inputs.matrix("square")?;
    if stored.cols() != size || !stored.rows().is_multiple_of(size) {
        return Err(misfit(format!("{}×{} are no squares of order {size}", stored.rows(), stored.cols())));
    }
    let squares = stored.values().chunks_exact(size * size);
    Ok(squares.map(|r| Mat::from_fn(size, size, |i, j| 0.5 * (r[i * size + j] - r[j * size + i]))).collect())
}

fn shrunk(skew: Mat<f64>, limit: f64) -> Mat<f64> {
    let norm = skew.norm_l2();
    if norm <= limit { skew } else { faer::Scale(limit / norm) * skew }
}

fn block(skew: &Mat<f64>, terms: usize) -> Vec<f64> {
    let size = skew.nrows();
    let matrix = if terms == 0 { cayley(skew) } else { neumann(skew, terms) };
    (0..size * size).map(|place| matrix[(place / size, place % size)]).collect()
}

/// (I − Q)(I + Q)⁻¹; the two commute.
fn cayley(skew: &Mat<f64>) -> Mat<f64> {
    let identity = Mat::<f64>::identity(skew.nrows(), skew.nrows());
    (&identity + skew).partial_piv_lu().solve(&identity - skew)
}

/// The series as peft sums it: I + 2Q + 2Q² + …, the last power once; three terms are summed like four.
fn neumann(skew: &Mat<f64>, terms: usize) -> Mat<f64> {
    let mut sum = Mat::<f64>::identity(skew.nrows(), skew.nrows());
    if terms > 1 {
        sum += faer::Scale(2.0) * skew;
    }
    if terms > 2 {
        let times = |power: &Mat<f64>| product(power.as_ref(), skew.as_ref(), Par::Seq);
        let mut power = times(skew);
        sum += faer::Scale(2.0) * &power;
        for _ in 3..terms - 1 {
            power = times(&power);
            sum += faer::Scale(2.0) * &power;
        }
        sum += times(&power);
    }
    sum
}

impl RowMap for Rotation {
    fn change(&self, range: Range<usize>, columns: usize, values: &mut [f64]) {
        let size = self.size;
        for (place, first) in (0..columns).step_by(size).enumerate() {
            let block = MatRef::from_row_major_slice(&self.blocks[place % self.blocks.len()], size, size);
            let turn = if self.is_transposed { block } else { block.transpose() };
            let part = Mat::from_fn(range.len(), size, |i, j| values[i * columns + first + j]);
            // Blocks are read from several threads already.
            let image = product(part.as_ref(), turn, Par::Seq);
            for (i, row) in range.clone().enumerate() {
                let factor = self.rows.as_ref().map_or(1.0, |factors| factors[row]);
                let target = values[i * columns + first..][..size].iter_mut();
                target.enumerate().for_each(|(j, value)| *value = factor * image[(i, j)]);
            }
        }
    }
}
