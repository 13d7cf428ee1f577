//! Factors with vectors between them: ΔW = scale · diag(rows)·L·diag(middle)·R·diag(columns) (`AdaLoRA`, `VeRA`,
//! `PVeRA`, `KaSA`, `DeLoRA`).

use super::add_rows;
use super::inputs::{Inputs, misfit};
use crate::error::Result;
use crate::outcome::LowRank;
use crate::rows::{Dense, Rows};

/// Rows of `DeLoRA`'s A and columns of its B count as no shorter than this.
const LEAST_NORM: f64 = 1e-4;

/// Inputs `left` (out × r) and `right` (r × in), vectors `rows`, `middle`, `columns` where given, number `scale`.
pub(super) fn scaled_product(inputs: &Inputs, rows: usize, columns: usize) -> Result<Vec<LowRank>> {
    let (left, right) = factors(inputs, rows, columns)?;
    let rank = left.cols();
    let (mut left, mut right) = (left.values().to_vec(), right.values().to_vec());
    if inputs.has("rows") {
        scale_rows(&mut left, rank, inputs.vector("rows", rows)?);
    }
    if inputs.has("middle") {
        scale_rows(&mut right, columns, inputs.vector("middle", rank)?);
    }
    if inputs.has("columns") {
        scale_columns(&mut right, inputs.vector("columns", columns)?);
    }
    Ok(vec![LowRank { left, right, rank, scale: inputs.number("scale")? }])
}

/// The same where there are factors, no terms where there are none.
pub(super) fn scaled_product_if_any(inputs: &Inputs, rows: usize, columns: usize) -> Result<Vec<LowRank>> {
    if inputs.has("left") { scaled_product(inputs, rows, columns) } else { Ok(Vec::new()) }
}

/// `BD-LoRA`: scale · L·R, where either may be block-diagonal. Inputs `left` (out × r, or out × r/n) and `right`
/// (r × in, or r × in/n), numbers `scale` and `blocks` n.
pub(super) fn of_blocks(inputs: &Inputs, rows: usize, columns: usize) -> Result<Vec<LowRank>> {
    let (blocks, scale) = (inputs.count("blocks", 1)?, inputs.number("scale")?);
    let rank = inputs.matrix("right")?.rows();
    let left = spread(inputs.matrix("left")?, "left", (rows, rank), blocks)?;
    let right = spread(inputs.matrix("right")?, "right", (rank, columns), blocks)?;
    Ok(vec![LowRank { left, right, rank, scale }])
}

/// Diagonal blocks that stand below each other, put in their places.
fn spread(stored: &Dense, name: &str, (rows, columns): (usize, usize), blocks: usize) -> Result<Vec<f64>> {
    if (stored.rows(), stored.cols()) == (rows, columns) {
        return Ok(stored.values().to_vec());
    }
    let width = columns / blocks;
    if rows % blocks != 0 || columns % blocks != 0 || (stored.rows(), stored.cols()) != (rows, width) {
        let (height, found) = (stored.rows(), stored.cols());
        return Err(misfit(format!("{name} is {height}×{found}, no {blocks} blocks of a {rows}×{columns} factor")));
    }
    let mut values = vec![0.0; rows * columns];
    for (row, line) in stored.values().chunks_exact(width).enumerate() {
        let first = row * columns + row / (rows / blocks) * width;
        values[first..first + width].copy_from_slice(line);
    }
    Ok(values)
}

/// B·diag(λ / r / (‖Aᵢ‖·‖Bᵢ‖))·A·diag(columns): inputs `left`, `right`, `lambda` (one value), `columns`.
pub(super) fn normalised(inputs: &Inputs, rows: usize, columns: usize) -> Result<Vec<LowRank>> {
    let (left, right) = factors(inputs, rows, columns)?;
    let rank = left.cols();
    let lambda = inputs.vector("lambda", 1)?[0];
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let weights: Vec<f64> = (0..rank)
        .map(|i| {
            let a = norm(&mut right.values()[i * columns..(i + 1) * columns].iter().copied());
            let b = norm(&mut left.values().iter().skip(i).step_by(rank).copied());
            1.0 / (a.max(LEAST_NORM) * b.max(LEAST_NORM))
        })
        .collect();
    let mut right = right.values().to_vec();
    scale_rows(&mut right, columns, &weights);
    scale_columns(&mut right, inputs.vector("columns", columns)?);
    Ok(vec![LowRank { left: left.values().to_vec(), right, rank, scale: lambda / rank as f64 }])
}

/// `TinyLoRA`: left·(Σ vᵢPᵢ)·right; inputs `left` (out × r), `right` (r × in), `weights` v (u values), `projections`
/// P (u × r²).
pub(super) fn combined(inputs: &Inputs, rows: usize, columns: usize) -> Result<Vec<LowRank>> {
    let (left, right) = factors(inputs, rows, columns)?;
    let rank = left.cols();
    let weights = inputs.matrix("weights")?.values();
    let projections = inputs.shaped("projections", weights.len(), rank * rank)?;
    let mut middle = vec![0.0; rank * rank];
    for (weight, projection) in weights.iter().zip(projections.values().chunks_exact(rank * rank)) {
        middle.iter_mut().zip(projection).for_each(|(sum, entry)| *sum += weight * entry);
    }
    let mut product = vec![0.0; rank * columns];
    add_rows(&mut product, &Dense::new(rank, rank, middle), 0..rank, right, 1.0);
    Ok(vec![LowRank { left: left.values().to_vec(), right: product, rank, scale: 1.0 }])
}

fn factors(inputs: &Inputs, rows: usize, columns: usize) -> Result<(&Dense, &Dense)> {
    let left = inputs.matrix("left")?;
    let rank = left.cols();
    if left.rows() != rows || rank == 0 {
        return Err(misfit(format!("left is {}×{rank}, the matrix has {rows} rows", left.rows())));
    }
    Ok((left, inputs.shaped("right", rank, columns)?))
}

fn scale_rows(values: &mut [f64], width: usize, factors: &[f64]) {
    for (row, factor) in values.chunks_exact_mut(width).zip(factors) {
        for value in row {
            *value *= factor;
        }
    }
}

fn scale_columns(values: &mut [f64], factors: &[f64]) {
    for row in values.chunks_exact_mut(factors.len()) {
        row.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
    }
}
